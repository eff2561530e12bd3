"""The cells that tell rows apart -> the key of a row: its name, plan code and id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from operator import itemgetter

from eqcbatch.domain.model import RemarkKind
from eqcbatch.domain.names import lookup_key, storable, written_form
from eqcbatch.errors import BadInput
from eqcbatch.source.cell_values import (
    company_id_in,
    is_error,
    looks_garbled,
    looks_like_none,
    name_in,
    plan_code_in,
)
from eqcbatch.source.columns import Layout, condition_columns
from eqcbatch.source.name_rules import NameRule
from eqcbatch.source.remarks import RemarkCounter
from eqcbatch.source.spec import SourceSpec

_SHORT = 8  # what hardly is a name is a short word, a number or a date

Cells = tuple[str, ...]
Key = tuple[str, str, str]  # raw, plan code and id, "" where there is none
KeyOf = Callable[..., Key]  # of a row's cells, and for how many rows these stand


class LookupKeys(dict[str, str]):
    """The lookup keys of names as they are written, each found out once; that of a blank is empty."""

    def __missing__(self, name: str) -> str:
        self[name] = key = lookup_key(name)
        return key


def typed_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a name that somebody types, as it is written or by its key; the likelier first."""
    written = storable(name)
    return tuple(dict.fromkeys(filter(None, (lookup_key(name_in(written)), written))))


def unknown_name(name: str) -> BadInput:
    """Return what is to be said of a typed name that a ledger does not have."""
    key = lookup_key(name_in(storable(name)))
    shown = f"{name!r} (key {key!r})" if key else f"{name!r}, which is blank by the name rules"
    return BadInput(f"The ledger has no name {shown}. Check the spelling, or plan its source first.")


def key_reader(spec: SourceSpec, layout: Layout, lookup_keys: LookupKeys, remarks: RemarkCounter) -> KeyOf:
    """Return what makes a row's key of its `layout.telling` cells: of several names the first not blank.

    Given cells and the number of rows that have them, it notes in `remarks` what was not taken as it is.
    """
    width = len(layout.names)
    has_plan_code, has_id = layout.plan_code is not None, layout.known_id is not None
    names = _Names(_name_columns(spec, width, width + has_plan_code + has_id), lookup_keys, remarks)
    codes = _Codes(spec, remarks)

    def key_of(cells: Cells, rows: int = 1) -> Key:
        name = names.name_of(cells, rows)
        plan_code = codes.plan_code_of(cells[width], name, rows) if has_plan_code else ""
        known_id = codes.id_of(cells[width + has_plan_code], name, rows) if has_id else ""
        return name, plan_code, known_id

    return key_of


@dataclass(frozen=True, slots=True)
class _NameColumn:
    """A column of names. cell_of: what it gives in a row. blanks: the written forms of what names nobody."""

    name: str
    cell_of: Callable[[Cells], str]
    blanks: Set[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """Reads a row's name from its columns."""

    columns: tuple[_NameColumn, ...]
    lookup_keys: LookupKeys
    remarks: RemarkCounter

    def name_of(self, cells: Cells, rows: int) -> str:
        """The first name that is not blank, "" if all are."""
        said_to_be_none = None
        for column in self.columns:
            cell = column.cell_of(cells)
            name = name_in(cell)
            if not self.lookup_keys[name]:
                if not name and cell and is_error(cell):
                    self.remarks.note(RemarkKind.ERRORS_FOR_NAMES, column.name, cell.strip(), rows)
            elif name.strip() == column.name:
                self.remarks.note(RemarkKind.REPEATED_HEADERS, column.name, count=rows)
                return ""
            elif column.blanks and written_form(name) in column.blanks:
                said_to_be_none = said_to_be_none or (column.name, name.strip())
            else:
                self._note(column.name, cell, name, rows)
                return name
        if said_to_be_none:
            self.remarks.note(RemarkKind.BLANK_NAMES, *said_to_be_none, rows)
        return ""

    def _note(self, column: str, cell: str, name: str, rows: int) -> None:
        if name is not cell:
            self.remarks.note(RemarkKind.FREED_NAMES, column, cell.strip(), rows)
        if (len(name) < _SHORT or name[0].isdigit()) and looks_like_none(name):
            self.remarks.note(RemarkKind.FILLERS, column, repr(name.strip()), rows)
        if looks_garbled(name):
            self.remarks.note(RemarkKind.GARBLED_NAMES, column, name.strip(), rows)


@dataclass(frozen=True, slots=True)
class _Codes:
    """Reads a row's plan code and id."""

    spec: SourceSpec
    remarks: RemarkCounter

    def plan_code_of(self, cell: str, name: str, rows: int) -> str:
        """The plan code, "" where there is none."""
        plan_code = plan_code_in(cell)
        if plan_code != cell:
            self._note(
                self.spec.plan_code_column, cell.strip(), plan_code, name, rows, RemarkKind.NO_PLAN_CODES
            )
        return plan_code

    def id_of(self, cell: str, name: str, rows: int) -> str:
        """The id, "" where there is none."""
        known_id = company_id_in(cell) or ""
        if known_id != cell:
            self._note(self.spec.id_column, cell.strip(), known_id, name, rows, RemarkKind.NO_IDS)
        return known_id

    def _note(
        self, column: str | None, cell: str, code: str, name: str, rows: int, without: RemarkKind
    ) -> None:
        if not cell or cell == code:
            return
        kind = RemarkKind.CODES_IN_ANOTHER_FORM if code else without
        place = f"{cell} read as {code}" if code else f"{cell} of {name.strip()}" if name else cell
        self.remarks.note(kind, (column or "").strip(), place, rows)


def _name_columns(spec: SourceSpec, width: int, behind: int) -> tuple[_NameColumn, ...]:
    """Return the asked columns. behind: where in the cells the conditions begin."""
    conditions = {column: place for place, column in enumerate(condition_columns(spec), behind)}
    rules = [spec.rule_of(column) for column in spec.columns]
    return tuple(
        _NameColumn(
            column.strip(),
            _ruled(place, rule, conditions) if rule else itemgetter(place),
            frozenset(map(written_form, (*spec.blank_names, *(rule.blank_names if rule else ())))),
        )
        for place, column, rule in zip(range(width), spec.columns, rules, strict=True)
    )


def _ruled(place: int, rule: NameRule, conditions: Mapping[str, int]) -> Callable[[Cells], str]:
    needed = [(conditions[column], values) for column, values in rule.only_where]

    def cell_of(cells: Cells) -> str:
        holds = all(cells[place].strip() in values for place, values in needed)
        return rule.name_in(cells[place]) if holds else ""

    return cell_of
