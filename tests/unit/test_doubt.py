"""Whether empty answers are doubted: the decision table, row by row."""

from __future__ import annotations

import pytest

from eqcbatch.drain.doubt import Doubt, Searches, doubt

NONE, IN_A_ROW, AMONG_OTHERS = Doubt.NONE, Doubt.IN_A_ROW, Doubt.AMONG_OTHERS


@pytest.mark.parametrize(
    ("searches", "expected"),
    [
        (Searches(), NONE),
        # twenty in a row, and most were found before
        (Searches(20, mostly_found=True, ever_found=True, found=True), IN_A_ROW),
        (Searches(19, mostly_found=True, ever_found=True, found=True), NONE),
        (Searches(99, ever_found=True, found=True), NONE),
        # five in a row, and this session found nothing
        (Searches(4, ever_found=True), NONE),
        (Searches(5, ever_found=True), IN_A_ROW),
        (Searches(5), IN_A_ROW),
        (Searches(5, ever_found=True, found=True), NONE),
        # three in a row at its end, a single one where nothing was ever found
        (Searches(2, ever_found=True, ended=True), NONE),
        (Searches(3, ever_found=True, ended=True), IN_A_ROW),
        (Searches(3, ever_found=True, found=True, ended=True), IN_A_ROW),
        (Searches(19, ever_found=True, found=True, proven=True, ended=True), NONE),
        (Searches(0, ended=True), NONE),
        (Searches(1, ended=True), IN_A_ROW),
        # ten of the latest forty, between others, more than twice as often as before
        (Searches(1, found=True, among=10, found_among=9), AMONG_OTHERS),
        (Searches(1, found=True, among=9, found_among=8), NONE),
        (Searches(1, found=True, among=10, found_among=30), AMONG_OTHERS),
        (Searches(10, found=True, among=10, found_among=0), NONE),
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
