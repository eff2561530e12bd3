"""Companies are asked of again, the oldest first: which are due, what was found, and what awaits a person.

A company is as old as EQC's last word on it: its last reverification, else the first of its names that was
decided. What was tried in vain since goes behind the others, so that it holds up no night.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.company_today import CompanyToday, KnownCompany
from eqcbatch.domain.model import Candidate, Endpoint, Finding, Outcome, Reply
from eqcbatch.ledger.companies import answer_json
from eqcbatch.ledger.conditions import UNREVIEWED
from eqcbatch.ledger.life_tables import DECIDED, OF_COMPANY
from eqcbatch.ledger.requests import Requests
from eqcbatch.ledger.sqlite import Database, Reader, expect_one, read_once

_COMPANIES = f"""
SELECT n.company_id, coalesce(r.asked_at, min(coalesce(n.decided_at, ''))) AS heard_at
FROM names n INDEXED BY names_decided LEFT JOIN reverified r ON r.company_id = n.company_id
WHERE {DECIDED.replace("company_id", "n.company_id")} GROUP BY n.company_id"""
_TRIES = f"""
SELECT company_id, max(started_at) AS tried_at FROM requests INDEXED BY requests_by_company
WHERE {OF_COMPANY} AND endpoint IN ('{Endpoint.FIND_DEPART}', '{Endpoint.SEARCH}')
  AND outcome NOT IN ('{Outcome.ANSWERED}', '{Outcome.NOT_FOUND}') GROUP BY company_id"""
# How a name stands that has its id, as EQC's latest word has it: else the first answer to a name of its own,
# as an answer to others may be younger.
_KNOWN = f"""
SELECT n.query, coalesce(r.official_name, c.official_name, n.official_name, o.official_name),
       coalesce(r.registered_status, o.registered_status), r.finding, r.heir_id, r.heir_name
FROM companies c LEFT JOIN reverified r USING (company_id)
LEFT JOIN (SELECT query, official_name FROM names INDEXED BY names_decided
           WHERE {DECIDED} AND company_id = :id
           ORDER BY official_name IS NULL, weight DESC, lookup_key LIMIT 1) n
LEFT JOIN (SELECT c.official_name, c.registered_status
           FROM candidates c JOIN names n USING (lookup_key, company_id) WHERE c.company_id = :id
           ORDER BY c.registered_status IS NULL, n.decided_at, lookup_key, c.rank LIMIT 1) o
WHERE c.company_id = :id"""


@dataclass(frozen=True, slots=True)
class ReverifiedCounts:
    """What became of companies that EQC was asked of again.

    latest_at: when it was asked last (UTC ISO-8601), None for never. awaiting_review: names whose company is
    merged or has vanished, and of which no person has said since whose id they are to have.
    """

    companies: int
    latest_at: str | None
    renamed: int
    deregistered: int
    merged: int
    vanished: int
    awaiting_review: int


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """What EQC said of a company when it was asked of it again last.

    asked_at, found_at: then, and since when that is so (UTC ISO-8601); asked_at is empty where the answers
    were doubted. name_before, official_name: what it was called, and is. by_id_sha256, by_name_sha256: the
    answers to the id and to its name, the latter None where that was not searched for.
    """

    asked_at: str
    session: int
    finding: Finding
    found_at: str
    name_before: str | None
    official_name: str | None
    heir_id: str | None
    heir_name: str | None
    by_id_sha256: str | None
    by_name_sha256: str | None


class Reverified(Reader):
    """The reverification's side of the ledger."""

    def __init__(self, database: Database, requests: Requests, clock: Clock) -> None:
        super().__init__(database)
        self._requests = requests
        self._clock = clock

    def due(self, until: str, limit: int, besides: Collection[str] = ()) -> list[str]:
        """The companies of which EQC said nothing since a moment (UTC), the oldest first; not `besides`."""
        rows = self._db.execute(
            f"""SELECT company_id FROM ({_COMPANIES}) LEFT JOIN ({_TRIES}) USING (company_id)
                WHERE heard_at <= ? AND company_id NOT IN (SELECT value FROM json_each(?))
                ORDER BY max(heard_at, coalesce(tried_at, '')), company_id LIMIT ?""",
            [until, json.dumps(sorted(besides)), limit],
        )
        return [company_id for (company_id,) in rows]

    def count_due(self, until: str) -> int:
        """How many companies are due."""
        (count,) = self._db.execute(
            f"SELECT count(*) FROM ({_COMPANIES}) WHERE heard_at <= ?", [until]
        ).fetchone()
        return int(count)

    def known(self, company_id: str) -> KnownCompany:
        """A company as the ledger knows it; whoever only the index or the user knew so far gets a row."""
        self._db.execute(
            "INSERT INTO companies (company_id) VALUES (?) ON CONFLICT (company_id) DO NOTHING", [company_id]
        )
        row = self._db.execute(_KNOWN, {"id": company_id}).fetchone()
        asked_as, name, status, finding, heir_id, heir_name = row
        heir = Candidate(0, heir_id, heir_name) if heir_id else None
        return KnownCompany(company_id, asked_as, name, status, Finding(finding) if finding else None, heir)

    def namesake(self, known: KnownCompany, name: str | None) -> Candidate | None:
        """Another company that bears this name, or that was found to; None without one."""
        row = self._db.execute(
            """SELECT company_id FROM companies WHERE official_name = :name AND company_id <> :id
               UNION SELECT heir_id FROM reverified WHERE heir_name = :name AND heir_id <> :id
               ORDER BY 1 LIMIT 1""",
            {"name": name, "id": known.company_id},
        ).fetchone()
        return Candidate(0, row[0], name) if row else None

    def of_company(self, company_id: str) -> FoundAgain | None:
        """What was found of a company; None if EQC was not asked of it again."""
        row = self._db.execute(
            """SELECT asked_at, session_id, finding, found_at, name_before, official_name, heir_id, heir_name,
                      by_id_sha256, by_name_sha256 FROM reverified WHERE company_id = ?""",
            [company_id],
        ).fetchone()
        if row is None:
            return None
        asked_at, session_id, finding, *told = row
        return FoundAgain(asked_at, session_id, Finding(finding), *told)

    def record(
        self,
        known: KnownCompany,
        found: CompanyToday,
        by_id: Reply,
        by_name: Reply | None,
        *,
        request_id: int | None,
        session_id: int,
    ) -> None:
        """Note what has become of a company, and learn what EQC says of it; no name is changed.

        by_id, by_name: EQC's answers. request_id: what brought the last of them, None for the archive alone.
        What was found before, and still is so, keeps its moment: a person who has seen it has seen it.
        """
        with self._db.atomic():
            self._requests.settle_or_replay(request_id, by_name or by_id, session_id)
            self._note(known, found, by_id, by_name, session_id)
            if found.heir and found.doubtful:
                self._unlearn(found.heir, known)
            elif by_id.outcome is Outcome.ANSWERED:
                self._learn(known, found, by_id)

    def _note(
        self,
        known: KnownCompany,
        found: CompanyToday,
        by_id: Reply,
        by_name: Reply | None,
        session_id: int,
    ) -> None:
        still_so = self._is_still_so(known, found)
        heir = (found.heir.company_id, found.heir.official_name) if found.heir else (None, None)
        self._db.execute(
            """INSERT INTO reverified (company_id, asked_at, session_id, finding, found_at, name_before,
                                       official_name, registered_status, heir_id, heir_name,
                                       by_id_sha256, by_name_sha256)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (company_id) DO UPDATE
               SET before = iif(?, before, json_object(
                       'finding', finding, 'found_at', found_at, 'name_before', name_before,
                       'heir_id', heir_id, 'heir_name', heir_name)),
                   found_at = iif(?, found_at, excluded.found_at),
                   asked_at = excluded.asked_at, session_id = excluded.session_id,
                   finding = excluded.finding, name_before = excluded.name_before,
                   official_name = coalesce(excluded.official_name, official_name),
                   registered_status = coalesce(excluded.registered_status, registered_status),
                   heir_id = excluded.heir_id, heir_name = excluded.heir_name,
                   by_id_sha256 = excluded.by_id_sha256, by_name_sha256 = excluded.by_name_sha256""",
            [
                *(known.company_id, by_id.archived_at or self._clock.utc_now(), session_id),
                *(str(found.finding), self._clock.utc_now(), known.name),
                *(found.official_name, found.status, *heir),
                *(by_id.answer_sha256, by_name.answer_sha256 if by_name else None),
                *(still_so, still_so),
            ],
        )
        if found.finding in (Finding.MERGED, Finding.VANISHED) and not still_so:
            self._await_review(known.company_id)

    def _is_still_so(self, known: KnownCompany, found: CompanyToday) -> bool:
        """Whether the same was found of the company before."""
        row = self._db.execute(
            """SELECT 1 FROM reverified WHERE company_id = ? AND finding = ? AND heir_id IS ?
               AND coalesce(?, official_name) IS official_name""",
            [
                *(known.company_id, str(found.finding)),
                *(found.heir.company_id if found.heir else None, found.official_name),
            ],
        ).fetchone()
        return row is not None

    def _await_review(self, company_id: str) -> None:
        """Let nobody have seen what has become of a company: the order counts, whatever a clock says."""
        self._db.execute("UPDATE names SET change_seen_at = NULL WHERE company_id = ?", [company_id])

    def _learn(self, known: KnownCompany, found: CompanyToday, by_id: Reply) -> None:
        """Let the company be what EQC says now; former names that it does not tell any more stay."""
        (borne,) = self._db.execute(
            "SELECT former_names FROM companies WHERE company_id = ?", [known.company_id]
        ).fetchone()
        former_names = list(dict.fromkeys([*found.former_names, *json.loads(borne)]))
        cursor = self._db.execute(
            """UPDATE companies SET official_name = coalesce(?, official_name),
                      business_info = coalesce(?, business_info),
                      business_info_at = ?, former_names = ?, flushed_at = NULL, flush_error = NULL
               WHERE company_id = ?""",
            [
                *(found.official_name, answer_json(by_id.content)),
                by_id.archived_at or self._clock.utc_now(),
                json.dumps(former_names, ensure_ascii=False),
                known.company_id,
            ],
        )
        expect_one(cursor.rowcount, f"company {known.company_id}")

    def _unlearn(self, namesake: Candidate, told_so: KnownCompany) -> None:
        """Let a company that was given the same name before be called as it was, and await a review, too."""
        renamed = """finding IN ('renamed', 'unchanged') AND company_id = :id
                     AND official_name = :name AND name_before <> :name"""
        parameters = {"id": namesake.company_id, "name": namesake.official_name}
        self._db.execute(
            f"""UPDATE companies SET business_info = NULL, flushed_at = NULL, flush_error = NULL,
                       official_name = (SELECT name_before FROM reverified WHERE {renamed})
                WHERE company_id IN (SELECT company_id FROM reverified WHERE {renamed})""",
            parameters,
        )
        cursor = self._db.execute(
            f"""UPDATE reverified SET finding = 'merged', found_at = :now, official_name = name_before,
                       heir_id = :other, heir_name = :name WHERE {renamed}""",
            parameters | {"now": self._clock.utc_now(), "other": told_so.company_id},
        )
        if cursor.rowcount:
            self._await_review(namesake.company_id)

    def found_in(self, session_id: int) -> dict[Finding, int]:
        """What a session found, with how many each; what was doubted since does not count."""
        rows = self._db.execute(
            """SELECT finding, count(*) FROM reverified
               WHERE session_id = ? AND asked_at <> '' GROUP BY finding""",
            [session_id],
        )
        return {Finding(finding): found for finding, found in rows}

    @read_once
    def counts(self) -> ReverifiedCounts:
        """What became of companies so far, and what awaits a person."""
        found = dict(self._db.execute("SELECT finding, count(*) FROM reverified GROUP BY finding").fetchall())
        (latest_at,) = self._db.execute("SELECT max(asked_at) FROM reverified").fetchone()
        (awaiting,) = self._db.execute(f"SELECT count(*) FROM {UNREVIEWED}").fetchone()
        return ReverifiedCounts(
            companies=sum(found.values()),
            latest_at=latest_at,
            renamed=found.get(Finding.RENAMED, 0),
            deregistered=found.get(Finding.DEREGISTERED, 0),
            merged=found.get(Finding.MERGED, 0),
            vanished=found.get(Finding.VANISHED, 0),
            awaiting_review=awaiting,
        )
