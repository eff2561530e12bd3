"""Time: what the clock says, how moments are written, how to wait, and what goes on meanwhile.

Whatever stamps, waits, times out or starts a thread is handed a `Clock` and asks no other: a trial runs on
one whose minutes are short, a simulated world on one of its own, which decides whose turn it is to run. Only
this module reads the machine's clocks. Threads of the HTTP simulator are its own: it is the world outside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

UTC = timezone.utc  # datetime.UTC needs Python 3.11


class Clock:
    """The machine's clocks.

    minute_s: how many seconds a minute of waiting takes, fewer than 60 in time-scaled trials alone. Moments
    and durations that are measured are never scaled.
    """

    def __init__(self, time_scale: float = 1.0) -> None:
        self.minute_s = 60.0 / time_scale

    def now(self) -> datetime:
        """The moment by the wall clock, in UTC; it jumps when somebody sets the clock."""
        return datetime.now(UTC)

    def local_now(self) -> datetime:
        """The same moment as the clock on the wall shows it: local, without a zone."""
        return self.now().astimezone().replace(tzinfo=None)

    def monotonic(self) -> float:
        """Seconds since the machine started, at the most: the same ones for all processes; never back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so long; a signal whose handler raises ends it."""
        time.sleep(seconds)  # the one place where the product sleeps

    def wait(self, until: Callable[[float], bool], seconds: float) -> bool:
        """Wait until something happens, `seconds` at the most; whether it did.

        until: waits so many seconds for it at the most, as `threading.Event.wait` does.
        """
        return until(seconds)

    def acquire(self, lock: threading.Lock) -> None:
        """Wait for a lock for as long as it takes."""
        while not self.wait(lambda seconds: lock.acquire(timeout=seconds), threading.TIMEOUT_MAX):
            pass

    def start(self, work: Callable[[], None], name: str) -> threading.Thread:
        """Begin work in a thread of its own, which ends with the process at the latest."""
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread

    def executor(self, most: int, name: str) -> Executor:
        """An executor of `most` threads, which ends when its work is done."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(most, thread_name_prefix=name)

    def utc_now(self) -> str:
        """Now, as `utc_text` writes it."""
        return utc_text(self.now())

    def utc_in(self, seconds: float) -> str:
        """The moment `seconds` from now (before now, where negative), as `utc_text` writes it."""
        return utc_text(self.now() + timedelta(seconds=seconds))

    def seconds_until(self, moment: str) -> float:
        """Seconds from now to a moment that `utc_text` wrote, negative when it is past."""
        return (datetime.fromisoformat(moment) - self.now()).total_seconds()


SYSTEM_CLOCK = Clock()


def utc_text(moment: datetime) -> str:
    """An aware moment in UTC, such as `2026-11-23T04:05:06.123456+00:00`: the order of texts is that of time.

    Ledger and archive write moments so, and a resumed drain compares them.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
