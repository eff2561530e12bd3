"""The benchmark of the verdicts as a developer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import CHECKOUT


def test_a_seed_gives_the_same_figures_from_any_directory(tmp_path: Path) -> None:
    """All but the time it took; without PYTHONPATH."""
    here, there = _figures(CHECKOUT), _figures(tmp_path)
    assert {**here, "seconds": None} == {**there, "seconds": None}
    assert 7 == here["seed"]


def _figures(directory: Path) -> dict[str, Any]:
    options = ["--companies", "60", "--names", "30", "--seed", "7", "--json"]
    command = [sys.executable, str(CHECKOUT / "scripts" / "quality.py"), *options]
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert not ran.stderr
    figures: dict[str, Any] = json.loads(ran.stdout)
    assert int(bool(figures["missed"])) == ran.returncode
    return figures
