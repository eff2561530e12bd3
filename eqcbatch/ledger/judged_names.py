"""What a name is judged by, read and kept: its spellings, its candidates, and the grounds of a verdict."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from eqcbatch.domain.model import Candidate, PendingName, Reply, RowEvidence, SecondQuestion
from eqcbatch.ledger.row_evidence import evidence_as_kept
from eqcbatch.ledger.sqlite import Database

_GROUNDS = """UPDATE names SET decided_in = ?, rulebook = (SELECT rulebook FROM sessions WHERE id = ?),
                     answer_sha256 = ?, written_as = ?, judged_with = ? WHERE lookup_key = ?"""


def variants_of(db: Database, lookup_key: str) -> tuple[str, ...]:
    """How the current runs write a name, most rows first."""
    rows: Counter[str] = Counter()
    for raw, count in db.execute("SELECT raw, rows FROM occurrences WHERE lookup_key = ?", [lookup_key]):
        rows[raw] += count
    return tuple(sorted(rows, key=lambda raw: (-rows[raw], raw)))


def insert_candidates(db: Database, lookup_key: str, candidates: Iterable[Candidate]) -> None:
    """Keep what an answer offers for a name, besides what is kept already."""
    db.conn.executemany(
        """INSERT INTO candidates (lookup_key, rank, company_id, official_name, type, score, unite_code,
                                   registered_status, former_names, short_name, second)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            (
                *(lookup_key, found.rank, found.company_id, found.official_name, found.match_type),
                *(found.score, found.unite_code, found.registered_status),
                json.dumps(found.former_names, ensure_ascii=False),
                *(found.short_name, str(found.second) if found.second else None),
            )
            for found in candidates
        ),
    )


def note_grounds(
    db: Database,
    name: PendingName,
    written: Sequence[str],
    evidence: Sequence[RowEvidence],
    reply: Reply,
    session_id: int,
) -> None:
    """Note what a name was judged by: answer, spellings, evidence, and the session with its rulebook."""
    as_asked = tuple(written) == (name.query,)
    db.execute(
        _GROUNDS,
        [
            *(session_id, session_id, reply.answer_sha256),
            None if as_asked else json.dumps(written, ensure_ascii=False),
            *(evidence_as_kept(evidence), name.lookup_key),
        ],
    )


def answered_seconds(db: Database) -> dict[str, dict[SecondQuestion, str]]:
    """The second questions that were answered, by name and kind, in the order of their answers."""
    found: dict[str, dict[SecondQuestion, str]] = {}
    for key, kind, query in db.execute(
        """SELECT lookup_key, kind, query FROM second_questions WHERE answered_at IS NOT NULL
           ORDER BY answered_at, id"""
    ):
        found.setdefault(key, {})[SecondQuestion(kind)] = query
    return found
