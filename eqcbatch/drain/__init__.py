"""Drain: pending names are asked, decided and flushed, one session at a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from eqcbatch.domain.model import ExitReason, PendingName, Reason
from eqcbatch.drain.doubt import Doubt
from eqcbatch.drain.events import Observer, Start
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.interrupts import interrupts
from eqcbatch.drain.limits import Limits
from eqcbatch.drain.options import SessionCounts, SessionOptions
from eqcbatch.drain.recovery import Recovery, recovery, settle_in_flight
from eqcbatch.drain.requeue import Again, ask_again
from eqcbatch.drain.session import Session
from eqcbatch.drain.shutdown import Ending
from eqcbatch.drain.worker_pool import Task
from eqcbatch.eqc import Eqc, PaceFile
from eqcbatch.errors import EqcbatchError
from eqcbatch.ledger import Ledger, Stats

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

__all__ = [
    "Again",
    "DrainReport",
    "ExitReason",
    "Limits",
    "Observer",
    "Preview",
    "SessionOptions",
    "Start",
    "Task",
    "drain",
    "preview",
]


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What a session came to.

    trouble: what made it end, or left results unflushed; None if all is well. details_left: how many
    details are still to be asked, where the session was to ask for them.
    """

    session_id: int
    exit_reason: ExitReason
    counts: SessionCounts
    flushed: int
    trouble: EqcbatchError | None
    details_left: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a drain would do. names: the next ones. requests: one a question, or what the budget allows."""

    names: tuple[PendingName, ...]
    requests: int


def drain(
    ledger: Ledger,
    eqc: Eqc,
    pace: PaceFile,
    postgres: Postgres | None,
    options: SessionOptions,
    observer: Observer,
    *,
    resume: bool,
    daily_budget: int | None = None,
    again: Again | None = None,
) -> DrainReport:
    """Run one session on a ledger whose lock the caller holds; results go to `postgres`, if any.

    daily_budget: requests in any 24 hours, over all sessions of the ledger. again: names that are asked
    again though they are decided. DrainNeedsResume if the last session died and `resume` is not set.
    """
    ending = Ending()
    with interrupts(ending.end_by_signal), recovery(ledger, eqc, resume=resume) as recovered:
        requeued = ask_again(ledger.names, eqc, again or Again(), due=resume)
        doubt = Doubt(ledger.streaks, eqc, details=options.details)
        doubtful = doubt.arises()
        doubted = doubt.take_back()  # that EQC finds today what it knew tells nothing of what it did then
        options = _within_the_day(options, ledger, daily_budget)
        session_id = ledger.sessions.open(options.limits.budget).id
        flusher = Flusher(ledger, postgres, observer, partial(recovered.complete, session_id))
        observer.started(_start(ledger.stats, options, recovered, requeued, doubted))
        recovered.give_head_start(session_id)
        session = Session(
            session_id, ledger, eqc, pace, flusher, options, observer, ending, doubt, doubtful=doubtful
        )
        with suppress(KeyboardInterrupt):
            if resume:
                flusher.flush_now()
            session.run()
            recovered.await_completion(session_id, ending)
            _flush_all(ledger, flusher, options)
        settle_in_flight(ledger.requests, eqc)  # a second signal may strike between an answer and its booking
        counts, exit_reason = session.counts, ending.reason or ExitReason.INTERRUPTED
        ledger.sessions.end(session_id, exit_reason, counts.waiting_s, counts.processing_s)
    trouble, left = ending.trouble or flusher.trouble, _details_left(ledger, options, session_id)
    return DrainReport(session_id, exit_reason, counts, flusher.flushed, trouble, left)


def _within_the_day(options: SessionOptions, ledger: Ledger, daily_budget: int | None) -> SessionOptions:
    """The options, with what the last 24 hours leave of the daily budget."""
    if daily_budget is None:
        return options
    left = daily_budget - ledger.sessions.requests_within_a_day()
    return replace(options, limits=replace(options.limits, daily_left=left))


def _flush_all(ledger: Ledger, flusher: Flusher, options: SessionOptions) -> None:
    """Flush what a session came to, the former names that its details tell among it."""
    if options.details:
        ledger.companies.register()
        ledger.former_names.refresh(options.rule.minimum)
    flusher.flush_now()


def _details_left(ledger: Ledger, options: SessionOptions, session_id: int) -> int:
    if not options.details:
        return 0
    ledger.companies.register()
    return ledger.companies.details_left(session_id + 1)  # those that failed in this session, too


def preview(ledger: Ledger, budget: int | None, most: int) -> Preview:
    """The next `most` names of a drain, and its requests within the budget; nothing is sent."""
    pending = ledger.stats.queries_pending()
    requests = pending if budget is None else min(budget, pending)
    return Preview(tuple(ledger.names.next_pending(limit=min(most, requests))), requests)


def _start(stats: Stats, options: SessionOptions, recovered: Recovery, requeued: int, doubted: int) -> Start:
    names, _rows = stats.names_and_rows()
    not_found = stats.failed_by_reason().get(Reason.NOT_FOUND, 0)
    return Start(names, not_found, options.limits.budget, recovered.reclaimed, requeued, doubted)
