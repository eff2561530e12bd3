"""A source, counted: groups of rows, wherever they were grouped -> occurrences with their rows and weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from eqcbatch.domain.model import NO_REMARKS, Group, Occurrence, RemarkKind, Remarks, RowEvidence
from eqcbatch.domain.names import lookup_key, storable
from eqcbatch.source.columns import Layout, evidence_columns, locate
from eqcbatch.source.entries import standing_places
from eqcbatch.source.evidence_counter import EvidenceCounter
from eqcbatch.source.formats import explained, format_of
from eqcbatch.source.groups import grouped
from eqcbatch.source.keys import LookupKeys, key_reader
from eqcbatch.source.remarks import RemarkCounter
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, Tables
from eqcbatch.stages import NO_STAGES, Stages

Keyed = tuple[str, str, str, str]  # lookup key, raw, plan code and id, "" where there is none
Sums = tuple[dict[Keyed, int], dict[Keyed, float]]  # rows, and weights where they are not the rows


@dataclass(frozen=True, slots=True)
class Tally:
    """A source, counted.

    rows: data rows read (of a counted source: the sum of its counts).
    occurrences: one for each distinct (raw, plan_code, known_id), in the order of their lookup keys and
    then of these; blank names stand as raw "", and come first. Their rows add up to `rows`.
    lookup_keys: theirs, one for one. remarks: what was noticed on the way. evidence: by lookup key, what
    stands in its rows in the columns of evidence.
    """

    rows: int
    occurrences: tuple[Occurrence, ...]
    lookup_keys: tuple[str, ...]
    remarks: Remarks = field(default=NO_REMARKS, compare=False)
    evidence: Mapping[str, tuple[RowEvidence, ...]] = field(default_factory=dict, compare=False)

    def keyed(self) -> Iterator[tuple[str, Occurrence]]:
        """The occurrences with their lookup keys."""
        return zip(self.lookup_keys, self.occurrences, strict=True)

    def values_of(self, column: str) -> set[str]:
        """What stands beside names in a column of evidence."""
        pieces = (piece for pieces in self.evidence.values() for piece in pieces)
        return {piece.value for piece in pieces if piece.column == column}

    @classmethod
    def of(cls, occurrences: Iterable[Occurrence]) -> Tally:
        """The tally of distinct occurrences in any order."""
        storable_ones = (seen._replace(raw=storable(seen.raw)) for seen in occurrences)
        keyed = sorted(
            ((lookup_key(seen.raw), seen) for seen in storable_ones),
            key=lambda one: (one[0], one[1].raw, one[1].plan_code or "", one[1].known_id or ""),
        )
        lookup_keys, ordered = tuple(zip(*keyed, strict=True)) or ((), ())
        return cls(sum(seen.rows for seen in ordered), ordered, lookup_keys)


def read(spec: SourceSpec, stages: Stages = NO_STAGES) -> Tally:
    """Read a file and count its occurrences. stages: told how far that is.

    Raises BadInput if it cannot be read, or lacks an asked column.
    """
    path = Path(spec.location)
    form = format_of(path)
    stages.begin("Reading rows")
    with explained(path), form.open(path, spec) as tables:
        layouts = [locate(spec, table.place, table.header) for table in tables.read]
        _note_unread_ids(tables, layouts)
        rows = [0] * len(layouts)

        def groups() -> Iterator[Group]:
            for number, (table, layout) in enumerate(zip(tables.read, layouts, strict=True)):
                for group in stages.counted(grouped(_watched(table, stages), layout), "Grouping"):
                    rows[number] += group.rows
                    yield group

        counted = tally(groups(), spec, layouts[0])
        for remark in counted.remarks.noticed:
            tables.read[0].remarks.add(remark)
        return replace(counted, remarks=tables.remarks(rows, form.inside))


def _note_unread_ids(tables: Tables, layouts: Sequence[Layout]) -> None:
    """Note a column of ids that is not asked for, unless it is what an earlier apply wrote."""
    for table, layout in zip(tables.read, layouts, strict=True):
        place, *others = standing_places(table.header)
        if place not in (None, layout.known_id) and None in others:
            table.remarks.note(RemarkKind.UNREAD_IDS, table.header[place or 0])


def _watched(table: Table, stages: Stages) -> Table:
    rows = table.rows
    return replace(table, rows=lambda places: iter(stages.counted(rows(places), "Reading rows")))


def tally_query(
    spec: SourceSpec,
    header: Sequence[str],
    groups_by: Callable[[Sequence[int], int | None], Iterable[Group]],
    stages: Stages = NO_STAGES,
) -> Tally:
    """Count what a query names, grouped where it runs. Raises BadInput if it lacks an asked column.

    header: the names of its columns. groups_by: groups its rows by the columns at these positions, and
    sums up the weight in the column at the last one, if there is one.
    """
    layout = locate(spec, "The query", tuple(name.strip() for name in header))
    groups = stages.counted(groups_by(layout.telling, layout.weight), "Grouping")
    return tally(groups, spec, layout)


def tally(groups: Iterable[Group], spec: SourceSpec, layout: Layout) -> Tally:
    """Count the occurrences in groups of a source's `layout.telling` cells.

    Groups of one key are one occurrence. Memory grows with what is distinct, not with the rows.
    """
    remarks = RemarkCounter()
    evidence = EvidenceCounter(evidence_columns(spec))
    rows, weights = _sums(groups, spec, layout, remarks, evidence)
    keys = sorted(key for key, count in rows.items() if count)
    return Tally(
        sum(rows.values()),
        tuple(_occurrences(keys, rows, weights)),
        tuple(lookup_key for lookup_key, *_ in keys),
        Remarks(noticed=remarks.noticed()),
        evidence.commonest(),
    )


def _sums(
    groups: Iterable[Group],
    spec: SourceSpec,
    layout: Layout,
    remarks: RemarkCounter,
    evidence: EvidenceCounter,
) -> Sums:
    lookup_keys = LookupKeys()
    key_of = key_reader(spec, layout, lookup_keys, remarks)
    beside = -len(layout.evidence)
    rows: dict[Keyed, int] = {}
    weights: dict[Keyed, float] = {}
    for cells, count, weight in groups:
        raw, plan_code, known_id = key_of(cells, count)
        key = lookup_keys[raw], storable(raw), plan_code, known_id
        before = rows.get(key, 0)
        rows[key] = before + count
        if weight != count or key in weights:
            weights[key] = weights.get(key, before) + weight
        if beside and key[0]:
            evidence.note(key[0], cells[beside:], count)
    return rows, weights


def _occurrences(
    keys: Iterable[Keyed], rows: Mapping[Keyed, int], weights: Mapping[Keyed, float]
) -> Iterator[Occurrence]:
    for key in keys:
        _, raw, plan_code, known_id = key
        count = rows[key]
        weight = float(weights.get(key, count) if weights else count)
        yield Occurrence(raw, plan_code or None, known_id or None, count, weight)
