"""What the latest requests in a row say of EQC, and taking back what they decided.

A name is a letter; each test names all that an event may not touch.
"""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import (
    Endpoint,
    Outcome,
    PendingDetail,
    Question,
    Reason,
)
from eqcbatch.ledger.streaks import Search
from tests.books import EMPTY, Book
from tests.ledgers import ask, change, decide


def test_failures_in_a_row_begin_behind_the_last_usable_answer(book: Book) -> None:
    """A 401, a 429 or what nobody knows is none, and ends none."""
    streaks = book.ledger.streaks
    assert (0, 0) == (streaks.failures_in_a_row(), streaks.last_usable())
    failures = (Outcome.TIMEOUT, Outcome.NETWORK, Outcome.SERVER_ERROR, Outcome.BAD_RESPONSE, Outcome.REFUSED)
    for count, outcome in enumerate(failures, 1):
        book.send("甲", outcome)
        for neither in (Outcome.AUTH, Outcome.RATE_LIMITED, Outcome.UNKNOWN, None):
            book.send("甲", neither)
        assert count == streaks.failures_in_a_row()
    for usable in (Outcome.ANSWERED, Outcome.NOT_FOUND):
        number = book.send("甲", usable)
        assert (0, number) == (streaks.failures_in_a_row(), streaks.last_usable())
        book.send("甲", Outcome.TIMEOUT)
        assert (1, number) == (streaks.failures_in_a_row(), streaks.last_usable())


def test_what_failed_after_a_request_is_pending_and_not_counted(book: Book) -> None:
    """What failed before stays failed; so does a "no match", and what cannot be asked."""
    book.fail("丙")
    (after,) = ask(book.path, "SELECT max(id) FROM requests")
    change(
        book.path, "UPDATE names SET state = 'failed', reason = 'invalid', decided_at = '2026' WHERE rows = 0"
    )
    book.send("丁", Outcome.TIMEOUT)
    book.fail("甲", Reason.NETWORK, None)
    change(book.path, "UPDATE names SET attempts = 3 WHERE lookup_key = '甲'")
    book.answer("乙", None)
    book.send("乙", Outcome.TIMEOUT)
    assert 1 == book.ledger.streaks.requeue_failed_streak(after)
    assert "丁 failed/invalid, 丙 failed/timeout, 乙 failed/not_found, 甲 pending" == book.states()
    assert (2, None, None) == book.row("甲", "attempts", "not_before", "decided_at")


@pytest.mark.parametrize("kind", ["business_info", "labels"])
def test_details_that_failed_after_a_request_are_not_counted_either(book: Book, kind: str) -> None:
    """Of that endpoint, that company and that session."""
    endpoint = {"business_info": Endpoint.FIND_DEPART, "labels": Endpoint.FIND_LABELS}[kind]
    for company, session in (("600000001", book.session), ("600000002", book.session), ("600000001", 99)):
        change(
            book.path,
            f"""INSERT OR IGNORE INTO companies
                   (company_id, business_info_attempts, business_info_failed_in, labels_attempts,
                    labels_failed_in, weight, confidence, search_keyword)
               VALUES ('{company}', 2, {session}, 2, {session}, 1, 1, 'x')""",
        )
    book.send(None, Outcome.TIMEOUT, endpoint)
    book.ledger.streaks.requeue_failed_streak(0)
    other = "labels" if kind == "business_info" else "business_info"
    columns = f"company_id, {kind}_attempts, {kind}_failed_in, {other}_attempts, {other}_failed_in"
    assert [("600000001", 1, None, 2, book.session), ("600000002", 2, book.session, 2, book.session)] == ask(
        book.path, f"SELECT {columns} FROM companies ORDER BY company_id"
    )


def test_empties_in_a_row_begin_behind_the_last_that_was_found(book: Book) -> None:
    """Searches for themselves, and details for themselves; a failure or a light request is neither."""
    streaks = book.ledger.streaks
    for endpoint in (Endpoint.SEARCH, Endpoint.FIND_DEPART, Endpoint.FIND_LABELS, Endpoint.SEARCH_ALL):
        book.send("甲", Outcome.NOT_FOUND, endpoint)
    assert (1, 2) == (streaks.empties_in_a_row(), streaks.empties_in_a_row(details=True))
    book.send("甲", Outcome.TIMEOUT)
    book.send("甲", Outcome.NOT_FOUND)
    book.send("甲", Outcome.ANSWERED, Endpoint.SEARCH_ALL)
    assert 2 == streaks.empties_in_a_row()
    book.send("甲", Outcome.ANSWERED)
    assert (0, 2) == (streaks.empties_in_a_row(), streaks.empties_in_a_row(details=True))
    book.send(None, Outcome.ANSWERED, Endpoint.FIND_LABELS)
    book.send("甲", Outcome.NOT_FOUND)
    assert (1, 0) == (streaks.empties_in_a_row(), streaks.empties_in_a_row(details=True))


def test_the_latest_searches_reach_back_to_a_canary_that_proved_eqc_well(book: Book) -> None:
    """One that was found, and after which none was missed; failures and details are no searches."""
    streaks, send = book.ledger.streaks, book.send
    first = send("甲", Outcome.NOT_FOUND)
    proof = send(None, Outcome.ANSWERED)
    assert [] == streaks.latest_searches(9)
    second, third = send("乙", Outcome.ANSWERED), send("丙", Outcome.NOT_FOUND)
    send("丙", Outcome.TIMEOUT)
    send(None, Outcome.ANSWERED, Endpoint.FIND_DEPART)
    latest = [Search(third, True, "丙"), Search(second, False, "乙")]
    assert (latest, latest[:1]) == (streaks.latest_searches(9), streaks.latest_searches(1))
    missed = send(None, Outcome.NOT_FOUND)
    assert [Search(missed, True, None), *latest] == streaks.latest_searches(9)
    change(book.path, f"UPDATE requests SET lookup_key = NULL WHERE id IN ({third}, {second})")
    reached = [Search(missed, True, None), Search(third, True, None), Search(second, False, None)]
    assert [*reached, Search(proof, False, None), Search(first, True, "甲")] == streaks.latest_searches(9)


def test_what_was_found_is_counted_by_session_and_before_a_request(book: Book) -> None:
    """Searches for names alone; a canary is no name, and proves its session."""
    streaks, send = book.ledger.streaks, book.send
    assert (False, (False, False), False) == (
        streaks.ever_found(),
        streaks.found_in(book.session),
        streaks.mostly_found_before(),
    )
    for outcome in (Outcome.NOT_FOUND, Outcome.ANSWERED, Outcome.ANSWERED, Outcome.TIMEOUT):
        send("甲", outcome)
    other = book.ledger.sessions.open(None).id
    assert (True, (True, False), (False, False)) == (
        streaks.ever_found(),
        streaks.found_in(book.session),
        streaks.found_in(other),
    )
    canary = send(None, Outcome.ANSWERED)
    send(None, Outcome.ANSWERED, Endpoint.FIND_DEPART)
    assert ((3, 1), (3, 1), (2, 1)) == (
        streaks.searches_before(canary),
        streaks.searches_before(canary + 9),
        streaks.searches_before(3),
    )
    assert (True, True) == streaks.found_in(book.session)
    assert (True, True) == (streaks.mostly_found_before(), streaks.mostly_found_before(details=True))


@pytest.mark.parametrize(
    ("found", "empty", "mostly"), [(1, 0, True), (1, 1, False), (2, 1, True), (1, 2, False)]
)
@pytest.mark.parametrize("details", [False, True])
def test_most_were_found_where_more_were_than_not(
    book: Book, found: int, empty: int, mostly: bool, details: bool
) -> None:
    """Up to the last that was found: the empties behind it are what is doubted."""
    endpoint = Endpoint.FIND_DEPART if details else Endpoint.SEARCH
    for outcome, times in ((Outcome.NOT_FOUND, empty), (Outcome.ANSWERED, found), (Outcome.NOT_FOUND, 9)):
        for _ in range(times):
            book.send("甲", outcome, endpoint)
    assert mostly == book.ledger.streaks.mostly_found_before(details=details)
    assert not book.ledger.streaks.mostly_found_before(details=not details)


def test_how_eqc_was_before_goes_by_the_latest_five_thousand(book: Book) -> None:
    """What was long ago says less: ten empties of old are forgotten."""
    streaks = book.ledger.streaks
    change(
        book.path,
        *(
            f"""INSERT INTO requests
                       (session_id, lookup_key, endpoint, attempt, started_at, finished_at, outcome)
                WITH RECURSIVE row AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM row WHERE n < {count})
                SELECT {book.session}, '甲', '{Endpoint.SEARCH}', 1, '2026', '2026', '{outcome}' FROM row"""
            for outcome, count in ((Outcome.NOT_FOUND, 10 + 2_499), (Outcome.ANSWERED, 2_501))
        ),
    )
    assert (5_000, 2_499) == streaks.searches_before(99_999)
    assert (True, False) == (streaks.mostly_found_before(), streaks.mostly_found_before(details=True))


def test_what_eqc_found_last_is_asked_to_see_whether_it_is_well(book: Book) -> None:
    """Of a name by its query, of a company by its id; where it fails now, of that endpoint."""
    streaks, send = book.ledger.streaks, book.send
    nothing = (streaks.latest_found(), streaks.latest_found_detail(), streaks.latest_found_like_the_failing())
    assert (None, None, None) == nothing
    for key in "甲乙":
        send(key, Outcome.ANSWERED)
    send(None, Outcome.ANSWERED)  # a canary: nobody knows any more what it asked
    send("丙", Outcome.NOT_FOUND)
    found = Question(Endpoint.SEARCH, "乙", "乙", None)
    assert (found, None) == (streaks.latest_found(), streaks.latest_found_detail())
    send(None, Outcome.ANSWERED, Endpoint.FIND_LABELS)
    labels = Question(Endpoint.FIND_LABELS, "600000001", None, "600000001")
    assert (found, labels) == (streaks.latest_found(), streaks.latest_found_detail())
    send(None, Outcome.ANSWERED, Endpoint.FIND_DEPART)
    assert None is streaks.latest_found_like_the_failing()
    send(None, Outcome.TIMEOUT, Endpoint.FIND_LABELS)
    assert labels == streaks.latest_found_like_the_failing()
    send("丙", Outcome.TIMEOUT)
    assert found == streaks.latest_found_like_the_failing()


def test_empties_in_doubt_are_asked_again_and_not_counted(book: Book) -> None:
    """Since the last that was found, or behind a request; what a reviewer said stands."""
    streaks = book.ledger.streaks
    book.answer("丙", None)
    found = book.send("甲", Outcome.ANSWERED)
    book.answer("乙", None)
    book.fail("甲")
    assert ["乙"] == streaks.queries_of_empties()
    assert ["丙", "乙"] == sorted(streaks.queries_of_empties(0))
    (first,) = ask(book.path, "SELECT min(id) FROM requests WHERE outcome = 'not_found'")
    assert ["乙"] == streaks.queries_of_empties(first)
    assert [] == streaks.queries_of_empties(99)
    decide(book.path, "丙", "none")
    assert ["乙"] == streaks.queries_of_empties(0)
    assert (0, 1) == (streaks.requeue_empties(found + 9), streaks.requeue_empties(0))
    assert "丁 pending, 丙 failed/no_company, 乙 pending, 甲 failed/timeout" == book.states()
    assert (0, None) == book.row("乙", "attempts", "decided_at")
    assert ["乙"] == streaks.queries_of_empties(0)
    book.answer("乙")
    assert [] == streaks.queries_of_empties(0)


def test_names_of_one_query_are_doubted_together(book: Book) -> None:
    """Only the first was asked; the other took its answer."""
    change(book.path, "UPDATE names SET query = '甲' WHERE lookup_key = '丙'")
    book.answer("甲", None)
    names, other = book.ledger.names, book.pending("丙")
    names.record_answer(other, EMPTY, [], None, request_id=None, session_id=book.session)
    assert 2 == book.ledger.streaks.requeue_empties()
    assert "丁 pending, 丙 pending, 乙 pending, 甲 pending" == book.states()


def test_details_in_doubt_are_due_again(book: Book) -> None:
    """Those that EQC did not have since the last one that it had; what is known of a company stays."""
    streaks = book.ledger.streaks
    change(
        book.path,
        """INSERT INTO companies (company_id, business_info_at, labels_at, labels, weight, confidence,
                                  search_keyword)
           VALUES ('600000001', '2026', '2026', '{}', 1, 1, 'x'),
                  ('600000002', '2026', '2026', NULL, 1, 1, 'x')""",
    )
    book.send(None, Outcome.NOT_FOUND, Endpoint.FIND_DEPART)
    book.send(None, Outcome.ANSWERED, Endpoint.FIND_LABELS)
    assert [] == streaks.details_of_empty_streak()
    for endpoint in (Endpoint.FIND_DEPART, Endpoint.FIND_LABELS, Endpoint.FIND_DEPART):
        book.send(None, Outcome.NOT_FOUND, endpoint)
    assert {
        PendingDetail("600000001", Endpoint.FIND_DEPART),
        PendingDetail("600000001", Endpoint.FIND_LABELS),
    } == set(streaks.details_of_empty_streak())
    streaks.requeue_empty_details()
    assert [(None, None, "{}"), ("2026", "2026", None)] == ask(
        book.path, "SELECT business_info_at, labels_at, labels FROM companies ORDER BY company_id"
    )


@pytest.mark.parametrize(
    ("endpoint", "due"),
    [(Endpoint.FIND_DEPART, (None, "2026")), (Endpoint.FIND_LABELS, ("2026", None))],
)
def test_what_one_endpoint_did_not_have_is_due_there_alone(
    book: Book, endpoint: Endpoint, due: tuple[str | None, str | None]
) -> None:
    """The other one was asked, too, and had nothing before the streak began."""
    change(
        book.path,
        """INSERT INTO companies (company_id, business_info_at, labels_at, weight, confidence, search_keyword)
           VALUES ('600000001', '2026', '2026', 1, 1, 'x')""",
    )
    book.send(None, Outcome.NOT_FOUND, endpoint)
    book.ledger.streaks.requeue_empty_details()
    assert [due] == ask(book.path, "SELECT business_info_at, labels_at FROM companies")
