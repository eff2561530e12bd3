"""What runs, and dies: a process on a machine, with clocks of its own."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class Killed(BaseException):
    """The process of this thread is dead: nothing of it does anything any more."""


@dataclass(eq=False, slots=True)
class Machine:
    """A machine. booted_at: by the world's time; asleep_s: how long it was suspended since. wall_ahead_s: of
    its wall clock before the world's time; set_at: when somebody set that last.
    """

    booted_at: float = -100_000.0
    asleep_s: float = 0.0
    wall_ahead_s: float = 0.0
    set_at: float = -math.inf


@dataclass(eq=False, slots=True)
class Process:
    """A process of eqcbatch.

    stopped_until: by SIGSTOP. writes: of SQLite so far. at_write: called with its number before each of
    them; what it returns is SQLite's error, 0 for none. on_signal: what a signal calls. interrupted:
    whether a second one came, which is raised where the first thread waits.
    """

    name: str
    machine: Machine
    dead: bool = False
    killed: bool = False
    stopped_until: float = 0.0
    interrupted: bool = False
    writes: int = 0
    at_write: Callable[[int], int] | None = None
    on_signal: Callable[[int], None] | None = None
    threads: list[threading.Thread] = field(default_factory=list)

    @contextmanager
    def signals(self, ask_to_stop: Callable[[int], None]) -> Iterator[None]:
        """Let a signal ask to stop during the block."""
        self.on_signal = ask_to_stop
        try:
            yield
        finally:
            self.on_signal = None

    def expect_alive(self) -> None:
        """Raise Killed in a thread of a process that is dead."""
        if self.dead:
            raise Killed
