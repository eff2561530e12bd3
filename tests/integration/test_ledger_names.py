"""How names are taken, decided and asked again, event by event.

A name is a letter; each test names all that an event may not touch.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from eqcbatch.domain.model import (
    Candidate,
    Held,
    PendingName,
    Reason,
    Verdict,
    VerdictRule,
)
from eqcbatch.errors import LedgerUnusable
from eqcbatch.ledger import open_ledger
from eqcbatch.ledger.names import Harvested
from tests.books import COMPANY, EMPTY, EXACT, FOUND, TIMED_OUT, Book
from tests.ledgers import ask, change, plan_names


def test_only_current_names_are_asked_the_heaviest_first(book: Book) -> None:
    """One at a time unless more are asked for, and none that is busy."""
    names = book.ledger.names
    assert [PendingName("甲", "甲", 0, 4, 4.0)] == names.next_pending()
    assert ["甲", "乙", "丙"] == [name.lookup_key for name in names.next_pending(limit=9)]
    assert ["乙", "丙"] == [name.lookup_key for name in names.next_pending({"甲"}, limit=2)]
    assert [] == names.next_pending({"甲", "乙", "丙"})


def test_names_of_one_form_are_found_for_a_harvest_by_key(book: Book) -> None:
    """Pending, current, and not busy; in the order of their keys."""
    names, forms = book.ledger.names, ["甲", "乙", "丙", "丁", "戊"]
    found = names.pending_asked_as(forms, {"乙"})
    assert [("丙", PendingName("丙", "丙", 0, 2, 2.0)), ("甲", PendingName("甲", "甲", 0, 4, 4.0))] == found
    assert [] == names.pending_asked_as(["戊"], ())
    book.answer("甲")
    assert ["丙", "乙"] == [form for form, _ in names.pending_asked_as(forms, ())]


def test_names_are_busy_and_in_order_by_their_keys_however_they_are_asked(book: Book) -> None:
    """A query is another name, and its written form a third; only the form is what a harvest goes by."""
    change(
        book.path,
        "UPDATE names SET query = '丙的', query_form = '1' WHERE lookup_key = '甲'",
        "UPDATE names SET query = '乙的', query_form = '2' WHERE lookup_key = '乙'",
        "UPDATE names SET query = '甲的', query_form = '3' WHERE lookup_key = '丙'",
    )
    names, forms = book.ledger.names, ["1", "2", "3"]
    assert ["乙", "丙"] == [name.lookup_key for name in names.next_pending({"甲", "乙的"}, limit=9)]
    assert ["3", "2"] == [form for form, _ in names.pending_asked_as(forms, {"甲", "乙的"})]
    assert ["丙", "乙", "甲"] == [name.lookup_key for _, name in names.pending_asked_as(forms, ())]


def test_a_name_is_written_as_most_rows_have_it(tmp_path: Path) -> None:
    """Equals by code points, over all current runs."""
    path = tmp_path / "l.sqlite"
    plan_names(path, "甲 厂", "甲厂", " 甲厂", "丙", source="a")
    plan_names(path, "甲厂", "乙", source="b")
    with open_ledger(path) as ledger:
        assert ("甲厂", " 甲厂", "甲 厂") == ledger.names.variants("甲厂")
        assert () == ledger.names.variants("丁")


def test_an_answer_decides_its_name_and_what_it_harvests(book: Book) -> None:
    """All that the verdict says is kept, for both; nothing else is touched."""
    other = Candidate(2, "600000002", "乙公司", "模糊匹配", short_name="乙")
    doubtful = Verdict(other, 0.8, VerdictRule.AMBIGUOUS, Held.AMBIGUOUS)
    book.answer("甲", EXACT, Harvested(book.pending("乙"), doubtful))

    columns = (
        *("state", "reason", "company_id", "official_name", "unite_code", "match_type", "confidence"),
        *("verdict", "held", "source", "attempts", "not_before", "decided_at"),
    )
    noon = "2026-11-28T12:00:00.000000+00:00"
    assert (
        *("resolved", None, "600000001", "甲公司", "91440300MA5DA0001X", "全称精确匹配", 1.0),
        *("exact_name", None, "eqc", 1, None, noon),
    ) == book.row("甲", *columns)
    assert (
        *("resolved", None, "600000002", "乙公司", None, "模糊匹配", 0.8),
        *("ambiguous", "ambiguous", "harvest", 1, None, noon),
    ) == book.row("乙", *columns)
    assert [
        (*("乙", 2, "600000002", "乙公司", "模糊匹配", None, None, None, "[]", "乙"),),
        (
            "甲",
            1,
            *("600000001", "甲公司", "全称精确匹配", 99.5, "91440300MA5DA0001X", "存续"),
            *('["旧甲", "更旧甲"]', None),
        ),
    ] == ask(
        book.path,
        """SELECT lookup_key, rank, company_id, official_name, type, score, unite_code, registered_status,
                  former_names, short_name FROM candidates ORDER BY lookup_key""",
    )
    assert "丁 pending, 丙 pending, 乙 resolved, 甲 resolved" == book.states()
    assert [("answered", 200, 250.0, noon)] == ask(
        book.path, "SELECT outcome, http_status, elapsed_ms, finished_at FROM requests"
    )


def test_an_empty_answer_fails_its_name_for_good(book: Book) -> None:
    """As not found, after one round more, and due at no time."""
    book.answer("甲", None)
    assert ("failed", "not_found", None, 1, None) == book.row(
        "甲", "state", "reason", "company_id", "attempts", "not_before"
    )
    assert [] == ask(book.path, "SELECT * FROM candidates")
    assert None is book.ledger.names.seconds_to_next_due()


def test_a_replay_counts_in_its_session_alone(book: Book) -> None:
    """No request is settled, for there was none."""
    other = book.ledger.sessions.open(None).id
    names, name = book.ledger.names, book.pending("甲")
    names.record_answer(name, FOUND, [COMPANY], EXACT, request_id=None, session_id=book.session)
    assert [(book.session, 1, 0), (other, 0, 0)] == ask(
        book.path, "SELECT id, replays, requests FROM sessions ORDER BY id"
    )


@pytest.mark.parametrize("event", ["answer", "fail"])
def test_a_name_is_decided_once(book: Book, event: str) -> None:
    """What is not pending any more is left, and the request stays in flight: one transaction."""
    name, number = book.pending("甲"), book.send("甲", None)
    book.answer("甲")
    names = book.ledger.names
    answer = partial(names.record_answer, name, EMPTY, [], None, session_id=book.session)
    decide = {
        "answer": answer,
        "fail": partial(names.record_failure, name, Reason.TIMEOUT, 1.0, reply=TIMED_OUT),
    }
    with pytest.raises(LedgerUnusable, match="'甲' pending"):
        decide[event](request_id=number)
    assert "resolved" == book.row("甲", "state")
    assert ["in_flight"] == ask(book.path, "SELECT outcome FROM requests WHERE id = ?", [number])


def test_a_failed_round_is_due_when_its_time_has_come(book: Book) -> None:
    """Not a second before; a name that is given up never is, nor one that is retired."""
    names = book.ledger.names
    book.fail("甲", retry_in_s=60.0)
    book.fail("乙", Reason.NETWORK, 300.0)
    book.fail("丙", Reason.REFUSED, None)
    change(
        book.path,
        """UPDATE names SET state = 'failed', reason = 'timeout', decided_at = '2026', not_before = '2026'
           WHERE lookup_key = '丁'""",
    )
    assert ("failed", "timeout", 1, "2026-11-28T12:01:00.000000+00:00") == book.row(
        "甲", "state", "reason", "attempts", "not_before"
    )
    assert 60.0 == names.seconds_to_next_due()
    book.clock.pass_s(59.0)
    assert (0, 1.0) == (names.requeue_due(), names.seconds_to_next_due())
    book.clock.pass_s(1.0)
    assert (0.0, 1, 240.0) == (names.seconds_to_next_due(), names.requeue_due(), names.seconds_to_next_due())
    assert ("pending", None, None, None, None, 1) == book.row(
        "甲", "state", "reason", "verdict", "not_before", "decided_at", "attempts"
    )
    assert "丁 failed/timeout, 丙 failed/refused, 乙 failed/network, 甲 pending" == book.states()
    book.clock.pass_s(999.0)
    assert (0.0, 1, None) == (names.seconds_to_next_due(), names.requeue_due(), names.seconds_to_next_due())


@pytest.mark.parametrize(("back_s", "due"), [(30.0, False), (60.0, False), (61.0, True), (9e6, True)])
def test_a_name_that_failed_in_the_future_is_due(book: Book, back_s: float, due: bool) -> None:
    """The clock was set back, by more than a minute; one that is given up is not due all the same."""
    names = book.ledger.names
    book.fail("甲", retry_in_s=600.0)
    book.fail("丙", Reason.REFUSED, None)
    book.clock.pass_s(-back_s)
    assert (0.0 if due else 600.0 + back_s) == names.seconds_to_next_due()
    assert due == names.requeue_due()


def failed_for_every_reason(book: Book) -> None:
    """甲 timed out, 乙 is not found, 丙 refused; 丁, retired, timed out, and 戊 cannot be asked."""
    book.fail("甲")
    book.answer("乙", None)
    book.fail("丙", Reason.REFUSED, None)
    change(
        book.path,
        "UPDATE names SET state = 'failed', reason = 'timeout', decided_at = '2026' WHERE lookup_key = '丁'",
        """INSERT INTO names (lookup_key, query, query_form, rows, weight, state, reason, decided_at)
           VALUES ('戊', '戊', '戊', 1, 1, 'failed', 'invalid', '2026')""",
    )


@pytest.mark.parametrize(
    ("reason", "requeued"),
    [
        (None, "甲丙"),
        (Reason.TIMEOUT, "甲"),
        (Reason.NOT_FOUND, "乙"),
        (Reason.INVALID, ""),
        (Reason.NETWORK, ""),
    ],
)
def test_who_wants_failed_names_asked_again_says_which(
    book: Book, reason: Reason | None, requeued: str
) -> None:
    """Any reason, but what EQC did not know; never what cannot be asked, nor what is retired."""
    failed_for_every_reason(book)
    assert len(requeued) == book.ledger.names.requeue_failed(reason)
    anew = ask(book.path, "SELECT lookup_key FROM names WHERE state = 'pending' AND attempts = 0")
    assert set(requeued) == set(anew)


def test_what_eqc_did_not_know_ages(book: Book) -> None:
    """By when it was decided; only that, and only current names."""
    failed_for_every_reason(book)
    names = book.ledger.names
    book.clock.pass_s(3600.0)
    assert [] == names.not_found_until(book.clock.utc_in(-3601.0), 9)
    assert [("乙", "乙")] == names.not_found_until(book.clock.utc_in(-3600.0), 9)
    names.requeue_not_found(*"甲丙丁戊")
    assert ("failed", "not_found") == book.row("乙", "state", "reason")
    names.requeue_not_found(*"甲乙丙丁戊")
    assert ("pending", None, 0) == book.row("乙", "state", "reason", "attempts")
    assert (
        "丁 failed/timeout, 丙 failed/refused, 乙 pending, 戊 failed/invalid, 甲 failed/timeout"
        == book.states()
    )


def test_the_heaviest_that_eqc_did_not_know_come_first(book: Book) -> None:
    """Of equals by key; one row is enough, and none too little."""
    for key in "甲乙丙":
        book.answer(key, None)
    change(
        book.path,
        "UPDATE names SET rows = 1, weight = 1 WHERE lookup_key = '丙'",
        "UPDATE names SET weight = 4 WHERE lookup_key = '乙'",
        """UPDATE names SET state = 'failed', reason = 'not_found', decided_at = '2026'
           WHERE lookup_key = '丁'""",
    )
    names, now = book.ledger.names, book.clock.utc_now()
    assert [("乙", "乙")] == names.not_found_until(now, 1)
    assert {"甲", "乙", "丙"} == {key for key, _ in names.not_found_until(now, 9)}
    assert 3 == names.requeue_failed(Reason.NOT_FOUND)
