"""Where in a table the asked columns stand, and what to say when one is not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from eqcbatch.errors import BadInput
from eqcbatch.settings import DEFAULT_COLUMN
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table

_COUNT_COLUMNS = ("count", "rows", "数量")
_LISTED = 20  # columns that a message names at most
_SHOWN = 40  # characters of a text that a message quotes at most


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of the asked columns; None for what was not asked."""

    names: tuple[int, ...]
    plan_code: int | None
    known_id: int | None
    weight: int | None
    count: int | None


def locate(spec: SourceSpec, table: Table) -> Layout:
    """Find the asked columns in a table, each at its first place; BadInput names a missing one."""
    missing = missing_columns(spec, table.header)
    if missing:
        raise BadInput(
            f"{table.place} has no column {shown(missing[0])}.\n"
            f"Its columns are {listed(table.header)}.{nearest(missing[0], table.header)}"
        )
    names = tuple(table.header.index(name.strip()) for name in _name_columns(spec, table.header))
    plan_code, known_id, weight = (
        None if column is None else table.header.index(column.strip())
        for column in (spec.plan_code_column, spec.id_column, spec.weight_column)
    )
    count = _count_column(table, names) if spec.counted else None
    return Layout(names, plan_code, known_id, weight, count)


def missing_columns(spec: SourceSpec, header: tuple[str, ...]) -> list[str]:
    """Return the asked columns that a header does not have, in the order they were asked for."""
    others = (spec.plan_code_column, spec.id_column, spec.weight_column)
    asked = (*_name_columns(spec, header), *(column for column in others if column is not None))
    return [column for column in asked if column.strip() not in header]


def shown(text: str) -> str:
    """Quote a text for people: on one line, and no longer than forty characters."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def listed(columns: Iterable[str]) -> str:
    """Name the columns for people, each once, at most twenty."""
    named = [shown(column) for column in dict.fromkeys(columns) if column]
    more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    return ", ".join(named[:_LISTED]) + more


def nearest(asked: str, offered: Iterable[str]) -> str:
    """Return the question ` Did you mean 'x'?`, or nothing when nothing is like it."""
    close = get_close_matches(asked.strip(), [text for text in offered if text], n=1, cutoff=0.5)
    return f" Did you mean {shown(close[0])}?" if close else ""


def _name_columns(spec: SourceSpec, header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the asked columns; a counted source may call its first column what it likes."""
    unasked = spec.counted and spec.columns == (DEFAULT_COLUMN,) and DEFAULT_COLUMN not in header
    return (header[0],) if unasked and len(header) > 1 else spec.columns


def _count_column(table: Table, names: tuple[int, ...]) -> int:
    """Return where the counts stand: in a column called so, else in the second."""
    free = [place for place in range(len(table.header)) if place not in names]
    called = [place for place in free if table.header[place].casefold() in _COUNT_COLUMNS]
    place = (called or [1])[0]
    if place not in free:
        raise BadInput(
            f"{table.place} has no column of counts beside the names.\n"
            f"A counted source is name,count: call the counts one of {listed(_COUNT_COLUMNS)}."
        )
    if table.header[place].isdecimal():
        raise BadInput(f"{table.place} has no header: put a line `{DEFAULT_COLUMN},count` on top.")
    return place
