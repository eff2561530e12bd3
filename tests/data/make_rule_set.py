"""Write verdicts of the rules of today as data, for the test that says when `RULE_SET` must count up.

    PYTHONPATH=scripts python tests/data/make_rule_set.py

Names of a made-up world, as a workbook writes them, with what a little search offers for each; of every
verdict that there is, a few. Run it after `RULE_SET` was raised, and commit what it wrote.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthetic.name_variants import NameWriter
from synthetic.workbook import workbook
from synthetic.world import World, registered

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.names import lookup_key, query_for
from eqcbatch.eqc import read_candidates
from eqcbatch.settings import ConfidenceRule
from eqcbatch.simulate import ListedRegistry, wire

MOST_OFFERED, OF_EACH = 6, 12


def main() -> None:
    """Write the file beside this one."""
    chance, kinds = random.Random(1), Counter[str]()
    world = World(chance, 1500)
    registry = ListedRegistry(map(registered, world.firms))
    cases: list[dict[str, Any]] = []
    for entry in workbook(NameWriter(world, chance), 1500):
        raw = entry.asked.raw
        query = query_for([raw])
        candidates = read_candidates(wire.search(registry.search(query), query))[:MOST_OFFERED]
        verdict = judge(Asked(lookup_key(raw), query, (raw,)), candidates, ConfidenceRule())
        kind = f"{verdict.how}, {verdict.held}" if verdict else "not found"
        kinds[kind] += 1
        if kinds[kind] <= OF_EACH:
            told = (
                [verdict.company.company_id, verdict.confidence, verdict.how, verdict.held]
                if verdict
                else None
            )
            cases.append({"raw": raw, "candidates": [asdict(one) for one in candidates], "verdict": told})
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    content = f'{{"rule_set": {RULE_SET}, "cases": [\n{lines}\n]}}\n'
    Path(__file__).with_name("rule_set.json").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
