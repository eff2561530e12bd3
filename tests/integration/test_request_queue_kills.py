"""SIGKILL at the boundaries of a plan from the queue and of a drain that marks: none is lost or taken twice.

The suite tries a part of the boundaries; all of them: pytest THIS_FILE --every-boundary
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN
from tests.crash.harness import KILLED, Zygote
from tests.indexes import execute
from tests.ledgers import ask
from tests.queues import Bureau, Request, enqueue, requests

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

NAMES = (
    "北京长城科技有限公司",
    "查无此人有限公司",
    "黄河拼音",
    "空白",
    "北京长城科技有限公司",
    "泰山矿业有限公司",
)
UNHURRIED = "1000/60s"  # its guard of a second swallows all delays: every drain passes the same boundaries
Line = dict[str, Any]


class Workshop:
    """A queue that can be filled afresh, and machines whose commands can be killed at any boundary."""

    def __init__(self, directory: Path, url: str, eqc: Simulator) -> None:
        self._directory = directory
        self._url = url
        self._eqc = eqc
        self._zygote = Zygote()
        self._home = directory
        self._fills = 0

    def close(self) -> None:
        """End the helper process."""
        self._zygote.close()

    def fill(self) -> None:
        """Begin anew: six requests, no ledger, nothing in the index."""
        execute(self._url, "TRUNCATE enterprise.enrichment_requests, enterprise.enrichment_index")
        enqueue(self._url, *NAMES)
        self._fills += 1
        self._home = self._directory / str(self._fills)
        self._home.mkdir()

    def plan(self, machine: str, *options: str, kill_at: int | None = None) -> int:
        """Plan from the queue on this machine; the status."""
        return self._run(machine, kill_at, "plan", "--queue", *options)

    def drain(self, machine: str, kill_at: int | None = None) -> int:
        """Drain on this machine; the status."""
        eqc = ("--eqc-url", self._eqc.url, "--rate", UNHURRIED, "--budget", "all")
        return self._run(machine, kill_at, "drain", "--resume", *eqc)

    def decide(self, machine: str, key: str, company_id: str) -> int:
        """Import a reviewer's decision on this machine; the status."""
        sheet = self._home / "held.csv"
        sheet.write_text(f"lookup_key,decision\n{key},{company_id}\n", encoding="utf-8")
        return self._run(machine, None, "review", "import", str(sheet), "--force")

    def boundaries(self, machine: str) -> list[Line]:
        """What the last command on this machine passed."""
        lines = (self._home / f"{machine}.trace").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def requests(self) -> list[Request]:
        """All requests, in the order in which they came."""
        return [request for _, request in requests(self._url)]

    def taken(self, machine: str) -> set[int]:
        """The requests that this machine has or had."""
        return set(ask(self._home / f"{machine}.sqlite", "SELECT request_id FROM queued"))

    def output(self, machine: str) -> str:
        """What the last command on this machine said."""
        return (self._home / f"{machine}.trace.output").read_text(encoding="utf-8")

    def _run(self, machine: str, kill_at: int | None, *arguments: str) -> int:
        trace = self._home / f"{machine}.trace"
        trace.unlink(missing_ok=True)
        environment = {"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_DATABASE_URL": self._url}
        ledger = ("--ledger", str(self._home / f"{machine}.sqlite"), "-q")
        return self._zygote.run([*arguments, *ledger], environment, trace, kill_at)


@pytest.fixture
def workshop(tmp_path: Path, database_url: str, simulator: Callable[..., Simulator]) -> Iterator[Workshop]:
    workshop = Workshop(tmp_path, database_url, simulator(registry=Bureau()))
    yield workshop
    workshop.close()


@pytest.fixture
def reference(workshop: Workshop) -> list[Request]:
    """What the requests come to where nobody is killed: each is taken once and done or failed."""
    workshop.fill()
    assert (0, 0) == (workshop.plan("a"), workshop.drain("a")), workshop.output("a")
    finished = workshop.requests()
    assert ["done", "failed", "failed", "failed", "done", "done"] == [one.status for one in finished]
    assert {1} == {one.attempts for one in finished}
    return finished


def behind(what: str, lines: list[Line]) -> list[int]:
    """The boundaries behind the last of this kind."""
    last = max(number for number, line in enumerate(lines) if line["what"] == what)
    return [line["count"] for line in lines[last + 1 :]]


def from_first_taking(lines: list[Line]) -> list[int]:
    """The boundaries from the note of what is taken on."""
    commit = min(number for number, line in enumerate(lines) if line["what"] == "before Postgres commit")
    return [line["count"] for line in lines[commit - 2 :]]


def test_a_kill_amid_a_plan_loses_no_request_and_takes_none_twice(
    workshop: Workshop, reference: list[Request], every_boundary: bool
) -> None:
    """Another machine takes what it can before the killed one comes back; together they end as one would."""
    workshop.fill()
    assert 0 == workshop.plan("a")
    lines = workshop.boundaries("a")
    everywhere = [line["count"] for line in lines]
    for boundary in everywhere if every_boundary else from_first_taking(lines)[:8]:
        workshop.fill()
        assert KILLED == workshop.plan("a", kill_at=boundary)
        assert 0 == workshop.plan("b", "--limit", "2"), workshop.output("b")
        assert 0 == workshop.plan("a"), workshop.output("a")
        assert set() == workshop.taken("a") & workshop.taken("b"), boundary
        assert [0, 0] == [workshop.drain("a"), workshop.drain("b")], boundary
        workshop.plan("b")  # what waited for a name that was with the other machine
        workshop.drain("b")
        assert reference == workshop.requests(), boundary


def test_a_kill_amid_a_drain_is_made_good_by_its_resume(
    workshop: Workshop, reference: list[Request], every_boundary: bool
) -> None:
    """Between the flush, the commit of the marks and the ledger's note of them: the end is the same."""
    lines = workshop.boundaries("a")
    for boundary in (
        [line["count"] for line in lines] if every_boundary else behind("after request", lines)[2::2]
    ):
        workshop.fill()
        workshop.plan("a")
        assert KILLED == workshop.drain("a", kill_at=boundary)
        assert 0 == workshop.drain("a"), workshop.output("a")
        assert reference == workshop.requests(), boundary


def test_a_kill_amid_the_recovery_is_made_good_as_well(
    workshop: Workshop, reference: list[Request], every_boundary: bool
) -> None:
    """Killed before and after the commit of its marks, and then again at the first steps of the resume."""
    before, after = (
        max(line["count"] for line in workshop.boundaries("a") if line["what"] == what)
        for what in ("before Postgres commit", "after Postgres commit")
    )
    for first in (before, after):
        for second in range(1, 24, 1 if every_boundary else 5):
            workshop.fill()
            workshop.plan("a")
            assert KILLED == workshop.drain("a", kill_at=first)
            workshop.drain("a", kill_at=second)
            assert 0 == workshop.drain("a"), workshop.output("a")
            assert reference == workshop.requests(), (first, second)


def test_a_kill_between_the_commit_of_the_marks_and_a_review_is_made_good(
    workshop: Workshop, reference: list[Request]
) -> None:
    """The stamp tells that the mark is ours: what a review decides meanwhile is marked done."""
    commit = max(
        line["count"] for line in workshop.boundaries("a") if line["what"] == "after Postgres commit"
    )
    workshop.fill()
    workshop.plan("a")
    assert KILLED == workshop.drain("a", kill_at=commit)

    assert 0 == workshop.decide("a", "黄河拼音", "600000001"), workshop.output("a")

    expected = [*reference]
    expected[NAMES.index("黄河拼音")] = Request("done", "600000001", None, 1)
    assert expected == workshop.requests()
