"""Start-up: what a command takes beyond the interpreter's own start."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from statistics import median

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import EQCBATCH, Ended, run
from benchmarks.rounds import by_turns, each

LEAST_RUNS, QUICK_RUNS = 11, 5
BARE = "python -c pass"
GOALS = {"--help": 0.25, "report": 0.5, "drain --help": None, "report --json": None}


def measure(effort: Effort) -> Section:
    """Start the interpreter and the commands by turns."""
    home = Home(effort.room("startup"))
    home.eqcbatch("plan", write_names(home.directory / "names.csv", made_up_names(100)))
    ways = {
        command: partial(run, home.directory, (*EQCBATCH, *command.split()), home.settings)
        for command in GOALS
    }
    bare = partial(run, home.directory, (sys.executable, "-c", "pass"), home.settings)
    runs = QUICK_RUNS if effort.quick else max(LEAST_RUNS, effort.runs)
    found: dict[str, list[Ended]] = by_turns(runs, {BARE: bare, **ways})
    start = [ended.seconds for ended in found[BARE]]
    rows = [row for command, limit in GOALS.items() for row in _rows(command, limit, found)]
    return Section(
        "Start-up",
        rows,
        {"runs": runs, "ledger of the reports": "100 names", "interpreter": f"{median(start):.3f} s"},
    )


def _rows(command: str, limit: float | None, found: dict[str, list[Ended]]) -> list[Row]:
    def beyond(figure: Callable[[Ended], float | None]) -> list[float]:
        both = zip(each(found[command], figure), each(found[BARE], figure), strict=True)
        return [whole - own for whole, own in both]

    goals = [Goal("<", limit)] if limit else []
    what = f"eqcbatch {command}, beyond {BARE}"
    return [
        Row(what, "s", beyond(lambda ended: ended.seconds), goals=goals),
        Row("· of that on the CPU", "s", beyond(lambda ended: ended.cpu_s)),
    ]
