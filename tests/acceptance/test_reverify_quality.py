"""The measurement of the reverification as a developer runs it, on a small part of its companies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.processes import CHECKOUT


def test_all_that_became_of_companies_is_found_and_nothing_is_changed(tmp_path: Path) -> None:
    """Renamed, merged, deregistered and vanished; no decision of a person, and no other name, is touched."""
    command = [sys.executable, str(CHECKOUT / "scripts" / "reverify_quality.py")]
    ran = subprocess.run(
        [*command, "--companies", "100", "--seed", "3", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert not ran.stderr
    figures = json.loads(ran.stdout)
    assert (0, []) == (ran.returncode, figures["missed"])
    assert figures["planted"] == figures["found"]
    assert {"renamed", "merged", "deregistered", "vanished"} <= {
        finding for finding, planted in figures["planted"].items() if planted
    }
    assert (10, 0, 0) == tuple(figures[key] for key in ("by_people", "decisions_changed", "names_changed"))
