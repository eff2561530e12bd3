"""Counts what stands in the rows of names in the columns of evidence: by name, column and value."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from eqcbatch.domain.model import EvidenceKind, RowEvidence
from eqcbatch.domain.names import MAX_KEY_LENGTH, lookup_key, storable
from eqcbatch.source.cell_values import looks_like_none, name_in

MOST_VALUES = 8  # that are kept of a name in a column, the commonest
_LONG_NUMBER = 15  # signs; one of 18 digits may be a credit code


class _Values(dict[str, str]):
    """What cells mean, each found out once: "" where they hold nothing, or a filler."""

    def __missing__(self, cell: str) -> str:
        value = storable(name_in(cell).strip())
        filler = looks_like_none(value) and len(value) < _LONG_NUMBER
        self[cell] = value = "" if filler or len(value) > MAX_KEY_LENGTH or not lookup_key(value) else value
        return value


class EvidenceCounter:
    """What was counted so far. Memory grows with the distinct values of names, not with the rows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._values = _Values()
        self._rows: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)

    def note(self, lookup_key: str, cells: Sequence[str], rows: int) -> None:
        """Note that so many rows of a name have these cells, one a column."""
        for place, cell in enumerate(cells):
            if value := self._values[cell]:
                self._rows[lookup_key][place, value] += rows

    def commonest(self) -> Mapping[str, tuple[RowEvidence, ...]]:
        """What names have beside them, the commonest values of each column, by lookup key."""
        return {key: tuple(self._of_name(counts)) for key, counts in self._rows.items()}

    def _of_name(self, counts: Counter[tuple[int, str]]) -> list[RowEvidence]:
        kept: Counter[int] = Counter()
        found: list[RowEvidence] = []
        for (place, value), rows in sorted(counts.items(), key=lambda one: (one[0][0], -one[1], one[0][1])):
            kept[place] += 1
            if rows > 0 and kept[place] <= MOST_VALUES:
                found.append(RowEvidence(EvidenceKind.COLUMN, value, rows, self._columns[place]))
        return found
