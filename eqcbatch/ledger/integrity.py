"""Reading the whole ledger for damage: at once, or while others work.

Why: docs/decisions/0015.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from eqcbatch.clock import Clock
from eqcbatch.errors import LedgerUnusable

_LET_GO_S = 0.02  # between calls to stop: one that comes before the reading began is not heard


def verify(connection: sqlite3.Connection, path: Path) -> None:
    """Read all of it, which takes seconds at a million names. Raises LedgerUnusable if there is damage."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise LedgerUnusable(
            f"The ledger {path} is damaged ({found}). Restore a backup, or rescue what can be "
            "read by `sqlite3 LEDGER .recover`."
        )


class IntegrityCheck:
    """Reads the whole ledger in a thread and on a connection of its own; nobody else has to wait."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._trouble: LedgerUnusable | sqlite3.Error | None = None
        self._thread = clock.start(self._read, "integrity check")

    def passed(self, wait_s: float = 0.0) -> bool:
        """Whether all is read and well, after waiting for that so long.

        Raises LedgerUnusable, or what SQLite says, where it is not well.
        """
        if not self._clock.wait(self._ended_within, wait_s):
            return False
        if self._trouble:
            raise self._trouble
        return True

    def stop(self) -> None:
        """Read no further."""
        while self._thread.is_alive():
            self._connection.interrupt()
            self._thread.join(_LET_GO_S)
        self._connection.close()

    def _ended_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _read(self) -> None:
        try:
            verify(self._connection, self._path)
        except (LedgerUnusable, sqlite3.Error) as trouble:
            self._trouble = trouble
