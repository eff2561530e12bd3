"""The world of one seed: its time, its EQC, its Postgres, its disk, and the processes that run in it."""

from __future__ import annotations

import gc
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from eqcbatch.drain import dispatcher, session
from eqcbatch.eqc import rate_limiter
from simulated import vfs
from simulated.blows import Blows
from simulated.commands import Surroundings
from simulated.disk import Disk
from simulated.eqc_server import SimulatedEqc, Spell, Weather
from simulated.homes import Home
from simulated.network import connected_to
from simulated.postgres_model import PostgresWeather, Server
from simulated.processes import Machine, Process
from simulated.registry import ChangingRegistry
from simulated.scheduler import Scheduler
from simulated.story import HOMES, Step
from simulated.truth import Truth

SLICE_S = 5.0  # of the product's waits, in place of half a second: nights are simulated quicker
RENEWABLE, RENEWED = 0.85, 0.85  # tokens of processes: that a file brings, and that somebody renews at once
WRITTEN_AFTER_S = 30.0  # is on the disk whatever was written
_ZONE = {name: value for name, value in os.environ.items() if name == "TZ"}


@cache
def _freeze() -> None:
    """What is there for ever is not looked through again and again."""
    gc.freeze()


@dataclass(slots=True)
class Ran:
    """A process that ran, and what it came to. files: what its death left. until: its end by the wall."""

    process: Process
    home: Home
    step: Step
    value: Any = None
    error: BaseException | None = None
    files: dict[str, bytes] | None = None
    began: float = 0.0
    ended: float = 0.0
    signalled_at: float = 0.0
    until: float | None = None


@dataclass(slots=True)
class Figures:
    """What a run came to. faults: what went wrong, by kind."""

    nights: int = 0
    months: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """Count another run, too."""
        self.nights += other.nights
        self.months += other.months
        self.requests += other.requests
        self.faults += other.faults


class World:
    """One world, in a directory of its own."""

    def __init__(self, seed: object, directory: Path) -> None:
        self.figures = Figures()
        self.scheduler = Scheduler(seed)
        self.machine = Machine()
        self.eqc = SimulatedEqc(self.scheduler, ChangingRegistry(seed))
        self.server = Server(lambda: self.scheduler.now, random.Random(f"postgres {seed}"))
        self.disk = Disk(self._running)
        self.pace = directory / "pace.json"
        self.lasting_pace: bytes | None = None  # no file
        self.homes = {name: Home(name, directory, self.disk) for name in HOMES}
        self.truth = Truth(self.eqc)
        self.asked_twice: list[tuple[Any, str]] = []
        self.blows = Blows(self)
        self._processes = 0
        self.running: list[Ran] = []
        for home in self.homes.values():
            home.found()
        self._bring_token()

    @contextmanager
    def living(self) -> Iterator[None]:
        """Let the product run in this world for the block."""
        files = vfs.watched_files()
        random.seed(1)
        with (
            files.watched_by(self.disk) if files else nullcontext(),
            connected_to(self.scheduler, lambda: self.eqc),
            patch.dict(os.environ, _ZONE, clear=True),  # no proxies, and no token
            patch.object(rate_limiter, "make_lasting", self._make_lasting),
            patch.object(dispatcher, "SLICE_S", SLICE_S),
            patch.object(session, "SLICE_S", SLICE_S),
        ):
            _freeze()
            gc.disable()
            try:
                yield
            finally:
                self.disk.close()
                gc.enable()
        self.figures.faults += self.eqc.faults + self.server.faults
        self.figures.requests = len(self.eqc.asked)

    def _make_lasting(self, pace: Path) -> None:
        """Note what of the pace file a power cut leaves."""
        self.lasting_pace = pace.read_bytes() if pace.exists() else None

    def _running(self) -> Process | None:
        thread = self.scheduler.current
        return thread.process if thread else None

    def settle(self, step: Step) -> None:
        """Time passes, and everything is well again, but for what the step has of its own."""
        if step.after_s >= WRITTEN_AFTER_S:
            self.disk.settle()
            self._make_lasting(self.pace)
        self.scheduler.now += step.after_s
        now = self.scheduler.now
        weather = dict(step.weather)
        spell = weather.pop("spell", None)
        spells = (Spell(spell[0], now + spell[1], now + spell[1] + spell[2], spell[3]),) if spell else ()
        self.eqc.weather = Weather(step.seed, spells=spells, **weather)
        postgres = step.postgres.get("spell")
        told = [(postgres[0], now + postgres[1], now + postgres[1] + postgres[2])] if postgres else []
        self.server.weather = PostgresWeather(told, step.postgres.get("breaks", 0.0))
        self._bring_token()

    def _bring_token(self) -> None:
        path = self.pace.parent / "token"
        path.write_text(self.eqc.token)
        path.chmod(0o600)

    def token_dies(self, renewed: bool) -> None:
        """Let EQC take another token from now on; whether somebody brings it at once."""
        self.eqc.token = f"token-{len(self.eqc.asked)}-{self._processes}"
        if renewed:
            self._bring_token()

    # processes

    def surroundings(self, home: Home, process: Process, *, renewable: bool) -> Surroundings:
        """What a process finds."""
        token = None if renewable else self.eqc.token
        return Surroundings(self.scheduler, process, home, self.server, self.pace, token, self.asked_twice)

    def begin(self, step: Step, home: Home, work: Callable[[Surroundings], Any]) -> Ran:
        """Start a process that does some work."""
        self._processes += 1
        process = Process(f"{home.name}{self._processes}", self.machine)
        ran = Ran(process, home, step, began=self.scheduler.now)
        dice = random.Random(f"process {step.seed}")
        at = self.surroundings(home, process, renewable=dice.random() < RENEWABLE)
        renewed = dice.random() < RENEWED
        self.eqc.on_token_death = lambda: self.token_dies(renewed)

        def run() -> None:
            try:
                ran.value = work(at)
            except (Exception, KeyboardInterrupt) as error:
                ran.error = error
            ran.ended = self.scheduler.now

        self.running.append(ran)
        self.scheduler.start(process, run, f"main {process.name}")
        return ran

    def finish(self, *running: Ran) -> list[Ran]:
        """Let processes run to their ends, and see to what deaths left."""
        self.scheduler.run()
        self.running.clear()
        if any(ran.process.killed for ran in running):
            self.disk.bury()
        for ran in running:
            process = ran.process
            if process.killed and ran.files is not None:
                ran.home.left(ran.files)
            self.scheduler.note("ended", process.name, process.killed, type(ran.error).__name__)
        self.blows.after()
        return list(running)

    def run(self, step: Step, home: Home, work: Callable[[Surroundings], Any]) -> list[Ran]:
        """One process under the blows of a step."""
        ran = self.begin(step, home, work)
        self.blows.aim(step, ran)
        return self.finish(ran)
