"""The marks of an axis: round numbers, round moments. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Steps of a time axis in seconds, with how a moment is written where marks are so far apart.
_TIME_STEPS = (
    *((seconds, "%H:%M:%S") for seconds in (1, 2, 5, 10, 15, 30)),
    *((minutes * _MINUTE, "%H:%M") for minutes in (1, 2, 5, 10, 15, 30)),
    *((hours * _HOUR, "{day} %b %H:%M") for hours in (1, 2, 3, 6, 12)),
    *((days * _DAY, "{day} %b") for days in (1, 2, 4, 7, 14)),
    *((days * _DAY, "%b %Y") for days in (30, 60, 90, 180, 360, 720, 1800, 3600)),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis: `at` in percent of its length, and what is written there."""

    at: float
    label: str


def round_steps(high: float, most: int) -> list[float]:
    """Zero and more round numbers at equal steps, at most `most` steps; the last is `high` or above."""
    if high <= 0:
        return [0.0, 1.0]
    step = round_step(high / most)
    return [_plain(number * step) for number in range(math.ceil(_plain(high / step)) + 1)]


def round_step(least: float) -> float:
    """The smallest of 1, 2 and 5, times a power of ten, that is no less than `least` > 0."""
    magnitude = 10.0 ** math.floor(math.log10(least))
    dusted = least * (1 - 1e-11)
    return _plain(next(digit * magnitude for digit in (1, 2, 5, 10) if digit * magnitude >= dusted))


def time_marks(start: datetime, end: datetime, most: int) -> list[Mark]:
    """Round moments between two of one time zone, at most `most`; days begin at its midnight."""
    span = (end - start).total_seconds()
    if span <= 0:
        return []
    step, form = next(
        ((step, form) for step, form in _TIME_STEPS if span / step <= most - 0.5), _TIME_STEPS[-1]
    )
    return [
        Mark(100 * (moment - start).total_seconds() / span, moment_text(moment, form))
        for moment in _moments(start, end, step)
    ]


def moment_text(moment: datetime, form: str) -> str:
    """A moment as strftime writes it; {day} is the day without a leading zero, on all systems."""
    return moment.strftime(form).replace("{day}", str(moment.day))


def thinned(marks: Sequence[Mark], most: int) -> list[Mark]:
    """Every n-th mark, so that at most `most` remain; the first one does."""
    return list(marks[:: max(1, math.ceil(len(marks) / most))])


def _moments(start: datetime, end: datetime, step: int) -> Iterator[datetime]:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if step >= 30 * _DAY:
        yield from _months(start, end, step // (30 * _DAY))
        return
    passed = math.ceil((start - midnight).total_seconds() / step)
    moment = midnight + timedelta(seconds=passed * step)
    while moment <= end:
        yield moment
        moment += timedelta(seconds=step)


def _months(start: datetime, end: datetime, step: int) -> Iterator[datetime]:
    """First days of every `step`-th month, counted from January."""
    month = start.year * 12
    while True:
        year, of_year = divmod(month, 12)
        moment = start.replace(year=year, month=of_year + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
        if moment > end:
            return
        if moment >= start:
            yield moment
        month += step


def _plain(number: float) -> float:
    """The number without the dust of binary fractions."""
    return float(f"{number:.12g}")
