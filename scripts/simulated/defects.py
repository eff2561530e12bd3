"""Planted defects: one change each to a copy of the product, to show that the simulation can fail.

A text that does not stand just once in the product's source is an error: the list is out of date.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from simulated.planted import Defect

ROOT = Path(__file__).parents[2]
PACKAGE = "eqcbatch"


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a planted defect was found. told: by which broken promise, at which seed; "" if it was not."""

    defect: Defect
    told: str


def plant(defect: Defect, place: Path) -> None:
    """Put a copy of the product with the defect into a directory. Raises ValueError if it does not fit."""
    shutil.copytree(ROOT / PACKAGE, place / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name, before, after in defect.changes:
        path = place / PACKAGE / name
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise ValueError(f"{defect.name}: {before!r} stands {text.count(before)} times in {name}")
        path.write_text(text.replace(before, after), encoding="utf-8")


def find(defect: Defect, seeds: int, months: int) -> Found:
    """Simulate a product with the defect, until a promise is broken or all seeds are run."""
    with tempfile.TemporaryDirectory(prefix="planted-") as place:
        plant(defect, Path(place))
        command = [sys.executable, str(ROOT / "scripts" / "simulation.py"), "--stop"]
        ran = subprocess.run(
            [*command, "--seeds", str(seeds), "--months", str(months)],
            env=os.environ | {"PYTHONPATH": place},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    lines = [line for line in ran.stdout.splitlines() if line.startswith("seed ")]
    if ran.returncode not in (0, 1) or (ran.returncode and not lines):
        raise RuntimeError(f"{defect.name}: {ran.stderr[-2000:]}")
    return Found(defect, lines[0] if lines else "")
