"""Drains for tests: the command in this process, fast, against a local EQC."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eqcbatch.simulate import Faults, MatchType, Offer, Simulator, Span, describe
from eqcbatch.simulate.faults import Fault
from eqcbatch.simulate.registry import Company
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.ledgers import ask

LEDGER = Path("l.sqlite")
SCALE = 600  # a minute is a tenth of a second


def write_names(names: Iterable[str], path: str = "names.csv") -> str:
    """A source with these names."""
    Path(path).write_text("客户名称\n" + "\n".join(names) + "\n", encoding="utf-8")
    return path


def companies(count: int, city: str = "深圳") -> list[str]:
    """Names that the simulated EQC answers by chance of the name alone."""
    return [f"{city}第{number}实业有限公司" for number in range(count)]


def outcomes(path: Path = LEDGER) -> dict[str, int]:
    """What the requests of a ledger came to, with how many each."""
    return dict(ask(path, "SELECT outcome, count(*) FROM requests GROUP BY outcome"))


def spans(*faults: tuple[Fault, int, int | None]) -> Faults:
    """Faults that strike requests from one serial number to another."""
    return Faults(between=tuple(Span(*fault) for fault in faults))


class OneEach:
    """A registry that offers for every name the company of just that name, and nothing else."""

    def search(self, key: str) -> list[Offer]:
        """Offer the one company."""
        return [Offer(describe(key, status="存续"), MatchType.EXACT, 100.0)]

    def company(self, company_id: str) -> None:
        """Tell nothing more."""


class Bearers:
    """A registry of companies that offers for a name the one that bears it, or bore it, and no other."""

    def __init__(self, known: Iterable[Company]) -> None:
        self._known = list(known)

    def pass_time(self, after: Iterable[Company]) -> None:
        """Let companies be what they are by now."""
        self._known = list(after)

    def search(self, key: str) -> list[Offer]:
        """Offer the bearer."""
        bearers = [one for one in self._known if key in (one.official_name, *one.former_names)]
        return [Offer(bearer, MatchType.EXACT, 100.0) for bearer in bearers]

    def company(self, company_id: str) -> Company | None:
        """Find a company."""
        return next((one for one in self._known if one.company_id == company_id), None)


class Job:
    """A ledger in the working directory, to be planned and drained."""

    def __init__(self, eqcbatch: Run, eqc: Simulator) -> None:
        self.eqc = eqc
        self._eqcbatch = eqcbatch

    def plan(self, names: Iterable[str], *options: object) -> Ran:
        """Plan these names."""
        return self._eqcbatch("plan", write_names(names), "--ledger", LEDGER, *options)

    def drain(self, *options: object, **environment: str) -> Ran:
        """Drain without a budget, a minute being a tenth of a second; options given here win."""
        return self._eqcbatch(
            *("drain", "--resume", "--ledger", LEDGER, "--budget", "all", "--rate", FAST),
            *("--time-scale", SCALE, "--eqc-url", self.eqc.url, *options),
            **{"EQCBATCH_EQC_TOKEN": TOKEN} | environment,
        )

    def report(self) -> dict[str, Any]:
        """The report's JSON."""
        ran = self._eqcbatch("report", "--ledger", LEDGER, "--json")
        assert ran.code == 0, ran.err
        content: dict[str, Any] = json.loads(ran.out)
        return content
