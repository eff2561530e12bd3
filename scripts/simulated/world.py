"""The world of one seed: it takes the steps of a story, and says which promises were broken."""

from __future__ import annotations

import gc
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eqcbatch.domain.model import ExitReason, LookupType
from eqcbatch.domain.names import lookup_key
from eqcbatch.settings import ConfidenceRule, Rate
from simulated import commands, vfs
from simulated.blows import Blows
from simulated.commands import Surroundings
from simulated.disk import Disk
from simulated.eqc_server import LIES, SimulatedEqc, Spell, Weather
from simulated.homes import Home
from simulated.network import connected_to
from simulated.postgres_model import PostgresWeather, Server
from simulated.processes import Machine, Process
from simulated.promises import Promises
from simulated.registry import ChangingRegistry
from simulated.scheduler import Scheduler
from simulated.story import HOMES, Step
from simulated.truth import Truth

RATE = Rate(10, 60.0)
DAY_S = 86_400.0
OTHERS_SOURCES = ("legacy_migration", "yaml", "backflow")


@dataclass(slots=True)
class Ran:
    """A process that ran: what it came to."""

    process: Process
    home: Home
    step: Step
    value: Any = None
    error: BaseException | None = None
    files: dict[str, bytes] | None = None


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
        self.homes = {name: Home(name, directory, self.disk) for name in HOMES}
        self.truth = Truth(self.eqc)
        self.asked_twice: list[tuple[Any, str]] = []
        self._promises = Promises(self)
        self._backups: dict[str, tuple[dict[str, bytes], Any, dict[str, frozenset[str]]]] = {}
        self._blows = Blows(self)
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
        ):
            gc.freeze()
            gc.disable()
            try:
                yield
            finally:
                self.disk.close()
                gc.enable()
        self.figures.faults += self.eqc.faults + self.server.faults
        self.figures.requests = len(self.eqc.asked)

    def take(self, step: Step) -> list[str]:
        """Take a step; which promises were broken by it."""
        home = self.homes[step.home]
        self.scheduler.note("step", step.kind, step.home)
        self._settle(step)
        if any(lie in str(step.weather.get("spell")) for lie in LIES):
            for one in self.homes.values():
                one.lies_told += 1
        take: Callable[[Step, Home], list[Ran]] = {
            "month": self._month,
            "plan": self._plan,
            "night": self._night,
            "calm night": self._night,
            "last night": self._last_night,
            "two nights": self._two_nights,
            "two drains": self._two_drains,
            "others": self._others,
            "loss": self._loss,
            "backup": self._backup,
            "restore": self._restore,
        }.get(step.kind, self._by_day)
        ran = take(step, home) if home.planned or step.kind in ("plan", "month", "others", "loss") else []
        return self._promises.broken(step, ran)

    def _running(self) -> Process | None:
        thread = self.scheduler.current
        return thread.process if thread else None

    def _settle(self, step: Step) -> None:
        """A day passes, and everything is well again, but for what the step has of its own."""
        self.disk.settle()
        self.scheduler.now += 3600.0
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
        ran = Ran(process, home, step)
        dice = random.Random(f"process {step.seed}")
        at = self.surroundings(home, process, renewable=dice.random() < 0.7)
        renewed = dice.random() < 0.7
        self.eqc.on_token_death = lambda: self.token_dies(renewed)

        def run() -> None:
            try:
                ran.value = work(at)
            except Exception as error:
                ran.error = error

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
                ran.home.wounded = True
            self.scheduler.note("ended", process.name, process.killed, type(ran.error).__name__)
        self._blows.after()
        return list(running)

    def run(self, step: Step, home: Home, work: Callable[[Surroundings], Any]) -> list[Ran]:
        """One process under the blows of a step."""
        ran = self.begin(step, home, work)
        self._blows.aim(step, ran)
        return self.finish(ran)

    # steps

    def _month(self, step: Step, _home: Home) -> list[Ran]:
        self.eqc.registry.month = step.options["month"]
        self.scheduler.now += 8 * DAY_S
        self.figures.months += 1
        return []

    def _plan(self, step: Step, home: Home) -> list[Ran]:
        source, seen = step.options["source"], step.options["seen"]
        names = frozenset(lookup_key(one.raw) for one in seen) - {""}
        (ran,) = self.run(step, home, lambda at: commands.plan_names(at, source, seen))
        if ran.error is None and not ran.process.killed:
            home.sources[source], home.open_plan = names, None
        else:
            home.open_plan = (source, names)
        home.look()
        return [ran]

    def _night(self, step: Step, home: Home) -> list[Ran]:
        self.figures.nights += 1
        settings = commands.as_asked(step.options | {"rate": RATE}, ConfidenceRule())
        return self.run(step, home, lambda at: commands.drain_names(at, settings))

    def _last_night(self, step: Step, home: Home) -> list[Ran]:
        """Nights in which nothing goes wrong, until nothing is left to be asked."""
        rule = ConfidenceRule()
        ran = self.run(step, home, lambda at: commands.rescore_all(at, rule))
        options: dict[str, Any] = {"budget": None, "retry_failed": True, "retry_not_found_after_s": 0.0}
        for _ in range(3):
            self.scheduler.now += DAY_S
            ran += self._night(replace(step, options=options), home)
            options = {"budget": None, "retry_failed": True}
        ran += self.run(step, home, lambda at: commands.flush_all(at, everything=True))
        return ran

    def _two_nights(self, step: Step, home: Home) -> list[Ran]:
        """Two ledgers of one user at a time."""
        settings = commands.as_asked(step.options | {"rate": RATE}, ConfidenceRule())
        running = []
        for one in self.homes.values():
            if one.planned:
                self.figures.nights += 1
                running.append(self.begin(step, one, lambda at: commands.drain_names(at, settings)))
        self._blows.aim(step, running[-1] if home.name == "b" else running[0])
        return self.finish(*running)

    def _two_drains(self, step: Step, home: Home) -> list[Ran]:
        """Two drains of one ledger: the second one is turned away."""
        settings = commands.as_asked({"rate": RATE, "budget": 6}, ConfidenceRule())
        running = [self.begin(step, home, lambda at: commands.drain_names(at, settings)) for _ in range(2)]
        return self.finish(*running)

    def _by_day(self, step: Step, home: Home) -> list[Ran]:
        dice = random.Random(f"day {step.seed}")
        choices = [dice.random() for _ in range(5)]
        confidences = {"全称精确匹配": 1.0, "模糊匹配": dice.choice((0.8, 0.6)), "拼音": 0.6, "other": 0.7}
        rule = ConfidenceRule(confidences) if dice.random() < 0.5 else ConfidenceRule()
        work: dict[str, Callable[[Surroundings], Any]] = {
            "flush": lambda at: commands.flush_all(at, everything=False),
            "verify": lambda at: commands.flush_all(at, everything=True),
            "review": lambda at: commands.review_held(at, choices),
            "rescore": lambda at: commands.rescore_all(at, rule),
            "revert": commands.revert_latest,
        }
        return self.run(step, home, work[step.kind])

    def _others(self, step: Step, home: Home) -> list[Ran]:
        """Another program writes into the index."""
        dice = random.Random(f"others {step.seed}")
        kind = LookupType.CUSTOMER_NAME
        keys = sorted({*self._promises.keys_of(home), *(key for _, key in self.server.tables.index)})
        for key in dice.sample(keys, min(3, len(keys))):
            company_id = dice.choice(("900000001", "900000002", "N/A"))
            confidence = dice.choice((0.5, 0.85, 1.0))
            self.server.tables.put((kind, key), company_id, confidence, dice.choice(OTHERS_SOURCES), None)
            self._promises.others_wrote(key)
            self.figures.faults["somebody else writes into the index"] += 1
        return []

    def _loss(self, step: Step, _home: Home) -> list[Ran]:
        """Postgres loses what came last, as by a failover."""
        dice = random.Random(f"loss {step.seed}")
        self._promises.lose(dice)
        return []

    def _backup(self, step: Step, home: Home) -> list[Ran]:
        self._backups[home.name] = (
            self.disk.after_kill(home.directory),
            home.memory.copy(),
            dict(home.sources),
        )
        return []

    def _restore(self, step: Step, home: Home) -> list[Ran]:
        """The ledger of some days ago is put in the place of today's."""
        if home.name in self._backups:
            files, memory, sources = self._backups[home.name]
            home.left(files)
            home.memory, home.sources = memory.copy(), dict(sources)
            self._promises.restored(home)
            self.figures.faults["ledger restored from a backup"] += 1
        return []


def remove(directory: Path) -> None:
    """Forget a world."""
    shutil.rmtree(directory, ignore_errors=True)


def last_of(ran: Sequence[Ran]) -> ExitReason | None:
    """Why the latest drain ended; None of one that did not, or that was none."""
    value = ran[-1].value if ran else None
    return getattr(value, "exit_reason", None)
