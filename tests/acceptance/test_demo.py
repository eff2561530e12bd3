"""`eqcbatch demo` as a user starts it: a process of its own, small and fast."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.schemas import checked

SMALL = ("--rows", "1500", "--time-scale", "3000")


@dataclass(frozen=True)
class Played:
    """A demo that was played: where, and what its JSON says."""

    directory: Path
    result: dict[str, Any]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A demo in an environment with a token, a database and a proxy that it must not mind."""
    home = tmp_path_factory.mktemp("home")
    process = subprocess.run(
        [sys.executable, "-m", "eqcbatch", "demo", *SMALL, "--directory", home / "demo", "--json"],
        env=os.environ
        | {
            "EQCBATCH_EQC_TOKEN": "T-real",
            "EQCBATCH_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "EQCBATCH_PACE_FILE": str(home / "pace.json"),
            "HTTP_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=home,
    )
    assert 0 == process.returncode, process.stderr
    return Played(home / "demo", checked("demo", process.stdout))


def test_the_numbers_of_a_demo_agree_with_each_other(played: Played) -> None:
    """Ledger and EQC count the same requests, one a name that the index lacks; none stays pending."""
    demo, report, eqc = played.result, played.result["report"], played.result["simulator"]

    names = report["names"]
    assert (0, True) == (names["pending"], report["balanced"])
    assert 1500 == report["rows"]["total"]
    assert demo["names"] == names["total"] == names["cached"] + names["resolved"] + names["failed"]
    assert demo["misses"] == names["resolved"] + names["failed"]
    assert demo["misses"] == demo["requests"] == report["requests"]["total"] == eqc["requests"]
    assert demo["hit_rate"] == pytest.approx(demo["coverage"], abs=0.005)
    assert (0, 0, 1) == (eqc["violations"], eqc["repeats"], eqc["max_in_flight"])
    assert names["resolved"] == sum(report["resolved"].values())
    assert 0 == report["resolved"]["unflushed"]


def test_the_hours_of_a_demo_follow_from_requests_latency_and_rate(played: Played) -> None:
    """One at a time each request takes its latency; at the full rate, six seconds."""
    demo = played.result

    assert demo["requests"] * 6 / 3600 == pytest.approx(demo["hours_at_full_rate"], abs=0.006)
    assert demo["requests"] * demo["latency_s"] / 3600 == pytest.approx(demo["hours_one_at_a_time"], abs=0.01)
    assert 6 / demo["latency_s"] == pytest.approx(demo["rate_used"], abs=0.01)


def test_a_demo_leaves_nothing_outside_its_directory(played: Played) -> None:
    """Neither the user's pace file nor anything beside the directory is made."""
    assert ["demo"] == [path.name for path in played.directory.parent.iterdir()]


def test_another_demo_in_the_directory_starts_afresh_and_ends_in_words(
    played: Played, eqcbatch: Run, start_eqcbatch: Callable[..., subprocess.Popen[str]]
) -> None:
    """It asks as much as the first. Acts go to stderr; report, table and caveats to stdout."""
    process = start_eqcbatch("demo", *SMALL, "--directory", played.directory)
    out, err = process.communicate(timeout=60)
    left = eqcbatch("report", "--ledger", played.directory / "ledger.sqlite", "--json")

    assert 0 == process.returncode, err
    assert [f"{act}/5" for act in range(1, 6)] == [line[:3] for line in err.splitlines() if line[1:3] == "/5"]
    for word in ("The accounts balance.", "verdict", "Assumed: ", "Scaled: ", "Unused: ", "eqcbatch plan "):
        assert word in out
    report = json.loads(left.out)
    assert played.result["requests"] == report["requests"]["total"]
    assert played.result["report"]["names"] == report["names"]


def test_a_demo_removes_nothing_that_no_demo_made(eqcbatch: Run, tmp_path: Path) -> None:
    """A directory with anything else in it is refused, in one line, and stays as it is."""
    ledger = tmp_path / "real" / "ledger.sqlite"
    ledger.parent.mkdir()
    ledger.write_text("precious")

    ran = eqcbatch("demo", *SMALL, "--directory", ledger.parent)

    assert (2, "precious") == (ran.code, ledger.read_text())
    assert "is not empty" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="a Windows process cannot be sent these signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_demo_cleanly(
    start_eqcbatch: Callable[..., subprocess.Popen[str]], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Stopped while it drains, it says so, and leaves no PostgreSQL behind."""
    process = start_eqcbatch("demo", "--rows", "1500", "--time-scale", "50", "--directory", tmp_path / "demo")
    assert process.stderr is not None
    said = ""
    while "names pending" not in said:
        assert process.poll() is None, said
        said += process.stderr.readline()

    process.send_signal(number)
    _, err = process.communicate(timeout=30)

    assert code == process.returncode, err
    assert "the demo was stopped" in err
    assert "Traceback" not in err
    assert not (tmp_path / "demo" / "postgres" / "postmaster.pid").exists()
