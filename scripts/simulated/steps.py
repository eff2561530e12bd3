"""The steps of a story: what each does in the world, and which promises it broke."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from eqcbatch.domain.model import LookupType
from eqcbatch.domain.names import lookup_key
from eqcbatch.drain import DrainSettings
from eqcbatch.settings import ConfidenceRule, Rate
from simulated import commands
from simulated.clocks import BEGAN
from simulated.commands import Surroundings
from simulated.homes import Home
from simulated.promises import Promises
from simulated.story import Step
from simulated.truth import Memory
from simulated.world import Ran, World

RATE = Rate(10, 60.0)
DAY_S = 86_400.0
OTHERS_SOURCES = ("legacy_migration", "yaml", "backflow")
_WITHOUT_LEDGER = ("plan", "month", "others", "loss")

Backup = tuple[dict[str, bytes], Memory, dict[str, frozenset[str]]]


class Steps:
    """Takes the steps of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._promises = Promises(world)
        self._backups: dict[str, Backup] = {}

    def take(self, step: Step) -> list[str]:
        """Take a step; which promises were broken by it."""
        home = self._world.homes[step.home]
        self._world.scheduler.note("step", step.kind, step.home)
        self._world.settle(step)
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
        ran = take(step, home) if home.planned or step.kind in _WITHOUT_LEDGER else []
        return self._promises.broken(step, ran)

    def _month(self, step: Step, _home: Home) -> list[Ran]:
        self._world.eqc.registry.month = step.options["month"]
        self._world.scheduler.now += 8 * DAY_S
        self._world.figures.months += 1
        return []

    def _plan(self, step: Step, home: Home) -> list[Ran]:
        source, seen = step.options["source"], step.options["seen"]
        names = frozenset(lookup_key(one.raw) for one in seen) - {""}
        (ran,) = self._world.run(step, home, lambda at: commands.plan_names(at, source, seen))
        if ran.error is None and not ran.process.killed:
            home.sources[source], home.open_plan = names, None
        else:
            home.open_plan = (source, names)
        home.look()
        return [ran]

    def _night(self, step: Step, home: Home) -> list[Ran]:
        self._world.figures.nights += 1
        settings, until = self._settings(step.options)
        (ran,) = self._world.run(step, home, lambda at: commands.drain_names(at, settings))
        ran.until = until
        return [ran]

    def _settings(self, options: dict[str, Any]) -> tuple[DrainSettings, float | None]:
        """The settings of a night, and when it is to end by the wall clock, in the world's time."""
        told = options | {"rate": RATE}
        minutes = told.pop("until_in", None)
        if minutes is None:
            return commands.as_asked(told, ConfidenceRule()), None
        now = BEGAN + timedelta(seconds=self._world.scheduler.now + self._world.machine.wall_ahead_s)
        end = (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        local = end.astimezone()
        until = self._world.scheduler.now + (end - now).total_seconds()
        return commands.as_asked(told | {"until": (local.hour, local.minute)}, ConfidenceRule()), until

    def _last_night(self, step: Step, home: Home) -> list[Ran]:
        """Nights in which nothing goes wrong, until nothing is left to be asked."""
        rule = ConfidenceRule()
        ran = self._world.run(step, home, lambda at: commands.rescore_all(at, rule))
        options: dict[str, Any] = {"budget": None, "retry_failed": True, "retry_not_found_after_s": 0.0}
        options |= step.options
        for _ in range(3):
            self._world.scheduler.now += DAY_S
            ran += self._night(replace(step, options=options), home)
        ran += self._world.run(step, home, lambda at: commands.flush_all(at, everything=True))
        return ran

    def _two_nights(self, step: Step, home: Home) -> list[Ran]:
        """Two ledgers of one user at a time."""
        settings, _ = self._settings(step.options)
        running = []
        for one in self._world.homes.values():
            if one.planned:
                self._world.figures.nights += 1
                running.append(self._world.begin(step, one, lambda at: commands.drain_names(at, settings)))
        self._world.blows.aim(step, running[-1] if home.name == "b" else running[0])
        return self._world.finish(*running)

    def _two_drains(self, step: Step, home: Home) -> list[Ran]:
        """Two drains of one ledger: the second one is turned away."""
        settings = commands.as_asked({"rate": RATE, "budget": 6}, ConfidenceRule())
        running = [
            self._world.begin(step, home, lambda at: commands.drain_names(at, settings)) for _ in range(2)
        ]
        return self._world.finish(*running)

    def _by_day(self, step: Step, home: Home) -> list[Ran]:
        dice = random.Random(f"day {step.seed}")
        choices = [dice.random() for _ in range(6)]
        confidences = {
            "全称精确匹配": 1.0,
            "模糊匹配": dice.choice((0.8, 0.6, 0.6)),
            "拼音": 0.6,
            "other": 0.7,
        }
        rule = ConfidenceRule(confidences) if dice.random() < 0.8 else ConfidenceRule()
        work: dict[str, Callable[[Surroundings], Any]] = {
            "flush": lambda at: commands.flush_all(at, everything=False),
            "verify": lambda at: commands.flush_all(at, everything=True),
            "review": lambda at: commands.review_held(at, choices),
            "rescore": lambda at: commands.rescore_all(at, rule),
            "revert": commands.revert_latest,
        }
        return self._world.run(step, home, work[step.kind])

    def _others(self, step: Step, home: Home) -> list[Ran]:
        """Another program writes into the index."""
        dice = random.Random(f"others {step.seed}")
        kind = LookupType.CUSTOMER_NAME
        keys = sorted({*self._promises.keys_of(home), *(key for _, key in self._world.server.tables.index)})
        for key in dice.sample(keys, min(3, len(keys))):
            company_id = dice.choice(("900000001", "900000002", "N/A"))
            confidence = dice.choice((0.5, 0.85, 1.0))
            self._world.server.tables.put(
                (kind, key), company_id, confidence, dice.choice(OTHERS_SOURCES), None
            )
            self._promises.warehouse.others_wrote(key)
            self._world.figures.faults["somebody else writes into the index"] += 1
        return []

    def _loss(self, step: Step, _home: Home) -> list[Ran]:
        """Postgres loses what came last, as by a failover."""
        dice = random.Random(f"loss {step.seed}")
        if self._promises.warehouse.go_back(dice):
            self._world.figures.faults["Postgres lost rows"] += 1
        return []

    def _backup(self, step: Step, home: Home) -> list[Ran]:
        self._backups[home.name] = (
            self._world.disk.after_kill(home.directory),
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
            self._world.figures.faults["ledger restored from a backup"] += 1
        return []
