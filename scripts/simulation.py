"""A simulated year every minute: months of nights in a world in which everything goes wrong, by seeds.

One process, one thread at a time, virtual time. The product runs as it is: its drain, its transport (on
sockets of this world), its ledger and archive (SQLite's own code, on files whose unsynced writes a power cut
may lose), its pace file. EQC and Postgres are simulated. One seed is one run: it draws months of plans and
nights and what goes wrong in each, and after every step the promises of docs/architecture.md are held against
what the world knows. A month is ten nights, and what is done by day between them.

    python scripts/simulation.py --seeds 2000 --jobs 2    # exit 1 if any promise is broken
    python scripts/simulation.py --seed 17                # once more, exactly; a failing seed is made short
    python scripts/simulation.py --defects                # planted defects: which of them it finds
    python scripts/simulation.py --defects --from 20      # the same from the 20th on: parts add up

What it cannot show: faults of TLS and of proxies; a kill between two instructions that write nothing;
whether PostgreSQL does what the model does (a test compares the two); more than the file system promises
(a disk that says "synced" and lies); races within C libraries, as one thread runs at a time; Windows. Where
Python has SQLite linked into it, power cuts and disk errors are left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context

from simulated.defects import find
from simulated.planted import DEFECTS
from simulated.planted_blind import BLIND
from simulated.runs import Run, run_seed
from simulated.shrinking import shrunk
from simulated.story import draw_story
from simulated.vfs import watched_files
from simulated.world import Figures

MONTHS = 1


def main() -> int:
    """Run what is asked for; 1 if a promise is broken."""
    options = _options()
    if watched_files() is None:
        print("SQLite cannot be reached from this Python: no power cuts and no disk errors.")
    if options.seed is not None:
        return _replay(options.seed, options.months)
    if options.defects is not None:
        return _look_for_defects(options)
    began, total, broken, cpu_s = time.monotonic(), Figures(), 0, 0.0
    seeds = range(options.first, options.first + options.seeds)
    for number, run in enumerate(_runs(seeds, options.months, options.jobs), 1):
        total.add(run.figures)
        cpu_s += run.cpu_s
        if run.broken:
            broken += 1
            _tell(run)
            if options.stop:
                return 1
        if number % 100 == 0:
            print(f"{number} seeds, {total.months} months, {broken} broken", flush=True)
    _print(total, len(seeds), broken, time.monotonic() - began, cpu_s)
    return int(broken > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=100, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first of them")
    parser.add_argument("--months", type=int, default=MONTHS, metavar="N", help="of each seed")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    parser.add_argument("--stop", action="store_true", help="at the first seed that breaks a promise")
    parser.add_argument(
        "--defects", nargs="?", const="", metavar="NAME", help="plant defects and look for them"
    )
    parser.add_argument(
        "--from", type=int, default=1, metavar="N", dest="first_defect", help="the first planted defect"
    )
    parser.add_argument("--seed", metavar="N", help="this one alone, and a short story if it fails")
    return parser.parse_args()


def _runs(seeds: Iterable[int], months: int, jobs: int) -> Iterator[Run]:
    run = partial(run_seed, months=months)
    if jobs == 1:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run, seeds)


def _replay(seed: str, months: int) -> int:
    """Run one seed, and make it short if it fails."""
    run = run_seed(seed, months)
    print(f"seed {seed}: {run.figures.nights} nights, trace {run.trace}, {run.cpu_s:.1f} s")
    if not run.broken:
        return 0
    _tell(run)
    story, short = shrunk(run, draw_story(seed, months))
    print(f"The same in {len(story)} steps:")
    for step in story:
        print(f"  {step.told()}")
    for line in short.broken:
        print(f"    {line}")
    return 1


def _look_for_defects(options: argparse.Namespace) -> int:
    """Plant the defects one by one, each told as soon as it is seen to; 1 if fewer than 90 % are found."""
    every = [*BLIND, *DEFECTS]
    wanted = {
        defect: number
        for number, defect in enumerate(every, 1)
        if options.defects in defect.name and number >= options.first_defect
    }
    look = partial(find, seeds=options.seeds, months=options.months)
    with ThreadPoolExecutor(options.jobs) as pool:
        looks, found = [pool.submit(look, defect) for defect in wanted], 0
        try:
            for one in (done.result() for done in as_completed(looks)):
                found += bool(one.told)
                number = f"{wanted[one.defect]} of {len(every)}"
                print(f"{number}, {one.defect.name}: {one.told or 'NOT FOUND'}", flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    print(f"{found} of {len(wanted)} planted defects found")
    return int(found < 0.9 * len(wanted))


def _tell(run: Run) -> None:
    for line in run.broken[:5]:
        print(f"seed {run.seed}, step {run.at}: {line}", flush=True)


def _print(total: Figures, seeds: int, broken: int, wall_s: float, cpu_s: float) -> None:
    for kind, count in sorted(total.faults.items(), key=lambda one: -one[1]):
        print(f"{count:8,}  {kind}")
    print(
        f"{seeds:,} seeds, {total.months:,} months, {total.nights:,} nights, {total.requests:,} requests, "
        f"{sum(total.faults.values()):,} faults; {total.months / wall_s * 60:.0f} months a minute, "
        f"{cpu_s / total.months:.2f} s of one processor each; {broken} seeds with violations"
    )


if __name__ == "__main__":
    sys.exit(main())
