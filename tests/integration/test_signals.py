"""SIGINT, SIGTERM and SIGKILL, sent to a drain that runs as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.cli.terminal.progress import Progress
from eqcbatch.domain.model import Reply
from eqcbatch.drain import Task
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, Job, OneEach, companies, write_names
from tests.indexes import standing
from tests.ledgers import ask, states

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send to others")

NAMES = companies(6)
Start = Callable[..., subprocess.Popen[str]]
Simulate = Callable[..., Simulator]


class Drain:
    """A planned ledger, and drains of it against one EQC."""

    def __init__(self, start: Start, eqc: Simulator, url: str) -> None:
        self.eqc = eqc
        self._start = start
        self._environment = {"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_DATABASE_URL": url}

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start one; it sends as fast as it may."""
        arguments = ("drain", "--ledger", LEDGER, "--budget", "all", "--rate", "1000/1s")
        return self._start(*arguments, "--eqc-url", self.eqc.url, *options, **self._environment)

    def start_until_asked(self, requests: int, *options: str) -> subprocess.Popen[str]:
        """Start one, and come back while so many-th request is in flight."""
        process = self.start(*options)
        until(lambda: len(self.eqc.requests) >= requests)
        return process


def until(reached: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait for what another process brings about."""
    end = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


@pytest.fixture
def drain(
    start_eqcbatch: Start, simulator: Simulate, eqcbatch: Run, database_url: str
) -> Callable[..., Drain]:
    """Plan six names that EQC knows, to be drained against a simulator with this latency."""

    def make(latency: float) -> Drain:
        assert 0 == eqcbatch("plan", write_names(NAMES), "--ledger", LEDGER).code
        eqc = simulator(latency=(latency, latency), registry=OneEach())
        return Drain(start_eqcbatch, eqc, database_url)

    return make


def outcomes() -> list[str]:
    return ask(LEDGER, "SELECT outcome FROM requests ORDER BY id")


def end_of_session() -> list[str]:
    return ask(LEDGER, "SELECT exit_reason FROM sessions WHERE ended_at IS NOT NULL")


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "terminated"),
        (signal.SIGHUP, 143, "terminated"),
    ],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_a_signal_ends_the_session_after_the_request_in_flight(
    drain: Callable[..., Drain], database_url: str, number: int, code: int, reason: str
) -> None:
    """The answer in flight is taken in, what is decided is flushed, and plain `drain` goes on."""
    work = drain(0.3)
    process = work.start_until_asked(3)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (code, 3) == (process.returncode, work.eqc.totals.requests), err
    assert ["answered"] * 3 == outcomes()
    assert [reason] == end_of_session()
    assert 3 == len(standing(database_url)) == list(states(LEDGER).values()).count("resolved")
    assert "Traceback" not in out + err
    again = work.start()
    assert (0, 6) == (again.wait(20), work.eqc.totals.requests)
    assert set(NAMES) == set(standing(database_url))


def test_a_terminal_that_closes_says_so_twice_and_hurries_nobody(drain: Callable[..., Drain]) -> None:
    """The shell hangs its jobs up, and so does the kernel: the request in flight is awaited all the same."""
    work = drain(0.5)
    process = work.start_until_asked(2)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=20)
    assert (143, ["answered"] * 2, ["terminated"]) == (process.returncode, outcomes(), end_of_session()), err


def test_nohup_goes_on_without_its_terminal(drain: Callable[..., Drain]) -> None:
    """Whoever starts a drain with SIGHUP ignored wants that."""
    work = drain(0.1)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = work.start_until_asked(2)
    finally:
        signal.signal(signal.SIGHUP, before)
    process.send_signal(signal.SIGHUP)
    assert (0, 6) == (process.wait(20), work.eqc.totals.requests)


def test_a_token_command_that_hangs_does_not_hold_up_the_end(drain: Callable[..., Drain]) -> None:
    """It is ended, and the session ends as it was asked to."""
    work = drain(0.0)
    work.eqc.stop()  # nothing can be asked: the command alone keeps the session
    once = "test -e asked && exec sleep 100; touch asked; exit 1"
    process = work.start("--token-command", once)
    until(lambda: "asked" in os.listdir() and ask(LEDGER, "SELECT count(*) FROM sessions") == [1])
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert (143, ["terminated"], []) == (process.returncode, end_of_session(), outcomes()), err
    assert time.monotonic() - sent < 10


def test_a_second_sigint_leaves_at_once_and_loses_nothing(
    drain: Callable[..., Drain], database_url: str, eqcbatch: Run
) -> None:
    """Though EQC takes 20 s: the request is booked as unknown, the name pending, the session ended."""
    work = drain(20)
    process = work.start_until_asked(1)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert 130 == process.wait(10)
    assert time.monotonic() - sent < 2
    assert (["unknown"], ["interrupted"]) == (outcomes(), end_of_session())
    assert {"pending"} == set(states(LEDGER).values())
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code
    work.eqc.stop()


@pytest.mark.parametrize("pause_s", [0.0, 0.02])
def test_two_signals_at_any_distance_leave_nothing_in_flight(
    drain: Callable[..., Drain], pause_s: float
) -> None:
    """Wherever the second one strikes, every request is settled and the session has an end."""
    work = drain(0.02)
    process = work.start_until_asked(2)
    process.send_signal(signal.SIGINT)
    time.sleep(pause_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert 130 == process.returncode, err
    assert "in_flight" not in outcomes()
    assert 1 == len(end_of_session())


@pytest.mark.parametrize("pause_s", [0.3, 0.7])
def test_a_signal_at_any_moment_of_the_start_leaves_no_open_session(
    drain: Callable[..., Drain], pause_s: float
) -> None:
    """While the command is imported, the ledger opened or the first request sent: plain `drain` goes on."""
    work = drain(0)
    process = work.start()
    time.sleep(pause_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -signal.SIGINT), err
    assert [] == ask(LEDGER, "SELECT id FROM sessions WHERE ended_at IS NULL")
    assert (0, len(NAMES)) == (work.start().wait(20), work.eqc.totals.requests)


def test_after_sigkill_plain_drain_is_refused_and_resume_completes(
    drain: Callable[..., Drain], database_url: str
) -> None:
    """Exit 2 names --resume; with it every name is decided, and no archived answer asked for again."""
    work = drain(0.3)
    process = work.start_until_asked(3)
    process.kill()
    process.wait(10)
    assert ["answered", "answered", "in_flight"] == outcomes()
    refused = work.start()
    _, err = refused.communicate(timeout=20)
    assert (2, 3) == (refused.returncode, work.eqc.totals.requests)
    assert "eqcbatch drain --resume" in err
    assert 1 == len(err.splitlines())
    resumed = work.start("--resume", "--json")
    out, err = resumed.communicate(timeout=20)
    assert (0, 4) == (resumed.returncode, json.loads(out)["session"]["requests"]), err
    assert ["answered", "answered", "unknown", *["answered"] * 4] == outcomes()
    assert ["died", "queue_empty"] == end_of_session()
    assert set(NAMES) == set(standing(database_url))
    assert 7 == work.eqc.totals.requests


STRUCK = """
import eqcbatch.cli.app as app

def struck(_arguments):
    try:
        exec("raise KeyboardInterrupt")  # as it may strike where a dataclass is made
    except KeyboardInterrupt:
        return 130

app._run = struck
app.main()
"""


def test_an_interrupt_amid_an_import_keeps_the_exit_code(tmp_path: Path) -> None:
    """Python would end with -2 for an interrupt that passed through an exec, though it was handled."""
    (tmp_path / "struck.py").write_text(STRUCK, encoding="utf-8")
    assert 130 == subprocess.run([sys.executable, "-m", "struck"], cwd=tmp_path).returncode


class _Struck(Progress):
    """Stands for a second signal at the worst moment: the answer is here, and not yet booked."""

    def replied(self, task: Task, reply: Reply) -> None:
        """Be struck."""
        raise KeyboardInterrupt


def test_a_signal_between_an_answer_and_its_booking_leaves_nothing_in_flight(
    job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is settled from the archive, and plain `drain` decides its name without asking again."""
    work = job(registry=OneEach())
    work.plan(NAMES)
    with monkeypatch.context() as patch:
        patch.setattr("eqcbatch.cli.terminal.progress.Progress", _Struck)
        assert 130 == work.drain().code
    assert (["answered"], ["interrupted"]) == (outcomes(), end_of_session())
    assert {"pending"} == set(states(LEDGER).values())
    assert (0, 6) == (work.drain().code, work.eqc.totals.requests)
