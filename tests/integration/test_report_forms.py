"""Report in its other forms: as Markdown, since a moment, and again and again while a drain runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eqcbatch.domain.model import Endpoint, ExitReason, Held
from eqcbatch.ledger import open_ledger, writing
from tests.conftest import Run
from tests.drains import LEDGER, Job, companies, write_names
from tests.ledgers import ask, change, pending, plan_names, resolve, verdict
from tests.pages import Page

posix_only = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals and signals")


# one snapshot


def test_a_report_reads_the_ledger_as_it_stood_at_one_moment(tmp_path: Path) -> None:
    """A request that is booked between two readings is in none of them, and the accounts balance."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    with open_ledger(path) as reader, open_ledger(path) as writer:
        session = writer.sessions.open(None)
        with reader.snapshot():
            before = reader.stats.requests().total
            writer.requests.book(session.id, pending(writer, "甲公司").lookup_key, Endpoint.SEARCH, 1, 0.0)
            assert (before, []) == (reader.stats.requests().total, reader.stats.imbalances())
        assert before + 1 == reader.stats.requests().total


def test_without_a_snapshot_the_next_reading_sees_more(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司")
    with open_ledger(path) as reader, open_ledger(path) as writer:
        before = reader.stats.requests().total
        session = writer.sessions.open(None)
        writer.requests.book(session.id, pending(writer, "甲公司").lookup_key, Endpoint.SEARCH, 1, 0.0)
        assert before + 1 == reader.stats.requests().total


# the last drain


def test_the_last_drain_is_told_by_its_number_and_its_end(tmp_path: Path, eqcbatch: Run) -> None:
    """In text and Markdown; of one without an end, what to do if it was killed. A check is no drain."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲公司", "乙公司")

    def told() -> list[str]:
        texts = [eqcbatch("report", "--ledger", path, *form).out for form in ([], ["--markdown"])]
        return [" ".join(re.findall(r"Last drain: (.*)", text)) for text in texts]

    before = told()
    resolve(path, "甲公司")
    with open_ledger(path) as ledger:
        ledger.sessions.end(ledger.sessions.open(budget=1).id, ExitReason.CHECK, 0.0, 0.0)
    ended = told()
    with open_ledger(path) as ledger:
        ledger.sessions.open(None)
    killed = told()
    with writing(path, "drain"):
        runs = told()

    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert ["", ""] == before
    third = f"session 3, {moment} UTC, 0 requests; "
    for said, told_twice in (
        (f"session 1, {moment} UTC, 1 request; ended {moment}: budget", ended),
        (third + "it was killed: .*drain --resume.*", killed),
        (third + rf"not ended, the ledger is in use: .*eqcbatch drain.*, pid {os.getpid()} .*", runs),
    ):
        assert [True, True] == [re.fullmatch(said, one) is not None for one in told_twice], told_twice


# as Markdown


def test_markdown_has_the_states_the_facts_and_the_heaviest_names(
    job: Callable[..., Job], eqcbatch: Run
) -> None:
    """Tables as GitHub reads them, with the numbers of the JSON."""
    work = job()
    work.plan(companies(30))
    work.drain("--budget", 10)
    ran, told = eqcbatch("report", "--ledger", LEDGER, "--markdown"), work.report()

    assert 0 == ran.code
    assert ran.out.startswith("## eqcbatch: ")
    assert "| state | names | share | rows |\n| --- | ---: | --- | ---: |" in ran.out
    assert f"| pending | {told['names']['pending']} |" in ran.out
    assert f"- Left to ask: {told['forecast']['requests_left']} requests" in ran.out
    assert "| `drain --budget all` |" in ran.out
    assert "The heaviest names that are pending or failed:" in ran.out
    assert "The accounts balance." in ran.out
    assert [] == [line for line in ran.out.splitlines() if line.startswith("|") and not line.endswith("|")]


def test_markdown_shows_names_as_they_are(tmp_path: Path, eqcbatch: Run) -> None:
    """A name is no table, link, emphasis, picture or tag."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲|乙_公司_", "[点](http://x)<b>*公司*", "`$x$`@all~~")
    shown = eqcbatch("report", "--ledger", path, "--markdown").out

    cells = {
        re.sub(r"\\(.)", r"\1", row[0]) for row in re.findall(r"^\| (.*?) \| (1) \| pending \|$", shown, re.M)
    }
    with open_ledger(path) as ledger:
        assert {one.query for one in ledger.history.missing(10)} == cells
    assert not re.search(r"(?<!\\)[<*_\[\]]", "".join(shown.partition("pending or failed:")[2]))


def test_markdown_shows_the_beginning_of_a_very_long_name(tmp_path: Path, eqcbatch: Run) -> None:
    """A cell of a hundred lines is no help; the shorter names are whole."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "长" * 120, "更" * 121)
    shown = eqcbatch("report", "--ledger", path, "--markdown").out
    assert {"长" * 120, "更" * 120 + "…"} == set(re.findall(r"^\| (.*?) \| 1 \|", shown, re.M))


def test_coverage_counts_what_apply_gives_in_every_form(eqcbatch: Run) -> None:
    """No id: a name that is held, and one that nobody is to ask for. An id: found, or set by hand."""
    write_names(["甲公司", "乙公司", "丙公司", "丁公司", "丁公司"])
    Path("by-hand.yml").write_text('丙公司: "__EMPTY__"\n丁公司: "600000009"\n', encoding="utf-8")
    eqcbatch("plan", "names.csv", "--overrides", "by-hand.yml", "--ledger", LEDGER)
    resolve(LEDGER, "甲公司")
    resolve(LEDGER, "乙公司", verdict("600000002", 0.6, Held.LOW_CONFIDENCE))
    applied = eqcbatch(*("apply", "names.csv", "-o", "out.csv", "--no-temp-ids"), "--ledger", LEDGER).out
    run = ask(LEDGER, "SELECT id FROM runs")[0]
    said = [
        eqcbatch("report", "--ledger", LEDGER, *form).out
        for form in (["--markdown"], ["--watch"], ["--markdown", "--run", str(run)])
    ]
    eqcbatch("report", "--ledger", LEDGER, "--html", "page.html")
    assert "5 rows, 3 with a company_id" in applied
    assert ["60.0 %"] * 4 == [
        "".join(re.findall(r"([\d.]+ %) of named rows have a company id", text))
        for text in (*said, Page.of("page.html").says())
    ]


# since a moment


def test_since_tells_what_happened_then(job: Callable[..., Job], eqcbatch: Run) -> None:
    """Requests, names and sessions from that moment on, and nothing of the time before."""
    work = job()
    work.plan(companies(20))
    work.drain("--budget", 12)
    for table, column in (("sessions", "ended_at"), ("requests", "started_at"), ("names", "decided_at")):
        change(
            LEDGER, f"UPDATE {table} SET {column} = '2020-01-01T00:00:00.000000+00:00' WHERE {column} <> ''"
        )
    work.drain("--budget", 5)

    ran = eqcbatch("report", "--ledger", LEDGER, "--since", "1h", "--json")
    found, whole = json.loads(ran.out)["since"], work.report()
    text, markdown = (
        eqcbatch("report", "--ledger", LEDGER, "--since", "1h", *form).out for form in ((), ("--markdown",))
    )

    assert (1, 5, 0) == (found["sessions"], found["requests"], found["flushed"])
    assert 5 == sum(found["by_outcome"].values()) == sum(found["decided"].values())
    assert "since" not in whole
    assert re.search(r"Since \d{4}-\d\d-\d\d \d\d:\d\d: 1 session, 5 requests \(answered ", text)
    assert ": 1 session, 5 requests (answered" in markdown


@pytest.mark.parametrize("when", ["soon", "2999-01-01"])
def test_since_what_is_no_past_moment_is_exit_2(tmp_path: Path, eqcbatch: Run, when: str) -> None:
    """One line that says what to write."""
    plan_names(tmp_path / "l.sqlite", "甲公司")
    ran = eqcbatch("report", "--ledger", tmp_path / "l.sqlite", "--since", when)
    assert (2, "") == (ran.code, ran.out)
    assert when in ran.err


@pytest.mark.parametrize(
    "forms",
    [("--csv", "--markdown"), ("--watch", "--csv"), ("--markdown", "--json"), ("--since", "1h", "--csv")],
)
def test_forms_that_do_not_go_together_are_exit_2(
    tmp_path: Path, eqcbatch: Run, forms: tuple[str, ...]
) -> None:
    """Nothing is printed."""
    plan_names(tmp_path / "l.sqlite", "甲公司")
    ran = eqcbatch("report", "--ledger", tmp_path / "l.sqlite", *forms)
    assert (2, "") == (ran.code, ran.out)


# again and again


def watching(
    *options: object, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Watch in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "eqcbatch", "report", "--ledger", str(LEDGER), *map(str, options)],
        env=os.environ | {"TERM": "xterm"},
        stdout=stdout,
        stderr=stderr,
    )


@contextmanager
def held_lock() -> Iterator[threading.Event]:
    """Hold the ledger's lock as a drain does, in a thread, until the event is set."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(LEDGER, "drain"):
            held.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        yield done
    finally:
        done.set()
        thread.join()


def test_without_a_drain_there_is_nothing_to_watch(eqcbatch: Run) -> None:
    """One line with where things stand, and one that says so."""
    plan_names(LEDGER, *companies(3))
    ran = eqcbatch("report", "--ledger", LEDGER, "--watch")
    assert (0, 1) == (ran.code, ran.out.count("\n"))
    assert "0 of 3 names done" in ran.out
    assert "No drain runs" in ran.err


def test_watching_ends_with_the_drain() -> None:
    """A plain line per refresh while somebody writes, and a last one."""
    plan_names(LEDGER, *companies(3))
    with held_lock() as done:
        process = watching("--watch", "0.1")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        done.set()
        rest, errors = process.communicate(timeout=30)
    assert 0 == process.returncode
    assert all(
        b"0.0 % of named rows have a company id, 0 of 3 names done" in line
        for line in (*lines, *rest.splitlines())
    )
    assert b"The drain has ended." in errors


def test_watching_by_a_program_is_one_object_a_line() -> None:
    """Each a whole report."""
    plan_names(LEDGER, *companies(3))
    with held_lock() as done:
        process = watching("--watch", "0.1", "--json", "--since", "1h")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        done.set()
        rest, _ = process.communicate(timeout=30)
    for line in (*lines, *rest.splitlines()):
        assert (3, True) == (json.loads(line)["names"]["pending"], "since" in json.loads(line))


@posix_only
def test_an_interrupted_watch_ends_with_130() -> None:
    """Without a traceback."""
    plan_names(LEDGER, *companies(3))
    with held_lock():
        process = watching("--watch", "0.1")
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (130, False) == (process.returncode, b"Traceback" in errors)


@posix_only
def test_on_a_terminal_a_real_drain_is_watched_on_a_fresh_screen(job: Callable[..., Job]) -> None:
    """Coverage, pace and what is left, until the drain ends; then all names are done."""
    import pty

    work = job(latency=(0.05, 0.05))
    work.plan(companies(40))
    drain = threading.Thread(target=work.drain)
    drain.start()
    while not LEDGER.with_name(LEDGER.name + ".holder.json").exists():
        time.sleep(0.01)
    ours, theirs = pty.openpty()
    process = watching("--watch", "0.2", stdout=theirs, stderr=theirs)
    os.close(theirs)
    screen = b""
    try:
        while received := os.read(ours, 65536):
            screen += received
    except OSError:
        pass  # how Linux says that nobody writes any more
    os.close(ours)
    drain.join()

    screens = screen.decode().split("\x1b[2J")
    assert 0 == process.wait(30)
    assert len(screens) > 2
    assert "eqcbatch drain" in screens[1]
    assert re.search(r"\[[#-]{40}\] [\d.]+ % of named rows have a company id", screens[1])
    assert "requests a minute of late; left: about" in screens[1]
    assert "nothing left to ask" in screens[-1]
    assert "The drain has ended." in screens[-1]
