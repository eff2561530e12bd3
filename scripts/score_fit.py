"""Learn what the traits of a candidate weigh, from made-up names of known truth: the table that ships.

    python scripts/score_fit.py [--seeds 101-116] [--names 3000] [--check]

Each seed is a registry and a workbook of its own (`synthetic.labelled`); the seeds that `quality.py` measures
by are others. What the rules hold is learned from, as that is what the score orders. With --check nothing is
written: it ends with 1 where the table is not what would be written. It takes ten minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from synthetic.labelled import LabelledName, labelled_names

from eqcbatch.domain.matching import judge
from eqcbatch.domain.score.learning import Known, learned, told_apart
from eqcbatch.domain.score.traits import traits_of
from eqcbatch.domain.score.weights import TABLE, Weights, table_of
from eqcbatch.settings import ConfidenceRule

PATH = Path(__file__).parents[1] / "eqcbatch" / "tables" / f"{TABLE}.txt"
SEEDS = "101-116"
PULL = 1.0  # towards 0, in names
NOTHING = Weights({}, 0.0)
HEAD = (
    "# What the traits of a candidate weigh, in log odds: that it is meant, not `none` or a rival; and that",
    "# the likeliest one is told from all others. eqcbatch/domain/score/traits.py says what the traits are.",
    "# Learned by scripts/score_fit.py from the made-up names of seeds {seeds}.",
)


def main() -> int:
    """Fit, and write or compare the table."""
    options = _options()
    text = "\n".join(table(options.seeds, options.names)) + "\n"
    if options.check:
        return int(text != PATH.read_text(encoding="utf-8"))
    PATH.write_text(text, encoding="utf-8", newline="\n")
    return 0


def table(seeds: str, names: int) -> list[str]:
    """The lines of the table that these seeds come to."""
    first, _, last = seeds.partition("-")
    held = [one for seed in range(int(first), int(last or first) + 1) for one in held_of(seed, names)]
    names_known = [known(one) for one in held]
    likely = learned(names_known, NOTHING, PULL)
    apart = [
        told_apart(one, likely, resolvable=name.resolvable)
        for one, name in zip(names_known, held, strict=True)
    ]
    return [line.format(seeds=seeds) for line in HEAD] + table_of(likely, learned(apart, NOTHING, PULL))


def held_of(seed: int, names: int) -> Iterator[LabelledName]:
    """What is learned from of a seed."""
    for one in labelled_names(seed, names=names):
        verdict = judge(one.asked, one.candidates, ConfidenceRule())
        if verdict and verdict.held:
            yield one


def known(one: LabelledName) -> Known:
    """A labelled name as the score looks at it."""
    found = traits_of(one.asked, one.candidates)
    ids: Sequence[str] = [company.company_id for company, _ in found]
    right = ids.index(one.true_id) if one.true_id in ids else None
    return Known(tuple(traits for _, traits in found), right)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default=SEEDS, help="of the made-up worlds (%(default)s)")
    parser.add_argument("--names", type=int, default=3000, help="of each (%(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where the table would differ")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
