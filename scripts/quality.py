"""Measure the verdicts: a world of companies with near misses, names of known truth, the real drain.

    python scripts/quality.py [--companies 6000] [--names 3000] [--seed 1] [--show 20] [--json]

Makes up a registry in which brands, places, trades, numbers, branches and legal forms collide as they do
in China, and the names a workbook would write; plans and drains them against a local EQC in this process,
and holds what the ledger says against the truth. The rival takes the first candidate of the very same
answers at its type's confidence. A name is resolvable where it fits one company better than any other of
the registry and EQC's answer shows what tells so. Ends with status 1 where a threshold is missed.

What it cannot show stands in docs/matching.md: the shares of the kinds of names are made up, and those who
wrote `synthetic.fit`, which tells what a name means, wrote the verdict, too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from synthetic.display import print_figures, print_worst
from synthetic.drained import drained, renamed_apart
from synthetic.figures import Case, Figures, cases_of, measured
from synthetic.held_order import held_order
from synthetic.labelled import made_up
from synthetic.world import registered


def main() -> int:
    """Run the benchmark as the command line says."""
    options = _options()
    figures, cases = _run(options.seed, options.companies, options.names)
    order = held_order(cases)
    missed = [*figures.missed, *order.missed]
    if options.json:
        told = figures.as_json() | {"held_order": order.as_json(), "missed": missed}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print_figures(figures, cases)
        print(order, *order.missed, sep="\nmissed: ")
        if options.show:
            print_worst(cases, options.show)
    return int(bool(missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--companies", type=int, default=6000, help="in the registry (%(default)s)")
    parser.add_argument("--names", type=int, default=3000, help="asked (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the world (%(default)s)")
    parser.add_argument("--show", type=int, default=0, help="mistakes and needless holds to list")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    return parser.parse_args()


def _run(seed: int, companies: int, names: int) -> tuple[Figures, list[Case]]:
    """Make up the registry of a seed, drain its names, and count."""
    started = time.monotonic()
    world, entries = made_up(seed, companies, names)
    ledger = drained(map(registered, world.firms), [entry.asked.raw for entry in entries])
    cases, apart = cases_of(entries, world, ledger), renamed_apart()
    seconds = round(time.monotonic() - started, 1)
    return measured(cases, ledger, seed=seed, renamed_apart=apart, seconds=seconds), cases


if __name__ == "__main__":
    sys.exit(main())
