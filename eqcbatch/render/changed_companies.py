"""What became of companies that EQC was asked of again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Finding
from eqcbatch.humanize import count

if TYPE_CHECKING:
    from eqcbatch.ledger.reverified import ReverifiedCounts

_CHANGES = (Finding.RENAMED, Finding.DEREGISTERED, Finding.MERGED, Finding.VANISHED)


def reverified_text(counts: ReverifiedCounts) -> str:
    """What was found so far, and what awaits a person; "" before the first."""
    if not counts.companies:
        return ""
    found = {finding: int(getattr(counts, finding)) for finding in _CHANGES}
    lines = [
        f"Asked again: {count(counts.companies, 'company', 'companies')}, the last one "
        f"{(counts.latest_at or '')[:10]}; {found_text(found)}"
    ]
    if counts.awaiting_review:
        lines.append(
            f"Awaiting a review, their company has changed: {count(counts.awaiting_review, 'name')}. "
            "Next: eqcbatch review export changed.xlsx"
        )
    return "\n".join(lines)


def found_text(found: Mapping[Finding, int]) -> str:
    """The changes with how many each."""
    return ", ".join(f"{found[one]:,} {one}" for one in _CHANGES if found.get(one)) or "none has changed"
