"""Verdicts: what judging one answer takes, and judging all answers of a ledger once more.

The names and answers are those of scripts/quality.py. Each answer is judged once, as a drain does, and each
round has names of its own: what a verdict remembers of names that it took apart helps no more than it does
there. The tables of places and signs are loaded before. Microseconds are those on the CPU.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import mean, median, quantiles

from synthetic.labelled import labelled_names, made_up
from synthetic.world import registered

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, write_names
from benchmarks.rounds import by_turns
from benchmarks.traffic import local_eqc
from eqcbatch.domain.matching import judge
from eqcbatch.settings import ConfidenceRule
from eqcbatch.simulate import ListedRegistry

MANY = 9  # candidates of an answer that counts as one of ten: now and then one is a namesake
JUDGED, QUICK_JUDGED = 1_000, 100
RESCORED, QUICK_RESCORED = 5_000, 100
SEED = 11


def measure(effort: Effort) -> Section:
    """Judge the names of a seed a round; then drain a ledger, and judge its answers again."""
    judged = QUICK_JUDGED if effort.quick else JUDGED
    rounds = [_microseconds(SEED + at, judged) for at in range(effort.runs)]
    figures: dict[str, Callable[[Sequence[float]], float]] = {
        "median": median,
        "mean": mean,
        "19 of 20 below": lambda times: quantiles(times, n=20)[-1],
    }
    rows = [
        Row(
            f"a verdict on ten candidates, {what}",
            "us",
            [figure(times) for times in rounds],
            goals=[Goal("<=", 300)] if what == "mean" else [],
        )
        for what, figure in figures.items()
    ]
    rescored = QUICK_RESCORED if effort.quick else RESCORED
    home = _drained(effort, rescored)
    took = by_turns(effort.runs, {"rescore": partial(home.eqcbatch, "review", "rescore", "--json")})[
        "rescore"
    ]
    what = f"review rescore, {rescored:,} names"
    rows.append(Row(what, "s", [one.seconds for one in took], goals=[Goal("<=", 10)]))
    return Section("Verdicts", rows, {"answers judged a round": f"{judged:,}"})


def _microseconds(seed: int, most: int) -> list[float]:
    """What the first answers of a seed that have many candidates take; the first of all is not counted."""
    rule = ConfidenceRule()
    took = []
    for one in labelled_names(seed, companies=6_000, names=20 * most):
        if len({found.company_id for found in one.candidates}) < MANY:
            continue
        started = time.thread_time_ns()
        judge(one.asked, one.candidates, rule)
        took.append((time.thread_time_ns() - started) / 1_000)
        if len(took) > most:
            break
    return took[1:]


def _drained(effort: Effort, names: int) -> Home:
    """A ledger whose names EQC has answered, most of them."""
    home = Home(effort.room("verdicts"))
    world, entries, _ = made_up(SEED, companies=2 * names, names=names)
    home.eqcbatch("plan", write_names(home.directory / "names.csv", (entry.asked.raw for entry in entries)))
    registry = ListedRegistry(map(registered, world.firms))
    with local_eqc(1, latency=(0.0, 0.0), rate=None, registry=registry) as eqc:
        home.drain(eqc.url, "--rate", "200/0.2s", "--no-flush")
    return home
