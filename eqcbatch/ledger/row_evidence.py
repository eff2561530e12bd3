"""What stands in the rows of names beside them, as plans found it: kept with their runs, gone with them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from eqcbatch.domain.model import EvidenceKind, RowEvidence
from eqcbatch.ledger.sqlite import Database

# As a migration lays them: never edited.
ROW_EVIDENCE = """
CREATE TABLE row_evidence (
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    run_id INTEGER NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind IN ('column', 'plan_code', 'rows')),
    column_name TEXT NOT NULL,
    value TEXT NOT NULL,
    rows INTEGER NOT NULL CHECK (rows > 0),
    PRIMARY KEY (lookup_key, run_id, kind, column_name, value)
) WITHOUT ROWID;
CREATE INDEX row_evidence_by_run ON row_evidence (run_id);
ALTER TABLE names ADD COLUMN judged_with TEXT
"""


def insert_evidence(db: Database, run_id: int, evidence: Iterable[tuple[str, RowEvidence]]) -> None:
    """Keep what a run says of its names."""
    db.conn.executemany(
        """INSERT INTO row_evidence (lookup_key, run_id, kind, column_name, value, rows)
           VALUES (?, ?, ?, ?, ?, ?)""",
        sorted(
            (key, run_id, str(piece.kind), piece.column, piece.value, piece.rows) for key, piece in evidence
        ),
    )


def evidence_of(db: Database, lookup_key: str) -> tuple[RowEvidence, ...]:
    """What the current runs say of a name: by kind and column, the value of most rows first."""
    return tuple(evidence_among(db, "lookup_key = ?", [lookup_key]).get(lookup_key, ()))


def evidence_among(
    db: Database, which: str, parameters: Sequence[str] | dict[str, str]
) -> defaultdict[str, list[RowEvidence]]:
    """The same of all names of a condition, by lookup key. Summed up here, so that a turn sorts nothing."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for *piece, rows in db.execute(
        f"SELECT lookup_key, kind, column_name, value, rows FROM row_evidence WHERE {which}", parameters
    ):
        sums[tuple(piece)] += rows
    found: defaultdict[str, list[RowEvidence]] = defaultdict(list)
    for (key, kind, column, value), rows in sorted(sums.items(), key=lambda one: (*one[0][:3], -one[1], one)):
        found[key].append(RowEvidence(EvidenceKind(kind), value, rows, column))
    return found


def evidence_as_kept(evidence: Sequence[RowEvidence]) -> str | None:
    """What a name keeps of the evidence that it was judged with, None where there is none."""
    return json.dumps([list(piece) for piece in evidence], ensure_ascii=False) if evidence else None


def kept_evidence(kept: str | None) -> tuple[RowEvidence, ...]:
    """The evidence that a name was judged with."""
    pieces = json.loads(kept or "[]")
    return tuple(RowEvidence(EvidenceKind(kind), value, rows, column) for kind, value, rows, column in pieces)
