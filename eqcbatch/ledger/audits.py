"""Audits: the samples of the index that EQC is asked for, row by row, and what its answers came to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import IdSource, LookupType, PendingSample, Reply, RowAnswer
from eqcbatch.domain.names import written_form
from eqcbatch.domain.sample_standing import SampleStanding, StratumStanding
from eqcbatch.ledger.sqlite import Database, expect_one

if TYPE_CHECKING:
    from eqcbatch.domain.index_audit import AnsweredRow, Judged, Seen, Stratum
    from eqcbatch.ledger.requests import Requests

MOST_ROUNDS = 3  # of a row, one a session at most, before it counts as unanswered
_LATEST = "(SELECT max(id) FROM audits)"
_DIED = f"""SELECT 1 FROM sessions s JOIN requests r ON r.session_id = s.id
            JOIN audit_samples a ON a.id = r.sample_id
            WHERE s.ended_at IS NULL AND a.audit_id = {_LATEST}"""
_TO_ASK = f"audit_id = {_LATEST} AND answer IS NULL"


class Audits:
    """The audits' side of the ledger. Only the latest one is asked; earlier ones stay as they came out."""

    def __init__(self, database: Database, requests: Requests, clock: Clock) -> None:
        self._db = database
        self._requests = requests
        self._clock = clock

    def draw(
        self, place: str, rows: int, strata: Sequence[Stratum], order: Sequence[tuple[int, Judged]], seed: int
    ) -> None:
        """Begin an audit, in one transaction.

        place, rows: the database, and how many rows its index has. order: all rows of the samples with the
        number of their stratum, as they are to be asked. seed: of the chance by which they were drawn.
        """
        with self._db.atomic():
            cursor = self._db.execute(
                "INSERT INTO audits (drawn_at, place, rows, seed) VALUES (?, ?, ?, ?)",
                [self._clock.utc_now(), place, rows, seed],
            )
            audit_id = int(cursor.lastrowid or 0)
            self._db.conn.executemany(
                """INSERT INTO audit_strata (audit_id, stratum, verdicts, sources, rows)
                   VALUES (?, ?, ?, ?, ?)""",
                (
                    (audit_id, number, _words(stratum.verdicts), _words(stratum.sources), stratum.rows)
                    for number, stratum in enumerate(strata)
                ),
            )
            self._db.conn.executemany(
                """INSERT INTO audit_samples
                       (audit_id, stratum, lookup_type, lookup_key, company_id, name, query, contradicted)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                ((audit_id, number, *_sample(judged)) for number, judged in order),
            )

    def unfinished(self) -> bool:
        """Whether the latest audit has rows that are still to be asked, or the session that asked it died."""
        (unfinished,) = self._db.execute(
            f"SELECT EXISTS (SELECT 1 FROM audit_samples WHERE {_TO_ASK}) OR EXISTS ({_DIED})"
        ).fetchone()
        return bool(unfinished)

    def next_samples(self, session_id: int, limit: int) -> list[PendingSample]:
        """The next rows to ask; what failed in this session is left to another one."""
        rows = self._db.execute(
            f"""SELECT id, name, query, company_id, contradicted, attempts FROM audit_samples
                WHERE {_TO_ASK} AND failed_in IS NOT ? ORDER BY id LIMIT ?""",
            [session_id, limit],
        )
        return [
            PendingSample(number, name, query, company_id, bool(contradicted), attempts)
            for number, name, query, company_id, contradicted, attempts in rows
        ]

    def record_answer(
        self,
        sample: PendingSample,
        reply: Reply,
        answered: AnsweredRow,
        *,
        request_id: int | None,
        session_id: int,
    ) -> None:
        """Settle a row by an archived answer. request_id: what brought it, None for the archive alone."""
        found = answered.verdict.company if answered.verdict else None
        told = (found.company_id, found.official_name, found.unite_code) if found else (None, None, None)
        former_names = json.dumps(found.former_names if found else (), ensure_ascii=False)
        with self._db.atomic():
            self._requests.settle_or_replay(request_id, reply, session_id)
            cursor = self._db.execute(
                """UPDATE audit_samples SET answer = ?, found_id = ?, found_name = ?, found_code = ?,
                          found_status = ?, found_former_names = ?, failed_in = NULL, answered_at = ?
                   WHERE id = ? AND answer IS NULL""",
                [
                    *(str(answered.answer), *told, found.registered_status if found else None),
                    *(former_names, reply.archived_at or self._clock.utc_now(), sample.id),
                ],
            )
            expect_one(cursor.rowcount, f"row {sample.id} of the audit to be asked")

    def record_failure(
        self, sample: PendingSample, reply: Reply, *, request_id: int, session_id: int
    ) -> None:
        """Count a round without an answer; the next one is another session's, if there is one."""
        with self._db.atomic():
            self._requests.settle(request_id, reply)
            cursor = self._db.execute(
                f"""UPDATE audit_samples SET attempts = attempts + 1, failed_in = ?,
                           answer = CASE WHEN attempts + 1 >= {MOST_ROUNDS} THEN '{RowAnswer.FAILED}' END,
                           answered_at = CASE WHEN attempts + 1 >= {MOST_ROUNDS} THEN ? END
                    WHERE id = ? AND answer IS NULL""",
                [session_id, self._clock.utc_now(), sample.id],
            )
            expect_one(cursor.rowcount, f"row {sample.id} of the audit to be asked")

    def note_names(self, rows: Sequence[Seen]) -> None:
        """Know the names of these rows, as the index knows them; those that the ledger has stay as they are.

        They are in no source, and so retired: nobody asks them, and a person may decide them.
        """
        now = self._clock.utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                """INSERT INTO names (lookup_key, query, query_form, rows, weight, state, company_id,
                                      confidence, source, decided_at)
                   VALUES (?, ?, ?, 0, 0, 'cached', ?, ?, ?, ?) ON CONFLICT (lookup_key) DO NOTHING""",
                ((*_known_name(seen), now) for seen in rows),
            )

    def latest(self) -> SampleStanding | None:
        """The latest sample as it stands; None before the first."""
        audit = self._db.execute(
            f"SELECT id, drawn_at, place, rows FROM audits WHERE id = {_LATEST}"
        ).fetchone()
        if audit is None:
            return None
        number, drawn_at, place, rows = audit
        return SampleStanding(number, drawn_at, place, rows, tuple(self._strata(number)))

    def _strata(self, audit_id: int) -> Iterator[StratumStanding]:
        answers: defaultdict[int, dict[str | None, int]] = defaultdict(dict)
        for number, answer, rows in self._db.execute(
            "SELECT stratum, answer, count(*) FROM audit_samples WHERE audit_id = ? GROUP BY 1, 2", [audit_id]
        ):
            answers[number][answer] = rows
        for number, verdicts, sources, rows in self._db.execute(
            "SELECT stratum, verdicts, sources, rows FROM audit_strata WHERE audit_id = ? ORDER BY stratum",
            [audit_id],
        ):
            came = {RowAnswer(answer): rows for answer, rows in answers[number].items() if answer}
            of = tuple(json.loads(verdicts)), tuple(json.loads(sources))
            yield StratumStanding(*of, rows, sum(answers[number].values()), came)


def _known_name(seen: Seen) -> tuple[Any, ...]:
    row, asked = seen.row, seen.asked
    assert asked is not None  # as its key holds a name
    source = IdSource.of_index(LookupType(row.lookup_type))
    query = (asked.query, written_form(asked.query))
    return (row.lookup_key, *query, row.company_id.strip(), row.confidence, str(source))


def _words(words: Sequence[str]) -> str:
    return json.dumps(list(map(str, words)), ensure_ascii=False)


def _sample(judged: Judged) -> tuple[Any, ...]:
    row, asked = judged.seen.row, judged.seen.asked
    assert asked is not None  # else it is not drawn
    name = (asked.lookup_key, asked.query)
    return (*row[:2], row.company_id.strip(), *name, judged.verdict.contradicts)
