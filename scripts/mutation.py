"""Mutation: whether the tests notice when a decision of the code is changed, one small change at a time.

Each mutant (`mutants.py`) of a module runs under the tests that are about it (`mutant_runs.py`). It is killed
if one of them fails, or takes far too long. What survives is a gap in the tests, or changes nothing that
anybody could see: those stand in `survivors.yml`, each with the reason, and do not count. One that is listed
there, and killed all the same, is told. POSIX only; needs `pip install -e '.[test,mutation]'`.

    python scripts/mutation.py                          # every module; exit 1 below 90 %
    python scripts/mutation.py domain/names drain/health --show
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from mutant_runs import OPTIONS, MutantRuns
from mutants import mutants_of

CHECKOUT = Path(__file__).resolve().parent.parent
SURVIVORS = Path(__file__).with_name("survivors.yml")
LEAST = 0.90
TESTS = {
    "domain/names": ["unit/test_names.py"],
    "domain/matching/verdict": [
        "unit/test_matching.py",
        "unit/test_testimony.py",
        "unit/test_second_query.py",
    ],
    "domain/second_query": ["unit/test_second_query.py"],
    "domain/matching/likeness": ["unit/test_matching.py", "unit/test_testimony.py"],
    "domain/matching/rarity": ["unit/test_rarity.py", "unit/test_matching.py"],
    "domain/matching/short_name": ["unit/test_matching.py"],
    "domain/matching/misspelling": ["unit/test_misspelling.py", "unit/test_matching.py"],
    "domain/matching/offer": ["unit/test_matching.py"],
    "domain/matching/testimony": ["unit/test_testimony.py"],
    "domain/matching/seat": ["unit/test_testimony.py"],
    "domain/matching/sameness": ["unit/test_matching.py"],
    "domain/matching/comparison": ["unit/test_comparison.py", "unit/test_matching.py"],
    "domain/matching/alignment": ["unit/test_comparison.py", "unit/test_matching.py"],
    "domain/matching/anatomy": ["unit/test_anatomy.py", "unit/test_comparison.py", "unit/test_matching.py"],
    "domain/matching/places": ["unit/test_places.py", "unit/test_comparison.py", "unit/test_anatomy.py"],
    "domain/matching/divisions": ["unit/test_places.py", "unit/test_anatomy.py"],
    "domain/matching/numerals": ["unit/test_anatomy.py", "unit/test_comparison.py", "unit/test_matching.py"],
    "domain/matching/brand": ["unit/test_rarity.py", "unit/test_misspelling.py", "unit/test_comparison.py"],
    "domain/rate_limit": ["unit/test_rate_limit.py", "unit/test_retry_policy.py"],
    "drain/retry_policy": ["unit/test_retry_policy.py"],
    "drain/health": ["unit/test_health.py"],
    "drain/doubt": ["unit/test_doubt.py"],
    "ledger/names": ["integration/test_ledger_names.py"],
    "ledger/requests": ["integration/test_ledger_requests.py"],
    "ledger/sessions": ["integration/test_ledger_sessions.py"],
    "ledger/streaks": ["integration/test_ledger_streaks.py"],
    "ledger/outbox": ["integration/test_ledger_outbox.py"],
}


@dataclass(frozen=True, slots=True)
class Score:
    """What became of a module's mutants. survivors: those that nobody listed. stale: listed for nothing."""

    module: str
    mutants: int
    equivalent: int
    survivors: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def killed(self) -> int:
        """Those that the tests noticed."""
        return self.mutants - self.equivalent - len(self.survivors)

    @property
    def share(self) -> float:
        """Of those that change anything."""
        return self.killed / max(1, self.mutants - self.equivalent)


def score(module: str, reasons: dict[str, str]) -> Score:
    """Run every mutant of a module under its tests."""
    path, name = CHECKOUT / "eqcbatch" / f"{module}.py", f"eqcbatch.{module.replace('/', '.')}"
    mutants = mutants_of(path)
    with tempfile.TemporaryDirectory(prefix="eqcbatch-mutants-") as place:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{place}/hypothesis"
        sys.pycache_prefix, sys.dont_write_bytecode = f"{place}/bytecode", False
        tests = [str(CHECKOUT / "tests" / test) for test in TESTS[module]]
        arguments = [*OPTIONS, "--basetemp", f"{place}/tests", "--rootdir", str(CHECKOUT), *tests]
        runs = MutantRuns(name, path, mutants, arguments)
        pytest.main(arguments, plugins=[runs])
    if not runs.passes:
        sys.exit(f"{module}: its tests fail as it is")
    survivors = [mutant.name for mutant in runs.survivors]
    return Score(
        module,
        len(mutants),
        sum(one in reasons for one in survivors),
        tuple(one for one in survivors if one not in reasons),
        tuple(one for one in reasons if one not in survivors),
    )


def read_survivors() -> dict[str, dict[str, str]]:
    """The listed survivors with their reasons, by module."""
    text = SURVIVORS.read_text(encoding="utf-8") if SURVIVORS.exists() else ""
    return {
        module: {mutant: group["why"] for group in groups for mutant in group["mutants"]}
        for module, groups in (yaml.safe_load(text) or {}).items()
    }


def main(arguments: list[str]) -> int:
    """Score modules and print a table; 1 if one is below the least score, or the list does not hold."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(TESTS))
    parser.add_argument("--show", action="store_true", help="tell every survivor that is not listed")
    options = parser.parse_args(arguments)
    os.chdir(CHECKOUT)
    reasons, failed = read_survivors(), 0
    print(f"{'module':<30}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'score':>8}", flush=True)
    for module in options.modules or TESTS:
        found = score(module, reasons.get(module, {}))
        row = f"{module:<30}{found.mutants:>8}{found.killed:>8}{found.equivalent:>12}{found.share:>8.1%}"
        print(row, flush=True)
        for line in found.survivors if options.show else ():
            print(f"  survives: {line}")
        for line in found.stale:
            print(f"  listed in {SURVIVORS.name}, and does not survive: {line}")
        failed += found.share < LEAST or bool(found.stale)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
