"""How long the rest takes: the slower of latency and rate, and how sure that is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.forecast import Forecast, Latency, forecast, lanes_needed
from eqcbatch.settings import Rate

EQC = Rate(10, 60.0)
ASSUMED = Latency.of([])
counts = st.integers(0, 100_000)
latencies = st.builds(Latency, st.floats(0, 60), st.floats(0, 30), st.integers(0, 5000))
rates = st.builds(Rate, st.integers(1, 100), st.floats(0.1, 3600))


@pytest.mark.parametrize(
    ("requests", "mean_s", "in_flight", "hours"),
    [
        (1200, 1.0, 1, 2.033),  # the rate is the floor: 6.1 s a request
        (1200, 6.1, 1, 2.033),
        (1200, 15.0, 1, 5.0),  # one after another, the latency decides
        (1200, 15.0, 2, 2.5),
        (1200, 15.0, 3, 2.033),  # more than three in flight buy nothing
        (1200, 15.0, 30, 2.033),
        (1600, 12.5, 1, 5.556),  # the month of DOMAIN section 1
        (0, 15.0, 1, 0.0),
    ],
)
def test_the_slower_of_latency_and_rate_decides(
    requests: int, mean_s: float, in_flight: int, hours: float
) -> None:
    """Little's law, and the limit that no concurrency lifts."""
    assert hours == forecast(requests, Latency(mean_s, 0.0, 100), EQC, None, in_flight).hours_p50


@pytest.mark.parametrize(
    ("requests", "budget", "sessions"),
    [(0, 5, 0), (1, 5, 1), (5, 5, 1), (6, 5, 2), (1600, 1200, 2), (1600, None, None)],
)
def test_a_budget_makes_so_many_sessions(requests: int, budget: int | None, sessions: int | None) -> None:
    """The last one may be a small one."""
    assert sessions == forecast(requests, ASSUMED, EQC, budget).sessions_at_budget


def test_nothing_left_takes_no_time() -> None:
    """And no session."""
    assert Forecast(0, 0.0, 0.0, 0.0, 0) == forecast(0, ASSUMED, EQC, 5)


@given(counts, latencies, rates, st.integers(1, 10))
def test_the_spread_lies_around_the_middle(
    requests: int, latency: Latency, rate: Rate, in_flight: int
) -> None:
    """And even the best case keeps to the rate."""
    result = forecast(requests, latency, rate, None, in_flight)
    assert result.hours_p10 <= result.hours_p50 <= result.hours_p90
    assert result.hours_p10 >= requests * rate.interval_s / 3600 - 0.001


@given(counts, counts, latencies, rates)
def test_more_requests_never_take_less(one: int, other: int, latency: Latency, rate: Rate) -> None:
    """Neither at best nor at worst."""
    few, many = (forecast(count, latency, rate, 5) for count in sorted((one, other)))
    assert few.hours_p50 <= many.hours_p50
    assert few.hours_p90 <= many.hours_p90


@given(counts, latencies, st.integers(1, 9))
def test_more_lanes_never_take_longer(requests: int, latency: Latency, in_flight: int) -> None:
    """Up to the rate they help, from there on they change nothing."""
    one, more = (forecast(requests, latency, EQC, None, lanes) for lanes in (in_flight, in_flight + 1))
    assert one.hours_p90 >= more.hours_p90


def test_a_measured_latency_narrows_the_forecast() -> None:
    """A thousand answers say more than five."""
    five, thousand = (forecast(1000, Latency(12.5, 4.3, sample), EQC, None) for sample in (5, 1000))
    assert five.hours_p50 == thousand.hours_p50
    assert five.hours_p90 - five.hours_p10 > thousand.hours_p90 - thousand.hours_p10 > 0


@pytest.mark.parametrize("seconds", [[], [1.0], [1.0] * 4])
def test_a_few_answers_do_not_outweigh_what_is_known_of_eqc(seconds: list[float]) -> None:
    """5-20 s, evenly spread, is assumed until five answers have come."""
    assert Latency(12.5, 15 / math.sqrt(12), 0) == Latency.of(seconds)


def test_five_answers_are_a_measurement() -> None:
    """Their mean and their deviation."""
    assert Latency(3.0, math.sqrt(2), 5) == Latency.of([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("latencies_s", "lanes"),
    [
        ([], 5),  # not measured yet
        ([19.0] * 4, 5),
        ([0.1] * 5, 2),
        ([12.0] * 100, 3),  # two by Little's law, and one that is free when a turn comes
        ([12.0] * 94 + [19.0] * 6, 5),
        ([300.0] * 20, 8),  # at most
    ],
)
def test_lanes_are_what_the_rate_needs_and_one_more(latencies_s: list[float], lanes: int) -> None:
    """Rate x p95 of the latency, so that nearly every turn finds a lane free."""
    assert lanes == lanes_needed(latencies_s, EQC)
