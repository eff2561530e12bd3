"""The pace as arithmetic: never over the limit in any window, hardly ever under it, and never stuck."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.rate_limit import RateWindow
from eqcbatch.settings import Rate

TEN = Rate(10, 60.0)
rates = st.builds(Rate, st.integers(1, 12), st.floats(0.01, 600))
idle = st.floats(0, 1000) | st.just(0.0) | st.floats(0, 1e-6)
stamps = st.lists(st.floats(-1e6, 1e9), max_size=30).map(sorted)


def send_when_allowed(pace: RateWindow, now: float, rate: Rate) -> tuple[RateWindow, float]:
    """Wait as told, however often, and send; the pace and the time after it."""
    for _ in range(5):
        delay = pace.delay(now, rate)
        if not delay:
            return pace.after_sending(now, rate), now
        now = max(now + delay, math.nextafter(now, math.inf))
    raise AssertionError("told to wait again and again")


def most_in_a_window(sent: list[float], window_s: float) -> int:
    """The most stamps in any window [t, t + window_s), with a grain of salt for rounding."""
    ends = (stamp + window_s * (1 - 1e-9) for stamp in sent)
    return max(bisect_right(sent, end) - first for first, end in enumerate(ends))


@given(rates, st.lists(idle, min_size=1, max_size=60), st.floats(0, 1e6))
def test_no_window_holds_more_than_the_limit(rate: Rate, waits: list[float], start: float) -> None:
    """However the requests come, in bursts or in trickles (promise P3)."""
    pace, now, sent = RateWindow(), start, []
    for wait in waits:
        pace, now = send_when_allowed(pace, now + wait, rate)
        sent.append(now)
    assert most_in_a_window(sent, rate.window_s - 1e-6) <= rate.limit


@given(
    st.lists(st.tuples(st.integers(0, 1), st.floats(0, 5)), min_size=10, max_size=40),
    st.builds(Rate, st.integers(2, 5), st.floats(20, 60)),
    st.builds(Rate, st.integers(1, 3), st.floats(0.1, 10)),
)
def test_sessions_of_different_rates_share_one_pace(
    turns: list[tuple[int, float]], one: Rate, other: Rate
) -> None:
    """Whenever one of them sends, its own window holds no more than its own limit, the other's included."""
    pace, now, sent = RateWindow(), 0.0, list[float]()
    for who, wait in turns:
        rate = (one, other)[who]
        pace, now = send_when_allowed(pace, now + wait, rate)
        sent.append(now)
        recent = [stamp for stamp in sent if stamp > now - rate.window_s + 1e-6]
        assert len(recent) <= rate.limit


@given(rates)
def test_the_limit_is_used(rate: Rate) -> None:
    """In the long run a drain that always has a name to ask sends 95 % of what is allowed, or more."""
    began = now = rate.window_s
    pace = RateWindow()
    for _ in range(25 * rate.limit):
        pace, now = send_when_allowed(pace, now, rate)
    assert 25 * rate.limit / (now - began + rate.window_s) >= 0.95 * rate.limit / rate.period_s


@pytest.mark.parametrize(
    ("sent", "now", "delay"),
    [
        ((), 0.0, 61.0),
        ((), 60.0, 1.0),
        ((), 61.0, 0.0),
        ((90.0,) * 9, 90.0, 0.0),
        ((0.0,) * 10, 0.0, 61.0),
        ((0.0,) * 10, 60.0, 1.0),
        ((0.0,) * 10, 61.0, 0.0),
        ((*map(float, range(10)),), 10.0, 51.0),
        ((0.0, *[30.0] * 9), 40.0, 21.0),
        ((*[0.0] * 9, 30.0), 62.0, 0.0),
        ((0.0,) * 15, 1.0, 60.0),
        ((*map(float, range(15)),), 15.0, 51.0),
    ],
)
def test_the_delay_lasts_until_the_window_has_room(sent: tuple[float, ...], now: float, delay: float) -> None:
    """The window is 61 s: the period, and the guard of 1 s in 60. The first of a machine is taken."""
    assert delay == RateWindow(sent).delay(now, TEN)


def test_the_pace_keeps_what_a_longer_window_may_ask_for() -> None:
    """And no more than a hundred stamps, or the limit where that is higher."""
    pace = RateWindow()
    for second in range(5000):
        pace = pace.after_sending(float(second), Rate(1, 0.1))
    assert pace.sent == tuple(map(float, range(4900, 5000)))
    busy = Rate(1000, 1.0)
    for second in range(5000, 7000):
        pace = pace.after_sending(float(second), busy)
    assert 1000 == len(pace.sent)


def test_a_new_pace_is_empty_and_rests_for_nothing() -> None:
    """Nothing was sent, and EQC asked for nothing."""
    assert RateWindow((), 0.0, 0.0) == RateWindow()


def test_stamps_beyond_a_thousand_are_for_higher_limits_alone() -> None:
    """The file stays small, whoever shares it."""
    many = RateWindow(tuple(map(float, range(1500))))
    assert 1000 == len(many.after_sending(1500.0, TEN).sent)
    assert 1200 == len(many.after_sending(1500.0, Rate(1200, 60.0)).sent)


@pytest.mark.parametrize(
    ("now", "taken"), [(9.0, 3), (61.0, 3), (61.9, 2), (62.9, 2), (63.0, 1), (69.0, 1), (70.0, 0)]
)
def test_what_is_taken_of_a_window_went_within_it(now: float, taken: int) -> None:
    """What went a whole window ago, or longer, is not."""
    assert taken == RateWindow((0.5, 2.0, 9.0)).taken(now, TEN)


class TestPause:
    """EQC asks to be left alone."""

    def test_a_pause_that_ends_at_the_same_moment_changes_nothing(self) -> None:
        """It is the longer one that counts after a restart."""
        pace = RateWindow().after_pause(100.0, 30.0)
        assert pace == pace.after_pause(110.0, 20.0)

    def test_no_pause_is_waited_for(self) -> None:
        """Whenever it was asked for; nor one that is over, where the window has room."""
        assert 0.0 == RateWindow(paused_at=50.0).delay(100.0, TEN)
        assert 0.0 == RateWindow((0.0,) * 10, paused_at=1.0, pause_s=1.0).delay(1000.0, TEN)

    @pytest.mark.parametrize(("now", "delay"), [(100.0, 30.0), (110.0, 20.0), (130.0, 0.0), (200.0, 0.0)])
    def test_a_pause_lasts_as_long_as_asked(self, now: float, delay: float) -> None:
        """From the moment it was asked for."""
        assert delay == RateWindow().after_pause(100.0, 30.0).delay(now, TEN)

    @pytest.mark.parametrize(
        ("at", "pause_s", "delay"),
        [(110.0, 5.0, 20.0), (110.0, 20.0, 20.0), (110.0, 21.0, 21.0), (110.0, 0.0, 20.0), (140.0, 5.0, 5.0)],
    )
    def test_of_two_pauses_the_later_end_counts(self, at: float, pause_s: float, delay: float) -> None:
        """A shorter one takes nothing from a longer one."""
        pace = RateWindow().after_pause(100.0, 30.0).after_pause(at, pause_s)
        assert delay == pace.delay(at, TEN)

    def test_a_pause_and_a_full_window_overlap(self) -> None:
        """The longer of the two is waited for, not their sum."""
        full = RateWindow((0.0,) * 10)
        assert (61.0, 90.0) == (
            full.after_pause(0.0, 30.0).delay(0.0, TEN),
            full.after_pause(0.0, 90.0).delay(0.0, TEN),
        )

    def test_a_pause_survives_sending(self) -> None:
        """A request that was in flight already does not end it."""
        assert 30.0 == RateWindow().after_pause(100.0, 30.0).after_sending(100.0, TEN).delay(100.0, TEN)


@given(st.lists(st.floats(-300, 0), max_size=30), st.floats(0, 120), rates)
def test_a_machine_that_has_just_started_may_have_sent_all_before(
    sent: list[float], first: float, rate: Rate
) -> None:
    """A power cut may take any stamps of a short window: whatever is left, no window holds too many."""
    before = list[float]()
    for stamp in sorted(sent):  # as a pace before the cut let them go
        if len(before) < rate.limit or stamp - before[-rate.limit] >= rate.window_s:
            before.append(stamp)
    pace, now = RateWindow(tuple(before) if rate.outlasts_a_restart else ()), first
    for _ in range(2 * rate.limit):
        pace, now = send_when_allowed(pace, now, rate)
        before.append(now)
    assert most_in_a_window(before, rate.window_s - 1e-6) <= rate.limit


class TestRestart:
    """The machine was started anew: its monotonic clock begins again."""

    @given(stamps, st.floats(0, 1e6), rates)
    def test_stamps_of_the_future_delay_one_window_at_most(
        self, sent: list[float], now: float, rate: Rate
    ) -> None:
        """And never stall: once it is over, requests go at the full rate."""
        pace = RateWindow(tuple(sent)).seen_from(now)
        assert pace.delay(now, rate) <= rate.window_s + 1e-6
        times = []
        for _ in range(2 * rate.limit):
            pace, now = send_when_allowed(pace, now, rate)
            times.append(now)
        assert all(later - earlier <= rate.window_s + 1e-6 for earlier, later in pairwise(times))

    @given(st.floats(0, 1e9), st.floats(0, 900), st.floats(TEN.window_s, 1e6))
    def test_a_pause_of_the_future_lasts_no_longer_than_asked(
        self, at: float, pause_s: float, now: float
    ) -> None:
        """Counted from now at the latest."""
        pace = RateWindow(paused_at=at, pause_s=pause_s).seen_from(now)
        assert pace.delay(now, TEN) <= pause_s + 1e-6

    @given(stamps, st.floats(0, 1e6))
    def test_looking_twice_changes_nothing(self, sent: list[float], now: float) -> None:
        """What was corrected once is right."""
        seen = RateWindow(tuple(sent), paused_at=5e8, pause_s=60.0).seen_from(now)
        assert seen == seen.seen_from(now)

    def test_stamps_of_the_past_stay_as_they_are(self) -> None:
        """Up to the present moment."""
        assert (1.0, 2.0, 3.0, 3.0) == RateWindow((1.0, 2.0, 3.0, 3.5)).seen_from(3.0).sent


def test_a_request_that_went_later_than_its_turn_counts_from_then() -> None:
    """Connecting took three seconds: the window that it fills ends three seconds later."""
    rate = Rate(2, 60.0)
    pace = RateWindow((10.0, 20.0)).without(10.0).after_sending(23.0, rate)
    assert (20.0, 23.0) == pace.sent
    assert 20.0 + rate.window_s - 30.0 == pace.delay(30.0, rate)


def test_a_turn_that_nobody_remembers_counts_when_it_is_confirmed() -> None:
    """The file was spoiled or lost meanwhile."""
    assert (20.0, 23.0) == RateWindow((20.0,)).without(10.0).after_sending(23.0, TEN).sent


@given(rates, st.lists(st.tuples(idle, st.floats(0, 0.9)), max_size=60))
def test_no_window_holds_more_than_the_limit_though_connecting_takes_its_time(
    rate: Rate, requests: list[tuple[float, float]]
) -> None:
    """Each request goes a share of the window after its turn; turns are taken meanwhile."""
    pace, now, sent = RateWindow(), 0.0, []
    connecting: list[tuple[float, float]] = []  # when it will go, and its stamp
    for pause, share in requests:
        now += pause
        while True:
            for went, stamp in sorted(connecting):
                if went <= now:
                    pace = pace.without(stamp).after_sending(went, rate)
                    connecting.remove((went, stamp))
            if not (delay := pace.delay(now, rate)):
                break
            soonest = min([went for went, _ in connecting], default=math.inf)
            now = min(max(now + delay, math.nextafter(now, math.inf)), soonest)
        pace = pace.after_sending(now, rate)
        connecting.append((now + share * rate.window_s, now))
        sent.append(now + share * rate.window_s)
    sent.sort()
    assert all(
        later - earlier > rate.period_s for earlier, later in zip(sent, sent[rate.limit :], strict=False)
    )


def test_a_session_of_a_lower_limit_forgets_no_send_of_a_higher_one() -> None:
    """200 sends of a session that may 200 a minute stand, though another one keeps to 10 a second."""
    pace = RateWindow()
    for number in range(200):
        pace = pace.after_sending(number / 100, Rate(200, 60.0))
    pace = pace.after_sending(5.0, Rate(10, 1.0))
    assert pace.delay(6.0, Rate(200, 60.0)) > 50


def test_a_long_window_needs_no_first_window_of_the_machine() -> None:
    """Its stamps are on the disk, and outlast the restart; those of a minute are waited for."""
    long, minute = Rate(10, 3600.0), Rate(10, 60.0)

    assert 0.0 == RateWindow().delay(5.0, long)
    assert minute.window_s - 5.0 == RateWindow().delay(5.0, minute)
