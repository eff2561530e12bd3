"""What an apply wrote."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count
from eqcbatch.render.plain_text import share
from eqcbatch.render.remarks import only_sheet, remark_lines, remarks_json
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.apply import ApplyReport


def applied_text(applied: ApplyReport, source: str, output: Path) -> str:
    """What was written, how many rows got an id, and from where; and what was noticed of the source."""
    with_id = sum(applied.filled.values())
    what = f"{visible(output)}{only_sheet(applied.remarks)}"
    lines = [
        f"Wrote {what}: {count(applied.rows, 'row')}, {with_id:,} with a company_id "
        f"({share(with_id, applied.rows)}).",
        f"Without: {applied.temporary:,} with a temporary id, {applied.unresolved:,} unresolved and left "
        f"empty, {applied.blank:,} blank.",
    ]
    if applied.filled:
        lines.append("Ids from: " + ", ".join(f"{name} {rows:,}" for name, rows in applied.filled.items()))
    return "\n".join(lines + remark_lines(applied.remarks, source))


def applied_json(applied: ApplyReport, output: Path) -> dict[str, Any]:
    """The same for programs (docs/reference.md#json)."""
    counts = asdict(applied)
    del counts["remarks"]
    return {"output": str(output), **counts, **remarks_json(applied.remarks)}
