"""What moves a name, a request or a session from one state to another, statement by statement.

A ledger whose clock stands at noon; a name is a letter, and each test names all that an event may not touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.clock import Clock
from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    ExitReason,
    Held,
    IdSource,
    Outcome,
    PendingDetail,
    PendingName,
    PriorRow,
    Question,
    Reason,
    Reply,
    Result,
    Verdict,
    VerdictRule,
    Written,
)
from eqcbatch.errors import LedgerUnusable
from eqcbatch.ledger import Ledger, open_ledger
from eqcbatch.ledger.names import Harvested
from eqcbatch.ledger.sessions import LatestReply, SessionRow
from eqcbatch.ledger.streaks import Search
from tests.ledgers import ask, change, plan_names

NOON = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
FOUND, EMPTY = Reply(Outcome.ANSWERED, 200, 0.25), Reply(Outcome.NOT_FOUND, 200, 0.5)
TIMED_OUT = Reply(Outcome.TIMEOUT, None, 30.0)
COMPANY = Candidate(
    *(1, "600000001", "甲公司", "全称精确匹配", 99.5, "91440300MA5DA0001X", "存续", ("旧甲", "更旧甲"))
)
EXACT = Verdict(COMPANY, 1.0, VerdictRule.EXACT_NAME)


class Standing(Clock):
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        super().__init__()
        self.shows = NOON

    def now(self) -> datetime:
        """The moment that it shows."""
        return self.shows

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.shows += timedelta(seconds=seconds)


class Book:
    """A ledger, its clock, and its session."""

    def __init__(self, path: Path, ledger: Ledger, clock: Standing) -> None:
        self.path, self.ledger, self.clock = path, ledger, clock
        self.session = ledger.sessions.open(None).id

    def pending(self, key: str) -> PendingName:
        """A name as a drain takes it."""
        return next(name for name in self.ledger.names.next_pending(limit=99) if name.lookup_key == key)

    def send(self, key: str | None, outcome: Outcome | None, endpoint: Endpoint = Endpoint.SEARCH) -> int:
        """A request that decides nothing; its number. outcome: None leaves it in flight."""
        company = None if endpoint in (Endpoint.SEARCH, Endpoint.SEARCH_ALL) else "600000001"
        requests = self.ledger.requests
        number = requests.book(self.session, key, endpoint, 1, 0.0, company_id=company)
        if outcome:
            requests.settle(number, Reply(outcome, 200, 0.25))
        return number

    def answer(self, key: str, verdict: Verdict | None = EXACT, *harvest: Harvested) -> None:
        """Decide a name by an answer."""
        offered = [verdict.company] if verdict else []
        self.ledger.names.record_answer(
            self.pending(key),
            FOUND if verdict else EMPTY,
            offered,
            verdict,
            request_id=self.send(key, None),
            session_id=self.session,
            harvest=harvest,
        )

    def fail(self, key: str, reason: Reason = Reason.TIMEOUT, retry_in_s: float | None = 60.0) -> None:
        """Fail a name at the end of a round."""
        outcome = Outcome(reason) if reason is not Reason.INVALID else Outcome.REFUSED
        number, reply = self.send(key, None), Reply(outcome, None, 30.0)
        self.ledger.names.record_failure(
            self.pending(key), reason, retry_in_s, request_id=number, reply=reply
        )

    def row(self, key: str, *columns: str) -> Any:
        """Columns of a name; of one, the bare value."""
        return ask(self.path, f"SELECT {', '.join(columns)} FROM names WHERE lookup_key = ?", [key])[0]

    def states(self) -> str:
        """All names with their states, in order: `甲 pending, 乙 failed/timeout`."""
        rows = ask(self.path, "SELECT lookup_key, state || coalesce('/' || reason, '') FROM names ORDER BY 1")
        return ", ".join(f"{key} {state}" for key, state in rows)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A ledger of four names: 甲 in four rows, 乙 in three, 丙 in two, and 丁 that is retired."""
    path, clock = tmp_path / "l.sqlite", Standing()
    plan_names(path, "丁", source="old")
    plan_names(path, "", source="old")
    plan_names(path, *"甲甲甲甲乙乙乙丙丙")
    with open_ledger(path, clock=clock) as ledger:
        yield Book(path, ledger, clock)


# Names


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
    other = Candidate(2, "600000002", "乙公司", "模糊匹配")
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
        (*("乙", 2, "600000002", "乙公司", "模糊匹配", None, None, None, "[]"),),
        (
            "甲",
            1,
            *("600000001", "甲公司", "全称精确匹配", 99.5, "91440300MA5DA0001X", "存续"),
            '["旧甲", "更旧甲"]',
        ),
    ] == ask(
        book.path,
        """SELECT lookup_key, rank, company_id, official_name, type, score, unite_code, registered_status,
                  former_names FROM candidates ORDER BY lookup_key""",
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
    assert [] == names.not_found_before(3601.0)
    assert [("乙", "乙")] == names.not_found_before(3600.0)
    for key in "甲乙丙丁戊":
        names.requeue_not_found(key)
    assert ("pending", None, 0) == book.row("乙", "state", "reason", "attempts")
    assert (
        "丁 failed/timeout, 丙 failed/refused, 乙 pending, 戊 failed/invalid, 甲 failed/timeout"
        == book.states()
    )


# Requests


def test_a_booked_request_is_in_flight_until_it_is_settled(book: Book) -> None:
    """Its session counts it, and how long it has waited; settled, it is in flight no more, and stays so."""
    requests = book.ledger.requests
    other = book.ledger.sessions.open(None).id
    number = requests.book(book.session, "甲", Endpoint.SEARCH, 2, 1.5)
    detail = requests.book(book.session, None, Endpoint.FIND_DEPART, 1, 2.5, company_id="600000001")
    check = requests.book(book.session, None, Endpoint.SEARCH_ALL, 1, 2.5)
    assert [(book.session, 3, 2.5), (other, 0, 0.0)] == ask(
        book.path, "SELECT id, requests, waiting_s FROM sessions ORDER BY id"
    )
    noon = "2026-11-28T12:00:00.000000+00:00"
    assert [
        (number, "甲", "甲", Endpoint.SEARCH, noon),
        (detail, None, "600000001", Endpoint.FIND_DEPART, noon),
        (check, None, None, Endpoint.SEARCH_ALL, noon),
    ] == [
        (one.id, one.lookup_key, one.query, one.endpoint, one.started_at)
        for one in requests.requests_in_flight()
    ]
    book.clock.pass_s(3.0)
    requests.settle(number, Reply(Outcome.SERVER_ERROR, 500, 0.12345))
    assert [("甲", "search", 2, "server_error", 500, 123.5, "2026-11-28T12:00:03.000000+00:00")] == ask(
        book.path,
        """SELECT lookup_key, endpoint, attempt, outcome, http_status, elapsed_ms, finished_at FROM requests
           WHERE outcome <> 'in_flight'""",
    )
    with pytest.raises(LedgerUnusable, match=f"request {number} in flight"):
        requests.settle(number, FOUND)
    requests.settle_reclaimed(number, Outcome.UNKNOWN, noon)
    requests.settle_reclaimed(detail, Outcome.ANSWERED, noon)
    assert ["server_error", "answered", "in_flight"] == ask(
        book.path, "SELECT outcome FROM requests ORDER BY id"
    )
    assert [noon] == ask(book.path, "SELECT finished_at FROM requests WHERE id = ?", [detail])


def test_only_usable_answers_that_are_no_light_ones_are_archived(book: Book) -> None:
    """Found or not; a light request says nothing worth keeping."""
    for outcome in set(Outcome) - {Outcome.IN_FLIGHT}:
        book.send("甲", outcome)
    book.send(None, Outcome.ANSWERED, Endpoint.SEARCH_ALL)
    book.send(None, Outcome.ANSWERED, Endpoint.FIND_LABELS)
    assert 3 == book.ledger.requests.count_archived()


# Streaks


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
    after = book.send(None, Outcome.ANSWERED)
    book.fail("甲", Reason.NETWORK, None)
    book.answer("乙", None)
    book.send("乙", Outcome.TIMEOUT)
    assert 1 == book.ledger.streaks.requeue_failed_streak(after)
    assert "丁 pending, 丙 failed/timeout, 乙 failed/not_found, 甲 pending" == book.states()
    assert (0, None, None) == book.row("甲", "attempts", "not_before", "decided_at")


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
    assert [] == streaks.queries_of_empties(99)
    change(book.path, "UPDATE names SET verdict = 'manual' WHERE lookup_key = '丙'")
    assert ["乙"] == streaks.queries_of_empties(0)
    assert (0, 1) == (streaks.requeue_empties(found + 9), streaks.requeue_empties(0))
    assert "丁 pending, 丙 failed/not_found, 乙 pending, 甲 failed/timeout" == book.states()
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
    assert [(None, "2026"), ("2026", "2026")] == ask(
        book.path, "SELECT business_info_at, labels_at FROM companies ORDER BY company_id"
    )


# Sessions


def test_a_session_has_one_end(book: Book) -> None:
    """Who ends it again, or ends the dead beside it, changes nothing."""
    sessions = book.ledger.sessions
    opened = sessions.open(5)
    row = SessionRow(opened.id, "2026-11-28T12:00:00.000000+00:00", None, None, 0, opened.pid, opened.host)
    assert row == opened
    assert [book.session, opened.id] == [one.id for one in sessions.unended()]
    assert [5, None] == ask(book.path, "SELECT budget FROM sessions ORDER BY id DESC")
    book.clock.pass_s(1.0)
    sessions.end(book.session, ExitReason.BUDGET, 1.5, 0.5)
    sessions.end(book.session, ExitReason.ERROR, 9.0, 9.0)
    assert [opened] == sessions.unended()
    assert [("2026-11-28T12:00:01.000000+00:00", "budget", 1.5, 0.5), (None, None, 0.0, 0.0)] == ask(
        book.path, "SELECT ended_at, exit_reason, waiting_s, processing_s FROM sessions ORDER BY id"
    )
    sessions.end_dead(living=opened.id)
    assert [opened] == sessions.unended()
    sessions.end_dead()
    assert ["budget", "died"] == ask(book.path, "SELECT exit_reason FROM sessions ORDER BY id")


def test_a_check_is_no_drain(book: Book) -> None:
    """The latest drain is the one that began last, be it at work, dead or ended."""
    sessions = book.ledger.sessions
    check = sessions.open(None)
    sessions.end(check.id, ExitReason.CHECK, 0.0, 0.0)
    latest = sessions.latest_drain()
    assert latest
    assert (book.session, None) == (latest.id, latest.exit_reason)
    sessions.end(book.session, ExitReason.TOKEN, 0.0, 0.0)
    latest = sessions.latest_drain()
    assert latest
    assert ExitReason.TOKEN is latest.exit_reason
    change(book.path, "DELETE FROM sessions WHERE exit_reason = 'token'")
    assert None is sessions.latest_drain()


@pytest.mark.parametrize(
    ("ago_h", "counts"),
    [
        (0.0, True),
        (23.9, True),
        (24.0, True),
        (24.1, False),
        (-1.0, True),
        (-23.9, True),
        (-24.0, True),
        (-24.1, False),
    ],
)
def test_requests_of_a_day_are_those_of_the_last_24_hours(book: Book, ago_h: float, counts: bool) -> None:
    """A stamp of the future counts as of now, unless it is more than a day ahead."""
    book.send("甲", Outcome.ANSWERED)
    book.clock.pass_s(ago_h * 3600)
    assert counts == book.ledger.sessions.requests_within_a_day()


@pytest.mark.parametrize(("later_h", "counts"), [(-25.0, False), (-24.0, True), (-1.0, True)])
def test_a_later_session_shows_that_a_stamp_of_the_future_is_old(
    book: Book, later_h: float, counts: bool
) -> None:
    """It began more than a day ago, and after the request."""
    sessions = book.ledger.sessions
    book.clock.pass_s(3600.0)
    book.send("甲", Outcome.ANSWERED)
    book.clock.pass_s(-3600.0)
    assert 1 == sessions.requests_within_a_day()
    book.clock.pass_s(later_h * 3600)
    sessions.open(None)
    book.clock.pass_s(-later_h * 3600)
    assert counts == sessions.requests_within_a_day()


def test_the_latest_reply_is_of_the_session_at_work(book: Book) -> None:
    """The last that took any time; none where no session is without an end."""
    sessions = book.ledger.sessions
    assert None is sessions.latest_reply()
    book.send("甲", Outcome.TIMEOUT)
    book.send("甲", Outcome.ANSWERED)
    book.send("甲", None)
    book.clock.pass_s(7.0)
    assert LatestReply(Outcome.ANSWERED, 7.0, 0.25) == sessions.latest_reply()
    newer = sessions.open(None).id
    assert None is sessions.latest_reply()
    sessions.end(newer, ExitReason.BUDGET, 0.0, 0.0)
    assert LatestReply(Outcome.ANSWERED, 7.0, 0.25) == sessions.latest_reply()
    sessions.end(book.session, ExitReason.BUDGET, 0.0, 0.0)
    assert None is sessions.latest_reply()


def test_how_fast_a_session_is_shows_in_its_last_minutes(book: Book) -> None:
    """A second at least, five minutes at most, none of what was before it."""
    sessions = book.ledger.sessions
    book.send("甲", Outcome.ANSWERED)
    book.clock.pass_s(30.0)
    newer = sessions.open(None).id
    assert 0.0 == sessions.requests_a_minute()
    book.session = newer
    book.send("甲", Outcome.ANSWERED)
    assert 60.0 == sessions.requests_a_minute()
    book.clock.pass_s(120.0)
    assert 0.5 == sessions.requests_a_minute()
    book.clock.pass_s(60.0)
    book.send("甲", Outcome.ANSWERED)
    book.clock.pass_s(240.0)
    assert (0.2, 0.0) == (sessions.requests_a_minute(), sessions.requests_a_minute(1.0))
    for session in sessions.unended():
        sessions.end(session.id, ExitReason.BUDGET, 0.0, 0.0)
    assert 0.0 == sessions.requests_a_minute()


# The outbox


PRIOR = PriorRow("500000001", 0.5, "legacy_migration", None)


def result(key: str = "甲", company_id: str = "600000001", instead_of: Written | None = None) -> Result:
    """What EQC decided of a name."""
    return Result(key, company_id, 1.0, IdSource.EQC, instead_of)


def flush(book: Book, prior: PriorRow | None = None, *results: Result) -> None:
    """Send results, of which Postgres had `prior`."""
    sent = results or (result(),)
    book.ledger.outbox.note_before((one, prior) for one in sent)
    book.ledger.outbox.mark_flushed(sent)


def test_what_is_due_is_resolved_free_and_not_flushed(book: Book) -> None:
    """In the order of keys, so many behind a key; what Postgres refused only where it is asked for."""
    outbox = book.ledger.outbox
    for key in "甲乙丙":
        book.answer(key)
    assert [result("丙"), result("乙"), result("甲")] == outbox.due(9)
    assert ([result("丙")], [result("甲")]) == (outbox.due(1), outbox.due(9, after="乙"))
    outbox.mark_refused([(result("丙"), "too long")])
    assert [result("乙"), result("甲")] == outbox.due(9)
    assert [result("丙"), result("乙")] == outbox.due(2, refused=True)
    assert (("too long", None), None) == (
        book.row("丙", "flush_error", "flushed_at"),
        book.row("乙", "flush_error"),
    )
    change(book.path, "UPDATE names SET held = 'ambiguous' WHERE lookup_key = '乙'")
    flush(book, None, result("甲"), result("乙"))
    assert [result("丙")] == outbox.due(9, refused=True)
    assert None is book.row("乙", "flushed_at")


def test_what_is_flushed_is_marked_with_what_went_where(book: Book) -> None:
    """In the newest drain; a check is none. What was decided anew meanwhile is not what was flushed."""
    book.answer("甲")
    book.answer("乙")
    drain = book.ledger.sessions.open(None).id
    check = book.ledger.sessions.open(None).id
    book.ledger.sessions.end(check, ExitReason.CHECK, 0.0, 0.0)
    book.ledger.outbox.mark_refused([(result("甲"), "too long")])
    flush(book, PRIOR, result("甲"), result("乙", "another"))
    columns = ("flushed_at", "flushed_session", "flush_error", "flushed_company_id", "flushed_confidence")
    assert ("2026-11-28T12:00:00.000000+00:00", drain, None, "600000001", 1.0) == book.row("甲", *columns)
    assert (None, None, None, None, None) == book.row("乙", *columns)
    assert {drain: 1} == book.ledger.outbox.sessions()
    book.ledger.outbox.mark_refused([(result("甲"), "too late")])
    book.ledger.outbox.note_before([(result("甲"), None)])
    assert (None, '"500000001"') == (
        book.row("甲", "flush_error"),
        book.row("甲", "json_quote(json_extract(index_before, '$.company_id'))"),
    )


def test_a_reverted_session_is_held_and_taken_back(book: Book) -> None:
    """What EQC decided in it; another session's stays, and so does what a reviewer decided."""
    outbox = book.ledger.outbox
    for key in "甲乙丙":
        book.answer(key)
    change(book.path, "UPDATE names SET source = 'manual' WHERE lookup_key = '乙'")
    flush(book, PRIOR, result("甲"), result("乙"))
    second = book.ledger.sessions.open(None).id
    flush(book, None, result("丙"))
    assert {book.session: 1, second: 1} == outbox.sessions()
    assert (0, 1, 1) == (outbox.revert(99), outbox.revert(book.session), outbox.revert(book.session))
    assert ("reverted", None, "600000001") == book.row("甲", "held", "flushed_at", "flushed_company_id")
    assert (None, None) == (book.row("乙", "held"), book.row("丙", "held"))
    written = Written("甲", "600000001", 1.0, PRIOR, noted=True)
    assert ([written], [], 1) == (outbox.revoked(9), outbox.revoked(0), outbox.to_take_back())
    outbox.mark_taken_back([written, Written("丙", "600000001", 1.0)])
    assert ([], 0, {second: 1}) == (outbox.revoked(9), outbox.to_take_back(), outbox.sessions())
    columns = ("flushed_company_id", "flushed_confidence", "flushed_session", "index_before")
    assert (None, None, None, None) == book.row("甲", *columns)
    assert ("600000001", 1.0, second, "null") == book.row("丙", *columns)


@pytest.mark.parametrize(
    ("became", "revoked"),
    [
        ("held = 'low_confidence'", True),
        ("held = 'reverted'", True),
        ("state = 'failed', reason = 'not_found', company_id = NULL", True),
        ("state = 'failed', reason = 'timeout', company_id = NULL", False),
        ("flushed_at = NULL", False),
        ("held = 'low_confidence', index_before = NULL", False),
        ("held = 'low_confidence', flushed_company_id = NULL", False),
    ],
)
def test_what_does_not_hold_any_more_is_taken_back(book: Book, became: str, revoked: bool) -> None:
    """What was flushed, of which is known what stood there; not what is just due anew."""
    book.answer("甲")
    flush(book)
    assert [] == book.ledger.outbox.revoked(9)
    change(book.path, f"UPDATE names SET flushed_at = NULL, {became} WHERE lookup_key = '甲'")
    assert revoked == book.ledger.outbox.to_take_back() == len(book.ledger.outbox.revoked(9))


@pytest.mark.parametrize(("held", "again"), [("reverted", 1), ("low_confidence", 0)])
def test_a_revert_brings_back_our_own_and_nothing_else_does(book: Book, held: str, again: int) -> None:
    """What stood there before the session, or before we wrote at all."""
    ours = PriorRow("700000001", 0.8, "eqc_api", "eqcbatch", ours=True, first=PRIOR)
    book.answer("甲")
    flush(book, ours)
    change(book.path, f"UPDATE names SET flushed_at = NULL, held = '{held}' WHERE lookup_key = '甲'")
    (written,) = book.ledger.outbox.revoked(9)
    assert (PRIOR, ours)[again] == written.before


def test_a_result_knows_what_it_comes_instead_of(book: Book) -> None:
    """What we flushed for its name before, and what stood there then."""
    book.answer("甲")
    flush(book, PRIOR)
    change(book.path, "UPDATE names SET flushed_at = NULL, company_id = '9' WHERE lookup_key = '甲'")
    before = Written("甲", "600000001", 1.0, PRIOR, noted=True)
    assert [result("甲", "9", before)] == book.ledger.outbox.due(9)
