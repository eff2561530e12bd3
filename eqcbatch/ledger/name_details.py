"""What is known of names one by one: where each stands, what led there, and the id that holds. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    Held,
    IdSource,
    Known,
    Outcome,
    Reason,
    RowEvidence,
    SecondQuestion,
    State,
    VerdictRule,
)
from eqcbatch.ledger.conditions import IDENTIFIED
from eqcbatch.ledger.decision_rows import DecisionRow, decisions_of
from eqcbatch.ledger.row_evidence import evidence_of
from eqcbatch.ledger.sqlite import Database

CANDIDATE_COLUMNS = (
    "rank, company_id, official_name, type, score, unite_code, registered_status, former_names, short_name, "
    "second"
)


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name as the ledger has it."""

    lookup_key: str
    query: str
    state: State
    reason: Reason | None
    company_id: str | None
    official_name: str | None
    unite_code: str | None
    match_type: str | None
    confidence: float | None
    verdict: VerdictRule | None
    held: Held | None
    source: IdSource | None
    index_source: str | None
    rows: int
    weight: float
    attempts: int
    not_before: str | None
    decided_at: str | None
    flushed_at: str | None
    flush_error: str | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request of a name. elapsed_ms: None while in flight, or where its session died."""

    session_id: int
    endpoint: Endpoint
    attempt: int
    started_at: str
    elapsed_ms: float | None
    http_status: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NameDetail:
    """All that the ledger knows of one name. written: its raw forms with their rows, most rows first.

    decisions: what people decided of it, the first one first. evidence: what stands in its rows beside it.
    """

    name: NameRow
    written: tuple[tuple[str, int], ...]
    requests: tuple[RequestRow, ...]
    candidates: tuple[Candidate, ...]
    decisions: tuple[DecisionRow, ...]
    evidence: tuple[RowEvidence, ...] = ()


_SOURCES = {str(source): source for source in IdSource}  # quicker than to make each anew
_NAME_COLUMNS = ", ".join(NameRow.__dataclass_fields__)


class NameDetails:
    """The names' side of the ledger, to be read."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, lookup_key: str) -> NameDetail | None:
        """Everything about one name, None if the ledger does not have it."""
        row = self._db.execute(
            f"SELECT {_NAME_COLUMNS} FROM names WHERE lookup_key = ?", [lookup_key]
        ).fetchone()
        if row is None:
            return None
        written = self._db.execute(
            "SELECT raw, sum(rows) FROM occurrences WHERE lookup_key = ? GROUP BY raw ORDER BY 2 DESC, raw",
            [lookup_key],
        ).fetchall()
        requests = self._db.execute(
            """SELECT session_id, endpoint, attempt, started_at, elapsed_ms, http_status, outcome
               FROM requests WHERE lookup_key = :key
                  OR second_id IN (SELECT id FROM second_questions WHERE lookup_key = :key) ORDER BY id""",
            {"key": lookup_key},
        )
        candidates = self._db.execute(
            f"SELECT {CANDIDATE_COLUMNS} FROM candidates WHERE lookup_key = ? ORDER BY rank", [lookup_key]
        )
        return NameDetail(
            _name_row(row),
            tuple((raw, rows) for raw, rows in written),
            tuple(map(_request_row, requests)),
            tuple(map(read_candidate, candidates)),
            decisions_of(self._db, lookup_key),
            evidence_of(self._db, lookup_key),
        )

    def names(self) -> Iterator[NameRow]:
        """Every name of the current runs, heaviest first."""
        for row in self._db.execute(
            f"SELECT {_NAME_COLUMNS} FROM names WHERE rows > 0 ORDER BY weight DESC, lookup_key"
        ):
            yield _name_row(row)

    def identified(self) -> Iterator[tuple[str, str, str]]:
        """The names with an id of their own, or one that all their rows have: key, id, and who knows it."""
        yield from self._db.execute(
            f"""SELECT lookup_key, company_id, source FROM names
                WHERE {IDENTIFIED} AND company_id IS NOT NULL
                UNION ALL
                SELECT o.lookup_key, min(o.company_id), n.source
                FROM names n JOIN occurrences o ON o.lookup_key = n.lookup_key
                WHERE n.state = 'cached' AND n.company_id IS NULL AND n.confidence IS NULL
                GROUP BY o.lookup_key
                HAVING count(DISTINCT o.company_id) = 1 AND count(*) = count(o.company_id)
                ORDER BY 1"""
        )

    def ids_by_name(self) -> dict[str, Known | None]:
        """The id of every name, by lookup key; None where nobody knows one, or it is held.

        With an id of None where a person or an override says that there is to be none.
        """
        rows = self._db.execute(
            """SELECT lookup_key, confidence, index_source,
                      CASE WHEN reason = 'no_company' THEN 'manual'
                           WHEN state = 'cached' AND confidence IS NOT NULL
                                OR state = 'resolved' AND held IS NULL THEN source END, company_id
               FROM names"""
        )
        return {
            key: Known(company_id, _SOURCES[source], confidence or 1.0, None, index_source)
            if source
            else None
            for key, confidence, index_source, source, company_id in rows
        }

    def held_ids(self) -> dict[str, str]:
        """The ids that are held, by lookup key: no row is to have them."""
        rows = self._db.execute("SELECT lookup_key, company_id FROM names WHERE held IS NOT NULL")
        return dict(rows.fetchall())

    def ids_by_row(self, reading: str) -> dict[tuple[str, str, str], Known]:
        """What covers the rows that a key of their own covers in the current run of `reading`.

        By name as written, plan code and id ("" where there is none); an id of None is one that the
        user wants not to be looked up.
        """
        rows = self._db.execute(
            """WITH run AS (SELECT id FROM runs WHERE reading = ? AND current = 1)
               SELECT raw, coalesce(plan_code, ''), coalesce(known_id, ''), company_id, source, index_source
               FROM occurrences WHERE run_id = (SELECT id FROM run) AND source IS NOT NULL
               UNION ALL
               SELECT '', coalesce(plan_code, ''), coalesce(known_id, ''), company_id, source, index_source
               FROM unnamed WHERE run_id = (SELECT id FROM run)""",
            [reading],
        )
        return {
            (raw, plan, own): Known(company_id, _SOURCES[known_by], 1.0, None, index_source)
            for raw, plan, own, company_id, known_by, index_source in rows
        }


def read_candidate(row: Sequence[Any]) -> Candidate:
    """The candidate in a row of CANDIDATE_COLUMNS."""
    rank, company_id, name, kind, score, code, status, former, short_name, second = row
    names = (tuple(json.loads(former)), short_name)
    by = SecondQuestion(second) if second else None
    return Candidate(rank, company_id, name, kind, score, code, status, *names, by)


def _request_row(row: tuple[Any, ...]) -> RequestRow:
    session_id, endpoint, attempt, started_at, elapsed_ms, status, outcome = row
    return RequestRow(
        session_id, Endpoint(endpoint), attempt, started_at, elapsed_ms, status, Outcome(outcome)
    )


def _name_row(row: tuple[Any, ...]) -> NameRow:
    key, query, state, reason, company_id, name, code, kind, confidence, verdict, held, source, *rest = row
    return NameRow(
        *(key, query, State(state), Reason(reason) if reason else None),
        *(company_id, name, code, kind, confidence),
        *(VerdictRule(verdict) if verdict else None, Held(held) if held else None),
        *(IdSource(source) if source else None, *rest),
    )
