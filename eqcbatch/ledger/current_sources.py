"""The current runs as sources: what each read, whatever version of eqcbatch recorded it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
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


def recorded_files(connection: sqlite3.Connection) -> list[Path]:
    """The files that all plans of a ledger of any version read, whether they still count or not."""
    cursor = connection.execute("SELECT * FROM runs")
    names = [column[0] for column in cursor.description]
    runs = (dict(zip(names, row, strict=True)) for row in cursor)
    files = (_location(run.get("reading") or run["source"], json.loads(run["options"])) for run in runs)
    return [Path(file) for file in dict.fromkeys(files) if os.path.isabs(file)]


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
    location = _location(reading, read)
    return CurrentSource(
        number, name, location, sheets, sheets_read, columns, read.get("query"), weighed_by, *counts
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) if value else ()


def _location(reading: str, read: Mapping[str, Any]) -> str:
    """The path that a plan recorded; of one that did not, that in its reading."""
    if read.get("location"):
        return str(read["location"])
    columns, sheets = tuple(read.get("columns") or ()), _texts(read.get("sheets", read.get("sheet")))
    without_columns = reading.removesuffix(f" {json.dumps(columns, ensure_ascii=False)}")
    return without_columns.removesuffix(f"#{sheets[0]}") if sheets else without_columns
