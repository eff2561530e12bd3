"""The rate limiter: one small file a user and EQC host, so that all processes of the user share one rate
(P3).

Its times are of the system-wide monotonic clock: setting the system's clock ahead changes nothing, and
after a restart of the machine old stamps can only look younger than they are (`RateWindow.seen_from`).
In a time namespace that clock may run ahead: then less time has passed by the clock on the wall.

Why: docs/decisions/0007.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from eqcbatch.atomic_write import make_directory, make_lasting
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.rate_limit import MOST_KEPT, RateWindow
from eqcbatch.eqc.pace_file import Moment, expect_pace_file, lock_of_pace, read_pace, text_of_pace
from eqcbatch.eqc.state_directory import state_directory
from eqcbatch.errors import BadInput, EqcbatchError, LedgerUnusable, PaceHeld
from eqcbatch.file_locks import Timeout, file_lock, why_unlockable
from eqcbatch.settings import Rate

_POLL_S = 0.005  # between looks whether another process has let go of the file
_PATIENCE_S = 10.0  # with another process that has it: it is done when the ledger has its row, or never


def default_pace_file(eqc_url: str) -> Path:
    """Return where the send times of this EQC host are kept.

    EQCBATCH_PACE_FILE names the file; else the user and EQC's host alone do, whatever the environment says
    and however this machine is called: a new container on an old home goes on with the same window.
    Raises BadInput if what stands there is no pace file, or another's.
    """
    named = os.environ.get("EQCBATCH_PACE_FILE")
    if named:
        return expect_pace_file(Path(named))
    digest = hashlib.sha256(_server(eqc_url).encode()).hexdigest()[:16]
    return expect_pace_file(state_directory() / f"pace-{digest}.json")


def _server(url: str) -> str:
    """Host and port of a URL, in one spelling: `eqc.pingan.com` for `HTTPS://EQC.pingan.com.:443/`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


class Turn:
    """One look at the shared window, while its file is locked.

    delay_s: 0 means the turn may be taken. taken: requests in the window so far.
    """

    def __init__(self, limiter: RateLimiter, window: RateWindow, now: float) -> None:
        self._limiter = limiter
        self._window = window
        self.delay_s = window.delay(now, limiter.rate)
        self.taken = window.taken(now, limiter.rate)

    def take(self) -> float:
        """Count a request as sent now; the stamp to confirm when it really is."""
        now = self._limiter.clock.monotonic()
        self._limiter.store(self._window.after_sending(now, self._limiter.rate))
        return now


class RateLimiter:
    """The window that all processes share. rate: what this one keeps to; it may be lowered as it runs."""

    def __init__(self, path: Path, rate: Rate, clock: Clock = SYSTEM_CLOCK) -> None:
        self.rate = rate
        self.clock = clock
        self._path = path
        # As this process wrote it last.
        self._stored: tuple[bytes | None, RateWindow, Moment | None] = None, RateWindow(), None
        try:
            make_directory(path.parent, mode=0o700)
        except OSError as error:
            raise self._unusable(error) from error
        self._lock = file_lock(lock_of_pace(path))
        with self._locked():
            self._load()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Look at the window with the file locked, so that no other process takes the same turn."""
        with self._locked():
            yield Turn(self, self._load(), self.clock.monotonic())

    def transmit(
        self, stamp: float, send: Callable[[], None], in_time: Callable[[], bool] = lambda: True
    ) -> bool:
        """Send the request that took its turn at `stamp`; return whether it went.

        Connecting takes time, and a process may be stopped and go on. Where the window's guard does not cover
        by far what has passed since, the turn is taken anew, if there is one; what is not `in_time` any more
        does not go. The file is locked while the first byte goes: whoever is stopped here sends before
        anybody else looks, and is counted by when it went. What `send` raises is raised.
        """
        failure: Exception | None = None
        with self._locked():
            taken = self._still_taken(stamp) if in_time() else None
            if taken is None:
                return False
            try:
                send()
            except Exception as error:  # whatever the network says: raised below, not told as the file's
                failure = error
            sent = self.clock.monotonic()
            if sent - taken >= self._covered_s:
                self.store(self._load().without(taken).after_sending(sent, self.rate))
        if failure is not None:
            raise failure
        return True

    @property
    def _covered_s(self) -> float:
        """For how long after its turn the window's guard covers a request by far."""
        return (self.rate.window_s - self.rate.period_s) / 4

    def _still_taken(self, stamp: float) -> float | None:
        """Return the stamp, or that of another turn where it is too old; None where there is none."""
        now = self.clock.monotonic()
        if now - stamp < self._covered_s:
            return stamp
        window = self._load().without(stamp)
        if window.delay(now, self.rate) > 0:
            return None
        self.store(window.after_sending(now, self.rate))
        return now

    def pause(self, seconds: float) -> None:
        """Let every process of this user leave EQC alone for `seconds`, after a power cut as well."""
        with self._locked():
            self.store(self._load().after_pause(self.clock.monotonic(), seconds))
            make_lasting(self._path)

    def expect_writable(self) -> None:
        """Write the window as it is. Raises an EqcbatchError that says why if it cannot be kept."""
        with self._locked():
            self.store(self._load())

    def store(self, window: RateWindow) -> None:
        """Write the window in place: a file that takes another's place is sent to the disk at once.

        A kill amid this leaves the old text or the new one, where it fits into a page of memory (200 times
        do); a mixture of both is known by its checksum.
        """
        moment = self._now()
        text = text_of_pace(window, moment)
        with os.fdopen(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(text)
            file.truncate()
        if self.rate.outlasts_a_restart:
            make_lasting(self._path)
        self._stored = text, window, moment

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock.acquire(timeout=_PATIENCE_S, poll_interval=_POLL_S):
                yield
        except Timeout:
            raise PaceHeld(
                f"The pace file {self._path} is held by a process of ours that does not go on: it was "
                "stopped, or waits for its disk. See to it, then run `eqcbatch drain --resume`."
            ) from None
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> EqcbatchError:
        kind = LedgerUnusable if error.errno == errno.ENOSPC else BadInput
        if why := why_unlockable(error):
            return kind(f"The pace file {self._path} cannot be locked: {why}, by EQCBATCH_PACE_FILE.")
        return kind(
            f"The pace file {self._path} cannot be written: {error.strerror or error}. "
            "Name a writable one in EQCBATCH_PACE_FILE."
        )

    def _now(self) -> Moment:
        return Moment(self.clock.monotonic(), self.clock.now().timestamp())

    def _load(self) -> RateWindow:
        """The window as kept; what cannot be read counts as a full window just now, whoever looks at it."""
        now = self._now()
        try:
            text = self._path.read_bytes()
            known = text == self._stored[0]
            window, written = self._stored[1:] if known else read_pace(text)
        except FileNotFoundError:
            return RateWindow()
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            window, written = RateWindow(sent=(float("inf"),) * max(self.rate.limit, MOST_KEPT)), None
        seen = window.seen_from(now.monotonic, now.ahead_of(written) if written else 0.0)
        if seen != window:
            self.store(seen)
        return seen
