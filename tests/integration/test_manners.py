"""Small manners at the shell: versions, completion, colour, columns, and the next command to type."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest
from wcwidth import wcswidth

from eqcbatch import __version__
from eqcbatch.render.plain_text import table
from tests.conftest import Run
from tests.docs import blocks
from tests.drains import LEDGER, Job, OneEach, write_names
from tests.indexes import seed

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such shell")
DOCUMENTED = [
    line
    for block in blocks("reference.md")
    if block.check == "completion"
    for line in block.text.splitlines()
]
GREEN = "\x1b[32m"


# Versions


def test_version_tells_what_a_bug_report_needs(eqcbatch: Run) -> None:
    """eqcbatch, Python, SQLite, the system, and the libraries that a fault may lie in."""
    first, second, third = eqcbatch("--version").out.splitlines()
    assert f"eqcbatch, version {__version__}" == first
    assert [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"] == second.split(", ")[
        :2
    ]
    assert platform.system() in second or sys.platform == "darwin"
    for library in ("click", "requests", "requests-cache", "sqlite-utils", "openpyxl", "psycopg"):
        assert f"{library} {version(library)}" in third.split(", ")


def test_the_module_tells_its_version() -> None:
    """`python -m eqcbatch --version` is the same command."""
    ran = subprocess.run([sys.executable, "-m", "eqcbatch", "--version"], capture_output=True, text=True)
    assert (0, f"eqcbatch, version {__version__}", "") == (
        ran.returncode,
        ran.stdout.split("\n")[0],
        ran.stderr,
    )


# Completion


@posix
@pytest.mark.parametrize("line", DOCUMENTED)
def test_a_documented_line_loads_the_completion(
    line: str, start_eqcbatch: Callable[..., subprocess.Popen[str]]
) -> None:
    """What it evaluates is a function for that shell; where the shell is installed, it takes it."""
    shell = next(name for name in ("bash", "zsh", "fish") if f"{name}_source" in line)
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("click asks bash for its version")
    script, _ = start_eqcbatch(_EQCBATCH_COMPLETE=f"{shell}_source").communicate()
    assert "_EQCBATCH_COMPLETE=" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@posix
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("eqcbatch dr", ["drain"]),
        ("eqcbatch review re", ["replay", "rescore"]),
        ("eqcbatch drain --ret", ["--retry-failed", "--retry-not-found-after", "--retries"]),
    ],
)
def test_the_completion_knows_commands_and_options(
    words: str, offered: list[str], start_eqcbatch: Callable[..., subprocess.Popen[str]]
) -> None:
    """As bash asks for it after a tab; no ledger, no token and no settings are needed."""
    line = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    out, err = start_eqcbatch(_EQCBATCH_COMPLETE="bash_complete", **line).communicate()
    assert ("", offered) == (err, [one.partition(",")[2] for one in out.splitlines()])


# Colour


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "eqcbatch", *arguments]
    with subprocess.Popen(command, env=os.environ | environment, stdout=theirs, stderr=theirs):
        os.close(theirs)
        printed = b""
        with suppress(OSError):  # as Linux ends a terminal that nobody writes to any more
            while read := os.read(ours, 4096):
                printed += read
    os.close(ours)
    return printed.decode()


@posix
def test_a_terminal_has_colours() -> None:
    """The words of a checkup."""
    assert GREEN in on_a_terminal("check", "--no-request", TERM="xterm")


@posix
@pytest.mark.parametrize(
    "command", [("check", "--no-request"), ("drain", "--resume", "--eqc-url", "http://127.0.0.1:9")]
)
def test_no_color_takes_them_away(command: tuple[str, ...], eqcbatch: Run) -> None:
    """NO_COLOR on a terminal: no command prints an escape for a colour."""
    eqcbatch("plan", write_names(["甲"]))
    printed = on_a_terminal(*command, TERM="xterm", NO_COLOR="1", EQCBATCH_EQC_TOKEN="T")
    assert printed
    assert not re.search("\x1b\\[[0-9;]*m", printed)


def test_a_pipe_has_no_colours(eqcbatch: Run) -> None:
    """Nor has a file."""
    ran = eqcbatch("check", "--no-request")
    assert "\x1b" not in ran.out + ran.err


# Columns


def test_chinese_counts_two_columns_a_character() -> None:
    """A column begins at the same place in every line, whatever stands before it."""
    rows = [("深圳市远山科技有限公司", "x"), ("ABC", "x"), ("中aｂ（甲）", "x")]
    lines = table(rows, ("name", "x")).splitlines()
    assert 1 == len({wcswidth(line[: line.rindex("x")]) for line in lines})


def test_the_preview_of_a_drain_is_aligned(eqcbatch: Run) -> None:
    """Its lookup keys begin below one another."""
    names = ["深圳市远山科技有限公司", "ABC有限公司", "甲"]
    eqcbatch("plan", write_names(names), "--ledger", LEDGER)
    lines = eqcbatch("drain", "--dry-run", "--ledger", LEDGER).out.splitlines()[1:4]
    assert 1 == len({wcswidth(line[: line.rindex(" ")]) for line in lines}), lines


@pytest.mark.parametrize(
    ("budget", "names", "said"),
    [
        (2, 2, "A drain would send 2 requests, its budget."),
        ("all", 3, "A drain would send at least 3 requests."),
        (4, 3, "A drain would send at least 3 requests."),
    ],
)
def test_a_preview_shows_what_the_budget_allows(eqcbatch: Run, budget: object, names: int, said: str) -> None:
    """No name that a drain would not ask, no request that it may not send; and the weights."""
    Path("w.csv").write_text("客户名称,w\n甲公司,1200\n乙公司,1.5\n乙公司,1.5\n丙公司,20\n", encoding="utf-8")
    eqcbatch("plan", "w.csv", "--weight-column", "w", "--ledger", LEDGER)
    header, *lines = eqcbatch("drain", "--dry-run", "--budget", budget, "--ledger", LEDGER).out.splitlines()
    asked = [line.split() for line in lines[: lines.index("")]]
    assert ["rows", "weight", "query", "lookup", "key"] == header.split()
    assert [
        ["1", "1,200", "甲公司", "甲公司"],
        ["1", "20", "丙公司", "丙公司"],
        ["2", "3", "乙公司", "乙公司"],
    ][:names] == asked
    assert said in lines[-1]


# A source that is decided


def test_a_plan_of_a_source_that_is_known_says_so(eqcbatch: Run, database_url: str) -> None:
    """All of it stood in the index: exit 0, nothing to drain."""
    seed(database_url, ("甲公司", "customer_name", "600000001", 1.0))
    ran = eqcbatch("plan", write_names(["甲公司"]), EQCBATCH_DATABASE_URL=database_url)
    assert 0 == ran.code
    assert "Every name is decided already: 1 cached, 0 resolved, 0 failed. Nothing is left" in ran.out
    assert ran.out.endswith("Next: eqcbatch report\n")


def test_a_plan_of_a_source_that_was_drained_says_so(job: Callable[..., Job]) -> None:
    """A second plan of last month's file."""
    drained = job(registry=OneEach())
    drained.plan(["甲公司", "乙公司"])
    drained.drain()
    again = drained.plan(["甲公司", "乙公司"])
    assert 0 == again.code
    assert "Every name is decided already: 0 cached, 2 resolved, 0 failed." in again.out


def test_a_plan_without_a_name_does_not_speak_of_decisions(job: Callable[..., Job]) -> None:
    """An empty source is none that is decided."""
    ran = job().plan([])
    assert (0, True) == (ran.code, "\nNothing is left to ask EQC.\n" in ran.out)
