"""How requests are booked and settled, event by event.

A name is a letter; each test names all that an event may not touch.
"""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import (
    Endpoint,
    Outcome,
    Reply,
)
from eqcbatch.errors import LedgerUnusable
from tests.books import FOUND, Book
from tests.ledgers import ask


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
        (one.id, one.lookup_key, one.parameter, one.endpoint, one.started_at)
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
