"""The README is kept true: its help texts, its commands, its promises and its exit codes."""

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

from eqcbatch import __version__
from eqcbatch.cli import exits
from eqcbatch.cli.app import app
from eqcbatch.errors import EqcbatchError
from eqcbatch.records import ExitReason
from eqcbatch.simulate import Simulator
from tests.conftest import FAST, TOKEN, Run
from tests.drains import companies, write_names
from tests.indexes import standing
from tests.processes import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def section(headline: str) -> str:
    """What stands under a headline."""
    return README.partition(f"\n## {headline}\n")[2].partition("\n## ")[0]


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
    """`scripts/help_blocks.py --check` finds nothing to refresh; without --check it mends the README."""
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
    """By name, in running text or in a block of commands."""
    text = README.partition("<!-- help:begin -->")[0]
    assert [] == [name for name in app.commands if not re.search(rf"(eqcbatch|bootstrap\.py) {name}\b", text)]


def test_the_module_tells_its_version() -> None:
    """`python -m eqcbatch --version` is the same command."""
    ran = subprocess.run([sys.executable, "-m", "eqcbatch", "--version"], capture_output=True, text=True)
    assert (0, f"eqcbatch, version {__version__}\n", "") == (ran.returncode, ran.stdout, ran.stderr)


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


def test_every_written_command_parses() -> None:
    """The line for cron, and whatever else is written as a command, has options that exist."""
    written = commands(README.partition("<!-- help:begin -->")[0])
    assert ["drain", "--resume", "--budget", "all"] in [words[:4] for words in written]
    for name, *arguments in written:
        app.commands[name].make_context(name, arguments)


def test_the_config_file_shown_is_one(eqcbatch: Run) -> None:
    """Its options exist, and their values are read."""
    shown = section("Options").partition("```yaml\n")[2].partition("```")[0]
    Path("eqcbatch.yml").write_text(shown.replace("/srv/pension/", ""), encoding="utf-8")
    eqcbatch("plan", write_names(["甲"]))
    ran = eqcbatch("drain", "--dry-run")
    assert (0, True) == (ran.code, Path("ledgers/2026.sqlite").exists()), ran.err


# Promises and exit codes


def test_every_promise_names_tests_that_exist() -> None:
    """As `pytest -k NAME` finds them, or as a folder of tests."""
    tests = {
        node.name
        for file in (CHECKOUT / "tests").rglob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    promises = row_cells(section("What is promised"))
    assert [f"P{number}" for number in range(1, 10)] == [cells[0] for cells in promises]
    for promise, _, named in promises:
        for name in re.findall("`([^`]+)`", named):
            found = (CHECKOUT / name).is_dir() or any(name in test for test in tests)
            assert found, (promise, name)


def test_the_exit_codes_are_those_of_the_code() -> None:
    """One table in the README, one in `eqcbatch --help`, both complete."""
    errors = {exits.code_of(kind()) for kind in EqcbatchError.__subclasses__()}
    signals = {
        exits.code_of_drain(reason, None) for reason in (ExitReason.INTERRUPTED, ExitReason.TERMINATED)
    }
    defect = 1  # as Python ends after a traceback
    codes = {0, defect, exits.USAGE} | errors | signals

    tabled = [code for cells in row_cells(section("Exit codes")) for code in cells[0].split(", ")]
    helped = re.findall(r"^  (\d+) |, (\d+) terminated", exits.EPILOG, re.MULTILINE)

    assert sorted(codes) == sorted(map(int, tabled))
    assert sorted(codes) == sorted(int(first or second) for first, second in helped)


@pytest.mark.parametrize("code", [0, 2])
def test_the_exit_codes_are_shown_by_help(eqcbatch: Run, code: int) -> None:
    """With --help, and where no command is given."""
    ran = eqcbatch(*([] if code else ["--help"]))
    assert (code, True) == (ran.code, "Exit codes:" in ran.out + ran.err)
