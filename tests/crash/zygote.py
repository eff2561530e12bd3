"""A process that has eqcbatch imported and forks a drain for each line it reads; each can be killed anywhere.

A line on stdin is JSON: {"arguments": [...], "environment": {...}, "kill_at": N or null, "trace": path}.
The answer on stdout is one JSON line: {"status": waitstatus}. In the child every boundary, that is every
commit of ledger, archive and Postgres, every write of the pace file, every request and every answer, is
counted before and after it happens; at the N-th count the child sends itself SIGKILL. The product's code has
no hook for this: the seams wrapped here are those of sqlite3, psycopg, os and the transport.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import psycopg

from eqcbatch import render
from eqcbatch.cli.app import main
from eqcbatch.cli.terminal import progress
from eqcbatch.eqc.transport import Transport

PRELOADED = (progress, render)  # the command imports them when it needs them; here before any fork
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Boundaries:
    """Counts the boundaries of a run, writes a line for each, and kills the process at the chosen one."""

    def __init__(self, kill_at: int | None, trace: Path) -> None:
        self._kill_at = kill_at
        self._trace = os.open(trace, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def around(self, what: str, detail: str = "") -> Iterator[None]:
        """Two boundaries: before and after the block."""
        self._reach(f"before {what}", detail)
        yield
        self._reach(f"after {what}", detail)

    def _reach(self, what: str, detail: str) -> None:
        with self._lock:
            self._count += 1
            line = {"at": time.monotonic(), "what": what, "detail": detail, "count": self._count}
            os.write(self._trace, (json.dumps(line, ensure_ascii=False) + "\n").encode())
            if self._count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()


def wrap_everything(boundaries: Boundaries) -> None:
    """Put the boundaries around the seams, in this process only."""
    _wrap_sqlite(boundaries)
    _wrap(boundaries, psycopg.transaction.Transaction, "__exit__", "Postgres commit")
    _wrap(boundaries, os, "replace", "pace file write")
    get = Transport.get

    def watched_get(self: Transport, url: str, params: Any, *others: Any) -> Any:
        with boundaries.around("request", params.get("key", "")):
            return get(self, url, params, *others)

    setattr(Transport, "get", watched_get)  # noqa: B010


def _wrap(boundaries: Boundaries, owner: Any, name: str, what: str) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def watched(*arguments: Any, **options: Any) -> Any:
        with boundaries.around(what):
            return original(*arguments, **options)

    setattr(owner, name, watched)


def _wrap_sqlite(boundaries: Boundaries) -> None:
    connect = sqlite3.connect

    def watched_connect(path: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
        where = "archive commit" if "answers" in str(path) else "ledger commit"

        class Watched(sqlite3.Connection):
            def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
                word = sql.split(None, 1)[0].upper().rstrip(";")
                if word == "COMMIT" or (word in _WRITES and not self.in_transaction):
                    with boundaries.around(where):
                        return super().execute(sql, *parameters)
                return super().execute(sql, *parameters)

        return connect(path, *arguments, factory=Watched, **options)

    setattr(sqlite3, "connect", watched_connect)  # noqa: B010


def run_child(order: dict[str, Any]) -> NoReturn:
    """Be the drain that was ordered."""
    os.environ.update(order["environment"])
    output = os.open(order["trace"] + ".output", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    wrap_everything(Boundaries(order["kill_at"], Path(order["trace"])))
    try:
        main(order["arguments"])
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(int(ended.code or 0))
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)


def serve() -> None:
    """Fork a child for each order, one after the other."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            run_child(order)
        _pid, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    serve()
