"""Whether empty answers are to be doubted: a pure decision over how searches came back of late, one table.

Why: docs/decisions/0010.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

IN_A_ROW = 20  # empties in a row, where most were found before
AT_FIRST = 5  # empties in a row, in a session that found nothing
AT_LAST = 3  # empties in a row at the end of a session; a single one where nothing was ever found
LATEST = 40  # searches that are looked at for empties between others
AMONG_THEM = 10  # empties between others
MORE_OFTEN = 2  # times as often as before
# What a new ledger is taken to have had: EQC's search is fuzzy, and nearly always offers something.
_USUAL_SEARCHES, _USUAL_EMPTIES = 20, 2


class Doubt(Enum):
    """Why empty answers are doubted."""

    NONE = auto()  # they are not
    IN_A_ROW = auto()  # all of the latest are empty: EQC may find nothing any more
    AMONG_OTHERS = auto()  # too many of the latest are empty: a part of EQC may find nothing

    @property
    def answers_needed(self) -> int:
        """How often EQC has to find what it knows, to be believed: the healthy part of it may answer, too."""
        return 4 if self is Doubt.AMONG_OTHERS else 1


@dataclass(frozen=True, slots=True)
class Searches:
    """How searches came back, before this session and in it.

    in_a_row: empties since the last that was found, with those that may come before no request is left.
    mostly_found: whether most were found before these. ever_found: whether any was, ever. found, proven:
    whether this session found anything, and whether that was a question whose answer is known. ended: whether
    it has nothing left to ask. among: names without a match among the latest, since EQC was last proven well;
    found_among: what was found after the first of these. searches_before, empties_before: those before it.
    """

    in_a_row: int = 0
    mostly_found: bool = False
    ever_found: bool = False
    found: bool = False
    proven: bool = False
    ended: bool = False
    among: int = 0
    found_among: int = 0
    searches_before: int = 0
    empties_before: int = 0


def doubt(searches: Searches) -> Doubt:
    """Choose the doubt.

    | empties                                                                        | doubt        |
    |--------------------------------------------------------------------------------|--------------|
    | twenty in a row, and most were found before                                    | IN_A_ROW     |
    | five in a row, and this session found nothing                                  | IN_A_ROW     |
    | three in a row at its end, and nothing in it has proven EQC well               | IN_A_ROW     |
    | the same, though a single one, where nothing was ever found                    | IN_A_ROW     |
    | ten of the latest forty, between others, more than twice as often as before    | AMONG_OTHERS |
    | else                                                                           | NONE         |
    """
    if searches.in_a_row >= IN_A_ROW and searches.mostly_found:
        return Doubt.IN_A_ROW
    if searches.in_a_row >= AT_FIRST and not searches.found:
        return Doubt.IN_A_ROW
    if searches.ended and not searches.proven:
        at_last = AT_LAST if searches.ever_found else 1
        if searches.in_a_row >= at_last:
            return Doubt.IN_A_ROW
    return Doubt.AMONG_OTHERS if _more_often(searches) else Doubt.NONE


def _more_often(searches: Searches) -> bool:
    if searches.among < AMONG_THEM or not searches.found_among:
        return False
    share = searches.among / (searches.among + searches.found_among)
    before = (searches.empties_before + _USUAL_EMPTIES) / (searches.searches_before + _USUAL_SEARCHES)
    return share > MORE_OFTEN * before
