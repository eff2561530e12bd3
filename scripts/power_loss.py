"""Power loss: what a power cut may leave of real runs is opened, run to its end, held against the promises.

Each command of a ledger's life is recorded by strace: its writes, syncs, renames and removals. From the
record come the disks that a cut could have left at every point (scripts/power/states.py). Each distinct one
is laid out and opened, and the command is run to its end there, against the same simulated EQC and a real
Postgres. Linux only, with strace.

    python scripts/power_loss.py                          # exit 1 if anything is violated
    python scripts/power_loss.py --keep /dev/shm/power    # the same; what is recorded stays there
    python scripts/power_loss.py --keep /dev/shm/power --command drain --state 1234   # one state of it
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from power.scenarios import Scenario, life
from power.states import NOTHING
from power.sweep import State, Tally
from power.trial import Trial, keep, kept, recorded
from power.workplace import TOKEN, Workplace

from eqcbatch.postgres import Postgres, create_missing
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.simulate import Faults, GeneratedRegistry, Simulator, SimulatorOptions, Span
from eqcbatch.simulate.faults import Fault

FAULTS = Faults(between=(Span(Fault.SERVER_ERROR, 4, 4), Span(Fault.RESET, 9, 9)))
HEADS = ("command", "writes", "syncs", "cuts", "states", "opened", "resumed", "violations")


def main() -> int:
    """Record, rebuild, open; 1 if anything is off."""
    options = _options()
    if sys.platform != "linux" or not shutil.which("strace"):
        print("This needs Linux with strace (apt-get install strace).", file=sys.stderr)
        return 2
    started = time.monotonic()
    tallies: dict[str, Tally] = {}
    with (
        _directory(options.keep) as directory,
        tempfile.TemporaryDirectory(prefix="power-postgres-") as server,
        embedded_postgres(Path(server) / "data") as url,
        _simulator(options.seed) as eqc,
    ):
        with Postgres(url).connect() as connection:
            create_missing(connection)
        place = Workplace(directory / "root", eqc, url, directory / "output.txt")
        for scenario in life(eqc.url, options.names):
            tallies[scenario.name] = _judged(_trial(place, scenario, directory), options)
            print(_line(scenario.name, _figures(tallies[scenario.name])), flush=True)
        place.history.close()
    return _show(tallies, time.monotonic() - started)


@contextmanager
def _directory(wanted: Path | None) -> Iterator[Path]:
    """Where all happens: the directory to be kept, else one in memory, where a sync takes no time."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="power-", dir=memory) as temporary:
        directory = (wanted or Path(temporary)).resolve()
        (directory / "root").mkdir(mode=0o700, parents=True, exist_ok=True)
        yield directory


def _trial(place: Workplace, scenario: Scenario, directory: Path) -> Trial:
    """A command as it was recorded in this directory, else recorded now."""
    file = directory / f"{re.sub(r'[^a-z0-9]+', '-', scenario.name.lower())}.recorded"
    if file.exists():
        return kept(place, scenario, file)
    trial = recorded(place, scenario, directory / "trace")
    keep(trial, file)
    return trial


def _judged(trial: Trial, options: argparse.Namespace) -> Tally:
    """Open the states that are asked for; the tally counts all there are."""
    asked_for = not options.command or trial.scenario.name in options.command
    states = trial.states(options.seed) if asked_for else []
    tally = trial.judged(_chosen(states, options), tell_each=100)
    tally.states = len(states)
    return tally


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", type=int, default=10, help="in the first month")
    parser.add_argument("--seed", type=int, default=714, help="what all chance hangs on")
    parser.add_argument(
        "--command", action="append", help="open the states of this command alone; repeatable"
    )
    parser.add_argument("--state", type=int, help="judge this state alone, by its number")
    parser.add_argument("--keep", type=Path, help="keep what is recorded here, and use it if it is there")
    parser.add_argument(
        "--most", type=int, default=1300, help="open so many states of a command, by chance of the seed"
    )
    parser.add_argument("--every-state", action="store_true", help="open all of them: takes hours")
    return parser.parse_args()


def _simulator(seed: int) -> Simulator:
    registry = GeneratedRegistry(seed, unknown=0.15, pinyin=0.25)
    return Simulator(
        SimulatorOptions(registry=registry, latency=(0, 0), rate=None, token=TOKEN, faults=FAULTS)
    )


def _chosen(states: list[State], options: argparse.Namespace) -> list[State]:
    """The states that are opened: all, the one asked for, or so many by chance.

    Those with nothing left of what was not synced, and those after the command's end, tell most: all of them.
    """
    last = max((state.last for state in states), default=0)
    if options.state:
        return [state for state in states if state.number == options.state]
    if options.every_state or len(states) <= options.most:
        return states
    telling = [state for state in states if state.last == last or state.left.why == NOTHING]
    others = [state for state in states if state not in telling]
    return telling + random.Random(options.seed).sample(others, max(0, options.most - len(telling)))


def _line(name: str, figures: Iterable[object]) -> str:
    return f"{name:34}" + "".join(f"{figure!s:>11}" for figure in figures)


def _show(tallies: dict[str, Tally], seconds: float) -> int:
    """Print the table; 1 if anything is violated."""
    rows = [(name, *_figures(tally)) for name, tally in tallies.items()]
    sums = tuple(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))
    print()
    for name, *figures in (HEADS, *rows, ("all", *sums)):
        print(_line(name, figures))
    print(f"{seconds / 60:.1f} minutes")
    return int(any(tally.violations for tally in tallies.values()))


def _figures(tally: Tally) -> tuple[int, ...]:
    done = tally.states, tally.opened, tally.resumed
    return tally.writes, tally.syncs, tally.cuts, *done, len(tally.violations)


if __name__ == "__main__":
    sys.exit(main())
