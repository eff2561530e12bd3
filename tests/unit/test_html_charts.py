"""The geometry of the page's charts: round marks, places in percent, nothing outside of the drawing."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.render.html.charts import (
    Chart,
    Histogram,
    Pile,
    brief_number,
    columns,
    distribution,
    stair_path,
    stairs,
)
from eqcbatch.render.html.scales import round_step, round_steps, thinned, time_marks

CHINA = timezone(timedelta(hours=8))
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=CHINA)
shares = st.floats(0, 1)


# scales


@pytest.mark.parametrize(
    ("high", "steps"),
    [
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (178, [0, 50, 100, 150, 200]),
        (0.3, [0, 0.1, 0.2, 0.3]),
        (0, [0, 1]),
    ],
)
def test_an_axis_has_round_steps_from_zero(high: float, steps: list[float]) -> None:
    """One, two or five times a power of ten, without the dust of binary fractions."""
    assert steps == round_steps(high, 4)


@given(st.floats(1e-9, 1e12), st.integers(1, 30))
def test_an_axis_reaches_its_highest_value_in_few_steps(high: float, most: int) -> None:
    """The last mark is no lower than the value, the one before is."""
    steps = round_steps(high, most)

    assert 2 <= len(steps) <= most + 1
    assert steps[-1] >= high * (1 - 1e-9)
    assert steps[-2] < high


@given(st.floats(1e-9, 1e12))
def test_a_round_step_is_no_less_than_asked_for(least: float) -> None:
    """And less than two and a half times as much."""
    assert least * 0.99999 <= round_step(least) <= least * 2.6


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (timedelta(seconds=40), ["22:00:00", "22:00:10", "22:00:20", "22:00:30", "22:00:40"]),
        (timedelta(minutes=50), ["22:00", "22:10", "22:20", "22:30", "22:40", "22:50"]),
        (
            timedelta(hours=8),
            ["23 Nov 22:00", "24 Nov 00:00", "24 Nov 02:00", "24 Nov 04:00", "24 Nov 06:00"],
        ),
        (timedelta(days=5), ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov"]),
        (timedelta(days=400), ["Jan 2027", "Apr 2027", "Jul 2027", "Oct 2027"]),
    ],
)
def test_a_time_axis_has_round_moments(span: timedelta, labels: list[str]) -> None:
    """Full hours, midnights of the zone, first days of months."""
    assert labels == [mark.label for mark in time_marks(NIGHT, NIGHT + span, 6)]


@given(st.integers(1, 20 * 365 * 86_400))
def test_marks_of_time_lie_on_the_axis_from_left_to_right(seconds: int) -> None:
    """Whatever the span, there are not more than asked for."""
    marks = time_marks(NIGHT, NIGHT + timedelta(seconds=seconds), 6)
    places = [mark.at for mark in marks]

    assert places == sorted(places)
    assert len(marks) <= 6
    assert all(0 <= place <= 100 for place in places)


def test_no_time_has_no_marks() -> None:
    """The axis of one moment is none."""
    assert [] == time_marks(NIGHT, NIGHT, 6)


@given(st.integers(0, 200), st.integers(1, 10))
def test_thinned_marks_keep_the_first(count: int, most: int) -> None:
    """And are at most so many."""
    marks = time_marks(NIGHT, NIGHT + timedelta(days=1), 40)[:count]

    kept = thinned(marks, most)

    assert len(kept) <= most
    assert marks[:1] == kept[:1]


# charts


def test_a_stair_holds_each_value_until_the_next() -> None:
    """And the last one to the right edge."""
    assert "M0 75H50V25H80V0H100" == stair_path([0, 50, 80], [75, 25, 0])


def test_stairs_place_moments_and_shares() -> None:
    """Half of the time is half of the width; the axis begins at a round share below the least."""
    chart = stairs([NIGHT, NIGHT + timedelta(hours=1)], NIGHT + timedelta(hours=2), {"rows": [0.65, 1.0]})

    assert "M0 87.5H50V0H100" == chart.curves[0].path
    assert ["100 %", "90 %", "80 %", "70 %", "60 %"] == [mark.label for mark in chart.up]


@given(st.lists(shares, min_size=1, max_size=30))
def test_stairs_stay_in_the_drawing(values: list[float]) -> None:
    """Whatever the shares, a place is between 0 and 100."""
    moments = [NIGHT + timedelta(minutes=minute) for minute in range(len(values))]
    chart = stairs(moments, moments[-1] + timedelta(minutes=1), {"rows": sorted(values)})

    numbers = [float(number) for number in re.findall(r"[\d.]+", chart.curves[0].path)]
    assert all(0 <= number <= 100 for number in numbers)
    assert 2 <= len(chart.up) <= 6


def test_a_bar_is_as_high_as_its_parts_together() -> None:
    """The first kind stands at the foot; empty parts are left out."""
    chart = columns([Pile("a", (("answered", 150, ""), ("empty", 0, ""), ("trouble", 50, "")))])

    (bar,) = chart.bars
    assert [("answered", 25.0, 75.0), ("trouble", 0.0, 25.0)] == [
        (part.kind, part.y, part.height) for part in bar.parts
    ]
    assert ["0", "50", "100", "150", "200"] == [mark.label for mark in chart.up]


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_bars_stand_side_by_side_in_the_drawing(heights: list[int]) -> None:
    """None overlaps another, none is higher than the axis; few marks stand below them."""
    chart = columns([Pile(str(number), (("answered", n, ""),)) for number, n in enumerate(heights)])

    assert len(heights) == len(chart.bars)
    _assert_in_the_drawing(chart)
    assert len(chart.across) <= 6


@pytest.mark.parametrize(
    ("values", "step", "counts", "beyond"),
    [
        ([0.0, 5e-324], 5e-05, (2, *[0] * 20), 0),
        ([1.0, 2.0, 2.0, 3.0], 0.2, None, 0),
        ([10.0] * 99 + [500.0], 1.0, (*[0] * 10, 99, *[0] * 10), 1),
    ],
)
def test_a_histogram_counts_in_round_steps(
    values: list[float], step: float, counts: tuple[int, ...] | None, beyond: int
) -> None:
    """What is far beyond the usual is counted apart, so that it does not press all else to the left."""
    histogram = Histogram.of(values)

    assert (step, beyond) == (histogram.step, histogram.beyond)
    assert counts in (None, histogram.counts)


@given(st.lists(st.floats(0, 600), min_size=1))
def test_a_histogram_loses_no_value(values: list[float]) -> None:
    """All are in a bar or beyond; there are not too many bars."""
    histogram = Histogram.of(sorted(values))

    assert len(values) == sum(histogram.counts) + histogram.beyond
    assert 1 <= len(histogram.counts) <= 31


@given(st.lists(st.floats(0.001, 600), min_size=1))
def test_a_distribution_stays_in_the_drawing(values: list[float]) -> None:
    """The median and what 95 % stay below stand within it, too."""
    ordered = sorted(values)
    histogram = Histogram.of(ordered)
    places = {"half": len(ordered) // 2, "95 %": min(len(ordered) - 1, int(0.95 * len(ordered)))}
    pointers = {label: ordered[place] for label, place in places.items()}

    chart = distribution(histogram, [""] * len(histogram.counts), pointers, "s")

    _assert_in_the_drawing(chart)
    assert all(0 <= pointer.at <= 100 for pointer in chart.pointers)


@pytest.mark.parametrize(("number", "text"), [(0.0, "0"), (12.5, "12.5"), (33.3333, "33.33"), (100.0, "100")])
def test_a_place_is_written_short(number: float, text: str) -> None:
    """Two digits are a tenth of a pixel."""
    assert text == brief_number(number)


def _assert_in_the_drawing(chart: Chart) -> None:
    right = 0.0
    for bar in chart.bars:
        assert right <= bar.x + 1e-9
        right = bar.x + bar.width
        for part in bar.parts:
            assert part.y >= -1e-9
            assert part.height > 0
    assert right <= 100 + 1e-9
    assert all(0 <= mark.at <= 100 and not math.isnan(mark.at) for mark in (*chart.up, *chart.across))
