"""A ledger open before a test, with a clock that stands at noon until it is told otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    Outcome,
    PendingName,
    Reason,
    Reply,
    Verdict,
    VerdictRule,
)
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.names import Harvested
from tests.ledgers import ask

NOON = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
FOUND, EMPTY = Reply(Outcome.ANSWERED, 200, 0.25), Reply(Outcome.NOT_FOUND, 200, 0.5)
TIMED_OUT = Reply(Outcome.TIMEOUT, None, 30.0)
COMPANY = Candidate(
    *(1, "600000001", "甲公司", "全称精确匹配", 99.5, "91440300MA5DA0001X", "存续", ("旧甲", "更旧甲"))
)
EXACT = Verdict(COMPANY, 1.0, VerdictRule.EXACT_NAME)


class Standing(Clock):
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        super().__init__()
        self.shows = NOON

    def now(self) -> datetime:
        """The moment that it shows."""
        return self.shows

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.shows += timedelta(seconds=seconds)


class Book:
    """A ledger, its clock, and its session."""

    def __init__(self, path: Path, ledger: Ledger, clock: Standing) -> None:
        self.path, self.ledger, self.clock = path, ledger, clock
        self.session = ledger.sessions.open(None).id

    def pending(self, key: str) -> PendingName:
        """A name as a drain takes it."""
        return next(name for name in self.ledger.names.next_pending(limit=99) if name.lookup_key == key)

    def send(self, key: str | None, outcome: Outcome | None, endpoint: Endpoint = Endpoint.SEARCH) -> int:
        """A request that decides nothing; its number. outcome: None leaves it in flight."""
        company = None if endpoint in (Endpoint.SEARCH, Endpoint.SEARCH_ALL) else "600000001"
        requests = self.ledger.requests
        number = requests.book(self.session, key, endpoint, 1, 0.0, company_id=company)
        if outcome:
            requests.settle(number, Reply(outcome, 200, 0.25))
        return number

    def answer(self, key: str, verdict: Verdict | None = EXACT, *harvest: Harvested) -> None:
        """Decide a name by an answer."""
        offered = [verdict.company] if verdict else []
        self.ledger.names.record_answer(
            self.pending(key),
            FOUND if verdict else EMPTY,
            offered,
            verdict,
            request_id=self.send(key, None),
            session_id=self.session,
            harvest=harvest,
        )

    def fail(self, key: str, reason: Reason = Reason.TIMEOUT, retry_in_s: float | None = 60.0) -> None:
        """Fail a name at the end of a round."""
        outcome = Outcome(reason) if reason is not Reason.INVALID else Outcome.REFUSED
        number, reply = self.send(key, None), Reply(outcome, None, 30.0)
        self.ledger.names.record_failure(
            self.pending(key), reason, retry_in_s, request_id=number, reply=reply
        )

    def row(self, key: str, *columns: str) -> Any:
        """Columns of a name; of one, the bare value."""
        return ask(self.path, f"SELECT {', '.join(columns)} FROM names WHERE lookup_key = ?", [key])[0]

    def states(self) -> str:
        """All names with their states, in order: `甲 pending, 乙 failed/timeout`."""
        rows = ask(self.path, "SELECT lookup_key, state || coalesce('/' || reason, '') FROM names ORDER BY 1")
        return ", ".join(f"{key} {state}" for key, state in rows)
