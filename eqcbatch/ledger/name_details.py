"""What is known of names one by one: where each stands, and all that led there. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eqcbatch.domain.model import Candidate, Outcome, State
from eqcbatch.ledger.candidates import CANDIDATE_COLUMNS, read_candidate
from eqcbatch.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name as the ledger has it."""

    lookup_key: str
    query: str
    state: State
    reason: str | None
    company_id: str | None
    official_name: str | None
    unite_code: str | None
    match_type: str | None
    confidence: float | None
    verdict: str | None
    held: str | None
    source: str | None
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
    endpoint: str
    attempt: int
    started_at: str
    elapsed_ms: float | None
    http_status: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NameDetail:
    """All that the ledger knows of one name. written: its raw forms with their rows, most rows first."""

    name: NameRow
    written: tuple[tuple[str, int], ...]
    requests: tuple[RequestRow, ...]
    candidates: tuple[Candidate, ...]


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
               FROM requests WHERE lookup_key = ? ORDER BY id""",
            [lookup_key],
        )
        candidates = self._db.execute(
            f"SELECT {CANDIDATE_COLUMNS} FROM candidates WHERE lookup_key = ? ORDER BY rank", [lookup_key]
        )
        return NameDetail(
            _name_row(row),
            tuple((raw, rows) for raw, rows in written),
            tuple(map(_request_row, requests)),
            tuple(map(read_candidate, candidates)),
        )

    def names(self) -> Iterator[NameRow]:
        """Every name of the current runs, heaviest first."""
        for row in self._db.execute(
            f"SELECT {_NAME_COLUMNS} FROM names WHERE rows > 0 ORDER BY weight DESC, lookup_key"
        ):
            yield _name_row(row)


def _request_row(row: tuple[Any, ...]) -> RequestRow:
    session_id, endpoint, attempt, started_at, elapsed_ms, status, outcome = row
    return RequestRow(session_id, endpoint, attempt, started_at, elapsed_ms, status, Outcome(outcome))


def _name_row(row: tuple[Any, ...]) -> NameRow:
    key, query, state, *rest = row
    return NameRow(key, query, State(state), *rest)
