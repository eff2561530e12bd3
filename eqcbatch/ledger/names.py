"""Names are asked and decided: guarded transitions from `pending`, and back to it.

Every method is one event and one transaction. Every transition names the state it comes from; if the
name is not in it, the ledger and the caller disagree and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Candidate, IdSource, PendingName, Reason, Reply, RowEvidence, Verdict
from eqcbatch.ledger.conditions import MAY_PASS, PENDING_AGAIN
from eqcbatch.ledger.judged_names import insert_candidates, note_grounds, variants_of
from eqcbatch.ledger.migrations import DUE_AGAIN
from eqcbatch.ledger.row_evidence import evidence_of
from eqcbatch.ledger.sqlite import Database, expect_one

if TYPE_CHECKING:
    from eqcbatch.ledger.requests import Requests


_CLOCK_TOLERANCE_S = 60.0  # a clock that is set back by less makes nobody due
_NO_GROUNDS = """UPDATE names SET decided_in = (SELECT session_id FROM requests WHERE id = ?),
                        rulebook = NULL, answer_sha256 = NULL, written_as = NULL, judged_with = NULL
                 WHERE lookup_key = ?"""


@dataclass(frozen=True, slots=True)
class Harvested:
    """A pending name that the answer to another one decides."""

    name: PendingName
    verdict: Verdict


class Names:
    """The names of the current runs."""

    def __init__(self, database: Database, requests: Requests, clock: Clock) -> None:
        self._db = database
        self._requests = requests
        self._clock = clock

    # asked and decided

    def next_pending(self, busy: Collection[str] = (), limit: int = 1) -> list[PendingName]:
        """The heaviest names to be asked, save the `busy` ones."""
        rows = self._db.execute(
            """SELECT lookup_key, query, attempts, rows, weight FROM names INDEXED BY names_to_ask
               WHERE state = 'pending' AND rows > 0 ORDER BY weight DESC, lookup_key LIMIT ?""",
            [limit + len(busy)],
        ).fetchall()
        return [PendingName(*row) for row in rows if row[0] not in busy][:limit]

    def pending_asked_as(
        self, query_forms: Iterable[str], busy: Collection[str]
    ) -> list[tuple[str, PendingName]]:
        """The pending names whose query has one of these written forms, with it; save the `busy` ones."""
        rows = self._db.execute(
            """SELECT query_form, lookup_key, query, attempts, rows, weight
               FROM names INDEXED BY names_to_harvest
               WHERE state = 'pending' AND rows > 0 AND query_form IN (SELECT value FROM json_each(?))""",
            [json.dumps(list(query_forms))],
        ).fetchall()
        rows.sort(key=itemgetter(1))
        return [(form, PendingName(*name)) for form, *name in rows if name[0] not in busy]

    def variants(self, lookup_key: str) -> tuple[str, ...]:
        """How the current runs write a name, most rows first."""
        return variants_of(self._db, lookup_key)

    def evidence(self, lookup_key: str) -> tuple[RowEvidence, ...]:
        """What stands in the rows of a name beside it, as the plans of the current runs found it."""
        return evidence_of(self._db, lookup_key)

    def record_answer(
        self,
        name: PendingName,
        reply: Reply,
        candidates: Sequence[Candidate],
        verdict: Verdict | None,
        *,
        request_id: int | None,
        session_id: int,
        harvest: Sequence[Harvested] = (),
    ) -> None:
        """Decide a pending name by an archived answer; `verdict` None means EQC knows no such company.

        request_id: the request that brought the answer, None where the archive alone did (a replay).
        harvest: other pending names that the same answer decides.
        """
        with self._db.atomic():
            self._requests.settle_or_replay(request_id, reply, session_id)
            self._keep_candidates(name.lookup_key, candidates)
            if verdict is None:
                self._fail(name.lookup_key, Reason.NOT_FOUND, not_before=None)
            else:
                self._resolve(name.lookup_key, verdict, IdSource.EQC)
            for found in harvest:
                self._keep_candidates(found.name.lookup_key, [found.verdict.company])
                self._resolve(found.name.lookup_key, found.verdict, IdSource.HARVEST)
            for judged in (name, *(found.name for found in harvest)):
                self._note_grounds(judged, reply, session_id)

    def record_failure(
        self,
        name: PendingName,
        reason: Reason,
        retry_in_s: float | None,
        *,
        request_id: int,
        reply: Reply,
    ) -> None:
        """Fail a pending name after the last attempt of a round; due again in `retry_in_s`, if ever."""
        with self._db.atomic():
            self._requests.settle(request_id, reply)
            not_before = None if retry_in_s is None else self._clock.utc_in(retry_in_s)
            self._fail(name.lookup_key, reason, not_before)
            self._db.execute(_NO_GROUNDS, [request_id, name.lookup_key])

    # asked again

    def requeue_due(self) -> int:
        """Let failed names whose time has come be pending again; how many.

        Those that failed in what is the future now, because the clock was set back, are due, too.
        """
        cursor = self._db.execute(
            f"""UPDATE names INDEXED BY names_due_again SET {PENDING_AGAIN}
                WHERE {DUE_AGAIN} AND (not_before <= ? OR decided_at > ?)""",
            [self._clock.utc_now(), self._clock.utc_in(_CLOCK_TOLERANCE_S)],
        )
        return cursor.rowcount

    def seconds_to_next_due(self) -> float | None:
        """Seconds until the first failed name may be asked again, 0 if it may now; None without one."""
        (first,) = self._db.execute(
            f"""SELECT min(CASE WHEN decided_at > ? THEN ? ELSE not_before END)
                FROM names INDEXED BY names_due_again WHERE {DUE_AGAIN}""",
            [self._clock.utc_in(_CLOCK_TOLERANCE_S), self._clock.utc_now()],
        ).fetchone()
        return None if first is None else max(0.0, self._clock.seconds_until(first))

    def requeue_failed(self, reason: Reason | None) -> int:
        """Let names that failed for `reason` begin anew; None: for any but `not_found`. Decisions stay."""
        cursor = self._db.execute(
            f"""UPDATE names SET {PENDING_AGAIN}, attempts = 0
                WHERE state = 'failed' AND rows > 0 AND {MAY_PASS}
                  AND reason = coalesce(?, nullif(reason, 'not_found'))""",
            [str(reason) if reason else None],
        )
        return cursor.rowcount

    def not_found_until(self, moment: str, limit: int) -> list[tuple[str, str]]:
        """Keys and queries of the heaviest names that EQC did not know, at a moment (UTC) or before."""
        return self._db.execute(
            """SELECT lookup_key, query FROM names WHERE lookup_key IN
               (SELECT lookup_key FROM names INDEXED BY names_by_state
                WHERE state = 'failed' AND reason = 'not_found' AND rows > 0 AND decided_at <= ?
                ORDER BY weight DESC, lookup_key LIMIT ?)""",
            [moment, limit],
        ).fetchall()

    def requeue_not_found(self, *lookup_keys: str) -> None:
        """Let names that EQC did not know begin anew, all at once."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE names SET {PENDING_AGAIN}, attempts = 0
                    WHERE lookup_key = ? AND state = 'failed' AND reason = 'not_found'""",
                ((key,) for key in lookup_keys),
            )

    def _keep_candidates(self, lookup_key: str, candidates: Iterable[Candidate]) -> None:
        self._db.execute("DELETE FROM candidates WHERE lookup_key = ?", [lookup_key])
        insert_candidates(self._db, lookup_key, candidates)

    def _note_grounds(self, name: PendingName, reply: Reply, session_id: int) -> None:
        written, evidence = self.variants(name.lookup_key), self.evidence(name.lookup_key)
        note_grounds(self._db, name, written, evidence, reply, session_id)

    def _resolve(self, lookup_key: str, verdict: Verdict, source: IdSource) -> None:
        company = verdict.company
        cursor = self._db.execute(
            """UPDATE names SET state = 'resolved', company_id = ?, official_name = ?, unite_code = ?,
                      match_type = ?, confidence = ?, verdict = ?, held = ?, source = ?,
                      attempts = attempts + 1, not_before = NULL, decided_at = ?
               WHERE lookup_key = ? AND state = 'pending'""",
            [
                company.company_id,
                company.official_name,
                company.unite_code,
                company.match_type,
                verdict.confidence,
                str(verdict.how),
                str(verdict.held) if verdict.held else None,
                str(source),
                self._clock.utc_now(),
                lookup_key,
            ],
        )
        expect_one(cursor.rowcount, f"{lookup_key!r} pending")

    def _fail(self, lookup_key: str, reason: Reason, not_before: str | None) -> None:
        cursor = self._db.execute(
            """UPDATE names SET state = 'failed', reason = ?, attempts = attempts + 1, not_before = ?,
                      decided_at = ?
               WHERE lookup_key = ? AND state = 'pending'""",
            [str(reason), not_before, self._clock.utc_now(), lookup_key],
        )
        expect_one(cursor.rowcount, f"{lookup_key!r} pending")
