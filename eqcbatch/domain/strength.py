"""Who wins where several know an id: the one order by which plan, rescore and apply go. Pure.

| strength        | who says so                                                                             |
|-----------------|-----------------------------------------------------------------------------------------|
| PERSON          | a person decided the name: an id, or that no company is the right one                   |
| OVERRIDE        | the file of overrides                                                                   |
| INDEX_VOUCHED   | the index, by a row that people vouch for: its source is `manual` or `yaml`             |
| COLUMN          | the source's own column of ids                                                          |
| EQC             | EQC, asked for this name or another one; of its answers, the more confident             |
| INDEX_BY_OTHERS | the index, by any other row: most were written by taking the first that EQC offered     |

An answer that is held has no strength. Of one strength, a row's key by plan code wins over the name, this
over plan and name together, and that over a former name (docs/domain.md section 4); and what is said now over
what was said before. Where a version before did not keep who wrote a row of the index, it counts as vouched
for, as all rows did then, until the next plan.

Why: docs/decisions/0033.
"""

from __future__ import annotations

from enum import IntEnum

from eqcbatch.domain.model import IdSource, Known

VOUCHED = ("manual", "yaml", None)  # sources of rows in the index


class Strength(IntEnum):
    """How much a word counts."""

    INDEX_BY_OTHERS = 1
    EQC = 2
    COLUMN = 3
    INDEX_VOUCHED = 4
    OVERRIDE = 5
    PERSON = 6


_STRENGTHS = {
    IdSource.MANUAL: Strength.PERSON,
    IdSource.OVERRIDE: Strength.OVERRIDE,
    IdSource.COLUMN: Strength.COLUMN,
    IdSource.EQC: Strength.EQC,
    IdSource.HARVEST: Strength.EQC,
}
_BY_KEY = (  # of one strength, the first wins
    IdSource.INDEX_PLAN_CODE,
    IdSource.INDEX_CUSTOMER_NAME,
    IdSource.INDEX_PLAN_CUSTOMER,
    IdSource.INDEX_FORMER_NAME,
)
_RANKS = {source: (strength, 0) for source, strength in _STRENGTHS.items()}
_RANKS_IN_INDEX = {
    (source, vouched): (Strength.INDEX_VOUCHED if vouched else Strength.INDEX_BY_OTHERS, -place)
    for place, source in enumerate(_BY_KEY)
    for vouched in (False, True)
}


def rank_of(known: Known) -> tuple[Strength, int]:
    """What a word is compared by with another one; the higher wins."""
    rank = _RANKS.get(known.source)
    return rank or _RANKS_IN_INDEX[known.source, known.index_source in VOUCHED]


def strength_of(known: Known) -> Strength:
    """How much a word counts."""
    return rank_of(known)[0]
