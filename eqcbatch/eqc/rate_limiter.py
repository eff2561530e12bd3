"""The pace file: one per user and EQC host, so that every process of the user shares one rate (promise P3).

Its times are of the system-wide monotonic clock: setting the system's clock changes nothing, and
after a restart of the machine old stamps can only look younger than they are (`Pace.seen_from`).
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from filelock import FileLock
from platformdirs import user_state_path

from eqcbatch.domain.rate_limit import MOST_KEPT, Pace
from eqcbatch.errors import BadInput, EqcbatchError, LedgerUnusable
from eqcbatch.settings import Rate

_POLL_S = 0.005  # between looks whether another process has let go of the file


def default_pace_file(eqc_url: str) -> Path:
    """Where the pace of this EQC host is kept: EQCBATCH_PACE_FILE, else the user's state directory."""
    named = os.environ.get("EQCBATCH_PACE_FILE")
    if named:
        return Path(named)
    where = f"{_server(eqc_url)} {socket.gethostname()}"
    digest = hashlib.sha256(where.encode()).hexdigest()[:16]
    return user_state_path("eqcbatch", appauthor=False) / f"pace-{digest}.json"


def _server(url: str) -> str:
    """Host and port of a URL, in one spelling: `eqc.pingan.com` for `HTTPS://EQC.pingan.com.:443/`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


class Turn:
    """One look at the shared pace, while its file is locked.

    delay_s: 0 means the turn may be taken. taken: requests in the window so far.
    """

    def __init__(self, file: PaceFile, pace: Pace, now: float) -> None:
        self._file = file
        self._pace = pace
        self.delay_s = pace.delay(now, file.rate)
        self.taken = pace.taken(now, file.rate)

    def take(self) -> float:
        """Count a request as sent now; the stamp to confirm when it really is."""
        now = self._file.clock()
        self._file.store(self._pace.after_sending(now, self._file.rate))
        return now


class PaceFile:
    """The shared pace. rate: what this session keeps to; it may be lowered while the session runs."""

    def __init__(self, path: Path, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.clock = clock
        self._path = path
        self._stored: tuple[bytes | None, Pace] = None, Pace()  # as this process wrote it last
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        self._lock = FileLock(path.with_name(path.name + ".lock"), mode=0o600)
        with self._locked():
            self._load()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Look at the pace with the file locked, so that no other process takes the same turn."""
        with self._locked():
            yield Turn(self, self._load(), self.clock())

    def confirm(self, stamp: float) -> None:
        """Let the request that took its turn at `stamp`, and goes out now, count as sent now.

        Connecting takes time. The file is left alone while the window's guard covers it by far.
        """
        if self.clock() - stamp >= (self.rate.window_s - self.rate.period_s) / 4:
            with self._locked():
                self.store(self._load().after_confirming(stamp, self.clock()))

    def pause(self, seconds: float) -> None:
        """Let every process of this user leave EQC alone for `seconds`."""
        with self._locked():
            self.store(self._load().after_pause(self.clock(), seconds))

    def store(self, pace: Pace) -> None:
        """Write the pace in place: a file that takes another's place is sent to the disk at once.

        A kill amid this leaves the old text or the new one, where it fits into a page of memory (200 times
        do); a mixture of both is known by its checksum.
        """
        text = _text_of(pace)
        with os.fdopen(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(text)
            file.truncate()
        self._stored = text, pace

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock.acquire(poll_interval=_POLL_S):
                yield
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> EqcbatchError:
        kind = LedgerUnusable if error.errno == errno.ENOSPC else BadInput
        return kind(
            f"The pace file {self._path} cannot be written: {error.strerror or error}. "
            "Name a writable one in EQCBATCH_PACE_FILE."
        )

    def _load(self) -> Pace:
        """The pace as kept; what cannot be read counts as a full window just now, whoever looks at it."""
        now = self.clock()
        try:
            text = self._path.read_bytes()
            pace = self._stored[1] if text == self._stored[0] else _read_pace(text)
        except FileNotFoundError:
            return Pace()
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            pace = Pace(sent=(float("inf"),) * max(self.rate.limit, MOST_KEPT))
        seen = pace.seen_from(now)
        if seen != pace:
            self.store(seen)
        return seen


def _text_of(pace: Pace) -> bytes:
    """A line of JSON, and a line with its checksum."""
    content = json.dumps({"sent": pace.sent, "paused_at": pace.paused_at, "pause_s": pace.pause_s}).encode()
    return b"%b\n%08x\n" % (content, crc32(content))


def _read_pace(text: bytes) -> Pace:
    content, checksum, *_ = text.split(b"\n")
    if int(checksum, 16) != crc32(content):
        raise ValueError("a file that was not written whole")
    kept = json.loads(content)
    pace = Pace(tuple(sorted(map(float, kept["sent"]))), float(kept["paused_at"]), float(kept["pause_s"]))
    if not all(map(math.isfinite, (*pace.sent, pace.paused_at, pace.pause_s))):
        raise ValueError("a time that is none")
    return pace
