"""The second questions: asked for names that an answer did not settle, each kind once a name.

A name is decided by one only from the very standing in which its answer left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import (
    Candidate,
    IdSource,
    PendingName,
    Reply,
    RowEvidence,
    SecondQuestion,
    Verdict,
)
from eqcbatch.ledger.conditions import BY_EQC
from eqcbatch.ledger.judged_names import insert_candidates, note_grounds, variants_of
from eqcbatch.ledger.name_details import CANDIDATE_COLUMNS, read_candidate
from eqcbatch.ledger.requests import Requests
from eqcbatch.ledger.row_evidence import evidence_of
from eqcbatch.ledger.sqlite import Database, expect_one

MOST_ROUNDS = 3
# Held by EQC's answer, or unknown to EQC: what no person decided, and no revert took back.
_HELD = f"{BY_EQC} AND held IS NOT NULL AND held <> 'reverted'"
_NOT_FOUND = "state = 'failed' AND reason = 'not_found'"
_UNSETTLED = f"(({_HELD}) OR ({_NOT_FOUND})) AND rows > 0"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A name that its answer left held, or not found, with all that a verdict needs."""

    name: PendingName
    held: bool
    written: tuple[str, ...]
    evidence: tuple[RowEvidence, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """A second question of a name that was taken before. open: whether it may still be asked."""

    id: int
    kind: SecondQuestion
    query: str
    open: bool


@dataclass(frozen=True, slots=True)
class Yield:
    """What a kind of second questions came to. requests: those answered. settled: the names they decided."""

    kind: SecondQuestion
    requests: int
    settled: int


class SecondQuestions:
    """The second questions of a ledger."""

    def __init__(self, database: Database, requests: Requests, clock: Clock) -> None:
        self._db = database
        self._requests = requests
        self._clock = clock

    def unsettled(self, after: PendingName | None, limit: int) -> list[PendingName]:
        """The heaviest names that are held or not found, from one of them on."""
        weight, key = (after.weight, after.lookup_key) if after else (None, "")
        rows = self._db.execute(
            f"""SELECT lookup_key, query, attempts, rows, weight FROM names WHERE lookup_key IN
                (SELECT lookup_key FROM names INDEXED BY names_by_state
                 WHERE state = 'resolved' AND held IS NOT NULL AND rows > 0
                 UNION ALL
                 SELECT lookup_key FROM names INDEXED BY names_by_state
                 WHERE {_NOT_FOUND} AND rows > 0)
                AND {_UNSETTLED} AND (:weight IS NULL OR (-weight, lookup_key) > (-:weight, :key))
                ORDER BY weight DESC, lookup_key LIMIT :limit""",
            {"weight": weight, "key": key, "limit": limit},
        )
        return [PendingName(*row) for row in rows]

    def of_name(self, name: PendingName) -> Unsettled | None:
        """The name as it stands; None if it is settled by now."""
        key = name.lookup_key
        row = self._db.execute(
            f"SELECT held IS NOT NULL FROM names WHERE lookup_key = ? AND {_UNSETTLED}", [key]
        ).fetchone()
        if row is None:
            return None
        candidates = self._db.execute(
            f"SELECT {CANDIDATE_COLUMNS} FROM candidates WHERE lookup_key = ? ORDER BY rank", [key]
        )
        offered = tuple(map(read_candidate, candidates))
        return Unsettled(name, bool(row[0]), variants_of(self._db, key), evidence_of(self._db, key), offered)

    def asked_before(self, lookup_key: str, session_id: int) -> list[AskedBefore]:
        """The second questions that were taken for a name; what failed in this session is left to another."""
        rows = self._db.execute(
            f"""SELECT id, kind, query,
                       answered_at IS NULL AND attempts < {MOST_ROUNDS} AND failed_in IS NOT ?
                FROM second_questions WHERE lookup_key = ? ORDER BY id""",
            [session_id, lookup_key],
        )
        return [
            AskedBefore(number, SecondQuestion(kind), query, bool(is_open))
            for number, kind, query, is_open in rows
        ]

    def take(self, lookup_key: str, kind: SecondQuestion, query: str) -> int:
        """Note that a question is to be asked, before it is; its number."""
        with self._db.atomic():
            self._db.execute(
                """INSERT INTO second_questions (lookup_key, kind, query) VALUES (?, ?, ?)
                   ON CONFLICT (lookup_key, kind) DO UPDATE SET query = excluded.query
                   WHERE answered_at IS NULL""",
                [lookup_key, str(kind), query],
            )
            (number,) = self._db.execute(
                "SELECT id FROM second_questions WHERE (lookup_key, kind) = (?, ?)", [lookup_key, str(kind)]
            ).fetchone()
        return int(number)

    def record_answer(
        self,
        number: int,
        asked: Unsettled,
        reply: Reply,
        candidates: Sequence[Candidate],
        verdict: Verdict | None,
        *,
        request_id: int | None,
        session_id: int,
    ) -> bool:
        """Settle a question by an archived answer; whether the name is decided by it.

        candidates: those that are new. verdict: what decides the name, None where it stays as it is; so it
        does where it is not as it was any more.
        """
        with self._db.atomic():
            self._requests.settle_or_replay(request_id, reply, session_id)
            settled = False
            if self.of_name(asked.name) == asked:
                insert_candidates(self._db, asked.name.lookup_key, candidates)
                settled = verdict is not None
                if verdict:
                    self._decide(asked, verdict)
                    written, evidence = asked.written, asked.evidence
                    note_grounds(self._db, asked.name, written, evidence, reply, session_id)
            cursor = self._db.execute(
                """UPDATE second_questions
                   SET answered_at = ?, answer_sha256 = ?, settled = ?, failed_in = NULL
                   WHERE id = ? AND answered_at IS NULL""",
                [reply.archived_at or self._clock.utc_now(), reply.answer_sha256, settled, number],
            )
            expect_one(cursor.rowcount, f"second question {number} to be asked")
        return settled

    def record_failure(self, number: int, reply: Reply, *, request_id: int, session_id: int) -> None:
        """Count a round without an answer; the next one is another session's, if there is one."""
        with self._db.atomic():
            self._requests.settle(request_id, reply)
            self._db.execute(
                "UPDATE second_questions SET attempts = attempts + 1, failed_in = ? WHERE id = ?",
                [session_id, number],
            )

    def yields(self) -> dict[SecondQuestion, Yield]:
        """What each kind came to that was ever asked: requests with an answer that still counts."""
        rows = self._db.execute(
            """SELECT kind, coalesce(sum((SELECT count(*) FROM requests r WHERE r.second_id = s.id
                                            AND r.outcome IN ('answered', 'not_found'))), 0), sum(settled)
               FROM second_questions s WHERE answered_at IS NOT NULL GROUP BY kind"""
        )
        found = (Yield(SecondQuestion(kind), requests, settled) for kind, requests, settled in rows)
        of_kind = {one.kind: one for one in found}
        return {kind: of_kind[kind] for kind in SecondQuestion if kind in of_kind}

    def _decide(self, asked: Unsettled, verdict: Verdict) -> None:
        """Let a name be what the verdict says. What was flushed of it before stays noted."""
        company = verdict.company
        cursor = self._db.execute(
            f"""UPDATE names SET state = 'resolved', reason = NULL, company_id = ?, official_name = ?,
                      unite_code = ?, match_type = ?, confidence = ?, verdict = ?, held = NULL, source = ?,
                      not_before = NULL, decided_at = ?, flushed_at = NULL, flush_error = NULL
               WHERE lookup_key = ? AND {_UNSETTLED}""",
            [
                *(company.company_id, company.official_name, company.unite_code, company.match_type),
                *(verdict.confidence, str(verdict.how), str(IdSource.EQC), self._clock.utc_now()),
                asked.name.lookup_key,
            ],
        )
        expect_one(cursor.rowcount, f"{asked.name.lookup_key!r} held or not found")
