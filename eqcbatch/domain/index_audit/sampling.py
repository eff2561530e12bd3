"""The rows that EQC is asked for: a stratified sample by chance, and the most suspicious rows besides. Pure.

Each row gets a number by chance, and of a stratum those with the smallest numbers are asked. So a single pass
over an index of any size is enough, and of two strata put together the smallest are a sample again. The most
suspicious rows are all asked: as a stratum of their own that is known whole, they bias nothing. All are asked
in an order by chance, so that the rows asked are a sample wherever the asking ends.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, TypeVar

from eqcbatch.domain.index_audit.row_judge import Judged
from eqcbatch.domain.index_audit.row_verdict import RowVerdict
from eqcbatch.domain.model import SOURCE_DOMAIN

OF_THE_SUSPICIOUS = 0.2  # of a budget
LEAST_ASKED = 25  # of a stratum; one that would get fewer is put to another source of its kind of verdict
LEAST_OF_A_KIND = 10  # of a whole kind; else it is put to another kind
LEAST_LIKELIHOOD = 0.02  # a stratum is planned with: a share that is as good as 0 is to be shown, too

# What is told apart in any case: they differ in how likely they are wrong, and in what EQC's answers decide.
_KINDS = (
    (RowVerdict.AGREES, RowVerdict.RENAMED, RowVerdict.GONE),
    (RowVerdict.UNKNOWN_COMPANY, RowVerdict.UNPROVEN, RowVerdict.UNLIKE_NAMES),
    (RowVerdict.AMBIGUOUS, RowVerdict.TWO_IDS),
    (RowVerdict.ANOTHER_COMPANY, *(verdict for verdict in RowVerdict if verdict.contradicts)),
)
_NOT_TO_BE_ASKED = (RowVerdict.NO_ID, RowVerdict.DECIDED, RowVerdict.OVERRULED)
_KIND_OF = {verdict: number for number, verdicts in enumerate(_KINDS) for verdict in verdicts}

Cell = tuple[RowVerdict, str]  # with the source
Item = TypeVar("Item", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the rows that can be asked. verdicts, sources: theirs. rows: how many; asked: these."""

    verdicts: tuple[RowVerdict, ...]
    sources: tuple[str, ...]
    rows: int
    sample: tuple[Judged, ...]
    whole: bool = False


@dataclass(slots=True)
class _Drawn:
    """Cells that are one stratum. chosen: the rows with the smallest numbers, with these."""

    cells: list[Cell] = field(default_factory=list)
    rows: int = 0
    likely_wrong: float = 0.0
    chosen: list[tuple[float, int, Judged]] = field(default_factory=list)

    @property
    def likelihood(self) -> float:
        return self.likely_wrong / self.rows

    @property
    def kinds(self) -> tuple[int, ...]:
        """Of what kind its verdicts are."""
        return tuple(sorted({_KIND_OF[verdict] for verdict, _ in self.cells}))

    @property
    def spread(self) -> float:
        """What its sample is to be proportional to, by Neyman: its rows, and how far they differ."""
        likelihood = max(LEAST_LIKELIHOOD, min(1 - LEAST_LIKELIHOOD, self.likelihood))
        return self.rows * math.sqrt(likelihood * (1 - likelihood))


class SamplePool:
    """All rows of an index pass by; what can be asked of them is kept, as far as a sample may need it.

    budget: how many rows are to be asked. chance: all of the sample follows from it.
    """

    def __init__(self, budget: int, chance: Random) -> None:
        self._budget = budget
        self._chance = chance
        self._number = count()
        self._of_suspicious = int(budget * OF_THE_SUSPICIOUS)
        self._suspicious: list[tuple[tuple[float, float], float, int, Judged]] = []
        self._cells: dict[Cell, _Drawn] = {}

    def offer(self, judged: Judged) -> None:
        """Let a row be drawn, if EQC can be asked for its name and no person decided it."""
        if judged.seen.asked is None or judged.verdict in _NOT_TO_BE_ASKED:
            return
        chance, number = self._chance.random(), next(self._number)
        cell = self._cells.setdefault(_cell(judged), _Drawn([_cell(judged)]))
        cell.rows += 1
        cell.likely_wrong += judged.likelihood
        _keep(cell.chosen, (-chance, number, judged), self._budget + self._of_suspicious)
        if judged.verdict.suspicious:
            _keep(self._suspicious, (judged.priority, chance, number, judged), self._of_suspicious)

    def draw(self) -> list[Stratum]:
        """The strata with their samples, as many rows as the budget allows."""
        certain = {number: judged for *_, number, judged in self._suspicious}
        for number, judged in certain.items():
            self._take_out(number, judged)
        cells = [cell for cell in self._cells.values() if cell.rows]
        left = self._budget - len(certain)
        drawn = [] if not cells or left <= 0 else _merged(cells, left)
        strata = [_stratum(one, take) for one, take in zip(drawn, _shares(drawn, left), strict=True)]
        if certain:
            strata.insert(0, _whole(tuple(certain.values())))
        return strata

    def _take_out(self, number: int, judged: Judged) -> None:
        cell = self._cells[_cell(judged)]
        cell.rows -= 1
        cell.likely_wrong -= judged.likelihood
        cell.chosen = [one for one in cell.chosen if one[1] != number]


def _cell(judged: Judged) -> Cell:
    row = judged.seen.row
    return judged.verdict, SOURCE_DOMAIN if row.source_domain == SOURCE_DOMAIN else row.source


def _keep(heap: list[Item], item: Item, most: int) -> None:
    """Keep the `most` greatest items."""
    if len(heap) < most:
        heapq.heappush(heap, item)
    elif most:
        heapq.heappushpop(heap, item)


def _merged(cells: Sequence[_Drawn], asked: int) -> list[_Drawn]:
    """Put together what is too small to be asked by itself: sources of one kind of verdict, else kinds."""
    strata = sorted(cells, key=lambda one: (one.kinds, one.likelihood, one.cells))
    while len(strata) > 1:
        shares = _shares(strata, asked)
        at = min(range(len(strata)), key=lambda one: (shares[one], one))
        beside = [one for one in (at - 1, at + 1) if 0 <= one < len(strata)]
        alike = [one for one in beside if strata[one].kinds == strata[at].kinds]
        if shares[at] >= min(LEAST_ASKED if alike else LEAST_OF_A_KIND, strata[at].rows):
            break
        nearest = min(alike or beside, key=lambda one: abs(strata[one].likelihood - strata[at].likelihood))
        first = min(at, nearest)
        strata[first : first + 2] = [_together(strata[first], strata[first + 1])]
    return strata


def _together(one: _Drawn, other: _Drawn) -> _Drawn:
    return _Drawn(
        one.cells + other.cells,
        one.rows + other.rows,
        one.likely_wrong + other.likely_wrong,
        one.chosen + other.chosen,
    )


def _shares(strata: Sequence[_Drawn], asked: int) -> list[int]:
    """How many rows of each stratum are asked: none more than it has, together as many as there may be."""
    shares = [0] * len(strata)
    left = min(asked, sum(stratum.rows for stratum in strata))
    while left:
        open_ = [at for at, stratum in enumerate(strata) if shares[at] < stratum.rows]
        spread = sum(strata[at].spread for at in open_)
        wanted = {at: left * strata[at].spread / spread for at in open_}
        given = {at: min(int(wanted[at]), strata[at].rows - shares[at]) for at in open_}
        if not any(given.values()):  # what is left goes one by one to where most of a row is missing
            at = max(open_, key=lambda one: wanted[one])
            given = {at: 1}
        for at, more in given.items():
            shares[at] += more
            left -= more
    return shares


def _stratum(drawn: _Drawn, take: int) -> Stratum:
    smallest = heapq.nlargest(take, drawn.chosen)  # their numbers are negative
    return Stratum(*_told(drawn.cells), drawn.rows, tuple(judged for _, _, judged in smallest))


def _whole(certain: tuple[Judged, ...]) -> Stratum:
    cells = [_cell(judged) for judged in certain]
    return Stratum(*_told(cells), len(certain), certain, whole=True)


def _told(cells: Iterable[Cell]) -> tuple[tuple[RowVerdict, ...], tuple[str, ...]]:
    verdicts, sources = zip(*cells, strict=True)
    return tuple(sorted(set(verdicts))), tuple(sorted(set(sources)))
