"""Companies: what EQC says of those that names resolve to, each detail asked once; then on to Postgres.

A detail is findDepart's answer (`business_info`) or findLabels's (`labels`). One is due until a usable
answer settles it, in three rounds at most, of which a session has one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import IdSource, Outcome, PendingDetail, Reply
from eqcbatch.domain.model.companies import CompanyInfo
from eqcbatch.ledger.conditions import DETAILS, WANTED
from eqcbatch.ledger.detail_tables import COMPANIES_DUE, DETAILS_DUE, MOST_ROUNDS
from eqcbatch.ledger.sqlite import Database, expect_one

if TYPE_CHECKING:
    from eqcbatch.ledger.requests import Requests

MOST_SIGNS = 16 * 2**20  # of the answers that are flushed together; those of one company may be more

# What EQC called a company when it was asked of it again: later than any of its names was decided.
_LEARNED = "(SELECT r.official_name FROM reverified r WHERE r.company_id = companies.company_id)"


@dataclass(frozen=True, slots=True)
class Answers:
    """What EQC said of a company, as JSON texts; None where it was not asked, or said nothing.

    search_keyword: what was searched for when the search answer offered the company. answered_at: when
    the latest detail came (UTC ISO-8601). reverified: whether EQC was asked by the id again since the search.
    """

    company_id: str
    search_keyword: str | None
    search_answer: str | None
    business_info: str | None
    labels: str | None
    answered_at: str
    reverified: bool = False

    @property
    def signs(self) -> int:
        """How long the answers are, together."""
        return sum(map(len, filter(None, (self.search_answer, self.business_info, self.labels))))


class Companies:
    """The companies' side of the ledger."""

    def __init__(self, database: Database, requests: Requests, clock: Clock) -> None:
        self._db = database
        self._requests = requests
        self._clock = clock

    # asking

    def reweigh(self) -> None:
        """Give each known company the weight and confidence of its names; none where all of them are held."""
        self._db.execute(
            f"""UPDATE companies SET (weight, confidence) =
                    (SELECT sum(weight), max(confidence) FROM names n INDEXED BY names_by_company
                     WHERE n.company_id = companies.company_id AND {WANTED})"""
        )

    def register(self) -> None:
        """Know the companies of all names that are resolved and not held; no other has details due."""
        with self._db.atomic():
            self.reweigh()
            # SQLite takes the bare columns from the row that has the maximum.
            self._db.execute(
                f"""INSERT INTO companies (company_id, official_name, unite_code, confidence, weight)
                    SELECT company_id, official_name, unite_code, max(confidence), sum(weight)
                    FROM names WHERE {WANTED} GROUP BY company_id
                    ON CONFLICT (company_id) DO UPDATE
                    SET official_name = coalesce({_LEARNED}, excluded.official_name, official_name),
                        unite_code = coalesce(excluded.unite_code, unite_code),
                        confidence = excluded.confidence, weight = excluded.weight"""
            )

    def next_details(self, session_id: int, limit: int) -> list[PendingDetail]:
        """The next details to ask, two a company at most, those of the heaviest company first."""
        rows = self._db.execute(
            f"""SELECT company_id, {", ".join(map(_is_due, DETAILS.values()))}
                FROM companies INDEXED BY companies_to_ask
                WHERE {DETAILS_DUE} AND ({" OR ".join(map(_is_due, DETAILS.values()))})
                ORDER BY weight DESC, company_id LIMIT :limit""",
            {"session": session_id, "limit": limit},
        )
        return [
            PendingDetail(company_id, endpoint)
            for company_id, *due in rows
            for endpoint, is_due in zip(DETAILS, due, strict=True)
            if is_due
        ]

    def details_left(self, session_id: int) -> int:
        """How many details this session has still to ask."""
        (left,) = self._db.execute(
            f"""SELECT coalesce(sum({" + ".join(f"({_is_due(column)})" for column in DETAILS.values())}), 0)
                FROM companies WHERE {DETAILS_DUE}""",
            {"session": session_id},
        ).fetchone()
        return int(left)

    def queries_offering(self, company_id: str) -> list[str]:
        """The questions whose answers offered this company, the one that decided for it first."""
        rows = self._db.execute(
            f"""SELECT n.query FROM candidates c JOIN names n ON n.lookup_key = c.lookup_key
               WHERE c.company_id = ? AND n.source IS NOT '{IdSource.HARVEST}'
               ORDER BY n.company_id IS NOT c.company_id, c.rank, n.weight DESC, n.lookup_key LIMIT 10""",
            [company_id],
        )
        return [query for (query,) in rows]

    def lacks_search_answer(self, company_id: str) -> bool:
        """Whether the search answer that offered the company is not kept with it yet."""
        row = self._db.execute(
            "SELECT 1 FROM companies WHERE company_id = ? AND search_answer IS NULL", [company_id]
        ).fetchone()
        return row is not None

    def keep_search_answer(self, company_id: str, keyword: str, content: Mapping[str, Any]) -> None:
        """Keep the search answer that offered the company, and what was searched for."""
        self._db.execute(
            """UPDATE companies SET search_keyword = ?, search_answer = ?, flushed_at = NULL
               WHERE company_id = ? AND search_answer IS NULL""",
            [keyword, answer_json(content), company_id],
        )

    def record_detail(
        self,
        detail: PendingDetail,
        reply: Reply,
        former_names: Sequence[str] = (),
        *,
        request_id: int | None,
        session_id: int,
    ) -> None:
        """Settle a detail by an archived answer; one that says "not found" settles it, too.

        What a detail told before stays where EQC has nothing any more. former_names: those that the answer
        tells. request_id: the request that brought the answer, None
        where the archive alone did (a replay).
        """
        column = DETAILS[detail.endpoint]
        found = answer_json(reply.content) if reply.outcome is Outcome.ANSWERED else None
        told = json.dumps(former_names, ensure_ascii=False)
        with self._db.atomic():
            self._requests.settle_or_replay(request_id, reply, session_id)
            cursor = self._db.execute(
                f"""UPDATE companies SET {column} = coalesce(?, {column}), {column}_at = ?,
                           {column}_failed_in = NULL,
                           former_names = CASE ? WHEN '[]' THEN former_names ELSE ? END,
                           flushed_at = NULL, flush_error = NULL
                    WHERE company_id = ? AND {column}_at IS NULL""",
                [found, reply.archived_at or self._clock.utc_now(), told, told, detail.company_id],
            )
            expect_one(cursor.rowcount, f"{detail.endpoint} of {detail.company_id} pending")

    # asked again

    def labels_until(self, moment: str, limit: int) -> list[str]:
        """The companies whose labels came at a moment (UTC) or before, the oldest first."""
        rows = self._db.execute(
            """SELECT company_id FROM companies WHERE weight IS NOT NULL AND labels_at <= ?
               ORDER BY labels_at, company_id LIMIT ?""",
            [moment, limit],
        )
        return [company_id for (company_id,) in rows]

    def requeue_labels(self, ids: Iterable[str]) -> None:
        """Let the labels of these companies be due again; those of before stay until others come."""
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE companies SET labels_at = NULL, labels_attempts = 0 WHERE company_id = ?",
                ((one,) for one in ids),
            )

    def record_failure(
        self, detail: PendingDetail, reply: Reply, *, request_id: int, session_id: int
    ) -> None:
        """Count a round that ended without an answer; the next one is another session's."""
        column = DETAILS[detail.endpoint]
        with self._db.atomic():
            self._requests.settle(request_id, reply)
            cursor = self._db.execute(
                f"""UPDATE companies SET {column}_attempts = {column}_attempts + 1, {column}_failed_in = ?
                    WHERE company_id = ? AND {column}_at IS NULL""",
                [session_id, detail.company_id],
            )
            expect_one(cursor.rowcount, f"{detail.endpoint} of {detail.company_id} pending")

    # flushing

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> list[Answers]:
        """Up to `limit` unflushed companies behind the id `after`; `refused` ones only where asked for.

        Fewer where their answers are long: what is taken at a time must fit into memory, and one statement.
        """
        rows = self._db.execute(
            f"""SELECT company_id, search_keyword, search_answer, business_info, labels,
                       max(coalesce(business_info_at, labels_at), coalesce(labels_at, business_info_at)),
                       {_LEARNED} IS NOT NULL
                FROM companies INDEXED BY companies_to_flush
                WHERE {COMPANIES_DUE} AND company_id > ? AND (? OR flush_error IS NULL)
                ORDER BY company_id LIMIT ?""",
            [after, refused, limit],
        )
        found: list[Answers] = []
        signs = 0
        for row in rows:
            found.append(Answers(*row))
            signs += found[-1].signs
            if signs >= MOST_SIGNS:
                break
        rows.close()
        return found

    def mark_flushed(self, companies: Iterable[CompanyInfo]) -> None:
        """Note that Postgres has what EQC says of these companies."""
        now = self._clock.utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                f"""UPDATE companies SET flushed_at = ?, flush_error = NULL
                    WHERE company_id = ? AND {COMPANIES_DUE}""",
                ((now, company.company_id) for company in companies),
            )

    def mark_refused(self, errors: Iterable[tuple[CompanyInfo, str]]) -> None:
        """Note why Postgres did not take these companies, so that they do not hold up the others."""
        with self._db.atomic():
            self._db.conn.executemany(
                f"UPDATE companies SET flush_error = ? WHERE company_id = ? AND {COMPANIES_DUE}",
                ((error, company.company_id) for company, error in errors),
            )


def _is_due(column: str) -> str:
    return f"{column}_at IS NULL AND {column}_attempts < {MOST_ROUNDS} AND {column}_failed_in IS NOT :session"


def answer_json(content: Mapping[str, Any]) -> str | None:
    """The content as ASCII: NUL and lone surrogates stand as escapes. None where it is nested too deep."""
    try:
        return json.dumps(content)
    except RecursionError:
        return None
