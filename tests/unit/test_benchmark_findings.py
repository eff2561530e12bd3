"""Findings of the benchmark: medians, ratios and goals."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.findings import Effort, Goal, Row, Section, shown
from benchmarks.rounds import by_turns

SLOW_ROUND = Row("drain", "ms", [6, 60, 9], [2, 20, 3], "bare loop", [Goal("<=", 3, of_ratio=True)])


def test_a_figure_is_the_median_of_its_rounds() -> None:
    """One slow round moves it no further than a fast one."""
    assert (9, 3) == (SLOW_ROUND.value, SLOW_ROUND.rival_value)


def test_the_ratio_is_taken_round_by_round() -> None:
    """A round that was slow for both says the same as the others."""
    assert 3 == SLOW_ROUND.ratio
    assert "<= 3x: met" == SLOW_ROUND.verdict()


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("<=", 9), True),
        (Goal("<", 9), False),
        (Goal(">=", 9), True),
        (Goal("<=", 2.9, of_ratio=True), False),
    ],
)
def test_a_goal_is_about_our_figure_or_about_the_ratio(goal: Goal, met: bool) -> None:
    """Its sign says whether the limit itself is good enough."""
    assert met is SLOW_ROUND.met(goal)


def test_what_was_not_measured_misses_no_goal() -> None:
    """Peak memory, say, on Windows."""
    section = Section("Plan", [Row("peak", "MiB", [], goals=[Goal("<", 900)])])
    assert "< 900: not measured" == section.rows[0].verdict()
    assert not section.missed


def test_a_missed_goal_is_told_in_the_table_and_in_json() -> None:
    """As text and as a fact."""
    section = Section("Start-up", [Row("--help", "s", [0.3], goals=[Goal("<", 0.25)])])
    assert section.missed
    assert "< 0.25: MISSED" in section.as_text()
    assert [{"goal": "< 0.25", "met": False}] == section.as_json()["rows"][0]["goals"]


def test_quick_sizes_have_no_goals() -> None:
    """They show that it works, not how fast it is."""
    section = Section("Start-up", [Row("--help", "s", [0.3], goals=[Goal("<", 0.25)])])
    assert not section.without_goals().missed


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "0"), (30_986, "30,986"), (1.6512, "1.65"), (26.04, "26.0"), (0.00123, "0.00123")],
)
def test_a_figure_is_shown_with_three_digits(value: float | None, text: str) -> None:
    """Whole numbers as they are."""
    assert text == shown(value)


def test_rivals_take_turns_in_going_first() -> None:
    """So nobody has the warmer cache in every round."""
    order: list[str] = []
    found = by_turns(2, {name: lambda name=name: order.append(name) for name in "ab"})  # type: ignore[misc]
    assert ["a", "b", "b", "a"] == order
    assert {"a": [None, None], "b": [None, None]} == found


def test_every_part_has_a_room_of_its_own(tmp_path: Path) -> None:
    """Two sections never share files."""
    effort = Effort(tmp_path)
    assert tmp_path / "lookup" == effort.room("lookup")
    with pytest.raises(FileExistsError):
        effort.room("lookup")
