"""What a power cut may leave of real programs and of the product, recorded by strace (P1, P2, P4, P5).

All commands, in all states: python scripts/power_loss.py
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from power.disk import Disk
from power.recording import Recording, record
from power.scenarios import Scenario, life
from power.sweep import Tally, cut_at, states_of
from power.trial import recorded
from power.workplace import TOKEN, Workplace

from eqcbatch.simulate import GeneratedRegistry, Simulator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("strace"), reason="needs Linux with strace"
)

_CARELESS = """
import os
with open("part", "wb") as file:
    file.write(b"new " * 500)
os.replace("part", "out")
"""
_CAREFUL = """
from pathlib import Path
from eqcbatch.atomic_write import atomic_write
with atomic_write(Path("out")) as file:
    file.write(b"new " * 500)
print("done", flush=True)
"""
_UNSYNCED = """
import sqlite3, sys
from eqcbatch.cli.app import main
connect = sqlite3.connect
class Careless(sqlite3.Connection):
    def execute(self, sql, *parameters):
        return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *parameters)
sqlite3.connect = lambda *arguments, **options: connect(*arguments, factory=Careless, **options)
main(sys.argv[1:])
"""
_FEW = 8  # states of a command that are opened


@pytest.fixture
def place(tmp_path: Path, database_url: str, simulator: Callable[..., Simulator]) -> Iterator[Workplace]:
    """An empty directory with an EQC and a Postgres."""
    root = (tmp_path / "root").resolve()
    root.mkdir(mode=0o700)
    eqc = simulator(registry=GeneratedRegistry(3, unknown=0.15), token=TOKEN)
    workplace = Workplace(root, eqc, database_url, tmp_path / "output.txt")
    yield workplace
    workplace.history.close()


def record_program(directory: Path, program: str) -> Recording:
    """Record a program that runs beside a file of its predecessor."""
    root = directory / "root"
    root.mkdir()
    (root / "out").write_bytes(b"old")
    return record(root, (sys.executable, "-c", program), {}, directory / "trace")


def outs(recording: Recording) -> set[tuple[bool, bytes | None]]:
    """What a cut may leave of `out`, with whether it may still do so once the program has spoken."""
    found = set()
    for state in states_of(recording, seed=1):
        disk = Disk(recording.root, recording.before)
        for place, step in enumerate(recording.steps[: state.last]):
            disk.step(place, step.operation)
        image = disk.image(state.left.kept)
        found.add((cut_at(recording, state.last).said, image.get(f"{recording.root}/out")))
    return found


def judge(scenario: Scenario, place: Workplace, trace: Path) -> Tally:
    """Record a command and open some of its states."""
    trial = recorded(place, scenario, trace)
    states = trial.states(seed=1)
    return trial.judged(random.Random(1).sample(states, min(_FEW, len(states))))


def test_a_program_that_renames_without_a_sync_is_found(tmp_path: Path) -> None:
    """A planted defect: the new name may show nothing, or the first sectors alone."""
    seen = {content for _, content in outs(record_program(tmp_path, _CARELESS))}
    assert {b"old", b"new " * 500, b"", b"new " * 128} <= seen


def test_an_atomic_write_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """And once the program has said that it is done, the new one."""
    new = b"new " * 500
    assert {(False, b"old"), (True, new)} == outs(record_program(tmp_path, _CAREFUL))


def test_a_plan_and_a_drain_keep_their_promises_after_a_power_cut(place: Workplace, tmp_path: Path) -> None:
    """In some of the states that a cut may leave of them, each gone on with to the end."""
    for scenario in list(life(place.eqc.url, names=3))[:2]:
        tally = judge(scenario, place, tmp_path / "trace")
        assert [] == tally.violations
        assert (_FEW, _FEW) == (tally.opened, tally.resumed)


def test_a_ledger_that_is_not_synced_is_found(place: Workplace, tmp_path: Path) -> None:
    """A planted defect: with synchronous OFF, what the plan said is done is gone, or damaged."""
    scenario = next(life(place.eqc.url, names=3))
    tally = judge(replace(scenario, program=(sys.executable, "-c", _UNSYNCED)), place, tmp_path / "trace")
    assert any("P1" in violation or "malformed" in violation for violation in tally.violations)
