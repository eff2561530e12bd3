"""Temporary ids with the ids that their names have now."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Any

from eqcbatch.render.plain_text import table
from eqcbatch.safe_text import safe_cell

if TYPE_CHECKING:
    from eqcbatch.report import ResolvedTemporaryId

_COLUMNS = ("temp_id", "company_id", "name", "source")


def resolved_text(resolved: Iterable[ResolvedTemporaryId]) -> str:
    """All of them in a table."""
    rows = [astuple(one) for one in resolved]
    return table(rows, _COLUMNS) if rows else "No name has an id that a temporary one stood in for."


def resolved_csv(resolved: Iterable[ResolvedTemporaryId]) -> Iterator[str]:
    """The lines of a CSV file with a header."""
    for row in (_COLUMNS, *map(astuple, resolved)):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()


def resolved_json(resolved: Iterable[ResolvedTemporaryId]) -> dict[str, Any]:
    """The same for programs."""
    return {"resolved": [asdict(one) for one in resolved]}
