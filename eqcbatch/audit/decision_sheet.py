"""The rows that speak against themselves as the sheet of a review: its decisions correct the index.

`eqcbatch review import` takes it as it takes any sheet. The names that no source of the ledger has are noted
there as what they are: known by the index, and retired. So what is decided of them goes the way of all
decisions, to the index and back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eqcbatch.domain.index_audit import Judged, RowVerdict
from eqcbatch.domain.model import Candidate, LookupType, NameStanding, State
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review.sheet import DECISION, FACTS, FORCE, KEY, export_lines
from eqcbatch.source.sheets import Value, read_sheet, write_sheet

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger

OF_INDEX = ("lookup_type", "index_id", "index_source", "likelihood")
_DECIDED_BY_NAME = (LookupType.CUSTOMER_NAME, LookupType.FORMER_NAME)
OF_ROW = (KEY, "query", "held", "verdict", "rows", "weight", DECISION, FORCE, "candidates")


def write_audit_sheet(ledger: Ledger, ranked: Sequence[Judged], path: Path) -> int:
    """Write the sheet of the rows that something speaks against, the first first; how many.

    Whoever calls holds the ledger's lock. Raises BadInput if a sheet is there that holds decisions on them.
    """
    rows = _to_decide(ranked)
    _keep_decisions(path, set(rows))
    ledger.audits.note_names([judged.seen for judged in rows.values()])
    header, lines = sheet_lines(rows, ledger.reviews.named(rows.keys()))
    write_sheet(path, header, lines)
    return len(rows)


def sheet_lines(
    rows: Mapping[str, Judged], names: Mapping[str, Reviewed]
) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """Header and lines. The row's own company is the first candidate, then come those that may be meant."""
    reviewed = [_reviewed(judged, names.get(key)) for key, judged in rows.items()]
    header, lines = export_lines((), reviewed)
    columns = (*OF_ROW, *OF_INDEX, *header[len(FACTS) :])
    told = [
        dict(zip(header, line, strict=True)) | _of_index(judged) | {"held": _held(name)}
        for line, judged, name in zip(lines, rows.values(), reviewed, strict=True)
    ]
    return columns, [tuple(cells[column] for column in columns) for cells in told]


def _to_decide(ranked: Sequence[Judged]) -> dict[str, Judged]:
    """The rows that a decision on their name corrects, each name once."""
    rows: dict[str, Judged] = {}
    for judged in ranked:
        speaks = judged.verdict.judged and judged.verdict not in (RowVerdict.GONE, RowVerdict.OVERRULED)
        if speaks and judged.seen.row.lookup_type in _DECIDED_BY_NAME and judged.seen.row.lookup_key:
            rows.setdefault(judged.seen.row.lookup_key, judged)
    return rows


def _reviewed(judged: Judged, name: Reviewed | None) -> Reviewed:
    row, asked = judged.seen.row, judged.seen.asked
    assert asked is not None  # as its key holds a name
    own = judged.company or Candidate(0, row.company_id)
    standing = name.standing if name else NameStanding(State.CACHED, company_id=row.company_id)
    rows = name.rows if name else 0
    offered = (own, *judged.instead)
    return Reviewed(row.lookup_key, asked.query, standing, rows, judged.seen.weight, asked.variants, offered)


def _held(name: Reviewed) -> Value:
    return str(name.standing.held) if name.standing.held else None


def _of_index(judged: Judged) -> dict[str, Value]:
    row = judged.seen.row
    told = (row.lookup_type, row.company_id, row.source, judged.likelihood)
    return {"verdict": str(judged.verdict), **dict(zip(OF_INDEX, told, strict=True))}


def _keep_decisions(path: Path, keys: set[str]) -> None:
    """Raise BadInput if a sheet is there that holds decisions on these names: nobody's work is lost."""
    if not path.exists():
        return
    try:
        sheet = read_sheet(path)
    except BadInput:
        return  # no sheet of ours
    lines = [dict(zip(sheet.header, cells, strict=False)) for _, cells in sheet.rows]
    if decided := sum(line.get(KEY) in keys and bool(line.get(DECISION)) for line in lines):
        raise BadInput(
            f"{path} holds {count(decided, 'decision')} not imported yet. "
            f"Run `eqcbatch review import {path}` first, or name another file."
        )
