"""What others keep in the index against people's decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eqcbatch.humanize import count
from eqcbatch.render.plain_text import fitted, table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.model import OverruledRow

_SHOWN = 20  # rows that a terminal shows
_NAME_WIDTH = 36  # columns of a terminal


def overruled_text(rows: Sequence[OverruledRow]) -> str:
    """The rows in a table, and what to do; "" for none."""
    if not rows:
        return ""
    lines = [
        (
            *(fitted(one.lookup_key, _NAME_WIDTH), one.decided_id or "no company", one.decided_by or "?"),
            *(one.index_id, _whose(one), one.seen_at[:10]),
        )
        for one in rows[:_SHOWN]
    ]
    heads = ("lookup key", "decided", "by", "the index has", "source", "since")
    parts = [
        f"Decided by people, and otherwise in the index: {count(len(rows), 'name')}.",
        table(lines, heads),
    ]
    if (more := len(rows) - _SHOWN) > 0:
        parts.append(f"and {more:,} more (--json has all)")
    parts.append(
        "Others wrote these rows, and they stay: mend them there, or decide anew (`eqcbatch review set`)."
    )
    return "\n".join(parts)


def overruled_line(row: OverruledRow) -> str:
    """What the index has of one name."""
    return visible(f"{row.index_id}, {row.index_confidence:.2f}, {_whose(row)}; seen {row.seen_at[:10]}")


def _whose(row: OverruledRow) -> str:
    return f"{row.index_source}, {row.index_domain}" if row.index_domain else row.index_source
