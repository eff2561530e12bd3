"""Shares and tables, in which nothing hides. A Chinese character takes two columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from eqcbatch.safe_text import visible


def share(part: float, whole: float) -> str:
    """A share in percent, `-` of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """A plain table with thousands separators; numbers to the right."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else visible(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    from tabulate import tabulate

    align = ["right" if isinstance(cell, int) else "left" for cell in next(iter(rows), ())]
    return tabulate(cells, headers=headers, tablefmt="plain", colalign=align, disable_numparse=True)


def fitted(text: str, columns: int) -> str:
    """The text as it is shown in so many columns of a terminal: of a longer one, the middle is left out."""
    from wcwidth import wcswidth

    if wcswidth(shown := visible(text)) <= columns:
        return shown
    head = _from_start(shown, columns // 2)
    tail = _from_start(shown[::-1], columns - 1 - wcswidth(head))[::-1]
    return f"{head}…{tail}"


def _from_start(text: str, columns: int) -> str:
    """As much of a text as so many columns hold."""
    from wcwidth import wcwidth

    widths = accumulate(max(wcwidth(sign), 0) for sign in text)
    return text[: sum(width <= columns for width in widths)]
