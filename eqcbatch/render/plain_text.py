"""Shares, tables and texts in which nothing hides. A Chinese character takes two columns of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tabulate import tabulate

# Signs that would be invisible, or turn the text around them: controls, and marks of direction. Lone
# surrogates stand for bytes of a path that are no text.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


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


def visible(text: object) -> str:
    """A text in which nothing hides: controls as their pictures, marks of direction by their number."""
    return _INVISIBLE.sub(_picture, str(text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"
