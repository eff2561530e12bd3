"""Shares and tables, in which nothing hides. A Chinese character takes two columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tabulate import tabulate

from eqcbatch.safe_text import visible


def share(part: float, whole: float) -> str:
    """A share in percent, `-` of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """A plain table with thousands separators; numbers to the right."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else visible(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    align = ["right" if isinstance(cell, int) else "left" for cell in next(iter(rows), ())]
    return tabulate(cells, headers=headers, tablefmt="plain", colalign=align, disable_numparse=True)
