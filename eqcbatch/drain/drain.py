"""The use case: one session, from what the last one left to what this one came to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from eqcbatch import __version__
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.control_sample import GateVerdict
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import ExitReason, PendingName, Reason, Rulebook
from eqcbatch.drain.background_task import LedgerTurn
from eqcbatch.drain.canary import name_in_postgres
from eqcbatch.drain.circuit_breaker import CircuitBreaker
from eqcbatch.drain.company_details import CompanyDetails
from eqcbatch.drain.context import Context
from eqcbatch.drain.counts import SessionCounts
from eqcbatch.drain.dispatcher import Dispatcher
from eqcbatch.drain.empty_streak import EmptyStreak
from eqcbatch.drain.events import Events, Start
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.index_sample import IndexSample
from eqcbatch.drain.name_search import NameSearch
from eqcbatch.drain.recovery import Recovery, recovery, settle_in_flight
from eqcbatch.drain.requeue import UnknownNames, requeue
from eqcbatch.drain.reverification import AgedLabels, Reverification
from eqcbatch.drain.second_search import SecondSearch
from eqcbatch.drain.session import Session, Work
from eqcbatch.drain.settings import DrainSettings, Limits
from eqcbatch.drain.shutdown import Shutdown, Signals, signals_handled
from eqcbatch.eqc import Eqc, RateLimiter
from eqcbatch.errors import EqcbatchError
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.stats import NameCounts

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What a session came to.

    trouble: what made it end, or left results unflushed; None if all is well. details_left: how many
    details are still to be asked, where the session was to ask for them. day_goes_on: when (UTC) the budget
    of 24 hours allows a request again, where it is used up. gate: what the gate said last, None without one.
    """

    session_id: int
    exit_reason: ExitReason
    counts: SessionCounts
    flushed: int
    trouble: EqcbatchError | None
    details_left: int = 0
    day_goes_on: str | None = None
    gate: GateVerdict | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a drain would do. names: the next ones. requests: one a question, or what the budget allows."""

    names: tuple[PendingName, ...]
    requests: int


def drain(
    ledger: Ledger,
    eqc: Eqc,
    rate_limiter: RateLimiter,
    postgres: Postgres | None,
    settings: DrainSettings,
    events: Events,
    clock: Clock = SYSTEM_CLOCK,
    signals: Signals = signals_handled,
) -> DrainReport:
    """Run one session on a ledger whose lock the caller holds; results go to `postgres`, if any.

    signals: hears those that ask the process to stop, during a block.
    Raises DrainNeedsResume if the last session died and the settings do not say `resume`.
    """
    shutdown, began = Shutdown(), (clock.monotonic(), clock.now())
    with (
        signals(shutdown.begin_by_signal),
        recovery(ledger, eqc, clock, resume=settings.resume) as recovered,
    ):
        unknown = UnknownNames(ledger.names, eqc, settings, clock)
        requeued = requeue(ledger.names, settings) + unknown.requeue()
        # That EQC finds today what it knew tells nothing of what it did then.
        doubted = EmptyStreak(ledger.streaks, eqc, details=settings.asks_companies).requeue()
        today = ledger.sessions.requests_within_a_day() if settings.daily_budget is not None else 0
        limits = settings.limits(today, *began)
        book = Rulebook(__version__, RULE_SET, settings.rule)
        session_id = ledger.sessions.open(settings.budget, book, settings.told(eqc.place)).id
        turn = LedgerTurn(clock)
        context = Context(session_id, ledger, eqc, settings, clock, events, shutdown, turn)
        flusher = Flusher(context, postgres, partial(recovered.complete, session_id), limits)
        events.started(_start(ledger, settings, recovered, requeued, doubted))
        recovered.give_head_start(session_id)
        with suppress(KeyboardInterrupt):
            flusher.begin()
            _session(context, rate_limiter, limits, flusher, postgres, unknown).run()
            recovered.await_completion(session_id, shutdown)
            _flush_all(context, flusher)
        # A second signal may strike between an answer and its booking.
        settle_in_flight(ledger.requests, eqc, clock)
        counts, exit_reason = context.counts, shutdown.reason or ExitReason.INTERRUPTED
        ledger.sessions.end(session_id, exit_reason, counts.waiting_s, counts.processing_s)
    trouble, left, day = shutdown.trouble or flusher.trouble, _details_left(context), _day_goes_on(context)
    return DrainReport(session_id, exit_reason, counts, flusher.flushed, trouble, left, day, flusher.gate)


def preview(ledger: Ledger, budget: int | None, most: int) -> Preview:
    """Return the next `most` names of a drain, and its requests within the budget; nothing is sent."""
    pending = ledger.stats.queries_pending()
    requests = pending if budget is None else min(budget, pending)
    return Preview(tuple(ledger.names.next_pending(limit=min(most, requests))), requests)


def _session(
    context: Context,
    rate_limiter: RateLimiter,
    limits: Limits,
    flusher: Flusher,
    postgres: Postgres | None,
    unknown: UnknownNames,
) -> Session:
    dispatcher = Dispatcher(context, rate_limiter, limits)
    empty_streak = EmptyStreak(
        context.ledger.streaks,
        context.eqc,
        partial(name_in_postgres, context, postgres),
        details=context.settings.asks_companies,
        session_id=context.session_id,
    )
    breaker = CircuitBreaker(context, dispatcher, empty_streak)
    return Session(context, dispatcher, breaker, flusher, _work(context, dispatcher, unknown))


def _work(context: Context, dispatcher: Dispatcher, unknown: UnknownNames) -> list[Work]:
    """What the session asks for, the first kind first."""
    if context.settings.audit:
        return [IndexSample(context, dispatcher.pool)]
    settings, pool = context.settings, dispatcher.pool
    work: list[Work] = [NameSearch(context, pool, unknown)]
    work += [SecondSearch(context, pool)] if settings.second_question else []
    details = CompanyDetails(context, pool)
    if settings.details:
        work.append(details)
    if settings.reverify_after_s is not None:
        work.append(Reverification(context, pool, settings.reverify_after_s))
        work += [AgedLabels(context, details, settings.reverify_after_s)] if settings.details else []
    return work


def _start(
    ledger: Ledger, settings: DrainSettings, recovered: Recovery, requeued: int, doubted: int
) -> Start:
    if settings.audit:
        sample = ledger.audits.latest()
        left, wanted = (sample.left, sample.wanted) if sample else (0, 0)
        rows = NameCounts(wanted, left, 0, wanted - left, 0, 0)
        return Start(rows, 0, settings.budget, recovered.reclaimed, requeued, doubted)
    names, _rows = ledger.stats.names_and_rows()
    not_found = ledger.stats.failed_by_reason().get(Reason.NOT_FOUND, 0)
    return Start(names, not_found, settings.budget, recovered.reclaimed, requeued, doubted)


def _flush_all(context: Context, flusher: Flusher) -> None:
    """Flush what the session came to, the former names that its details tell among it."""
    if context.settings.asks_companies:
        context.ledger.companies.register()
        context.ledger.former_names.refresh(context.settings.rule.minimum)
    flusher.finish()


def _day_goes_on(context: Context) -> str | None:
    daily_budget = context.settings.daily_budget
    return context.ledger.sessions.day_goes_on(daily_budget) if daily_budget else None


def _details_left(context: Context) -> int:
    if not context.settings.details:
        return 0
    companies = context.ledger.companies
    companies.register()
    return companies.details_left(context.session_id + 1)  # those that failed in this session, too
