"""The settings that several rooms share: the rate, the timeouts, the confidence rule, and their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean

DEFAULT_LEDGER = "ledgers/eqcbatch.sqlite"
DEFAULT_COLUMN = "客户名称"
DEFAULT_EQC_URL = "https://eqc.pingan.com"
DEFAULT_BUDGET = 5
TOKEN_VARIABLES = ("EQCBATCH_EQC_TOKEN", "WDH_EQC_TOKEN")  # the first that is set counts
DEFAULT_NOT_FOUND_AGE = "30d"
DEFAULT_LATENCY_S = (5.0, 20.0)
DEFAULT_CONFIDENCES = {"全称精确匹配": 1.00, "模糊匹配": 0.80, "拼音": 0.60, "other": 0.70}

_TYPES = ", ".join(DEFAULT_CONFIDENCES)
LONGEST_DURATION_S = 100 * 365 * 86400.0  # further from now than any moment that can be written
_UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float:
    """Read `90`, `90s`, `15m`, `2h` or `30d` as seconds, 100 years at most. Raises BadInput for others."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if not match or (match[2] and match[2] not in _UNITS_S):
        raise BadInput(f"{text!r} is not a duration. Write 90s, 15m, 2h or 30d.")
    seconds = float(match[1]) * _UNITS_S.get(match[2], 1.0)
    if seconds > LONGEST_DURATION_S:
        raise BadInput(f"{text!r} is too long a time. Write a hundred years (36500d) at most.")
    return seconds


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else, as its text says: no name is resolved."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` requests in any `period_s` seconds (EQC's own: 10 in 60, docs/domain.md section 1)."""

    limit: int = 10
    period_s: float = 60.0

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `10/60s`, `10/m` or `10/1m`. Raises BadInput for anything else."""
        limit, slash, period = text.partition("/")
        period = period.strip()
        if not slash or not re.fullmatch(r"\s*[1-9][0-9]{0,8}\s*", limit) or not period:
            raise BadInput(f"{text!r} is not a rate. Write 10/60s: at most 10 requests in 60 seconds.")
        period_s = parse_duration(period if period[0].isdigit() else f"1{period}")
        if period_s <= 0:
            raise BadInput(f"{text!r} is not a rate: the period must be longer than nothing.")
        return cls(int(limit), period_s)

    @property
    def window_s(self) -> float:
        """The window that is kept: the period and a guard of 1 s in 60 for what the network adds."""
        return self.period_s * 61 / 60

    @property
    def outlasts_a_restart(self) -> bool:
        """Whether a window may hold requests from before the machine started, too many to wait them out."""
        return self.period_s > 60

    @property
    def interval_s(self) -> float:
        """Mean seconds between two requests at the full rate."""
        return self.window_s / self.limit

    def faster(self, times: float) -> Rate:
        """Return the rate of a world that runs so many times faster."""
        return Rate(self.limit, self.period_s / times)

    def lowered(self) -> Rate:
        """A rate a fifth lower, one request at least: for the rest of a session that met a 429."""
        return Rate(max(1, self.limit * 4 // 5), self.period_s)

    def __str__(self) -> str:
        return f"{self.limit}/{self.period_s:g}s"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, and from sending a request to its last byte (docs/domain.md section 1)."""

    connect_s: float = 5.0
    total_s: float = 30.0


@dataclass(frozen=True, slots=True)
class ConfidenceRule:
    """What a match type is worth, and what may reach Postgres (docs/domain.md section 3).

    confidences: by the chosen item's `type`; `other` stands for any other type, or none.
    minimum: the least confidence that is flushed.
    """

    confidences: Mapping[str, float] = field(default_factory=lambda: DEFAULT_CONFIDENCES)
    minimum: float = 0.70

    def of(self, match_type: str | None) -> float:
        """The confidence of an answer of this type."""
        return self.confidences.get(match_type or "", self.confidences["other"])


def read_confidences(settings: Any) -> dict[str, float]:
    """Read confidences from settings, by match type; a type that is left out keeps its own.

    Raises BadInput, which names the entry that is no match type or no number from 0 to 1.
    """
    if not isinstance(settings, Mapping) or not settings:
        raise BadInput(f"Confidences are `match type: number` lines. The types are {_TYPES}.")
    return DEFAULT_CONFIDENCES | {
        _match_type(str(name).strip()): _confidence(name, value) for name, value in settings.items()
    }


def _match_type(name: str) -> str:
    if name in DEFAULT_CONFIDENCES:
        return name
    hint = did_you_mean(name, DEFAULT_CONFIDENCES, f"Write {_TYPES}.")
    raise BadInput(f"There is no match type {name!r}. {hint}")


def _confidence(name: object, value: object) -> float:
    if isinstance(value, str) and re.fullmatch(r"\s*(0|0?\.\d+|1|1\.0+)\s*", value):
        return float(value)
    raise BadInput(f"The confidence of {name!r} is {value!r}. Write a number from 0 to 1, such as 0.8.")
