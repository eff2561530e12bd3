"""The benchmark of the verdicts as a developer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from synthetic.name_variants import KINDS

from tests.processes import CHECKOUT

SMALL = ("--companies", "60", "--names", "30", "--each", "1")


def test_seeds_give_the_same_figures_from_any_directory(tmp_path: Path) -> None:
    """All but the time and the requests that it took: two are in flight. Without PYTHONPATH."""
    here, there = (_figures(directory, "--seeds", "7,8") for directory in (CHECKOUT, tmp_path))
    told = here.keys() - {"seconds", "requests_per_name", "requests_per_resolved_name", "missed"}
    assert {key: here[key] for key in told} == {key: there[key] for key in told}
    assert ([7, 8], list(KINDS)) == (here["seeds"], list(here["kinds"]))


def test_the_figures_of_each_kind_are_told() -> None:
    """And what of the goals was missed, with status 1."""
    told = _ran(CHECKOUT, "--seed", "7")
    lines = told.stdout.splitlines()
    assert {*KINDS} <= {line.split(" ")[0] for line in lines}
    assert ("missed: " in told.stdout) == bool(told.returncode)


def _figures(directory: Path, *options: str) -> dict[str, Any]:
    ran = _ran(directory, "--json", *options)
    figures: dict[str, Any] = json.loads(ran.stdout)
    assert int(bool(figures["missed"])) == ran.returncode
    return figures


def _ran(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKOUT / "scripts" / "quality.py"), *SMALL, *options]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, encoding="utf-8")
    assert not ran.stderr
    return ran
