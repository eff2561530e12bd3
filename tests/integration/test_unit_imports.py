"""What the unit tests load: nothing of the outside things, so that all of them take a few seconds."""

from __future__ import annotations

import subprocess
import sys

from tests.processes import CHECKOUT

NOT_HERE = {"eqcbatch.cli", "eqcbatch.postgres", "eqcbatch.simulate", "psycopg"}
LOADED = """
import runpy, sys
for path in sys.argv[1:]:
    runpy.run_path(path)
print(*sys.modules)
"""


def test_unit_tests_load_no_command_no_postgres_and_no_simulator() -> None:
    """Neither themselves nor by what they import: a test that needs one stands in tests/integration."""
    modules = sorted(map(str, (CHECKOUT / "tests" / "unit").glob("test_*.py")))
    search_path = [str(CHECKOUT), str(CHECKOUT / "scripts")]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {search_path}{LOADED}", *modules]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert 0 == ran.returncode, ran.stderr
    assert set() == NOT_HERE & set(ran.stdout.split())
