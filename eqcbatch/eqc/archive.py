"""The archive: every usable answer of EQC as it came, in a requests-cache SQLite file beside the ledger.

It is a store and nothing more: it never decides whether a request is sent. requests-cache writes
through a SQLite backend that swallows failed commits and waits forever on a file it cannot lock
(seen on 1.3.3), so this one brings its own transactions: full-sync WAL, and errors are errors.

Why: docs/decisions/0001.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from requests.structures import CaseInsensitiveDict
from requests_cache.backends.sqlite import SQLiteDict
from requests_cache.models.request import CachedRequest
from requests_cache.models.response import CachedResponse
from requests_cache.serializers.pipeline import SerializerPipeline, Stage
from requests_cache.serializers.preconf import json_preconf_stage

from eqcbatch.clock import SYSTEM_CLOCK, Clock, utc_text
from eqcbatch.domain.model import Endpoint
from eqcbatch.errors import LedgerUnusable

# requests-cache's own `json`, which reads what this one writes, indents: that takes twice the time.
_JSON = SerializerPipeline([json_preconf_stage, Stage(dumps=json.dumps, loads=json.loads)], name="json")
_BUSY_TIMEOUT_S = 5.0  # for another process to let go of the file


class ArchiveUnusable(LedgerUnusable):
    """The archive of answers cannot be used. Nothing is lost: mend it, or delete it, and resume."""


@dataclass(frozen=True, slots=True)
class ArchivedAnswer:
    """A usable answer as it came. archived_at: UTC ISO-8601, as the ledger writes times."""

    status: int
    body: bytes
    archived_at: str

    @property
    def sha256(self) -> str:
        """The hash of its body."""
        return hashlib.sha256(self.body).hexdigest()


class _NotKept(Exception):
    """What was written is not what stands there."""


class _BareAnswer(CachedResponse):
    """An answer to be written: nobody reads it as a stream, so it imitates no response of urllib3."""

    raw: Any = "none"


class _Answers(SQLiteDict):
    """requests-cache's SQLite table with one honest transaction a write, each of them read back."""

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    self.db_path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
                )
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA fullfsync = ON")  # on macOS, past the drive's own cache
            if not commit:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def __setitem__(self, key: str, answer: CachedResponse) -> None:
        text = self.serialize(answer)
        with self.connection(commit=True) as connection:
            connection.execute("INSERT OR REPLACE INTO responses (key, value) VALUES (?, ?)", (key, text))
        with self.connection() as connection:
            kept = connection.execute("SELECT value FROM responses WHERE key = ?", (key,)).fetchone()
        if kept != (text,):
            raise _NotKept

    def deserialize(self, key: str, value: Any) -> CachedResponse | None:
        """The answer, None where the entry is damaged, in whatever way."""
        with suppress(Exception):
            answer = super().deserialize(key, value)
            return answer if isinstance(answer, CachedResponse) else None
        return None


class Archive:
    """The answers by question. Threads may share it."""

    def __init__(self, path: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        self._path = path
        self._clock = clock
        self._answers = _Answers(path, table_name="responses", serializer=_JSON)

    def keep(self, endpoint: Endpoint, parameter: str, url: str, status: int, body: bytes) -> ArchivedAnswer:
        """Archive a usable answer and read it back; ArchiveUnusable unless what is kept equals it.

        url: where it came from, without credentials and query.
        """
        answer = _bare_answer(url, status, body, self._clock.now())
        try:
            with self._explained():
                self._answers[answer_key(endpoint, parameter)] = answer
        except _NotKept:
            raise ArchiveUnusable(
                f"The archive {self._path} does not keep what is written to it. "
                "Free some space, or delete it; then resume."
            ) from None
        return ArchivedAnswer(status, body, utc_text(answer.created_at))

    def find(self, endpoint: Endpoint, parameter: str) -> ArchivedAnswer | None:
        """The archived answer to this question, None without one (or where the entry is damaged)."""
        with self._explained():
            kept = self._answers.get(answer_key(endpoint, parameter))
        if kept is None:
            return None
        return ArchivedAnswer(kept.status_code, kept.content or b"", utc_text(kept.created_at))

    def supersede(self, endpoint: Endpoint, *parameters: str) -> None:
        """Forget answers, so that their questions are asked anew."""
        with self._explained():
            keys = [answer_key(endpoint, parameter) for parameter in parameters]
            self._answers.bulk_delete(keys)  # type: ignore[no-untyped-call]

    def verify(self) -> None:
        """Read the whole file for damage; ArchiveUnusable if there is any."""
        with self._explained(), self._answers.connection() as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)

    def close(self) -> None:
        """Close the file."""
        self._answers.close()  # type: ignore[no-untyped-call]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveUnusable(
                f"The archive {self._path} is not usable ({error}). Make it writable and free some space, "
                "or delete it (its answers would be asked again); then resume."
            ) from error


@contextmanager
def open_archive(path: Path, clock: Clock = SYSTEM_CLOCK) -> Iterator[Archive]:
    """Open the archive, making it where it is missing; ArchiveUnusable if it cannot be used."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite opens read-only files happily
        archive = Archive(path, clock)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveUnusable(
            f"The archive {path} is not usable ({error}). Make it writable and free some space, "
            "or delete it (its answers would be asked again); then resume."
        ) from error
    try:
        yield archive
    finally:
        archive.close()


@contextmanager
def archive_to_read(path: Path) -> Iterator[Archive | None]:
    """Open the archive to look something up; None where there is none, or none that can be read."""
    archive = None
    if path.exists():
        with suppress(OSError, sqlite3.Error, ArchiveUnusable):
            archive = Archive(path)
            archive.find(Endpoint.SEARCH, "")  # whether it can be read at all
    try:
        yield archive
    finally:
        if archive:
            archive.close()


def answer_key(endpoint: Endpoint, parameter: str) -> str:
    """Under what an answer to this question is kept."""
    # requests-cache writes the key into its SQL text unescaped: only a digest is safe there.
    return hashlib.sha256(f"{endpoint}\n{parameter}".encode("utf-8", "surrogatepass")).hexdigest()


def _bare_answer(url: str, status: int, body: bytes, now: datetime) -> CachedResponse:
    """The answer without cookies and without any header of the request."""
    return _BareAnswer(
        content=body,
        created_at=now,
        encoding="utf-8",
        headers=CaseInsensitiveDict({"Content-Type": "application/json;charset=UTF-8"}),
        request=CachedRequest(method="GET", url=url),
        status_code=status,
        url=url,
    )
