"""How results leave for Postgres and are taken back, event by event.

A name is a letter; each test names all that an event may not touch.
"""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import (
    ExitReason,
    IdSource,
    PriorRow,
    Result,
    Written,
)
from tests.books import Book
from tests.ledgers import change

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
        ("state = 'failed', reason = 'timeout', company_id = NULL", True),
        ("state = 'pending', company_id = NULL, source = NULL", True),
        ("state = 'cached', company_id = '7', source = 'override'", True),
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


def test_keys_of_any_script_are_due(book: Book) -> None:
    """From the first one on."""
    book.answer("甲")
    change(book.path, "UPDATE names SET lookup_key = 'A' WHERE lookup_key = '甲'")
    assert [result("A")] == book.ledger.outbox.due(9)


def test_what_was_taken_back_is_marked_for_itself(book: Book) -> None:
    """The others wait."""
    for key in "甲乙":
        book.answer(key)
    flush(book, None, result("甲"), result("乙"))
    book.ledger.outbox.revert(book.session)
    first, second = book.ledger.outbox.revoked(9)
    book.ledger.outbox.mark_taken_back([first])
    assert [second] == book.ledger.outbox.revoked(9)
