"""What is asked of a source: which file or query, and which of its columns."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean, shorten
from eqcbatch.settings import DEFAULT_COLUMN
from eqcbatch.source.name_rules import NameRule, as_settings

ALL_SHEETS = "*"  # those that show and have the asked columns

_SHOWN = 60  # characters of a query that a title quotes at most


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """Which file, or which query of a database, is read, and which of its columns.

    location: path of a file, whose ending says what it is; of a query, the place of its database, ""
    until it is open, and without user and password. columns: where the name stands, the first
    non-blank one wins. sheets: of a workbook; `*` stands for all that show and have the columns, none for
    the first that does.
    plan_code_column, id_column, weight_column: None where the source has none.
    counted: each row is already a name and the number of rows behind it.
    rules: what some of the columns give, one rule a column at most. blank_names: what names nobody in
    any of them, beside the placeholders. query: None for a file.
    evidence_columns: those whose values may tell which of several companies a name means; no part of a key.
    profile: by which name the settings know all that, for the record. header_row: the number of the row
    that names the columns, from 1; None finds it among the first twenty.
    """

    location: str | os.PathLike[str]
    columns: tuple[str, ...] = (DEFAULT_COLUMN,)
    sheets: tuple[str, ...] = ()
    plan_code_column: str | None = None
    id_column: str | None = None
    weight_column: str | None = None
    counted: bool = False
    rules: tuple[NameRule, ...] = ()
    blank_names: tuple[str, ...] = ()
    query: str | None = None
    profile: str | None = None
    header_row: int | None = None
    evidence_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise BadInput("No column is asked for. Name the one that holds the customers.")
        if self.query is not None:
            of_files = {"--sheet": self.sheets, "--counted": self.counted, "--header-row": self.header_row}
            for option in (option for option, asked in of_files.items() if asked):
                raise BadInput(f"{option} goes with a file, not with --sql.")
        self._expect_rules_of_columns()

    def _expect_rules_of_columns(self) -> None:
        asked = [column.strip() for column in self.columns]
        for rule in self.rules:
            if rule.column not in asked:
                hint = did_you_mean(rule.column, asked, "Ask for it with --column.")
                raise BadInput(f"There is a name rule for {rule.column!r}, which is no asked column. {hint}")

    def identity(self) -> str:
        """Return what makes this the same source in every plan: absolute path, sheets and columns.

        Of a query: its database, its text and columns. The other columns and the rules are no part of
        it: to plan a file again with its plan codes replaces the plan without them.
        """
        columns = json.dumps(self.columns, ensure_ascii=False)
        if self.query is not None:
            return f"{self.location} {self.query} {columns}"
        sheets = "".join(f"#{sheet}" for sheet in sorted({*self.sheets}))
        return f"{os.path.abspath(self.location)}{sheets} {columns}"

    def title(self) -> str:
        """Return what people call the source."""
        if self.query is None:
            return str(self.location)
        return f"{self.location} ({shorten(self.query, _SHOWN)})"

    def record(self) -> dict[str, Any]:
        """Return how the source is read, for the ledger."""
        options = asdict(self)
        del options["rules"]
        location = os.path.abspath(self.location) if self.query is None else self.location
        return {**options, "location": location, "name_rules": as_settings(self.rules)}

    def rule_of(self, column: str) -> NameRule | None:
        """Return the rule of an asked column, None where its cells are names as they stand."""
        return next((rule for rule in self.rules if rule.column == column.strip()), None)
