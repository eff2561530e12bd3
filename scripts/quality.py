"""Measure the verdicts: a world of companies with near misses, names of known truth, the real drain.

    python scripts/quality.py [--companies 6000] [--names 3000] [--seeds 11,12,13] [--density 4] [--each 100]
                              [--show 20] [--json]

Makes up a registry in which brands, places, trades, numbers, branches and legal forms collide as they do
in China, and the names a workbook would write, of every kind that is met in real ones; plans and drains them
against a local EQC in this process, and holds what the ledger says against the truth. The rival takes the
first candidate of the very same answers at its type's confidence. So that rare kinds tell something, more
names of each are judged by themselves: they count in the table of kinds, and in what it says by their shares.
A name is resolvable where it fits one company better than any other of the registry and EQC's answer shows
what tells so. Ends with status 1 where a threshold is missed.

What it cannot show stands in docs/matching.md: the shares of the kinds of names are a guess, and those who
wrote `synthetic.fit`, which tells what a name means, wrote the verdict, too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from synthetic.cases import drained_cases, judged_cases
from synthetic.display import print_figures, print_worst
from synthetic.drained import drained, renamed_apart
from synthetic.figures import Session, measured
from synthetic.held_order import held_order
from synthetic.labelled import made_up
from synthetic.world import DENSITY, registered


def main() -> int:
    """Run the benchmark as the command line says."""
    options, started = _options(), time.monotonic()
    sessions = [_session(seed, options) for seed in options.seeds]
    apart, seconds = renamed_apart(), round(time.monotonic() - started, 1)
    figures = measured(sessions, density=options.density, renamed_apart=apart, seconds=seconds)
    order = held_order([case for one in sessions for case in one.workbook])
    missed = [*figures.missed, *order.missed]
    if options.json:
        told = figures.as_json() | {"held_order": order.as_json(), "missed": missed}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print_figures(figures)
        print(order, *order.missed, sep="\nmissed: ")
        if options.show:
            cases = [case for one in sessions for case in (*one.workbook, *one.of_each_kind)]
            print_worst(cases, options.show)
    return int(bool(missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--companies", type=int, default=6000, help="in a registry (%(default)s)")
    parser.add_argument("--names", type=int, default=3000, help="in a workbook (%(default)s)")
    seeds = "of the worlds, one workbook each (11)"
    parser.add_argument("--seeds", "--seed", type=_numbers, default=[11], metavar="N,N", help=seeds)
    density = "near misses of a company in the registry, in the mean (%(default)s)"
    parser.add_argument("--density", type=float, default=DENSITY, help=density)
    each = "more names of each kind and seed, judged by themselves (%(default)s)"
    parser.add_argument("--each", type=int, default=100, help=each)
    parser.add_argument("--show", type=int, default=0, help="mistakes and needless holds to list")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _session(seed: int, options: argparse.Namespace) -> Session:
    """Make up the registry of a seed, drain its workbook, and judge more names."""
    world, entries, more = made_up(seed, options.companies, options.names, options.each, options.density)
    ledger = drained(map(registered, world.firms), [entry.asked.raw for entry in entries])
    return Session(
        seed=seed,
        workbook=list(drained_cases(entries, world, ledger)),
        of_each_kind=list(judged_cases(more, world)),
        keys=len(ledger.names),
        resolved=ledger.resolved,
        requests=ledger.requests,
        requests_of_resolved=ledger.requests_of_resolved,
        namesakes=world.namesakes,
    )


if __name__ == "__main__":
    sys.exit(main())
