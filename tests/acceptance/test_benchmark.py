"""`scripts/benchmark.py` as a developer calls it: small sizes, to see that it works."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import benchmark
import pytest

from tests.docs import blocks
from tests.processes import CHECKOUT

SCRIPT = CHECKOUT / "scripts" / "benchmark.py"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the benchmark to its end."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)


@pytest.mark.parametrize("letter", ["e", "f"])
def test_a_section_is_printed_and_written(tmp_path: Path, letter: str) -> None:
    """As a table on stdout, and with every round as JSON; nothing else need run for it."""
    ran = run("--quick", "--only", letter, "--json", tmp_path / "found.json")

    assert (0, "") == (ran.returncode, ran.stderr)
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert [letter] == list(found["sections"])
    rows = [row for section in found["sections"][letter] for row in section["rows"]]
    assert all(row["what"] in ran.stdout for row in rows)
    assert all(row["runs"]["ours"] for row in rows if "CPU" not in row["what"])


def test_the_page_of_performance_is_what_its_command_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command parses, and has a place there for the tables of every section."""
    (block,) = (block for block in blocks("performance.md") if block.check == "benchmark")
    monkeypatch.chdir(CHECKOUT)
    monkeypatch.setattr(sys, "argv", shlex.split(block.text)[1:])

    page = benchmark.parsed_options().page.read_text(encoding="utf-8")

    marks = [f"<!-- {letter}:{end} -->" for letter in benchmark.SECTIONS for end in ("begin", "end")]
    assert [1] * len(marks) == [page.count(mark) for mark in marks]


def test_an_unknown_section_is_refused_with_those_there_are() -> None:
    """Before anything is measured."""
    ran = run("--only", "a,z")
    assert 2 == ran.returncode
    assert "no section z; there are a baseline, b month" in ran.stderr
