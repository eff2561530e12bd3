"""What is asked of a source, and what comes of it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from eqcbatch.errors import BadInput
from eqcbatch.records import Occurrence
from eqcbatch.settings import DEFAULT_COLUMN


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Which file is read, and which of its columns.

    location: path of a file; its ending says what it is. columns: where the name stands, the first
    non-blank one wins. sheet: a workbook's sheet, None for the first that has all columns.
    plan_code_column, id_column, weight_column: None where the source has none.
    counted: each row is already a name and the number of rows behind it.
    """

    location: str | os.PathLike[str]
    columns: tuple[str, ...] = (DEFAULT_COLUMN,)
    sheet: str | None = None
    plan_code_column: str | None = None
    id_column: str | None = None
    weight_column: str | None = None
    counted: bool = False

    def __post_init__(self) -> None:
        if not self.columns:
            raise BadInput("No column is asked for. Name the one that holds the customers.")

    def identity(self) -> str:
        """Return what makes this the same source in every plan: absolute path, sheet and columns.

        The other columns are no part of it: to plan a file again with its plan codes replaces the
        plan without them.
        """
        sheet = f"#{self.sheet}" if self.sheet else ""
        columns = json.dumps(self.columns, ensure_ascii=False)
        return f"{os.path.abspath(self.location)}{sheet} {columns}"


@dataclass(frozen=True, slots=True)
class Tally:
    """A source, counted.

    rows: data rows read (of a counted source: the sum of its counts).
    occurrences: one for each distinct (raw, plan_code, known_id), sorted by these; blank names
    stand as raw "". The rows of all occurrences add up to `rows`.
    """

    rows: int
    occurrences: tuple[Occurrence, ...]
