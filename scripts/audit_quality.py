"""Measure the audit: an index with first-candidate mistakes planted, in a real Postgres, audited.

    python scripts/audit_quality.py [--scale 1] [--seed 1] [--seeds 100] [--budget 300] [--json]

Makes up a registry as scripts/quality.py does, and of it an index of 41,256 rows as years of taking EQC's
first candidate leave it: 5 in 100 ids are such mistakes. 27,689 companies stand in base_info, with gaps.
Audits it by the command, and holds what is said of each row against the truth: the likelihoods that are
written down in eqcbatch/domain/index_audit/row_verdict.py come from here. Then draws samples, has a local
registry answer, and counts how often their interval holds the truth. Ends with status 1 where a threshold is
missed.

What it cannot show stands in docs/audit.md: registry, names, verdicts and answers have one grammar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from synthetic.audited import Figures, covered, fill, judged_rows, measured, plan_some, timed
from synthetic.index import PlantedIndex
from tabulate import tabulate

from eqcbatch.domain.index_audit import LIKELIHOOD
from eqcbatch.postgres.embedded import embedded_postgres


def main() -> int:
    """Run the measurement as the command line says."""
    options = _options()
    figures = _run(options)
    if options.json:
        print(json.dumps(figures.as_json(), ensure_ascii=False))
    else:
        _print(figures)
    return int(bool(figures.missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="how much of 41,256 rows (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the world (%(default)s)")
    parser.add_argument("--seeds", type=int, default=100, help="samples to draw, 0 for none (%(default)s)")
    parser.add_argument("--budget", type=int, default=300, help="requests of a sample (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> Figures:
    planted = PlantedIndex(options.seed, options.scale)
    with tempfile.TemporaryDirectory() as place, embedded_postgres(Path(place) / "postgres") as url:
        ledger = Path(place) / "ledger.sqlite"
        fill(url, planted)
        plan_some(ledger, url, planted)
        took, rows = timed(url, ledger), judged_rows(url, ledger)
    coverage = covered(planted, rows, options.seeds, options.budget) if options.seeds else None
    return measured(planted, rows, took, coverage)


def _print(figures: Figures) -> None:
    rows = [
        [one.verdict, one.right, one.wrong, one.likelihood, LIKELIHOOD[one.verdict]]
        for one in figures.verdicts
    ]
    heads = ["verdict", "right", "wrong", "share wrong", "written down"]
    print(tabulate(rows, heads, floatfmt=".3f"))
    print(
        f"\n{figures.rows:,} rows, {figures.wrong:,} of them wrong, {figures.companies:,} companies; audited "
        f"in {figures.seconds:.1f} s, {figures.processor_s:.1f} s of them computing\n"
        f"suspicious: {figures.found:.1%} of {figures.contradicting:,} wrong rows whose name contradicts, "
        f"{figures.found_of_all_wrong_names:.1%} of all wrong names, {figures.false:.2%} of the right rows"
    )
    if found := figures.coverage:
        print(
            f"{found.seeds} samples of {found.budget}: the interval holds the share of wrong rows among "
            f"those that can be decided ({found.truth:.2%}) in {found.of_decided:.0%}; its mean width is "
            f"{found.width:.2%}\nthe range holds that among all ({found.truth_of_all:.2%}) in "
            f"{found.of_all:.0%}; {found.undecided:.1%} are undecided"
        )
    print("missed: " + "; ".join(figures.missed) if figures.missed else "all thresholds hold")


if __name__ == "__main__":
    sys.exit(main())
