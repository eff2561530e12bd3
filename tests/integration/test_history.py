"""What is told over time: who decided a name, how coverage grew, and what is still open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.domain.model import Held, Outcome, Reason, State
from eqcbatch.ledger import open_ledger
from eqcbatch.ledger.history import DecidedNames
from eqcbatch.report.timeline import Counts, Timeline, timeline
from eqcbatch.simulate import Faults
from tests.drains import LEDGER, Job, OneEach, companies
from tests.ledgers import ask, change, decide, fail, plan_names, resolve, verdict

NewJob = Callable[..., Job]


def read(path: Path, run_id: int | None = None) -> Timeline:
    """The timeline of a ledger."""
    with open_ledger(path) as ledger:
        return timeline(ledger, run_id)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a name found, held, not found, given up and pending; 甲 has two rows."""
    ledger = tmp_path / "l.sqlite"
    plan_names(ledger, "甲公司", "甲公司", "乙公司", "丙公司", "丁公司", "戊公司", "", source="one")
    resolve(ledger, "甲公司")
    resolve(ledger, "乙公司", verdict("600000007", 0.6, Held.LOW_CONFIDENCE))
    fail(ledger, "丙公司", Reason.NOT_FOUND)
    fail(ledger, "丁公司", Reason.TIMEOUT, retry_in_s=600)
    return ledger


def test_a_session_is_told_by_its_requests_and_by_what_became_of_its_names(path: Path) -> None:
    """Each of these sessions asked for one name."""
    sessions = read(path).sessions

    assert [1, 2, 3, 4] == [one.id for one in sessions]
    one_of_each = [DecidedNames(**{kind: 1}) for kind in ("found", "held", "not_found", "failed")]
    assert one_of_each == [one.decided for one in sessions]
    assert [{Outcome.ANSWERED: 1}] * 2 + [{Outcome.TIMEOUT: 1}] * 2 == [one.requests for one in sessions]
    assert ["budget"] * 4 == [one.exit_reason for one in sessions]
    assert all(one.ended_at and one.ended_at >= one.started_at for one in sessions)


def test_a_review_takes_nothing_from_the_night_that_asked(path: Path) -> None:
    """Decided by hand long after, the name still counts to its session: as found."""
    decide(path, "乙公司", "600000007")
    change(path, "UPDATE names SET decided_at = '2999-01-01T00:00:00.000000+00:00' WHERE source = 'manual'")

    assert DecidedNames(found=1) == read(path).sessions[1].decided


def test_a_name_that_a_person_gave_no_company_is_none_that_failed(path: Path) -> None:
    """Nor one that EQC does not know: it is counted apart."""
    decide(path, "乙公司", "none")

    assert DecidedNames(no_company=1) == read(path).sessions[1].decided


def test_a_name_that_another_answer_decided_counts_to_the_session_of_that_moment(path: Path) -> None:
    """It has no request of its own."""
    change(path, "DELETE FROM requests WHERE session_id = 2")

    assert DecidedNames(held=1) == read(path).sessions[1].decided


def test_counts_have_names_rows_and_weight(path: Path) -> None:
    """Held names are resolved, but not known."""
    found = read(path)

    assert Counts(2, 3, 3.0) == found.counts(State.RESOLVED)
    assert Counts(1, 1, 1.0) == found.counts(State.RESOLVED, held=True)
    assert Counts(1, 1, 1.0) == found.counts(State.FAILED, reason=Reason.TIMEOUT)
    assert (Counts(1, 2, 2.0), Counts(5, 6, 6.0)) == (found.known, found.total)


def test_coverage_grows_with_what_is_known(job: NewJob) -> None:
    """From the first name to the last, in at most so many steps; in the end it is what is known."""
    drained = job(registry=OneEach())
    drained.plan(companies(300))
    drained.drain()

    found = read(LEDGER)
    reached = [(one.names, one.rows) for one in found.reached]
    assert reached == sorted(reached)
    assert (1, 1) == reached[0], "what was known first stands by itself"
    assert (300, 300) == reached[-1] == (found.known.names, found.known.rows)
    assert 1 < len(reached) <= 160
    moments = [one.at for one in found.reached]
    assert moments == sorted(moments)


def test_missing_names_come_heaviest_first(path: Path) -> None:
    """Pending and failed ones, with why, and when they are asked again."""
    change(path, "UPDATE names SET weight = 9 WHERE lookup_key = '戊公司'")

    found = read(path).missing
    assert [("戊公司", None, False), ("丁公司", "timeout", True), ("丙公司", "not_found", False)] == [
        (one.lookup_key, one.reason, one.not_before is not None) for one in found
    ]


def test_a_run_narrows_names_and_rows_to_its_own(path: Path) -> None:
    """Sessions are those of the whole ledger."""
    plan_names(path, "甲公司", "乙公司", "乙公司", "己公司", source="two")

    one, two = read(path, 1), read(path, 2)

    assert (Counts(5, 6, 6.0), Counts(3, 4, 4.0)) == (one.total, two.total)
    assert (Counts(1, 2, 2.0), Counts(1, 1, 1.0)) == (one.known, two.known)
    assert (["丁公司", "丙公司", "戊公司"], ["己公司"]) == tuple(
        [name.lookup_key for name in found.missing] for found in (one, two)
    )
    assert ([1], [2], [3]) == tuple([name.rows for name in found.held] for found in (one, two, read(path)))
    assert 4 == len(two.sessions)
    assert (2, 1) == (one.reached[-1].rows, two.reached[-1].rows)


def test_a_real_drain_with_faults_adds_up(job: NewJob) -> None:
    """All requests and all decided names are in some session; without Postgres nothing is flushed."""
    drained = job(faults=Faults({"500": 0.2, "error": 0.1}))
    drained.plan(companies(60))
    for _ in range(3):
        drained.drain("--budget", 25)

    found = read(LEDGER)
    decided = [one.decided for one in found.sessions]
    assert ask(LEDGER, "SELECT count(*) FROM requests") == [
        sum(sum(one.requests.values()) for one in found.sessions)
    ]
    assert found.counts(State.RESOLVED, held=False).names == sum(one.found for one in decided)
    assert found.counts(State.RESOLVED, held=True).names == sum(one.held for one in decided)
    assert found.counts(State.FAILED).names == sum(one.not_found + one.failed for one in decided)
    assert [0, 0, 0] == [one.flushed for one in found.sessions]


def test_an_empty_ledger_has_nothing_to_tell(tmp_path: Path) -> None:
    """A source without a name gives zeros and empty lists, no error."""
    ledger = tmp_path / "l.sqlite"
    plan_names(ledger, "", "无")

    found = read(ledger)

    assert (Counts(), Counts(), (), (), ()) == (
        found.total, found.known, found.reached, found.sessions, found.missing,
    )  # fmt: skip
