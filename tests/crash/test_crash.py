"""Promises P1 to P5 and P7 under SIGKILL, at every boundary of a drain.

The suite tries a part of the boundaries; all of them: pytest tests/crash --every-boundary -s
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.simulate import GeneratedRegistry, Simulator, describe
from tests.crash.harness import Sweep, Workshop
from tests.drains import Bearers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its drains")


@dataclass(frozen=True)
class Setting:
    """How the drains are run: on so many names, beside two that ask the same."""

    in_flight: int
    names: int = 26
    details: str = "none"


SETTINGS = {
    "sequential": Setting(1),
    "4 in flight": Setting(4),
    "details, 2 in flight": Setting(2, names=7, details="deferred"),
}


@pytest.fixture(params=list(SETTINGS.values()), ids=list(SETTINGS))
def workshop(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, simulator: Callable[..., Simulator]
) -> Iterator[Workshop]:
    """A drain of a few dozen names, two of which ask the same, against a real EQC and a real Postgres."""
    setting: Setting = request.param
    rows = [f"深圳第{number}实业有限公司" for number in range(setting.names)] + [
        "北京长城厂-已转出",
        "（北京）长城厂",
    ]
    (tmp_path / "names.csv").write_text("客户名称\n" + "\n".join(rows), encoding="utf-8")
    renamed = Bearers(describe(name, former_names=(f"旧{name}",)) for name in rows)
    eqc = simulator(registry=GeneratedRegistry(3, unknown=0.15) if setting.details == "none" else renamed)
    workshop = Workshop(tmp_path, database_url, eqc, setting.in_flight, setting.details)
    workshop.plan(tmp_path / "names.csv")
    yield workshop
    workshop.close()


def test_a_kill_at_any_boundary_changes_nothing_in_the_end(
    workshop: Workshop, every_boundary: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed before or after any commit, request, answer or file write, a resumed drain ends the same."""
    sweep = Sweep()
    for line in (
        workshop.trace if every_boundary else _a_part_of(workshop.trace, 2 if workshop.in_flight == 1 else 1)
    ):
        workshop.kill_and_resume([line["count"]], sweep)
    with capsys.disabled():
        print("\n" + sweep.table())
    assert [] == sweep.violations


def _a_part_of(trace: list[dict[str, Any]], each: int) -> list[dict[str, Any]]:
    """One boundary of each kind, in the middle of the drain; with `each` 2, the last one, too."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for line in trace:
        kinds.setdefault(line["what"], []).append(line)
    return [line for lines in kinds.values() for line in (lines[len(lines) // 2], *lines[-1:])[:each]]


def test_a_kill_during_the_recovery_of_a_killed_drain_changes_nothing_either(
    workshop: Workshop, every_boundary: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two kills in a row, the second within the first steps of the resume, end the same."""
    sweep = Sweep()
    in_flight = [
        line["count"] for line in workshop.trace if line["what"] in ("before request", "after archive commit")
    ]
    firsts = in_flight if every_boundary else in_flight[10:12]
    for first in firsts[:6]:
        for second in range(1, 13 if every_boundary else 10, 1 if every_boundary else 3):
            workshop.kill_and_resume([first, second], sweep)
    with capsys.disabled():
        print("\n" + sweep.table())
    assert [] == sweep.violations
