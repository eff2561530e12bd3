"""How sessions begin and end, and what was asked in them.

A name is a letter; each test names all that an event may not touch.
"""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import (
    ExitReason,
    Outcome,
)
from eqcbatch.ledger.sessions import LatestReply, SessionRow
from tests.books import Book
from tests.ledgers import ask, change


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
    assert ("2026-11-28T12:00:00.000000+00:00", ExitReason.TOKEN) == (latest.ended_at, latest.exit_reason)
    change(book.path, "DELETE FROM sessions WHERE exit_reason = 'token'")
    assert None is sessions.latest_drain()


@pytest.mark.parametrize(
    ("ago_h", "counts"),
    [
        (0.0, True),
        (23.9, True),
        (24.0, True),
        (24.001, False),
        (-1.0, True),
        (-23.9, True),
        (-24.0, True),
        (-24.001, False),
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
    book.clock.pass_s(3600.0)
    assert 1 == sessions.requests_within_a_day()  # it is of the future no more


def test_that_a_session_lasts_for_more_than_a_day_does_not_show_it(book: Book) -> None:
    """Its own beginning is before all its requests."""
    book.clock.pass_s(26 * 3600.0)
    book.send("甲", Outcome.ANSWERED)
    book.clock.pass_s(-3600.0)
    assert 1 == book.ledger.sessions.requests_within_a_day()


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
    book.clock.pass_s(-179.5)
    assert 0.0 == sessions.requests_a_minute(1.0)  # it went 60.5 s ago
    for session in sessions.unended():
        sessions.end(session.id, ExitReason.BUDGET, 0.0, 0.0)
    assert 0.0 == sessions.requests_a_minute()
