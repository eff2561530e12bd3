"""Ledgers for tests: filled as a plan and a drain fill them, looked at by a connection of their own."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    ExitReason,
    Held,
    Occurrence,
    Outcome,
    PendingName,
    Reason,
    Reply,
    Verdict,
    VerdictRule,
)
from eqcbatch.domain.names import lookup_key
from eqcbatch.ledger import Ledger, open_ledger
from eqcbatch.plan import PlanReport, plan
from eqcbatch.postgres import Postgres
from eqcbatch.review import Terms, set_decision
from eqcbatch.source import Tally

ANSWERED = Reply(Outcome.ANSWERED, http_status=200, elapsed_s=0.25)
NOT_FOUND = Reply(Outcome.NOT_FOUND, http_status=200, elapsed_s=0.5)


def tally(*raws: str) -> Tally:
    """What a source comes to that has one row for each of these names."""
    counts = Counter(raw if lookup_key(raw) else "" for raw in raws)
    return Tally.of(Occurrence(raw, rows=rows, weight=rows) for raw, rows in counts.items())


def plan_names(path: Path, *raws: str, source: str = "month", postgres: Postgres | None = None) -> PlanReport:
    """Plan a source of these names."""
    with open_ledger(path, create=True) as ledger:
        return plan(ledger.runs, tally(*raws), source, {"columns": ["客户名称"]}, postgres)


def pending(ledger: Ledger, raw: str) -> PendingName:
    """The name as a drain takes it."""
    return next(
        name for name in ledger.names.next_pending(limit=100_000) if name.lookup_key == lookup_key(raw)
    )


def verdict(company_id: str = "600000001", confidence: float = 1.0, held: Held | None = None) -> Verdict:
    """What the candidates of a name may amount to."""
    return Verdict(Candidate(0, company_id, "公司", "全称精确匹配"), confidence, VerdictRule.EXACT_NAME, held)


def resolve(path: Path, raw: str, decided: Verdict | None = None) -> None:
    """Decide a pending name as a session does that sends one request."""
    decided = decided or verdict()
    with open_ledger(path) as ledger:
        name = pending(ledger, raw)
        session = ledger.sessions.open(budget=1)
        request = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
        ledger.names.record_answer(
            name, ANSWERED, [decided.company], decided, request_id=request, session_id=session.id
        )
        ledger.sessions.end(session.id, ExitReason.BUDGET, 1.5, 0.5)


def fail(path: Path, raw: str, reason: Reason = Reason.TIMEOUT, retry_in_s: float | None = None) -> None:
    """Fail a pending name as a session does after the last attempt of a round."""
    with open_ledger(path) as ledger:
        name = pending(ledger, raw)
        session = ledger.sessions.open(budget=1)
        request = ledger.requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)
        ledger.names.record_failure(
            name, reason, retry_in_s, request_id=request, reply=Reply(Outcome.TIMEOUT, elapsed_s=30)
        )
        ledger.sessions.end(session.id, ExitReason.BUDGET, 0.0, 0.0)


def decide(path: Path, raw: str, text: str, by: str = "anna") -> None:
    """Decide a name by hand: an id, whoever offers it, `none` or `reopen`."""
    with open_ledger(path) as ledger:
        set_decision(ledger, None, raw, text, by, Terms(force=True))


def change(path: Path, *statements: str) -> None:
    """Write into the ledger past its rooms, as no drain does."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def ask(path: Path, question: str, values: Sequence[object] = ()) -> list[Any]:
    """Rows of the ledger; of one column, the bare values."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(question, values).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def states(path: Path) -> dict[str, str]:
    """The state of every name, with the reason of a failed one: `failed/timeout`."""
    return dict(ask(path, "SELECT lookup_key, state || coalesce('/' || reason, '') FROM names"))


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, row by row, save what names the run: its number and row may change with every plan."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        ).fetchall()
        columns = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "run_id"]
            for (table,) in tables
            if table != "runs"
        }
        return {
            table: sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr)
            for table, names in columns.items()
        }
