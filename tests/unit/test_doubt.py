"""Whether empty answers are doubted: the decision table, row by row."""

from __future__ import annotations

import pytest

from eqcbatch.drain.doubt import (
    AMONG_THEM,
    AT_FIRST,
    AT_LAST,
    IN_A_ROW,
    LATEST,
    MORE_OFTEN,
    Doubt,
    Searches,
    doubt,
)

NONE, AMONG_OTHERS = Doubt.NONE, Doubt.AMONG_OTHERS


def test_how_many_empties_are_doubted() -> None:
    """As the pages say: in a row, at first, at last; of the latest, so many, and so much more often."""
    assert (20, 5, 3, 40, 10, 2) == (IN_A_ROW, AT_FIRST, AT_LAST, LATEST, AMONG_THEM, MORE_OFTEN)


def test_searches_begin_with_nothing_known() -> None:
    """Nothing empty, nothing found, and not at the end."""
    plain = Searches(0, mostly_found=False, ever_found=False, found=False, proven=False, ended=False)
    assert plain == Searches()
    assert Searches() == Searches(among=0, found_among=0, searches_before=0, empties_before=0)


@pytest.mark.parametrize(
    ("searches", "expected"),
    [
        (Searches(), NONE),
        # twenty in a row, and most were found before
        (Searches(20, mostly_found=True, ever_found=True, found=True), Doubt.IN_A_ROW),
        (Searches(19, mostly_found=True, ever_found=True, found=True), NONE),
        (Searches(99, ever_found=True, found=True), NONE),
        # five in a row, and this session found nothing
        (Searches(4, ever_found=True), NONE),
        (Searches(5, ever_found=True), Doubt.IN_A_ROW),
        (Searches(5), Doubt.IN_A_ROW),
        (Searches(5, ever_found=True, found=True), NONE),
        # three in a row at its end, a single one where nothing was ever found
        (Searches(2, ever_found=True, ended=True), NONE),
        (Searches(3, ever_found=True, ended=True), Doubt.IN_A_ROW),
        (Searches(3, ever_found=True, found=True, ended=True), Doubt.IN_A_ROW),
        (Searches(19, ever_found=True, found=True, proven=True, ended=True), NONE),
        (Searches(0, ended=True), NONE),
        (Searches(1, ended=True), Doubt.IN_A_ROW),
        # ten of the latest forty, between others, more than twice as often as before
        (Searches(1, found=True, among=10, found_among=9), AMONG_OTHERS),
        (Searches(1, found=True, among=9, found_among=8), NONE),
        (Searches(1, found=True, among=10, found_among=30), AMONG_OTHERS),
        (Searches(10, found=True, among=10, found_among=0), NONE),
        # exactly twice as often, and a little less
        (Searches(1, found=True, among=10, found_among=40), NONE),
        (Searches(1, found=True, among=10, found_among=42), NONE),
        (Searches(1, found=True, among=10, found_among=9, searches_before=80, empties_before=30), NONE),
        (
            Searches(1, found=True, among=10, found_among=9, searches_before=80, empties_before=20),
            AMONG_OTHERS,
        ),
        (Searches(1, found=True, among=20, found_among=1, searches_before=20, empties_before=18), NONE),
    ],
)
def test_empties_are_doubted(searches: Searches, expected: Doubt) -> None:
    """The more readily, the less is known of this EQC."""
    assert expected is doubt(searches)


def test_an_eqc_that_is_ill_in_part_has_to_be_right_several_times() -> None:
    """One of two backends being ill, a single answer is right by even chances."""
    assert [1, 1, 4] == [one.answers_needed for one in Doubt]
