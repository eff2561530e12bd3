"""The current runs as sources: what each read, whatever version of eqcbatch recorded it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from eqcbatch.domain.model import CurrentSource
from eqcbatch.ledger.sqlite import Database


def current_sources(db: Database, which: str = "1", values: Sequence[object] = ()) -> list[CurrentSource]:
    """The current sources that fulfil a condition on `runs`, oldest plan first."""
    rows = db.execute(
        f"""SELECT id, name, reading, options, weighed_by, planned_at, rows, blank_rows, distinct_names
            FROM runs WHERE current = 1 AND ({which}) ORDER BY id""",
        values,
    )
    return [_current_source(*row) for row in rows]


def _current_source(
    number: int,
    name: str | None,
    reading: str,
    options: str,
    weighed_by: str | None,
    *counts: Any,
) -> CurrentSource:
    read = json.loads(options)
    columns = tuple(read.get("columns") or ())
    sheets = _texts(read.get("sheets", read.get("sheet")))
    sheets_read = _texts(read.get("sheets_read"))
    location = read.get("location") or _location(reading, columns, sheets)
    return CurrentSource(
        number, name, location, sheets, sheets_read, columns, read.get("query"), weighed_by, *counts
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) if value else ()


def _location(reading: str, columns: tuple[str, ...], sheets: tuple[str, ...]) -> str:
    """The path in a reading, of a plan that did not record it by itself."""
    without_columns = reading.removesuffix(f" {json.dumps(columns, ensure_ascii=False)}")
    return without_columns.removesuffix(f"#{sheets[0]}") if sheets else without_columns
