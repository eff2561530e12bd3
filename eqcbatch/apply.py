"""Apply: the dataset is written again, with what the ledger knows of the company of every row."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from eqcbatch.domain.model import NO_REMARKS, Known, Remark, RemarkKind, Remarks
from eqcbatch.domain.names import lookup_key, storable, temporary_id
from eqcbatch.domain.strength import Strength, rank_of, strength_of
from eqcbatch.errors import BadInput
from eqcbatch.ledger import Ledger
from eqcbatch.settings import DEFAULT_COLUMN
from eqcbatch.source import (
    ANY_ID,
    TEMPORARY,
    Entry,
    Key,
    SourceSpec,
    Standing,
    read_rules,
    settle,
    write,
)
from eqcbatch.stages import NO_STAGES, Stages


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What the rows got: rows = filled + temporary + unresolved + blank.

    filled: rows with an id, by who knew it. temporary: rows with a temporary id. unresolved: rows with
    a name and no id at all. blank: rows that name nobody, and have no id either. remarks: what was
    noticed of the source.
    """

    rows: int
    filled: Mapping[str, int]
    temporary: int
    unresolved: int
    blank: int
    remarks: Remarks = NO_REMARKS


def apply(
    ledger: Ledger,
    spec: SourceSpec,
    out: Path,
    salt: str | None,
    *,
    overwrite: bool = False,
    values_only: bool = False,
    stages: Stages = NO_STAGES,
) -> ApplyReport:
    """Write the source to `out` with `company_id`, its source and its confidence in every row.

    salt: what temporary ids are made with, None for none. Ids that stand in the source's own
    `company_id` stay where nothing better is known (`source.settle`), but if they are to be overwritten.
    Where the plan of this source was given a column of plan codes or ids, or rules for names, they hold
    here too. values_only: whether it is known that a copy of an .xls holds nothing but values. stages:
    told how far it is. Raises BadInput if the ledger lacks one of the names.
    """
    stages.begin("Reading the ledger")
    entries = _Entries(ledger, _as_planned(ledger, spec), salt)
    rows: Counter[tuple[str | None, bool]] = Counter()
    kept = 0

    def entry_of(key: Key, standing: Standing) -> Entry:
        nonlocal kept
        decided = entries[key]
        entry = decided.entry
        if standing.company_id:
            entry = settle(standing, *decided)
            kept += entry != decided.entry  # what was settled alike before is the very same object
        rows[entry.company_id_source, bool(key[0])] += 1
        return entry

    stages.begin("Writing rows", None if spec.counted else ledger.runs.rows_of(entries.spec.identity()))
    remarks = write(entries.spec, out, entry_of, overwrite=overwrite, values_only=values_only, stages=stages)
    if kept:
        stay = Remark(RemarkKind.KEPT_IDS, "company_id", kept)
        remarks = replace(remarks, noticed=(*remarks.noticed, stay))
    return _report(rows, remarks)


class Decided(NamedTuple):
    """What a row gets by what the ledger has.

    refused: the id that it must not get by what stands there already, ANY_ID for all, None for none. vouched:
    whether people vouch for it, where the index knew it.
    """

    entry: Entry
    refused: str | None
    vouched: bool = True


def id_for(name: str, row: Known | None, known: Known | None, salt: str | None) -> Decided:
    """Decide what a row gets: the stronger of its own key's id and its name's, else a temporary one. Pure.

    name: the lookup key, "" for a blank. row: what the row's own key says, if anything; an id of None there
    means that it is to have none. known: what its name came to, likewise.
    """
    by_row = row is not None and (known is None or rank_of(row) >= rank_of(known))
    told = row if by_row else known
    if told is not None and told.company_id is not None:
        # The ledger keeps no confidence for a row.
        entry = Entry(told.company_id, str(told.source), None if by_row else told.confidence)
        return Decided(entry, None, strength_of(told) is not Strength.INDEX_BY_OTHERS)
    temporary = temporary_id(name, salt) if salt else None
    entry = Entry(temporary, TEMPORARY) if temporary else Entry()
    return Decided(entry, None if told is None else ANY_ID)


class _Entries(dict[Key, Decided]):
    """What rows get, decided once for all that read the same."""

    def __init__(self, ledger: Ledger, spec: SourceSpec, salt: str | None) -> None:
        self.spec = spec
        self._rows = ledger.name_details.ids_by_row(spec.identity())
        self._names = ledger.name_details.ids_by_name()
        self._advice = _advice(spec, ledger.runs.options())
        self._held = ledger.name_details.held_ids()
        self._salt = salt

    def __missing__(self, key: Key) -> Decided:
        raw, plan_code, known_id = key
        written = storable(raw)
        name = lookup_key(written)
        if name and name not in self._names:
            raise BadInput(
                f"The ledger does not know {raw!r}, a name in {self.spec.location}.\n{self._advice}"
            )
        row = self._rows.get((written, plan_code, known_id))
        decided = id_for(name, row, self._names.get(name), self._salt)
        if decided.refused is None:
            decided = decided._replace(refused=self._held.get(name))
        self[key] = decided
        return decided


def _as_planned(ledger: Ledger, spec: SourceSpec) -> SourceSpec:
    """The source with all that its plan knew of it and nobody says otherwise; its columns and sheets, too."""
    plans = ledger.runs.options()
    if spec.identity() not in plans:
        spec = _as_the_one_plan(spec, plans)
    planned = plans.get(spec.identity(), {})
    return replace(
        spec,
        plan_code_column=spec.plan_code_column or planned.get("plan_code_column"),
        id_column=spec.id_column or planned.get("id_column"),
        rules=spec.rules or read_rules(planned.get("name_rules", {})),
        blank_names=spec.blank_names or tuple(planned.get("blank_names", ())),
        header_row=spec.header_row or planned.get("header_row"),
    )


def _as_the_one_plan(spec: SourceSpec, plans: Mapping[str, Mapping[str, Any]]) -> SourceSpec:
    """The source with columns and sheets of a plan of this file, as far as they are not said here."""
    meant = []
    for source, options in plans.items():
        other = _planned_so(spec, source, options)
        columns_as_said = other and spec.columns in ((DEFAULT_COLUMN,), other.columns)
        if other and columns_as_said and spec.sheets in ((), other.sheets):
            meant.append(replace(other, rules=spec.rules))
    if len(meant) > 1:
        ways = " or ".join(_ways(other, meant) for other in meant)
        raise BadInput(f"{spec.location} was planned in several ways. Say which one: {ways}")
    return meant[0] if meant else spec


def _advice(spec: SourceSpec, plans: Mapping[str, Mapping[str, Any]]) -> str:
    """What helps where the ledger lacks a name: to plan the file, again perhaps, or to read it as planned."""
    again = f"eqcbatch plan {shlex.quote(str(spec.location))}"
    if spec.identity() in plans:
        return f"The file, or how it is read, is not as it was when it was planned. Plan it again: {again}"
    others = [other for plan in plans.items() if (other := _planned_so(spec, *plan))]
    if not others:
        return f"Plan the source first: {again}"
    ways = " or ".join(_ways(other, [spec, *others]) for other in others)
    return f"It was planned otherwise. Say how here, too: {ways}"


def _planned_so(spec: SourceSpec, source: str, options: Mapping[str, Any]) -> SourceSpec | None:
    """The source by the columns and sheets of a plan, None where that was of another file."""
    columns = tuple(options.get("columns") or spec.columns)
    other = replace(spec, columns=columns, sheets=_sheets_of(options), rules=())
    return other if other.identity() == source else None


def _sheets_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The sheets that a plan was given; one by an earlier version was given one or none."""
    one = options.get("sheet")
    return tuple(options.get("sheets") or ([one] if one else []))


def _ways(spec: SourceSpec, among: Iterable[SourceSpec]) -> str:
    """The options that tell a plan from the others."""
    options = [f"--column {name}" for name in spec.columns if len({other.columns for other in among}) > 1]
    options += [f"--sheet {shlex.quote(title)}" for title in spec.sheets]
    return " ".join(options) or "the one without --sheet"


def _report(rows: Mapping[tuple[str | None, bool], int], remarks: Remarks) -> ApplyReport:
    """What came of rows, by who knew their ids and whether they name anybody."""
    totals: Counter[str] = Counter()
    for (source, _), count in rows.items():
        if source:
            totals[source] += count
    temporary = totals.pop(TEMPORARY, 0)
    unresolved, blank = rows.get((None, True), 0), rows.get((None, False), 0)
    filled = dict(totals.most_common())
    return ApplyReport(sum(rows.values()), filled, temporary, unresolved, blank, remarks)
