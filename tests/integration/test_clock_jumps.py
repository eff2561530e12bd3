"""The wall clock jumps, by a suspend, NTP, or for want of a battery: what goes by it, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Endpoint, ExitReason, Reason
from eqcbatch.drain import DrainSettings
from eqcbatch.ledger import open_ledger
from eqcbatch.settings import Timeouts
from eqcbatch.simulate import Simulator, describe
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job, companies, outcomes
from tests.ledgers import ask, fail, plan_names, states

NOON = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
HOUR, DAY, MONTH = 3600.0, 86400.0, 30 * 86400.0


class SetClock(Clock):
    """A clock whose wall time is the machine's, so many seconds ahead; its monotonic time goes on as ever."""

    def __init__(self, time_scale: float = 1.0) -> None:
        super().__init__(time_scale)
        self.ahead_s = 0.0

    def now(self) -> datetime:
        """The moment that it shows."""
        return super().now() + timedelta(seconds=self.ahead_s)


def jumping(after: int, by_s: float) -> type[Clock]:
    """A clock whose wall time jumps once it was looked at so often since the drain began."""

    class Jumping(SetClock):
        looks = 0

        def now(self) -> datetime:
            self.looks += 1
            self.ahead_s = by_s if self.looks > after else 0.0
            return super().now()

    return Jumping


@pytest.fixture
def work(eqcbatch: Run, simulator: Callable[..., Simulator]) -> Job:
    """A ledger of 60 names."""
    job = Job(eqcbatch, simulator())
    job.plan(companies(60))
    return job


def in_hours(hours: float) -> str:
    """A time of day so many hours from now, as --until takes it."""
    return f"{datetime.now() + timedelta(hours=hours):%H:%M}"


@pytest.mark.parametrize(
    "end", [("--until", in_hours(3)), ("--max-minutes", "180")], ids=["until", "minutes"]
)
def test_a_drain_ends_though_the_machine_slept_past_its_end(
    work: Job, monkeypatch: pytest.MonkeyPatch, end: tuple[str, str]
) -> None:
    """The monotonic clock stands still in a suspend; the wall clock shows that it is too late."""
    monkeypatch.setattr("eqcbatch.cli.commands.drain.Clock", jumping(60, 7 * HOUR))
    ran = work.drain(*end)
    assert (0, True) == (ran.code, 0 < work.eqc.totals.requests < 60), ran.err
    assert ["deadline"] == ask(LEDGER, "SELECT exit_reason FROM sessions")
    late = datetime.now(timezone.utc) + timedelta(hours=3)
    booked = ask(LEDGER, "SELECT outcome FROM requests WHERE started_at > ?", [late.isoformat()])
    assert booked in ([], ["unknown"])  # one that woke up between its booking and its sending does not go
    assert work.eqc.totals.requests == outcomes()["answered"]


@pytest.mark.parametrize("back_s", [2 * HOUR, DAY, MONTH])
def test_a_clock_that_is_set_back_amid_a_drain_stops_nothing(
    work: Job, monkeypatch: pytest.MonkeyPatch, back_s: float
) -> None:
    """Neither the deadline nor a wait."""
    monkeypatch.setattr("eqcbatch.cli.commands.drain.Clock", jumping(60, -back_s))
    assert 0 == work.drain("--until", in_hours(3), "--max-minutes", 60).code
    assert (60, ["queue_empty"]) == (
        work.eqc.totals.requests,
        ask(LEDGER, "SELECT exit_reason FROM sessions"),
    )


def local(hour: int, minute: int = 0, day: int = 28) -> datetime:
    """A moment of a November day by the clock on the wall."""
    return datetime(2026, 11, day, hour, minute).astimezone()


@pytest.mark.parametrize(
    ("monotonic_s", "now", "left_s"),
    [
        (0, local(23, 30), 6.5 * HOUR),
        (HOUR, local(0, 30, 29), 5.5 * HOUR),
        (0, local(5, 30, 29), 0.5 * HOUR),  # slept till then
        (0, local(6, 30, 29), -0.5 * HOUR),  # slept past the end
        (0, local(12, 0, 30), -30 * HOUR),  # slept for days: 06:00 of another day is not meant
        (HOUR, local(21, 30), 8.5 * HOUR),  # set back by three hours
        (HOUR, local(22, 30, 27), 7.5 * HOUR),  # set back by a day: the next 06:00
        (HOUR, local(5, 0, 1), HOUR),  # and by a month
    ],
)
def test_until_is_when_the_clock_on_the_wall_shows_that_hour(
    monotonic_s: float, now: datetime, left_s: float
) -> None:
    """Of a drain that begins at 23:30 with --until 06:00."""
    limits = DrainSettings(until=(6, 0)).limits(0, 1000.0, local(23, 30))
    assert left_s == limits.seconds_left(1000.0 + monotonic_s, now)


@pytest.mark.parametrize(
    ("monotonic_s", "wall_s", "left_s"),
    [
        (0, 0, 3600),
        (600, 600, 3000),
        (600, 3000, 600),  # slept for 40 minutes, or set forward
        (600, 7200, -3600),
        (600, -7200, 3000),  # set back: minutes go on
        (600, -MONTH, 3000),
    ],
)
def test_minutes_end_by_the_clock_that_leaves_fewer(monotonic_s: float, wall_s: float, left_s: float) -> None:
    """Of a drain with --max-minutes 60."""
    limits = DrainSettings(max_minutes=60, timeouts=Timeouts(5, 30)).limits(0, 1000.0, NOON)
    now = NOON + timedelta(seconds=wall_s)
    assert left_s == limits.seconds_left(1000.0 + monotonic_s, now)
    reached = limits.reached(0, 1000.0 + monotonic_s, now)
    assert (ExitReason.DEADLINE if left_s < 30 else None) == reached


def book(path: Path, ahead_s: float, count: int) -> None:
    """Run a session of so many requests, with the clock ahead."""
    clock = SetClock()
    clock.ahead_s = ahead_s
    with open_ledger(path, clock=clock) as ledger:
        session = ledger.sessions.open(None).id
        for _ in range(count):
            ledger.requests.book(session, None, Endpoint.SEARCH_ALL, 1, 0.0)
        ledger.sessions.end(session, ExitReason.BUDGET, 0.0, 0.0)


def within_a_day(path: Path, ahead_s: float) -> int:
    """What counts as of the last day then."""
    clock = SetClock()
    clock.ahead_s = ahead_s
    with open_ledger(path, clock=clock) as ledger:
        return ledger.sessions.requests_within_a_day()


@pytest.mark.parametrize(
    ("sessions", "now_s", "counted"),
    [
        ([(0, 20)], HOUR, 20),
        ([(0, 20)], DAY + 60, 0),
        ([(0, 20)], -2 * HOUR, 20),  # the clock was set back: they went today
        ([(0, 20)], -23 * HOUR, 20),
        ([(MONTH, 20)], 60, 0),  # a month ahead: nobody knows when, and no later night pays for it
        ([(MONTH, 20), (DAY, 20)], 2 * DAY + 60, 0),
        ([(MONTH, 20), (DAY, 20), (28 * DAY, 20)], 29 * DAY + 60, 0),  # a day before that moment comes
        ([(MONTH, 20), (DAY, 20), (29 * DAY, 5)], 29 * DAY + 60, 5),
        ([(MONTH, 20)], 29 * DAY + 60, 20),  # with no session in between they may be of today
    ],
)
def test_a_days_requests_are_counted_by_what_is_known_of_their_moments(
    tmp_path: Path, sessions: list[tuple[float, int]], now_s: float, counted: int
) -> None:
    """Sessions began so many seconds from the true present, by a clock that may have been wrong."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    for ahead_s, count in sessions:
        book(path, ahead_s, count)
    assert counted == within_a_day(path, now_s)


def test_a_clock_that_was_a_month_ahead_for_one_night_costs_no_other_night(
    work: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each night sends what its daily budget allows."""
    sent = []
    for ahead_s in (MONTH, DAY, 2 * DAY + 60, 29 * DAY):
        clock: Any = jumping(-1, ahead_s)
        monkeypatch.setattr("eqcbatch.cli.commands.drain.Clock", clock)
        before = work.eqc.totals.requests
        assert 0 == work.drain("--daily-budget", 10).code
        sent.append(work.eqc.totals.requests - before)
    assert [10, 10, 10, 10] == sent


@pytest.mark.parametrize(("set_back_s", "due"), [(1.0, False), (MONTH, True), (2 * HOUR, True)])
def test_a_name_that_failed_in_what_is_the_future_now_is_due(
    tmp_path: Path, set_back_s: float, due: bool
) -> None:
    """Its next round would wait for a month; a clock that is set back by a second changes nothing."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司", "乙公司")
    fail(path, "甲公司", retry_in_s=300.0)
    fail(path, "乙公司", reason=Reason.REFUSED)  # for good
    clock = SetClock()
    clock.ahead_s = -set_back_s
    with open_ledger(path, clock=clock) as ledger:
        wait_s = ledger.names.seconds_to_next_due()
        requeued = ledger.names.requeue_due()
    assert wait_s is not None
    assert (due, int(due)) == (wait_s == 0, requeued)
    assert ("pending" if due else "failed/timeout") == states(path)["甲公司"]


@pytest.mark.parametrize("ahead_s", [0.0, 400 * DAY])
def test_what_a_person_says_of_a_changed_company_counts_whatever_the_clocks_said(
    eqcbatch: Run,
    simulator: Callable[..., Simulator],
    monkeypatch: pytest.MonkeyPatch,
    ahead_s: float,
) -> None:
    """It ends the waiting for what was found before it, and what is found after it awaits a review."""
    (name,) = companies(1)
    registry = Bearers([describe(name, company_id="1")])
    job = Job(eqcbatch, simulator(registry=registry))
    job.plan([name], "--no-index")

    def find(known: str | None, clock_ahead_s: float) -> int:
        registry.pass_time([describe(name, company_id=known)] if known else [])
        monkeypatch.setattr("eqcbatch.cli.commands.drain.Clock", jumping(-1, clock_ahead_s))
        assert 0 == job.drain("--reverify", "0s", "--no-flush").code
        return int(job.report()["reverified"]["awaiting_review"])

    assert (0, 1) == (find("1", ahead_s), find(None, ahead_s + 60))
    assert 0 == eqcbatch("review", "set", name, "1", "--ledger", LEDGER).code
    assert 0 == job.report()["reverified"]["awaiting_review"]
    assert (0, 1) == (find("1", 2 * ahead_s + 120), find("2", 2 * ahead_s + 180))


def test_a_clock_that_is_set_back_makes_no_company_be_asked_of_twice(
    work: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found in this session would be as old as what it began with; each is taken once a session."""
    work.drain("--no-flush")
    (companies_found,) = ask(LEDGER, "SELECT count(DISTINCT company_id) FROM names WHERE held IS NULL")
    monkeypatch.setattr("eqcbatch.cli.commands.drain.Clock", jumping(after=60, by_s=-MONTH))
    ran = work.drain("--reverify", "0s", "--no-flush", "--budget", 300)
    by_id = [one.parameter for one in work.eqc.requests if one.endpoint == "findDepart"]
    assert (0, companies_found) == (ran.code, len(by_id)), ran.out
    assert len(by_id) == len(set(by_id))
