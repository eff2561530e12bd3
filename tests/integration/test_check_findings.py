"""The doctor's verdicts, as pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from eqcbatch.check.eqc import TokenFacts, judge_eqc, judge_rate, judge_token
from eqcbatch.check.finding import Finding, Severity
from eqcbatch.check.ledger_state import judge_lock
from eqcbatch.check.machine import (
    Surroundings,
    judge_clock,
    judge_disk,
    judge_environment,
    needed_bytes,
)
from eqcbatch.check.token_request import Asked
from eqcbatch.domain.model import Outcome, Reply
from eqcbatch.eqc.responses import clock_ahead
from eqcbatch.errors import LedgerUnusable
from eqcbatch.humanize import shorten, size
from eqcbatch.ledger import LatestReply, archive_path
from eqcbatch.settings import Rate

NOW = datetime(2026, 11, 23, 4, 5, 6, 900_000, tzinfo=timezone.utc)
AROUND = Surroundings("/bin", "/bin/eqcbatch", "/venv/bin/eqcbatch", "utf-8", ())
TOKEN = TokenFacts("EQCBATCH_EQC_TOKEN", renewable=False)
URL = "https://eqc"


def told(*findings: Finding) -> list[Severity]:
    return [one.severity for one in findings]


@pytest.mark.parametrize(
    ("written_ago_s", "elapsed_s", "ahead_s"),
    [(0, 0.1, 0), (20, 20.0, 0), (20, 0.1, 19.8), (-90, 0.1, -89.1), (3600, 30.0, 3569.9)],
)
def test_a_slow_answer_is_no_difference_of_clocks(
    written_ago_s: float, elapsed_s: float, ahead_s: float
) -> None:
    """The Date header is of some moment of the request, and has whole seconds."""
    date = format_datetime((NOW - timedelta(seconds=written_ago_s)).replace(microsecond=0), usegmt=True)
    assert ahead_s == pytest.approx(clock_ahead(date, NOW, elapsed_s), abs=0.01)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 04:05:06 GMT"])
def test_an_answer_without_a_date_says_nothing_of_clocks(date: str | None) -> None:
    """Nor does one whose date is none."""
    assert clock_ahead(date, NOW, 1.0) is None


@pytest.mark.parametrize(
    ("ahead_s", "healths"),
    [
        ({"EQC": None, "Postgres": None}, [Severity.OK]),
        ({"EQC": 59.0, "Postgres": -59.0}, [Severity.OK]),
        ({"EQC": 61.0, "Postgres": 0.0}, [Severity.WARNING]),
        ({"EQC": -90.0, "Postgres": -90.0}, [Severity.WARNING, Severity.WARNING]),
    ],
)
def test_a_clock_may_be_a_minute_off(ahead_s: dict[str, float | None], healths: list[Severity]) -> None:
    """By whichever other clock there is."""
    assert healths == told(*judge_clock(ahead_s))


def test_a_clock_that_is_off_says_in_which_direction() -> None:
    """And by whose clock."""
    (finding,) = judge_clock({"EQC": None, "Postgres": -90.0})
    assert "90 s behind Postgres's" == finding.says


@pytest.mark.parametrize(
    ("free", "health"), [(19e6, Severity.FAILED), (39e6, Severity.WARNING), (41e6, Severity.OK)]
)
def test_the_disk_must_hold_twice_what_is_pending(free: float, health: Severity) -> None:
    """Less is a warning; too little would end a drain with 9."""
    finding = judge_disk(free, 20e6)
    assert (health, LedgerUnusable if health is Severity.FAILED else None) == (
        finding.severity,
        finding.failure,
    )


def test_the_need_goes_by_the_answers_so_far(tmp_path: Path) -> None:
    """Once there are enough of them; until then it is assumed."""
    ledger = tmp_path / "l.sqlite"
    assumed = needed_bytes(ledger, 1000, 0)
    archive_path(ledger).write_bytes(b"x" * 100_000)
    measured = needed_bytes(ledger, 1000, 100)
    assert (56e6, 25e6, assumed) == (assumed, measured, needed_bytes(ledger, 1000, 19))


@pytest.mark.parametrize(
    ("around", "remedy"),
    [
        (replace(AROUND, encoding="ascii"), "PYTHONUTF8=1"),
        (replace(AROUND, command=None), "In a crontab write: /venv/bin/eqcbatch"),
        (replace(AROUND, command=None, path=""), "In a crontab write: /venv/bin/eqcbatch"),
        (replace(AROUND, strays=("There is no variable EQCBATCH_X.",)), "rename it"),
    ],
)
def test_what_cron_lacks_is_a_warning_with_what_to_write(around: Surroundings, remedy: str) -> None:
    """One line each."""
    (finding,) = judge_environment(around)
    assert (Severity.WARNING, True) == (finding.severity, remedy in finding.remedy)


def test_a_proxy_is_told_by_its_variable_alone() -> None:
    """Its URL may hold a password."""
    (finding,) = judge_environment(replace(AROUND, proxies=("HTTPS_PROXY",)))
    assert (Severity.OK, True) == (finding.severity, "proxy by HTTPS_PROXY" in finding.says)


@pytest.mark.parametrize(("elapsed_s", "health"), [(20.0, Severity.OK), (20.1, Severity.WARNING)])
def test_an_answer_slower_than_usual_is_a_warning(elapsed_s: float, health: Severity) -> None:
    """5-20 s are usual (docs/domain.md section 1)."""
    asked = Asked(Reply(Outcome.ANSWERED, 200, elapsed_s), 1)
    assert [health] == told(judge_eqc(URL, asked, None))


@pytest.mark.parametrize(
    ("outcome", "health"), [(Outcome.ANSWERED, Severity.OK), (Outcome.TIMEOUT, Severity.WARNING)]
)
def test_what_the_running_drain_heard_stands_for_a_request(outcome: Outcome, health: Severity) -> None:
    """A warning, where it was nothing good."""
    unasked = Asked(hindrance="another process writes the ledger")
    finding = judge_eqc(URL, unasked, LatestReply(outcome, ago_s=12, elapsed_s=8))
    assert (health, outcome is Outcome.TIMEOUT) == (finding.severity, "timeout" in finding.says)


@pytest.mark.parametrize(
    ("token", "needed_s", "health"),
    [
        (TOKEN, 1e6, Severity.OK),
        (replace(TOKEN, life_s=3600.0), 3600, Severity.OK),
        (replace(TOKEN, life_s=3600.0), 3601, Severity.WARNING),
        (replace(TOKEN, life_s=60.0, renewable=True), 3600, Severity.OK),
    ],
)
def test_a_token_must_live_as_long_as_the_job(token: TokenFacts, needed_s: float, health: Severity) -> None:
    """Unless it says nothing of its end, or a fresh one can be had."""
    accepted = Asked(Reply(Outcome.ANSWERED, 200, 1.0), 1)
    assert [health] == told(judge_token(token, accepted, needed_s))


def test_a_token_that_no_answer_judged_is_a_warning() -> None:
    """An outage says nothing about it."""
    outage = Asked(Reply(Outcome.NETWORK, detail="connection refused"), 1)
    assert [Severity.WARNING] == told(judge_token(TOKEN, outage, 0))


def test_a_long_pause_is_a_warning() -> None:
    """A full window is none: that passes while one waits."""
    assert [Severity.OK, Severity.WARNING] == told(judge_rate(Rate(), 10, 61.0), judge_rate(Rate(), 0, 900.0))
    assert "3 of 10 turns taken" in judge_rate(Rate(), 3, 0.0).says
    assert "every turn taken" in judge_rate(Rate(), 16, 0.0).says  # time-scaled, or at a rate lowered since


def test_a_lock_that_is_held_is_no_failure() -> None:
    """It is what a cron job sees while it works."""
    assert [Severity.OK, Severity.WARNING] == told(judge_lock(None), judge_lock("`eqcbatch drain`, pid 7"))


def test_sizes_and_long_texts_are_short() -> None:
    """Megabytes, gigabytes, and one line."""
    assert ["12 MB", "71.4 GB"] == [size(12e6), size(71.4e9)]
    assert ["a b", "aaa…"] == [shorten("a\n  b"), shorten("aaaa", 3)]
