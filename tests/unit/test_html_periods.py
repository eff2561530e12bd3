"""Nights on the page: one by one while they are few, else by day, week, month or year."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from eqcbatch.domain.model import ExitReason, Outcome
from eqcbatch.ledger.history import DecidedNames, SessionSummary
from eqcbatch.render.html.periods import MOST, Grain, periods

CHINA = timezone(timedelta(hours=8))
FIRST = datetime(2026, 1, 1, 22, 0, tzinfo=CHINA)


def nights(
    count: int, every: timedelta = timedelta(days=1), reason: ExitReason | None = ExitReason.BUDGET
) -> list[SessionSummary]:
    """So many sessions of an hour, each with two requests and one name of each kind."""
    return [_night(number, FIRST + number * every, reason) for number in range(count)]


def _night(number: int, started: datetime, reason: ExitReason | None) -> SessionSummary:
    ended = (started + timedelta(hours=1)).astimezone(timezone.utc).isoformat() if reason else None
    requests = {Outcome.ANSWERED: 1, Outcome.TIMEOUT: 1}
    began = started.astimezone(timezone.utc).isoformat()
    return SessionSummary(number + 1, began, ended, reason, 0, requests, DecidedNames(1, 1, 1, 1), 1)


def test_few_sessions_are_told_one_by_one() -> None:
    """In the zone of the page, with all they came to."""
    grain, (one,) = periods(nights(1), CHINA)

    assert Grain.SESSION is grain
    assert ("1 Jan 2026, 22:00", "22:00", 1, 3600.0, 2) == (
        one.label, one.short, one.sessions, one.wall_s, one.sent,
    )  # fmt: skip
    assert (DecidedNames(1, 1, 1, 1), 1) == (one.decided, one.flushed)
    assert Counter({"budget spent": 1}) == one.endings


@pytest.mark.parametrize(
    ("count", "every", "grain", "label", "short"),
    [
        (MOST, timedelta(days=1), Grain.SESSION, "1 Jan 2026, 22:00", "1 Jan"),
        (MOST + 1, timedelta(hours=6), Grain.DAY, "1 Jan 2026", "1 Jan"),
        (MOST + 1, timedelta(days=1), Grain.WEEK, "week of 29 Dec 2025", "29 Dec"),
        (500, timedelta(days=1), Grain.MONTH, "Jan 2026", "Jan 2026"),
        (3000, timedelta(days=1), Grain.YEAR, "2026", "2026"),
    ],
)
def test_many_sessions_are_told_as_one(
    count: int, every: timedelta, grain: Grain, label: str, short: str
) -> None:
    """By the finest grain of which there are not too many; none is lost."""
    found, told = periods(nights(count, every), CHINA)

    assert grain is found
    assert (label, short) == (told[0].label, told[0].short)
    assert len(told) <= MOST
    assert (count, 2 * count, count) == (
        sum(one.sessions for one in told),
        sum(one.sent for one in told),
        sum(one.decided.found for one in told),
    )


def test_a_session_counts_to_the_day_on_which_it_began_in_the_zone() -> None:
    """22:00 in China is 14:00 in UTC, 1:00 there is the day before in UTC."""
    late = [
        _night(number, FIRST + timedelta(days=number // 9, hours=3), ExitReason.BUDGET)
        for number in range(60)
    ]

    _, told = periods(late, CHINA)

    assert "2 Jan 2026" == told[0].label


def test_a_session_without_an_end_says_so() -> None:
    """It runs, or died; its time is not known."""
    _, (one,) = periods(nights(1, reason=None), CHINA)

    assert (None, Counter({"running, or died": 1})) == (one.wall_s, one.endings)


def test_no_session_is_no_night() -> None:
    """An empty list, not an error."""
    assert (Grain.SESSION, []) == periods([], CHINA)
