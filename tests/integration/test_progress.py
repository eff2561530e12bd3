"""What a drain shows as it goes: figures that agree with the ledger, in a log or on a terminal's bar."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.cli.terminal.progress import Figures
from eqcbatch.domain.model import Reason
from eqcbatch.drain import Start
from eqcbatch.ledger.stats import NameCounts
from eqcbatch.simulate import Faults, Span
from eqcbatch.simulate.faults import Fault
from tests import processes
from tests.conftest import FAST, TOKEN, Run
from tests.drains import LEDGER, SCALE, Job, OneEach, companies
from tests.ledgers import ask, verdict

NewJob = Callable[..., Job]

LINE = re.compile(
    r"(?P<done>[\d,]+)/(?P<total>[\d,]+)(?: names: |, )ETA (?P<eta>\?|[^,]+)"
    r"(?:, budget left (?P<budget>[\d,]+))?, found (?P<found>[\d,]+)"
    r", not found (?P<not_found>[\d,]+), failed (?P<failed>[\d,]+)"
    r", hits (?P<hits>[\d,]+), misses (?P<misses>[\d,]+)"
)


def shown(text: str) -> list[dict[str, int]]:
    """The figures of every line that has them, without the ETA."""
    return [
        {
            name: int(figure.replace(",", ""))
            for name, figure in found.groupdict().items()
            if name != "eta" and figure
        }
        for found in LINE.finditer(text)
    ]


def standing() -> dict[str, int]:
    """The same figures as the ledger has them now, without the budget."""
    counts = dict(
        ask(
            LEDGER,
            """SELECT CASE WHEN reason = 'not_found' THEN reason ELSE state END, count(*)
               FROM names GROUP BY 1""",
        )
    )
    total = sum(counts.values())
    return {
        "done": total - counts.get("pending", 0),
        "total": total,
        "found": counts.get("resolved", 0),
        "not_found": counts.get("not_found", 0),
        "failed": counts.get("failed", 0),
        "hits": counts.get("cached", 0),
        "misses": total - counts.get("cached", 0),
    }


def plan_with_ids(eqcbatch: Run, names: int, known: int) -> None:
    """Plan names of which the first ones bring their id along."""
    rows = [f"{name},{60000000 + n if n < known else ''}" for n, name in enumerate(companies(names))]
    Path("ids.csv").write_text("\n".join(["客户名称,id", *rows]), encoding="utf-8")
    assert 0 == eqcbatch("plan", "ids.csv", "--id-column", "id", "--ledger", LEDGER).code


# Without a terminal


def test_a_line_comes_every_hundred_names_and_agrees_with_the_ledger(job: NewJob, eqcbatch: Run) -> None:
    """Three lines for 320 names that are asked; the last one is what the ledger has at that moment."""
    work = job(faults=Faults(between=(Span(Fault.ERROR, 2, 3),)))
    plan_with_ids(eqcbatch, names=330, known=10)

    lines = shown(work.drain("--budget", 300).err)

    assert [110, 210, 310] == [line["done"] for line in lines]
    assert [200, 100, 0] == [line["budget"] for line in lines]
    assert standing() | {"budget": 0} == lines[-1]
    assert (10, 2) == (lines[-1]["hits"], lines[-1]["failed"])
    assert lines[-1]["not_found"] > 0


def test_after_a_resume_the_figures_start_where_the_job_stands(job: NewJob) -> None:
    """What earlier sessions found is counted; the budget is that of the session."""
    work = job(faults=Faults(between=(Span(Fault.ERROR, 4, 4),)))
    work.plan(companies(220))
    work.drain("--budget", 100)

    ran = work.drain("--budget", 100)

    assert "120 of 220 names pending, budget 100 requests." in ran.err
    assert [standing() | {"budget": 0}] == shown(ran.err)
    assert 200 == standing()["done"]


def test_verbose_has_a_line_for_every_request(job: NewJob) -> None:
    """With its seconds, its outcome, what was asked and which attempt it was."""
    work = job(faults=Faults(between=(Span(Fault.SERVER_ERROR, 2, 2),)))
    work.plan(companies(5))

    lines = re.findall(r"DEBUG +\d+\.\d\d s  (\w+).*  (\S+)  attempt (\d)", work.drain("-v").err)

    asked = ask(
        LEDGER,
        """SELECT outcome, query, CAST(attempt AS TEXT)
           FROM requests JOIN names USING (lookup_key) ORDER BY id""",
    )
    assert 6 == len(asked)
    assert sorted(asked) == sorted(lines)


def test_quiet_shows_no_progress(job: NewJob) -> None:
    """Neither bar nor line, however many names."""
    work = job()
    work.plan(companies(120))
    assert "" == work.drain("-q").err


# On a terminal


def on_terminal(work: Job, *options: object, columns: int = 120) -> str:
    """Drain in a process of its own whose output is a terminal; all it wrote there."""
    command = ["drain", "--resume", "--ledger", LEDGER, "--rate", FAST, "--eqc-url", work.eqc.url, *options]
    return processes.on_terminal(
        ["-m", "eqcbatch", *map(str, command)], {"EQCBATCH_EQC_TOKEN": TOKEN}, columns
    )


def states_of(screen: str) -> list[str]:
    """Whatever stood in a line of the terminal, one state after another."""
    return [state.strip() for state in re.split(r"[\r\n]+", screen) if state.strip()]


terminal = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@terminal
def test_a_terminal_shows_a_bar_that_begins_where_the_job_stands(job: NewJob) -> None:
    """From the first draw on with figures; the last ones are the ledger's."""
    work = job()
    work.plan(companies(40))
    work.drain("--budget", 10)

    bars = [state for state in states_of(on_terminal(work, "--budget", 20)) if "%|" in state]

    figures = [shown(bar)[0] for bar in bars]
    assert (10, 20) == (figures[0]["done"], figures[0]["budget"])
    assert standing() | {"budget": 0} == figures[-1]
    assert bars[0].startswith("25%|████")
    assert bars[-1].startswith("75%|████████████")
    assert "ETA ?" in bars[0]
    assert re.search(r"ETA \d+\.\d s", bars[-1])


@terminal
def test_a_name_that_is_asked_again_is_no_longer_shown_as_failed(job: NewJob) -> None:
    """The bar goes back by the name that failed in its first round, and forward when it is found."""
    work = job(faults=Faults(between=(Span(Fault.SERVER_ERROR, 1, 3),)))
    work.plan(companies(9))

    figures = shown(on_terminal(work, "--budget", "all", "--time-scale", SCALE))

    for line in figures:
        assert line["done"] == line["found"] + line["not_found"] + line["failed"] + line["hits"]
    assert standing() == figures[-1]
    assert (9, 0) == (figures[-1]["done"], figures[-1]["failed"])


@terminal
@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_shows_the_eta_and_no_line_is_wrapped(job: NewJob, columns: int) -> None:
    """The figures that do not move are cut first."""
    work = job()
    work.plan(companies(5))

    bars = [state for state in states_of(on_terminal(work, columns=columns)) if "%|" in state]

    assert columns >= max(map(len, bars))
    assert all("ETA" in bar for bar in bars)


@terminal
def test_no_log_line_tears_the_bar(job: NewJob) -> None:
    """Every line of the terminal is all bar or all log, at any moment."""
    work = job(faults=Faults(between=(Span(Fault.SERVER_ERROR, 4, 5),)))
    work.plan(companies(12))

    seen = states_of(on_terminal(work, "-v", "--budget", 20))

    logged = [state for state in seen if re.search(r"INFO|DEBUG|WARNING|ERROR", state)]
    assert 14 == sum("attempt" in line for line in logged)
    assert [] == [line for line in logged if "%|" in line or not re.match(r"\d{4}-\d\d-\d\d ", line)]


@terminal
def test_a_quiet_terminal_shows_no_bar(job: NewJob) -> None:
    """Only the summary."""
    work = job()
    work.plan(companies(3))
    assert "%|" not in on_terminal(work, "-q")


# The ETA


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the figures look at."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def figures(pending: int = 100, budget: int | None = None) -> Figures:
    """The figures of a job that stands somewhere."""
    names = NameCounts(total=pending + 50, pending=pending, cached=30, resolved=15, failed=5, retired=0)
    return Figures(Start(names, not_found=2, budget=budget, reclaimed={}, requeued=0, doubted=0))


def ask_names(figures: Figures, clock: Clock, *seconds: float) -> None:
    """One request and one decision after so many seconds each."""
    for passed in seconds:
        clock.now += passed
        figures.count_reply()
        figures.count_decision(verdict(), None)


def test_before_the_first_request_there_is_no_eta(clock: Clock) -> None:
    """A question mark stands for it."""
    assert figures().eta_s() is None
    assert str(figures()).startswith("ETA ?, ")


def test_the_eta_is_the_mean_request_times_what_is_pending(clock: Clock) -> None:
    """Of three requests of 8, 12 and 10 s, with 97 names to go."""
    job = figures(pending=100)
    ask_names(job, clock, 8, 12, 10)
    assert 97 * 10.0 == job.eta_s()


def test_the_eta_follows_the_last_thirty_requests(clock: Clock) -> None:
    """What was slow an hour ago does not count."""
    job = figures(pending=100)
    ask_names(job, clock, *[20] * 40, *[6] * 30)
    assert 30 * 6.0 == job.eta_s()


def test_the_time_of_replays_is_not_that_of_a_request(clock: Clock) -> None:
    """Forty names from the archive, in half a minute, leave the mean at 10 s."""
    job = figures(pending=100)
    for _ in range(40):
        clock.now += 0.75
        job.count_decision(verdict(), None, replayed=True)
    assert job.eta_s() is None
    ask_names(job, clock, 10, 10)
    assert 58 * 10.0 == job.eta_s()


def test_retries_make_a_name_dearer(clock: Clock) -> None:
    """A request without a decision takes its time, and leaves the name pending."""
    job = figures(pending=10)
    clock.now += 30
    job.count_reply()
    ask_names(job, clock, 10)
    assert 9 * 20.0 == job.eta_s()


def test_with_nothing_pending_nothing_is_left_to_wait_for(clock: Clock) -> None:
    """The ETA of a finished job is none, whatever came before."""
    job = figures(pending=2)
    ask_names(job, clock, 15, 15)
    assert 0.0 == job.eta_s()


def test_every_figure_moves_with_its_event(clock: Clock) -> None:
    """Found, not found, failed and the budget, from where the job stood."""
    job = figures(pending=100, budget=600)
    ask_names(job, clock, 6)
    clock.now += 6
    job.count_reply()
    job.count_decision(None, Reason.NOT_FOUND)
    clock.now += 6
    job.count_reply()
    job.count_decision(None, Reason.TIMEOUT)
    expected = "ETA 10 min, budget left 597, found 16, not found 3, failed 4, hits 30, misses 120"
    assert (expected, 53) == (str(job), job.done)


def test_details_make_the_way_longer(clock: Clock) -> None:
    """They are figures of their own, and count for the ETA."""
    job = figures(pending=1)
    ask_names(job, clock, 10)
    job.details_left = 4
    clock.now += 10
    job.count_reply()
    job.count_detail(3)
    assert (30.0, 51) == (job.eta_s(), job.done)
    assert "details left 3" in str(job)


def test_the_details_are_shown_as_they_come(job: NewJob) -> None:
    """The log says how many are asked, and the figures count them down."""
    work = job(registry=OneEach())
    work.plan(companies(60))
    ran = work.drain("--details", "deferred")
    assert "No name is pending: 120 details of companies are asked." in ran.err
    assert re.search(r"60/60 names: ETA [^,]+, details left 80, found 60", ran.err)
