"""How long the rest takes: measured requests played through the rate, and how sure that is."""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.forecast import (
    Forecast,
    Left,
    Prospect,
    RequestHistory,
    RequestSample,
    Schedule,
    faster,
    forecast,
    in_flight_needed,
    seconds_until_time,
)
from eqcbatch.domain.forecast.throughput import throughput
from eqcbatch.render.forecast import requests_text
from eqcbatch.settings import Rate

EQC = Rate(10, 60.0)
HOUR = 3600.0
counts = st.integers(0, 100_000)
samples = st.lists(
    st.builds(RequestSample, st.floats(0, 60), st.sampled_from([0.0, 0.0, 30.0]), st.integers(0, 9)),
    max_size=30,
).map(tuple)
histories = st.builds(RequestHistory, samples, st.integers(0, 500), st.integers(0, 500), st.floats(0, 1))
schedules = st.builds(
    Schedule, rate=st.builds(Rate, st.integers(1, 100), st.floats(0.1, 3600)), in_flight=st.integers(1, 8)
)


def always(elapsed_s: float, times: int = 100, lowered: int = 0) -> RequestHistory:
    """Requests that all took the same time, each of which settled one question."""
    return RequestHistory((RequestSample(elapsed_s, lowered=lowered),) * times, times, times)


def expected(questions: int, history: RequestHistory, **schedule: object) -> Forecast:
    """The forecast at EQC's rate."""
    return forecast(Prospect(Left(questions), history), Schedule(**schedule))  # type: ignore[arg-type]


# what sets the pace


@pytest.mark.parametrize(
    ("requests", "elapsed_s", "in_flight", "hours"),
    [
        (1200, 1.0, 1, 2.033),  # the rate is the floor: 6.1 s a request
        (1200, 6.1, 1, 2.033),
        (1200, 15.0, 1, 5.0),  # one after another, the latency decides
        (1200, 15.0, 2, 2.5),
        (1200, 15.0, 3, 2.033),  # more than three in flight buy nothing
        (1200, 15.0, 8, 2.033),
        (0, 15.0, 1, 0.0),
    ],
)
def test_the_slower_of_latency_and_rate_decides(
    requests: int, elapsed_s: float, in_flight: int, hours: float
) -> None:
    """Little's law, and the limit that no concurrency lifts."""
    found = expected(requests, always(elapsed_s), in_flight=in_flight)
    assert found.hours_p50 == pytest.approx(hours, rel=0.01)


def test_the_rate_that_429_answers_lower_is_the_rate_to_come() -> None:
    """Half of the requests went at 10 in a window, half at 8: where the rate decides, 9/8 of the time."""
    past = RequestHistory(tuple(RequestSample(1.0, lowered=at % 2) for at in range(100)), 100, 100)
    assert expected(1200, past).hours_p50 == pytest.approx(2.033 * 9 / 8, rel=0.01)
    assert expected(1200, always(15.0, lowered=1)).hours_p50 == pytest.approx(5.0, rel=0.01)  # not the rate


def test_what_nobody_measured_is_what_eqc_is_known_for() -> None:
    """The month of docs/domain.md section 1: 1,600 requests of 5-20 s are about 5.6 hours."""
    assert expected(1600, RequestHistory()).hours_p50 == pytest.approx(1600 * 12.5 / HOUR, rel=0.02)
    assert expected(1600, RequestHistory(), latency_s=(50.0, 200.0)).hours_p50 == pytest.approx(
        1600 * 125 / HOUR, rel=0.02
    )


def test_latencies_about_the_interval_cost_more_than_the_larger_of_the_means() -> None:
    """A slow answer loses turns that no fast one wins back; but the window lets some of them be."""
    around = [RequestSample(seconds) for seconds in (0.5, 11.7)]  # 6.1 s on average, as is the interval
    mean_s = throughput(around, 0.0, EQC, 1).mean_s
    assert 6.1 < mean_s < (6.1 + 11.7) / 2


def test_a_pause_after_a_429_holds_up_all_that_is_in_flight() -> None:
    """One request of twenty, and a minute after it."""
    past = RequestHistory((RequestSample(0.0, 60.0), *(RequestSample(12.0) for _ in range(19))), 20, 20)
    assert expected(1000, past, in_flight=4).hours_p50 > 1000 * (6.1 + 2) / HOUR


def test_our_own_time_counts_where_one_request_follows_the_other() -> None:
    """And hides behind the rate where EQC is fast."""
    slow, fast = (replace(always(seconds), processing_s=1.0) for seconds in (9.0, 1.0))
    assert (10.0, 6.1) == tuple(round(throughput(one.samples, 1.0, EQC, 1).mean_s, 3) for one in (slow, fast))


@pytest.mark.parametrize(
    ("searches", "settled", "requests"),
    [
        (0, 0, 100),  # nothing is known: one each
        (995, 995, 100),
        (1495, 995, 150),  # every second one fails and is asked again
        (495, 995, 50),  # every answer settles two
        (2, 1, 117),  # one retry says little
    ],
)
def test_requests_are_expected_as_they_were_needed(searches: int, settled: int, requests: int) -> None:
    """Retries cost, harvested names save; a few questions are no measure."""
    assert requests == expected(100, RequestHistory((), searches, settled)).requests_left


@pytest.mark.parametrize(
    ("searches", "settled", "told"),
    [
        (0, 0, "100 requests"),
        (1495, 995, "150 requests (100 for names, 50 for retries)"),
        (495, 995, "50 requests (100 for names, 50 saved by answers to other names)"),
    ],
)
@pytest.mark.parametrize("details", [0, 30])
def test_retries_are_told_apart(searches: int, settled: int, told: str, details: int) -> None:
    """The parts add up to the requests, whatever history says of them."""
    prospect = Prospect(Left(100, details=details), RequestHistory((), searches, settled))
    found = forecast(prospect, Schedule(details=True))
    parts = found.questions_left + found.details_left + found.retries_expected - found.saved_expected
    assert (found.requests_left, details) == (parts, found.details_left)
    assert details or told == requests_text(found)


def test_details_count_where_they_are_asked() -> None:
    """And going without them for now is told as a gain."""
    prospect = Prospect(Left(100, details=150), always(12.0))
    with_details = Schedule(details=True)
    assert (100, 250) == tuple(forecast(prospect, one).requests_left for one in (Schedule(), with_details))
    assert ["--in-flight auto"] == [way.option for way in faster(prospect, Schedule())]
    assert "--details none" in [way.option for way in faster(prospect, with_details)]


# nights


@pytest.mark.parametrize(
    ("requests", "budget", "sessions"),
    [(0, 5, 0), (1, 5, 1), (5, 5, 1), (6, 5, 2), (1600, 1200, 2), (1600, None, None)],
)
def test_a_budget_makes_so_many_sessions(requests: int, budget: int | None, sessions: int | None) -> None:
    """The last one may be a small one."""
    found = expected(requests, RequestHistory(), budget=budget)
    assert (sessions, sessions) == (found.sessions_at_budget, found.nights_p50)


@pytest.mark.parametrize(
    ("budget", "daily", "window_h", "nights"),
    [
        (None, None, None, None),
        (100, None, 8.0, 10),  # the budget is spent before the night is over
        (None, None, 1.0, 4),  # 3.33 hours
        (600, None, 1.0, 4),  # the window ends first
        (600, 50, 8.0, 20),  # a day's budget ends the night of that day
    ],
)
def test_a_night_ends_with_the_budget_or_the_window_whichever_is_first(
    budget: int | None, daily: int | None, window_h: float | None, nights: int | None
) -> None:
    """1,000 requests of 12 s each."""
    prospect = Prospect(Left(1000), always(12.0), window_s=window_h and window_h * HOUR)
    assert nights == forecast(prospect, Schedule(budget=budget, daily_budget=daily)).nights_p50


@pytest.mark.parametrize(
    ("until", "max_minutes", "seconds"),
    [
        (None, None, None),
        ((6, 0), None, 8 * HOUR - 30),
        (None, 90.0, 5400 - 30),
        ((6, 0), 90.0, 5400 - 30),
        (None, 0.1, 6.1),  # one request at least
    ],
)
def test_a_window_leaves_room_for_its_last_request(
    until: tuple[int, int] | None, max_minutes: float | None, seconds: float | None
) -> None:
    """From 22:00 on, with 30 s for a request."""
    found = Schedule(until=until, max_minutes=max_minutes).window_s(datetime(2026, 11, 23, 22, 0))
    assert seconds == (found and pytest.approx(found))


# what would make it faster


def options_that_gain(prospect: Prospect, **schedule: object) -> list[str]:
    """The options that are told."""
    return [way.option for way in faster(prospect, Schedule(**schedule))]  # type: ignore[arg-type]


def test_nothing_is_told_that_gains_nothing() -> None:
    """Where EQC is fast the rate decides; where the window ends the night, no budget helps."""
    slow, fast = (Prospect(Left(1000), always(seconds), (seconds,) * 100) for seconds in (15.0, 1.0))
    assert ["--in-flight auto"] == options_that_gain(slow)
    assert [] == options_that_gain(slow, in_flight=3)
    assert [] == options_that_gain(fast)
    assert ["--budget all"] == options_that_gain(fast, budget=100)
    assert [] == options_that_gain(fast, budget=1000)
    assert [] == options_that_gain(replace(fast, window_s=HOUR), budget=600)
    assert [] == options_that_gain(fast, budget=100, daily_budget=50)
    assert [] == options_that_gain(replace(slow, left=Left(0)))


# how sure it is


def test_nothing_left_takes_no_time() -> None:
    """And no session."""
    assert Forecast(0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0, 0, 0, 0) == expected(0, RequestHistory(), budget=5)


@given(counts, histories, schedules)
def test_the_spread_lies_around_the_middle(questions: int, past: RequestHistory, schedule: Schedule) -> None:
    """And even the best case keeps to the rate: so many requests fill so many windows."""
    found = forecast(Prospect(Left(questions), past), schedule)
    assert found.hours_p10 <= found.hours_p50 <= found.hours_p90
    windows = max(0, math.ceil(found.requests_left / schedule.rate.limit) - 2)
    assert found.hours_p10 >= windows * schedule.rate.window_s / HOUR - 1e-6


@given(counts, counts, histories, schedules)
def test_more_requests_never_take_less(
    one: int, other: int, past: RequestHistory, schedule: Schedule
) -> None:
    """Neither at best nor at worst."""
    few, many = (forecast(Prospect(Left(count), past), schedule) for count in sorted((one, other)))
    assert few.hours_p50 <= many.hours_p50
    assert few.hours_p90 <= many.hours_p90


@given(samples, st.integers(1, 7))
def test_more_in_flight_never_take_longer(measured: tuple[RequestSample, ...], in_flight: int) -> None:
    """Up to the rate they help, from there on they change nothing."""
    one, more = (
        expected(
            100, RequestHistory(tuple(RequestSample(one.elapsed_s) for one in measured)), in_flight=count
        )
        for count in (in_flight, in_flight + 1)
    )
    assert one.hours_p50 >= more.hours_p50 - 1e-6


def test_measuring_narrows_the_forecast() -> None:
    """A hundred requests say more than five, and both more than none."""
    dice = random.Random(1)
    drawn = tuple(RequestSample(dice.uniform(5, 20)) for _ in range(100))
    widths = []
    for measured in ((), drawn[:5], drawn):
        found = expected(1000, RequestHistory(measured, len(measured), len(measured)))
        widths.append((found.hours_p90 - found.hours_p10) / found.hours_p50)
    assert widths[0] >= widths[1] * 0.5
    assert widths[1] > 2 * widths[2] > 0


def test_slow_hours_say_less_than_as_many_requests_by_themselves() -> None:
    """The same latencies in another order: slow hours may go on."""
    ordered = tuple(RequestSample(5 + 15 * at / 100) for at in range(100))
    mixed = tuple(random.Random(1).sample(ordered, 100))
    slow, by_chance = (expected(500, RequestHistory(one, 100, 100)) for one in (ordered, mixed))
    assert slow.hours_p90 - slow.hours_p10 > 2 * (by_chance.hours_p90 - by_chance.hours_p10)


# requests in flight


@pytest.mark.parametrize(
    ("latencies_s", "in_flight"),
    [
        ([], 5),  # not measured yet
        ([19.0] * 4, 5),
        ([0.1] * 5, 2),
        ([12.0] * 100, 3),  # two by Little's law, and one that is free when a turn comes
        ([12.0] * 94 + [19.0] * 6, 5),
        ([300.0] * 20, 8),  # at most
    ],
)
def test_in_flight_are_what_the_rate_needs_and_one_more(latencies_s: list[float], in_flight: int) -> None:
    """Rate x p95 of the latency, so that nearly every turn can be taken."""
    assert in_flight == in_flight_needed(latencies_s, EQC)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="a zone cannot be set for one test")
@pytest.mark.parametrize(("night", "hours"), [((2027, 3, 28), 5), ((2027, 10, 31), 7), ((2027, 6, 1), 6)])
def test_a_night_that_changes_the_clock_ends_at_its_hour(
    night: tuple[int, int, int], hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From midnight to six are five hours in spring, seven in autumn."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Europe/Berlin")
        time.tzset()
        found = seconds_until_time(datetime(*night), 6, 0)
    time.tzset()
    assert hours * HOUR == found
