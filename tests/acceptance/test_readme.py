"""README and reference are kept true: help texts, commands, promises and exit codes. See test_docs, too."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from eqcbatch.cli import exit_codes
from eqcbatch.cli.app import app
from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import EqcbatchError
from eqcbatch.simulate import Simulator
from tests.conftest import FAST, TOKEN, Run
from tests.docs import DOCS
from tests.drains import companies
from tests.indexes import standing
from tests.processes import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def section(headline: str, page: str = README) -> str:
    """What stands under a headline."""
    return page.partition(f"\n## {headline}\n")[2].partition("\n## ")[0]


def page(name: str) -> str:
    """A page of docs/."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def commands(text: str) -> list[list[str]]:
    """The `eqcbatch ...` lines of a text, each as its words behind `eqcbatch`."""
    lines = re.findall(r"^(?:eqcbatch|.*?&& eqcbatch) (.*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def row_cells(table: str) -> list[list[str]]:
    """The cells of a Markdown table, without its two lines of header."""
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


# Help


def test_the_help_texts_are_those_of_the_commands(tmp_path: Path) -> None:
    """`scripts/help_blocks.py --check` finds nothing to refresh; without --check it mends the reference."""
    check = [sys.executable, str(CHECKOUT / "scripts/help_blocks.py"), "--check"]
    assert 0 == subprocess.run(check, cwd=tmp_path).returncode, "run scripts/help_blocks.py"


def test_every_command_and_option_has_help() -> None:
    """A sentence each, ending with a full stop or its default."""
    assert app.help
    for command in app.commands.values():
        assert command.help, command.name
        for option in command.params:
            if isinstance(option, click.Option):
                assert re.search(r"[.\]]$", option.help or ""), (command.name, option.name)


def test_every_command_stands_in_the_readme() -> None:
    """In the table of commands."""
    tabled = [cells[0].strip("`").removeprefix("eqcbatch ") for cells in row_cells(section("Commands"))]
    assert sorted(app.commands) == sorted(tabled)


# Commands


def test_the_daily_three_run_as_written(
    eqcbatch: Run, simulator: Callable[..., Simulator], database_url: str
) -> None:
    """On a workbook, a real PostgreSQL and a simulated EQC, each ends with 0 and says what comes next."""
    import pandas as pd

    three = commands(section("The daily three").partition("\n```\n")[0])
    eqc = simulator()
    names = companies(12)
    pd.DataFrame({"客户名称": names * 2}).to_excel("month.xlsx", index=False)
    environment = {
        "EQCBATCH_DATABASE_URL": database_url,
        "EQCBATCH_EQC_TOKEN": TOKEN,
        "EQCBATCH_DRAIN_EQC_URL": eqc.url,
        "EQCBATCH_DRAIN_RATE": FAST,
    }

    ran = [eqcbatch(*command, **environment) for command in three]

    assert ["plan", "drain", "report"] == [command[0] for command in three]
    assert [0, 0, 0] == [one.code for one in ran], [one.err for one in ran]
    assert "Next: eqcbatch drain --resume" in ran[0].out
    assert "Next: eqcbatch report" in ran[1].out
    assert "The accounts balance." in ran[2].out
    assert len(names) == eqc.totals.requests
    assert standing(database_url).keys() <= set(names)
    assert standing(database_url)


# Promises and exit codes


def test_every_promise_names_tests_that_exist() -> None:
    """As `pytest -k NAME` finds them, or as a folder of tests."""
    tests = {
        node.name
        for file in (CHECKOUT / "tests").rglob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    promises = row_cells(section("What is promised", page("concepts")))
    assert [f"P{number}" for number in range(1, 13)] == [cells[0] for cells in promises]
    for promise, _, named in promises:
        for name in re.findall("`([^`]+)`", named):
            found = (CHECKOUT / name).is_dir() or any(name in test for test in tests)
            assert found, (promise, name)


def test_the_exit_codes_are_those_of_the_code() -> None:
    """One table in the reference, one in `eqcbatch --help`, both complete."""
    errors = {exit_codes.code_of(kind()) for kind in EqcbatchError.__subclasses__()}
    signals = {
        exit_codes.code_of_drain(reason, None) for reason in (ExitReason.INTERRUPTED, ExitReason.TERMINATED)
    }
    defect = 1  # as Python ends after a traceback
    codes = {0, defect, exit_codes.USAGE, exit_codes.GATE} | errors | signals

    tabled = [
        code for cells in row_cells(section("Exit codes", page("reference"))) for code in cells[0].split(", ")
    ]
    helped = re.findall(r"^  (\d+) |, (\d+) terminated", exit_codes.EPILOG, re.MULTILINE)

    assert sorted(codes) == sorted(map(int, tabled))
    assert sorted(codes) == sorted(int(first or second) for first, second in helped)


@pytest.mark.parametrize("code", [0, 2])
def test_the_exit_codes_are_shown_by_help(eqcbatch: Run, code: int) -> None:
    """With --help, and where no command is given."""
    ran = eqcbatch(*([] if code else ["--help"]))
    assert (code, True) == (ran.code, "Exit codes:" in ran.out + ran.err)
