"""Sessions of the drain and of checks: when each began and ended, and why."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from eqcbatch.clock import Clock, utc_text
from eqcbatch.domain.model import ExitReason, Outcome, Rulebook
from eqcbatch.ledger.conditions import LAST_SIGN_OF_LIFE
from eqcbatch.ledger.rulebooks import keep_rulebook
from eqcbatch.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its row says. Its moments are UTC ISO-8601.

    ended_at, exit_reason: None of one that runs, or died and was not resumed. requests: booked in it.
    """

    id: int
    started_at: str
    ended_at: str | None
    exit_reason: ExitReason | None
    requests: int
    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class LatestReply:
    """What a request came to. ago_s: seconds since then. elapsed_s: how long it took."""

    outcome: Outcome
    ago_s: float
    elapsed_s: float


_DAY_S = 24 * 3600.0
_COLUMNS = ", ".join(SessionRow.__dataclass_fields__)


class Sessions:
    """Who asked EQC, and for how long; what was asked is in `requests`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def open(
        self,
        budget: int | None,
        rulebook: Rulebook | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> SessionRow:
        """Begin a session; `budget` None means no limit.

        rulebook: what it judges by. settings: how else it is run, for the record.
        """
        began, pid, host = self._clock.utc_now(), os.getpid(), socket.gethostname()
        told = None if settings is None else json.dumps(settings, ensure_ascii=False)
        with self._db.atomic():
            number = keep_rulebook(self._db, rulebook) if rulebook else None
            cursor = self._db.execute(
                """INSERT INTO sessions (started_at, pid, host, budget, rulebook, settings)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [began, pid, host, budget, number, told],
            )
        return SessionRow(int(cursor.lastrowid or 0), began, None, None, 0, pid, host)

    def unended(self) -> list[SessionRow]:
        """Sessions without an end; for the holder of the ledger's lock these are the dead ones."""
        return self._read("WHERE ended_at IS NULL")

    def latest_drain(self) -> SessionRow | None:
        """The drain that began last; None before the first."""
        found = self._read(f"WHERE exit_reason IS NOT '{ExitReason.CHECK}' ORDER BY id DESC LIMIT 1")
        return found[0] if found else None

    def end(self, session_id: int, exit_reason: ExitReason, waiting_s: float, processing_s: float) -> None:
        """End a session: why, and where its time went besides the network."""
        self._db.execute(
            """UPDATE sessions SET ended_at = ?, exit_reason = ?, waiting_s = ?, processing_s = ?
               WHERE id = ? AND ended_at IS NULL""",
            [self._clock.utc_now(), str(exit_reason), waiting_s, processing_s, session_id],
        )

    def end_dead(self, living: int | None = None) -> None:
        """End the sessions that died, at the time of their last sign of life; not the `living` one."""
        self._db.execute(
            f"""UPDATE sessions SET exit_reason = '{ExitReason.DIED}', ended_at = {LAST_SIGN_OF_LIFE}
                WHERE ended_at IS NULL AND id IS NOT ?""",
            [living],
        )

    def requests_within_a_day(self) -> int:
        """Requests booked in the last 24 hours, over all sessions.

        The clock may have been wrong when one was booked. A stamp of the future counts as of now, unless it
        is more than a day ahead, or a later session shows that it is older than a day: a clock that was a
        month ahead for one night costs no other night, and one that is set back by hours lends none.
        """
        return len(self._within_a_day())

    def day_goes_on(self, daily_budget: int) -> str | None:
        """When (UTC) one more request fits into the budget of 24 hours; None if one does now."""
        booked = self._within_a_day()
        if len(booked) < daily_budget:
            return None
        leaves = datetime.fromisoformat(booked[-daily_budget]) + timedelta(seconds=_DAY_S)
        return utc_text(leaves)

    def _within_a_day(self) -> list[str]:
        """When each of them was booked, oldest first."""
        rows = self._db.execute(
            """SELECT started_at FROM requests
               WHERE started_at >= :yesterday AND started_at <= :tomorrow
                 AND (started_at <= :now OR NOT EXISTS (SELECT 1 FROM sessions
                      WHERE sessions.id > requests.session_id AND sessions.started_at < :yesterday))
               ORDER BY started_at""",
            {
                "yesterday": self._clock.utc_in(-_DAY_S),
                "now": self._clock.utc_now(),
                "tomorrow": self._clock.utc_in(_DAY_S),
            },
        )
        return [started_at for (started_at,) in rows]

    # of the session that has no end, as a sign that it lives

    def latest_reply(self) -> LatestReply | None:
        """The latest reply in the session that has not ended; None without one."""
        row = self._db.execute(
            """SELECT outcome, finished_at, elapsed_ms FROM requests
               WHERE session_id = (SELECT max(id) FROM sessions WHERE ended_at IS NULL)
                 AND elapsed_ms IS NOT NULL
               ORDER BY id DESC LIMIT 1"""
        ).fetchone()
        if row is None:
            return None
        outcome, finished_at, elapsed_ms = row
        return LatestReply(Outcome(outcome), -self._clock.seconds_until(finished_at), elapsed_ms / 1000)

    def requests_a_minute(self, most_minutes: float = 5.0) -> float:
        """How fast the session that has not ended was of late; 0 without one."""
        (began,) = self._db.execute("SELECT max(started_at) FROM sessions WHERE ended_at IS NULL").fetchone()
        if began is None:
            return 0.0
        minutes = min(most_minutes, max(1 / 60, -self._clock.seconds_until(began) / 60))
        return self._requests_since(max(began, self._clock.utc_in(-minutes * 60))) / minutes

    def _requests_since(self, moment: str) -> int:
        (count,) = self._db.execute(
            "SELECT count(*) FROM requests WHERE started_at >= ?", [moment]
        ).fetchone()
        return int(count)

    def _read(self, which: str) -> list[SessionRow]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM sessions {which}")
        return [_row(*row) for row in rows]


def _row(
    number: int, began: str, ended: str | None, reason: str | None, requests: int, pid: int, host: str
) -> SessionRow:
    return SessionRow(number, began, ended, ExitReason(reason) if reason else None, requests, pid, host)
