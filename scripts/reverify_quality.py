"""Measure the reverification: companies that are renamed, merged and deregistered, asked of again.

    python scripts/reverify_quality.py [--companies 1000] [--seed 1] [--json]

Makes up companies, drains their names against a local EQC in this process, and lets people decide some of
them. Then time passes: of a hundred companies 6 are renamed, 4 merged into another one, 3 deregistered, and 1
is not there any more. `drain --reverify 365d` asks of all again, night by night, 400 requests each. What it
found is held against what was planted, and all names and decisions against how they were before. Ends with
status 1 where a change was not found, one was found that is none, or a name was changed.

What it cannot show: how EQC tells a merger is not known; here the heir has the name among its former ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from synthetic.lifetimes import LifeFigures, lives, reverified
from tabulate import tabulate


def main() -> int:
    """Run the measurement as the command line says."""
    options = _options()
    with tempfile.TemporaryDirectory() as place:
        figures = reverified(Path(place), lives(options.seed, options.companies), options.seed)
    if options.json:
        print(json.dumps(figures.as_json(), ensure_ascii=False))
    else:
        _print(figures)
    return int(bool(figures.missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--companies", type=int, default=1000, help="whose names are asked (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the world (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    return parser.parse_args()


def _print(figures: LifeFigures) -> None:
    rows = [(finding, planted, figures.found[finding]) for finding, planted in figures.planted.items()]
    print(tabulate(rows, ("the company is", "planted", "found")))
    print(
        f"\n{figures.companies:,} companies asked of again in {figures.nights} nights, {figures.requests:,} "
        f"requests; {figures.wrong_heirs} wrong heirs\n{figures.by_people} names decided by people, "
        f"{figures.decisions_changed} of these changed, {figures.names_changed} of any; "
        f"{figures.awaiting_review} names await a review"
    )
    print("missed: " + "; ".join(figures.missed) if figures.missed else "all is found, nothing is changed")


if __name__ == "__main__":
    sys.exit(main())
