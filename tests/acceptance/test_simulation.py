"""The simulated world: fixed seeds break no promise, and a seed is the same story each time."""

from __future__ import annotations

import subprocess
import sys

import pytest
from simulated.defects import PACKAGE, ROOT, find
from simulated.planted import DEFECTS, Defect
from simulated.planted_blind import BLIND
from simulated.runs import run_seed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it puts back files that are open")
SEEDS, MONTHS, NIGHTS = range(1, 61), 1, 4
PARTS = 4  # of the seeds, so that two workers share them


@pytest.mark.parametrize("part", range(PARTS))
def test_no_promise_is_broken_in_sixty_seeds(part: int) -> None:
    """A month each, of nights in which everything goes wrong; `scripts/simulation.py` runs more of them."""
    runs = [run_seed(seed, MONTHS, NIGHTS) for seed in SEEDS[part::PARTS]]
    assert {} == {run.seed: run.broken for run in runs if run.broken}
    assert sum(run.figures.nights for run in runs) > 100
    assert len(sum((run.figures.faults for run in runs), runs[0].figures.faults)) > 18


def test_a_seed_replays_exactly() -> None:
    """What fails once can be looked at."""
    first, again = run_seed("replayed", MONTHS), run_seed("replayed", MONTHS)
    assert (first.trace, first.figures) == (again.trace, again.figures)
    assert first.trace != run_seed("another", MONTHS).trace


@pytest.mark.parametrize("defect", [*BLIND, *DEFECTS], ids=lambda defect: defect.name)
def test_what_a_planted_defect_changes_stands_there_once(defect: Defect) -> None:
    """Else the list is out of date, and a long run would end by it."""
    sources = {file: (ROOT / PACKAGE / file).read_text(encoding="utf-8") for file, _, _ in defect.changes}
    counted = {before: sources[file].count(before) for file, before, _ in defect.changes}
    assert dict.fromkeys(counted, 1) == counted


def test_a_planted_defect_is_found() -> None:
    """That shows that the simulation can fail; `scripts/simulation.py --defects` plants them all."""
    defect = next(one for one in DEFECTS if one.name == "a turn is not taken")
    assert find(defect, seeds=20, months=1).told.split(": ")[1] == "P3"


def test_a_long_look_for_defects_is_made_in_parts() -> None:
    """Each defect has a number, with which an interrupted look goes on."""
    simulation, last = str(ROOT / "scripts" / "simulation.py"), str(len(BLIND) + len(DEFECTS))
    ran = subprocess.run(
        [sys.executable, simulation, "--seeds", "1", "--defects", "the names of before", "--from", last],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    told, summed_up = ran.stdout.splitlines()
    assert told.startswith(f"{last} of {last}, {DEFECTS[-1].name}: ")
    assert summed_up.endswith(" of 1 planted defects found")
