"""Measure evidence and second questions: places beside names of known truth, and the real drain.

    python scripts/evidence_quality.py [--companies 6000] [--names 3000] [--seeds 11,12,13]
                                       [--beside 0.5] [--elsewhere 0.16]

Of the names whose company the registry has, the share `--beside` has a place beside it: the company's city,
or, of the share `--elsewhere` of these, that of any other one, as where a column tells who serves a customer.
Says how often the verdict of evidence is right, and what second questions yield, by kind.

What it cannot show: the search of this registry is by likeness alone, and finds a name whatever stands in its
brackets; what EQC's own finds for another question nobody knows before it is asked.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence

from synthetic.cases import drained_cases, ours
from synthetic.drained import Evidence, drained
from synthetic.labelled import made_up
from synthetic.workbook import Entry
from synthetic.world import registered

from eqcbatch.domain.model import EvidenceKind, RowEvidence
from eqcbatch.simulate import Company


def main() -> None:
    """Run it for each seed, and print the sums."""
    options = _options()
    right: Counter[tuple[str, bool]] = Counter()
    asked: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for seed in options.seeds:
        world, entries, _ = made_up(seed, options.companies, options.names)
        companies = [registered(firm) for firm in world.firms]
        beside = _beside(seed, entries, companies, options)
        ledger = drained(companies, [entry.asked.raw for entry in entries], beside, second_question=True)
        for case in drained_cases(entries, world, ledger):
            if ours(case) is not None and str(case.verdict).startswith("evidence:"):
                right[str(case.verdict), ours(case) == case.true_id] += 1
        for kind, (answers, names) in ledger.seconds.items():
            asked[kind] += answers
            settled[kind] += names
    for verdict in sorted({verdict for verdict, _ in right}):
        print(f"{verdict}: {right[verdict, True]} right, {right[verdict, False]} wrong")
    for kind in sorted(asked):
        print(f"second question {kind}: {settled[kind]} names of {asked[kind]} questions")


def _beside(
    seed: int, entries: Sequence[Entry], companies: Sequence[Company], options: argparse.Namespace
) -> Evidence:
    """A place beside some of the names."""
    chance = random.Random(f"beside {seed}")
    by_id = {company.company_id: company for company in companies}
    found: dict[str, tuple[RowEvidence, ...]] = {}
    for entry in entries:
        if entry.asked.truth and chance.random() < options.beside:
            elsewhere = chance.random() < options.elsewhere
            company = chance.choice(companies) if elsewhere else by_id[entry.asked.truth.id]
            found[entry.key] = (RowEvidence(EvidenceKind.COLUMN, f"{company.city}分公司", 1, "机构"),)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--companies", type=int, default=6000, help="in a registry (%(default)s)")
    parser.add_argument("--names", type=int, default=3000, help="in a workbook (%(default)s)")
    parser.add_argument("--seeds", type=_numbers, default=[11, 12, 13], metavar="N,N", help="of the worlds")
    parser.add_argument("--beside", type=float, default=0.5, help="share with a place (%(default)s)")
    parser.add_argument("--elsewhere", type=float, default=0.16, help="of these: not its own (%(default)s)")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
