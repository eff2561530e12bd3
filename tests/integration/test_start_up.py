"""Start-up: a command imports the heavy libraries that it uses, and no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledgers import plan_names, resolve

HEAVY = {"pandas", "numpy", "pyarrow", "openpyxl", "requests", "requests_cache", "psycopg"}
SCRIPT = """
import sys
from eqcbatch.cli.app import main

try:
    main(sys.argv[1:])
finally:
    print("imported", *sys.modules, file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a process has once it ran this command."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, encoding="utf-8", timeout=60
    )
    assert 0 == ran.returncode, ran.stderr
    return set(ran.stderr.rsplit("imported", 1)[1].split())


@pytest.mark.parametrize("command", ["", "plan", "drain", "report"])
def test_help_needs_nothing_heavy(command: str) -> None:
    """Whoever looks up an option waits for nothing."""
    assert set() == (HEAVY | {"sqlite_utils", "yaml", "tqdm", "loguru"}) & imported(
        *command.split(), "--help"
    )


def test_a_report_reads_the_ledger_and_nothing_else(tmp_path: Path) -> None:
    """No pandas on the off chance, no database driver, no HTTP."""
    ledger = tmp_path / "l.sqlite"
    plan_names(ledger, "甲公司")
    assert set() == HEAVY & imported("report", "--ledger", str(ledger))


def test_a_plan_of_a_csv_imports_no_library_for_other_files(tmp_path: Path) -> None:
    """Nor one for EQC."""
    source = tmp_path / "a.csv"
    source.write_text("客户名称\n甲公司\n", encoding="utf-8")
    assert set() == (HEAVY - {"psycopg"}) & imported("plan", str(source), "--ledger", str(tmp_path / "l"))


def test_a_drain_without_postgres_imports_no_driver_for_it(tmp_path: Path) -> None:
    """Nor pandas: a resume has its first request out in under a second."""
    ledger = tmp_path / "l.sqlite"
    plan_names(ledger, "甲公司")
    resolve(ledger, "甲公司")
    assert {"requests", "requests_cache"} == HEAVY & imported("drain", "--ledger", str(ledger))


def test_numpy_can_be_imported_once_the_ledger_is() -> None:
    """What sqlite-utils is not shown stays there for whoever wants it."""
    script = "import eqcbatch.ledger, numpy, pandas; print(pandas.Series([1, 2]).sum())"
    assert "3\n" == subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout
