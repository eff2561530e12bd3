"""What texts are made of: durations, counts, shares and tables. Chinese counts two columns a character."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tabulate import tabulate


def duration(seconds: float) -> str:
    """Seconds in human form: `0.4 s`, `12 s`, `3 min`, `1 h 52 min`, `3 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 name`, `2,000 names`; `plural` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def share(part: float, whole: float) -> str:
    """A share in percent, `-` of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """A plain table with thousands separators; numbers to the right."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    if not cells:
        return ""
    align = ["right" if isinstance(cell, int) else "left" for cell in next(iter(rows), ())]
    return tabulate(cells, headers=headers, tablefmt="plain", colalign=align, disable_numparse=True)
