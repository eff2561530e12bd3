"""What a simulator has seen: one record a request, kept in memory and in a log of JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eqcbatch.errors import BadInput


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request as it arrived, and what was decided about it then.

    serial: 1, 2, ... in order of arrival. at: arrival on the simulator's clock (seconds).
    wall_time: arrival, UTC ISO-8601. endpoint: search, findDepart, findLabels, searchAll, else the
    path. parameter: the key, keyword or targetId, None where it is missing. headers: their names
    only, lower case. token_ok: whether the token was right and alive. status: of the answer, None
    where none is given. fault: the fault that struck. latency_s: how long the answer is held back.
    violation: whether it was over the rate limit. answered: whether it was given what EQC knows.
    """

    serial: int
    at: float
    wall_time: str
    method: str
    endpoint: str
    parameter: str | None
    headers: tuple[str, ...]
    token_ok: bool
    status: int | None
    fault: str | None
    latency_s: float
    violation: bool
    answered: bool

    def as_line(self) -> str:
        """Write the record as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """The requests so far, counted.

    by_status: keys are "200", ... and "none" where no answer was given. violations: requests over
    the rate limit, refused or not. max_in_window: the most requests in any window of the limit (0
    without a limit). max_in_flight: the most requests that were waiting for an answer at once.
    distinct_keys: different questions, that is (endpoint, parameter). repeats: requests whose
    question had come before. needless_repeats: those whose question had been answered before.
    """

    requests: int
    by_endpoint: Mapping[str, int]
    by_status: Mapping[str, int]
    by_fault: Mapping[str, int]
    violations: int
    max_in_window: int
    max_in_flight: int
    distinct_keys: int
    repeats: int
    needless_repeats: int


def count(seen: Sequence[RequestSeen], max_in_window: int, max_in_flight: int) -> Totals:
    """Count what was seen."""
    asked = Counter((visit.endpoint, visit.parameter) for visit in seen)
    return Totals(
        requests=len(seen),
        by_endpoint=dict(Counter(visit.endpoint for visit in seen)),
        by_status=dict(Counter(str(visit.status or "none") for visit in seen)),
        by_fault=dict(Counter(visit.fault for visit in seen if visit.fault)),
        violations=sum(visit.violation for visit in seen),
        max_in_window=max_in_window,
        max_in_flight=max_in_flight,
        distinct_keys=len(asked),
        repeats=len(seen) - len(asked),
        needless_repeats=_needless(seen),
    )


def _needless(seen: Sequence[RequestSeen]) -> int:
    answered: set[tuple[str, str | None]] = set()
    needless = 0
    for visit in seen:
        question = (visit.endpoint, visit.parameter)
        needless += question in answered
        if visit.answered:
            answered.add(question)
    return needless


class RequestLog:
    """A file that gains one flushed line a request, so that a kill loses none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            try:
                path.open("a", encoding="utf-8").close()
            except OSError as error:
                raise BadInput(f"The request log {path} cannot be written: {error}") from error

    def write(self, visit: RequestSeen) -> None:
        """Append one request; nothing without a path."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(visit.as_line() + "\n")
