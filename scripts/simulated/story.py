"""The story that a seed draws: months of plans and nights, and what goes wrong in each.

A step stands for itself: it has dice of its own, so that a story from which others are taken is still the
same story.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from eqcbatch.simulate.faults import Fault
from simulated.eqc_server import NETWORK_FAULTS, SICK
from simulated.names import SourceOfNames
from simulated.postgres_model import AWAY, HANGS

HOMES = ("a", "b")
NIGHTS = 10  # a month
LONG_S = 4000.0
HARMLESS = {"interim"}  # of EQC, what any client must take
FIRST_SILENT = 0.12  # first nights, with all names pending, on which EQC finds nothing
RUSHES, FIRST_RUSHES = 0.08, 0.5  # nights at the full rate, with connections that are slow to come
AT_ONCE_S, AN_HOUR_S, TOMORROW_S = 2.0, 3600.0, (13 * 3600.0, 23 * 3600.0)
RESTARTED, DAYS_AFTER_A_DEATH = (
    0.6,
    0.25,
)  # nights that died: begun anew at once, with commands after them
AT_ONCE, NEXT_DAYS = 0.25, 0.3  # other nights: at once on what was before; of the rest, those on a later day
SECOND = 0.4  # nights that ask second questions
STOPPED, POWERLESS = 0.6, 0.25  # nights at the full rate: with a process that is stopped, and without power
ASLEEP, HANGING = 0.25, 0.2  # nights with a window: through which the machine sleeps, or Postgres hangs
OFTEN = (Fault.TOO_MANY, "token dies")  # what a session has to answer otherwise than by another try
TRIED_AGAIN = (Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.RESET, Fault.TRUNCATED)  # what it answers by one

Blow = tuple[Any, ...]  # what hits a process: its kind, when, and how


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the story. blows: what hits its process; weather, postgres: of EQC and Postgres meanwhile.
    after_s: how long after the step before it begins; moments, as by a service that restarts what ended.
    """

    kind: str
    seed: str
    home: str = "a"
    options: dict[str, Any] = field(default_factory=dict)
    weather: dict[str, Any] = field(default_factory=dict)
    postgres: dict[str, Any] = field(default_factory=dict)
    blows: tuple[Blow, ...] = ()
    after_s: float = AN_HOUR_S

    @property
    def calm(self) -> bool:
        """Whether nothing goes wrong."""
        return not (self.blows or self.postgres or self.weather.keys() - HARMLESS)

    @property
    def deadly(self) -> bool:
        """Whether something kills its process, if it lives until then."""
        return any(blow[0].startswith(("kill", "power cut")) for blow in self.blows)

    def told(self) -> str:
        """The step in a line."""
        parts = [f"{name} {value}" for name, value in (*self.options.items(), *self.weather.items())]
        parts += [f"Postgres {name} {value}" for name, value in self.postgres.items()]
        parts += [" ".join(map(str, blow)) for blow in self.blows]
        what = "; ".join(parts) or "nothing goes wrong"
        return f"{self.kind} of {self.home}, after {self.after_s:.0f} s: {what}"


def draw_story(seed: object, months: int, nights: int = NIGHTS) -> list[Step]:
    """The steps of so many months of so many nights, and a last night in which nothing goes wrong."""
    dice, names = random.Random(f"story {seed}"), SourceOfNames(seed)
    steps: list[Step] = []
    for month in range(months):
        steps += _month(dice, f"{seed}/{month}", month, names, nights)
    interim = {"interim": True} if dice.random() < 0.4 else {}
    return steps + [
        Step("last night", f"{seed}/end/{home}", home, _second(f"{seed}/end"), weather=interim)
        for home in HOMES
    ]


def _month(dice: random.Random, seed: str, month: int, names: SourceOfNames, nights: int) -> list[Step]:
    steps = [Step("month", seed, options={"month": month})]
    for home in HOMES[: 2 if dice.random() < 0.6 else 1]:
        plan = _plan(dice, f"{seed}/{home}", home, names.of_month(month, dice))
        steps.append(plan)
        if not plan.calm:
            steps.append(Step("plan", f"{seed}/{home}/again", home, plan.options))
    for night in range(nights):
        step_seed = f"{seed}/{night}"
        step = _next_night(dice, step_seed, steps[-1]) if night else _first_night(dice, step_seed)
        steps.append(step)
        if dice.random() < (DAYS_AFTER_A_DEATH if step.deadly else 0.5):
            steps.append(_by_day(dice, f"{step_seed}/day", names, month))
    return steps


def _next_night(dice: random.Random, seed: str, before: Step) -> Step:
    """A night: the one before, begun anew by a service that restarts what died, or another one."""
    if before.deadly and "night" in before.kind and dice.random() < RESTARTED:
        return replace(before, seed=seed, blows=(), after_s=AT_ONCE_S)
    others_s = dice.uniform(*TOMORROW_S) if dice.random() < NEXT_DAYS else AN_HOUR_S
    return replace(_night(dice, seed), after_s=AT_ONCE_S if dice.random() < AT_ONCE else others_s)


def _plan(dice: random.Random, seed: str, home: str, seen: Any) -> Step:
    step = Step("plan", seed, home, {"source": dice.choice(("month.xlsx", "other.csv")), "seen": seen})
    return replace(step, postgres=_postgres(dice, 300.0), blows=_blows(dice, 60.0, 250, 0.2))


def _first_night(dice: random.Random, seed: str) -> Step:
    """The night after a plan: much is pending."""
    if dice.random() < FIRST_SILENT:
        options = {"budget": dice.choice((8, 12, 15)), "in_flight": dice.choice((1, 1, 3))}
        return Step("night", seed, "a", options, {"spell": (str(Fault.EMPTY), 0.0, 1e6, False)})
    return _rush(dice, seed) if dice.random() < FIRST_RUSHES else _night(dice, seed)


def _night(dice: random.Random, seed: str) -> Step:
    if dice.random() < 0.12:
        interim = {"interim": True} if dice.random() < 0.3 else {}
        return Step("calm night", seed, dice.choice(HOMES), _settings(dice) | _second(seed), interim)
    if dice.random() < RUSHES:
        return _rush(dice, seed)
    kind = "night" if dice.random() < 0.8 else "two nights"
    home, settings = "a" if dice.random() < 0.65 else "b", _settings(dice) | _second(seed)
    blows = _blows(dice, 900.0, 500, 0.45)
    postgres, luck = _postgres(dice, LONG_S), dice.random()
    if "max_minutes" in settings and luck < ASLEEP:
        blows += (("suspended", round(dice.uniform(1.0, 60.0), 2), dice.choice((600.0, 5000.0, 40_000.0))),)
    elif "max_minutes" in settings and luck < ASLEEP + HANGING:
        postgres["spell"] = HANGS, dice.uniform(0.0, 60.0), 1e6
    return Step(kind, seed, home, settings, _weather(dice), postgres, blows)


def _rush(dice: random.Random, seed: str) -> Step:
    """A night at the full rate; as its requests connect, or later, a process may be stopped for a window, or
    the power may go while the window is full.
    """
    options = {"budget": None, "in_flight": dice.choice((2, 3, 5, 5)), "details": dice.random() < 0.5}
    weather = {"latency_s": (0.05, 0.3), "connect_s": (0.0, 4.9)}
    blows = _blows(dice, 300.0, 300, 0.3)
    if dice.random() < STOPPED:
        at_s = round(dice.uniform(0.3, dice.choice((3.0, 3.0, 130.0))), 2)
        blows += (("stopped", at_s, dice.choice((61.0, 64.0, 66.0, 70.0, 75.0))),)
    elif dice.random() < POWERLESS / (1 - STOPPED):
        blows += (("power cut", round(dice.uniform(8.0, 32.0), 2)),)
    return Step(dice.choice(("night", "two nights", "two nights")), seed, "a", options, weather, blows=blows)


def _by_day(dice: random.Random, seed: str, names: SourceOfNames, month: int) -> Step:
    home = dice.choice(HOMES)
    kind = dice.choice(
        (
            *("flush", "verify", "review", "review", "rescore", "revert", "others", "others", "loss"),
            *("rescore", "backup", "restore", "plan again", "two drains"),
        )
    )
    if kind == "plan again":
        return _plan(dice, seed, home, names.of_month(month, dice))
    if kind in ("others", "loss", "backup", "restore", "two drains"):
        return Step(kind, seed, home)
    step = Step(kind, seed, home, postgres=_postgres(dice, 100.0))
    return replace(step, blows=_blows(dice, 20.0, 120, 0.3))


def _settings(dice: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"budget": dice.choice((None, 4, 8, 15, 25))}
    chances = (
        (0.35, "in_flight", (2, 3, None)),
        (0.30, "details", (True,)),
        (0.25, "max_minutes", (1.5, 3.0, 8.0, 30.0)),
        (0.15, "until_in", (4, 20)),
        (0.20, "daily_budget", (5, 12, 30)),
        (0.15, "retry_failed", (True,)),
        (0.15, "retry_not_found_after_s", (0.0, 20 * 86400.0)),
        (0.20, "retries", (0, 1)),
    )
    for share, name, values in chances:
        if dice.random() < share:
            found[name] = dice.choice(values)
    return found


def _second(seed: str) -> dict[str, Any]:
    """Whether a night asks second questions: by dice of its own: stories of before stay as they were."""
    return {"second_question": True} if random.Random(f"second {seed}").random() < SECOND else {}


def _weather(dice: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if dice.random() < 0.55:
        kinds = [*dice.sample(_FAULTS, dice.randint(1, 4))]
        found["shares"] = {str(kind): round(dice.choice((0.03, 0.08, 0.2)), 3) for kind in kinds}
    if dice.random() < 0.25:
        shares = found.setdefault("shares", {})
        shares[str(dice.choice(OFTEN))] = dice.choice((0.08, 0.2))
        if dice.random() < 0.8:
            shares[str(dice.choice(TRIED_AGAIN))] = 0.3
    if dice.random() < 0.4:
        began = dice.choice((0.0, dice.uniform(0, 60), dice.uniform(0, 400)))
        kind = str(dice.choice(_SPELLS))
        whole = kind in (Fault.EMPTY, Fault.NULL)
        lasts = 1e6 if whole or dice.random() < 0.4 else dice.choice((60.0, 300.0, 1500.0))
        every_second = not whole and dice.random() < 0.3
        found["spell"] = (kind, 0.0 if whole else began, lasts, every_second)
    if dice.random() < 0.3:
        found["latency_s"] = dice.choice(((0.05, 0.3), (5.0, 20.0), (0.0, 40.0)))
    if dice.random() < 0.2:
        found["connect_s"] = (0.0, 5.5)
    if dice.random() < 0.2:
        found["interim"] = True
    return found


_FAULTS = (
    *NETWORK_FAULTS,
    *(fault for fault in Fault if fault not in (Fault.EMPTY, Fault.NULL)),
    "token dies",
    SICK,
)
_SPELLS = (
    *(fault for fault in Fault if fault is not Fault.NULL),
    *(Fault.EMPTY, Fault.EMPTY, SICK, SICK),
    *NETWORK_FAULTS,
)


def _postgres(dice: random.Random, most_s: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if dice.random() < 0.25:
        began = dice.choice((0.0, dice.uniform(0, most_s / 4)))
        found["spell"] = (dice.choice((AWAY, HANGS)), began, dice.choice((40.0, 300.0, 1e6)))
    if dice.random() < 0.15:
        found["breaks"] = dice.choice((0.2, 0.6))
    return found


def _blows(dice: random.Random, most_s: float, most_writes: int, share: float) -> tuple[Blow, ...]:
    blows: list[Blow] = []
    while dice.random() < share:
        soon_s = dice.choice((min(60.0, most_s), most_s))  # while most is asked, or whenever
        at_s, at_write = round(dice.uniform(0, soon_s), 2), dice.randrange(1, most_writes)
        blows.append(
            dice.choice(
                (
                    ("kill at write", at_write),
                    ("kill", at_s),
                    ("power cut at write", at_write),
                    ("power cut", at_s),
                    ("disk error at write", at_write, dice.choice((1, 3, 1000))),
                    ("disk full at write", at_write, dice.choice((3, 1000))),
                    ("pace file torn", at_s, dice.choice((0.0, 0.5, 0.99))),
                    ("stopped", at_s, dice.choice((2.0, 70.0, 4000.0))),
                    ("suspended", at_s, dice.choice((30.0, 5000.0, 40_000.0))),
                    ("clock set", at_s, dice.choice((-86_400.0, -7200.0, -40.0, 50.0, 7200.0, 90_000.0))),
                    ("signal", at_s, dice.random() < 0.4),
                )
            )
        )
    return tuple(blows)
