"""One thread at a time: a baton goes from thread to thread, and time goes on when nobody can run.

Threads are real, so the product runs as it is. A thread gives the baton away where it waits by its clock, and
nowhere else; of those that can run the seed chooses the next. Time is virtual: it jumps to the next moment at
which something happens.
"""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable
from hashlib import sha256

from simulated.processes import Killed, Process

MOST_SWITCHES = 400_000  # of one step: more is a loop that does not end
LEAST_S = 1e-6  # of time that passes in a wait
YIELDS = 0.2  # how often a thread lets others go first where it need not wait
Until = Callable[[float], bool]


class Thread(threading.Thread):
    """A thread of a simulated process; whoever joins it waits by the scheduler."""

    def __init__(self, scheduler: Scheduler, process: Process, work: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.process = process
        self.ended = False
        self.gate = threading.Lock()
        self.gate.acquire()
        self.until: Until | None = None
        self.deadline = 0.0
        self.outcome: bool | None = True
        self._scheduler = scheduler
        self._work = work

    def run(self) -> None:
        """Work when the baton comes, and pass it on at the end."""
        self.gate.acquire()
        try:
            if not self.process.dead:
                self._work()
        except Killed:
            pass
        except BaseException as error:  # nobody else would hear of it
            self._scheduler.errors.append(error)
        self._scheduler.end(self)

    def is_alive(self) -> bool:
        """Whether it goes on, in the simulated world."""
        return not self.ended

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end; not at all where somebody only looks, which may be the scheduler itself."""
        if timeout is not None and timeout <= 0:
            return
        forever = threading.TIMEOUT_MAX if timeout is None else timeout
        self._scheduler.wait(lambda _seconds: self.ended, forever)


class Scheduler:
    """Whose turn it is, and what time it is. now: seconds since the world began."""

    def __init__(self, seed: object) -> None:
        self.now = 0.0
        self.errors: list[BaseException] = []
        self.stuck = ""
        self.current: Thread | None = None
        self.dice = random.Random(str(seed))
        self._threads: list[Thread] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0
        self._switches = 0
        self._driver = threading.Lock()
        self._driver.acquire()
        self._trace = sha256()

    @property
    def trace(self) -> str:
        """A digest of all that happened so far."""
        return self._trace.hexdigest()[:16]

    def note(self, *what: object) -> None:
        """Add something that happened to the trace."""
        self._trace.update(f"{self.now:.6f} {what!r}\n".encode())

    def at(self, moment: float, happens: Callable[[], None] = lambda: None) -> None:
        """Let something happen at a moment, if anybody is there to see it."""
        self._serial += 1
        heapq.heappush(self._events, (moment, self._serial, happens))

    def start(self, process: Process, work: Callable[[], None], name: str) -> Thread:
        """Begin a thread; it runs when the baton comes to it."""
        thread = Thread(self, process, work, name)
        self._threads.append(thread)
        process.threads.append(thread)
        threading.Thread.start(thread)
        return thread

    def run(self) -> None:
        """Hand the baton out, until no thread is left."""
        self._switches, self.stuck = 0, ""
        if not self._threads:
            return
        self._hand_on()
        self._driver.acquire()
        self._events.clear()
        self.current = None

    def wait(self, until: Until, seconds: float) -> bool:
        """Wait as `Clock.wait` does."""
        thread = self.current
        assert thread is not None
        thread.process.expect_alive()
        met = until(0.0)
        if (met or seconds <= 0) and self.dice.random() >= YIELDS:
            return met
        thread.until, thread.deadline = until, self.now + max(seconds, LEAST_S)
        thread.outcome = met if met or seconds <= 0 else None
        self._switch(thread)
        thread.process.expect_alive()
        if thread.process.interrupted and thread is thread.process.threads[0]:
            thread.process.interrupted = False
            raise KeyboardInterrupt
        return bool(thread.outcome)

    def end(self, thread: Thread) -> None:
        """Let a thread be over, and with the first thread of a process all of them."""
        thread.ended = True
        self._threads.remove(thread)
        if thread is thread.process.threads[0]:
            thread.process.dead = True
        self._hand_on()

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep: the world goes on, its monotonic clock does not."""
        self.now += seconds
        for thread in self._threads:
            thread.deadline += seconds
        for machine in {thread.process.machine for thread in self._threads}:
            machine.asleep_s += seconds

    def _switch(self, thread: Thread) -> None:
        chosen = self._choose()
        if chosen is thread:
            return
        self._give(chosen)
        thread.gate.acquire()

    def _hand_on(self) -> None:
        self._give(self._choose())

    def _give(self, thread: Thread | None) -> None:
        self.current = thread
        (thread.gate if thread else self._driver).release()

    def _choose(self) -> Thread | None:
        """The thread that runs next; None when none is left."""
        self._switches += 1
        while self._threads:
            if self._switches > MOST_SWITCHES and not self.stuck:
                self._give_up("it goes on for ever")
            ready = self._dead() or [thread for thread in self._threads if self._is_ready(thread)]
            if ready:
                return ready[self.dice.randrange(len(ready))] if len(ready) > 1 else ready[0]
            if not self._go_on():
                self._give_up("all threads wait for each other")
        return None

    def _dead(self) -> list[Thread]:
        """Threads of dead processes end before anything else happens."""
        return [thread for thread in self._threads if thread.process.dead][:1]

    def _is_ready(self, thread: Thread) -> bool:
        if self.now < thread.process.stopped_until:
            return False
        if thread.outcome is None:
            if thread.process.interrupted and thread is thread.process.threads[0]:
                thread.outcome = False
            elif thread.until is not None and thread.until(0.0):
                thread.outcome = True
            elif thread.deadline <= self.now:
                thread.outcome = False
        return thread.outcome is not None

    def _go_on(self) -> bool:
        """Let time go on to the next moment at which something happens; whether there is one."""
        moments = [max(thread.deadline, thread.process.stopped_until) for thread in self._threads]
        moments += [event[0] for event in self._events[:1]]
        moment = min(moments)
        if moment > self.now + 1e8:
            return False
        self.now = max(self.now, moment)
        while self._events and self._events[0][0] <= self.now:
            heapq.heappop(self._events)[2]()
        return True

    def _give_up(self, why: str) -> None:
        self.stuck = why
        for thread in self._threads:
            thread.process.dead = True


def never(_seconds: float) -> bool:
    """What nobody waits for but to let time pass."""
    return False
