"""The circuit breaker: while EQC is not well no work is sent, and what `next_action` chooses is carried out.

It runs with nothing in flight, asks questions that decide nothing, and either closes again or ends the
session.
"""

from __future__ import annotations

from dataclasses import replace

from eqcbatch.domain.model import ExitReason, Outcome, Question, Reply
from eqcbatch.drain.context import Context
from eqcbatch.drain.dispatcher import Dispatcher
from eqcbatch.drain.doubt import Doubt
from eqcbatch.drain.empty_streak import EmptyStreak
from eqcbatch.drain.health import (
    FAILURES_OF_AN_OUTAGE,
    FAILURES_WITHOUT_ANSWER,
    PROBES,
    Action,
    Check,
    Health,
    Signs,
    next_action,
)
from eqcbatch.drain.shutdown import blocked, token_refused, unavailable
from eqcbatch.eqc import LIGHT_QUESTION
from eqcbatch.errors import TokenUnusable
from eqcbatch.humanize import count


class CircuitBreaker:
    """The breaker of one session."""

    def __init__(self, context: Context, dispatcher: Dispatcher, empty_streak: EmptyStreak) -> None:
        self._context = context
        self._dispatcher = dispatcher
        self._streaks = context.ledger.streaks
        self._empty_streak = empty_streak
        self._health = Health(empty=self._anything_to_ask() and self._doubtful())

    @property
    def open(self) -> bool:
        """Whether no work may be sent before `close` saw to what is wrong."""
        return self._health.suspect

    @property
    def never_answered(self) -> bool:
        """Whether work failed in this session, and none was answered: it may be an outage."""
        return self._health.failures > 0 and not self._context.counts.usable

    def hear(self, reply: Reply) -> None:
        """Learn from a reply to work how EQC is."""
        if reply.outcome.usable:
            empty = reply.outcome is Outcome.NOT_FOUND and self._doubtful()
            self._health = self._health.after_usable(empty=empty)
        elif reply.outcome.transient or reply.outcome is Outcome.REFUSED:
            self._health = self._health.after_failure(reply, self._streaks.failures_in_a_row())

    def token_refused(self, reply: Reply) -> None:
        """Learn that the token in use is not accepted any more."""
        self._health = self._health.after_rejection(reply)

    def close(self) -> None:
        """See to whatever is wrong, one thing after the other; the session may end by it."""
        while (action := next_action(self._signs())) is not Action.GO_ON:
            self._carry_out(action)
        self._health = replace(self._health, rejection=None, failing=False, empty=False)

    def check_at_last(self) -> None:
        """See to what a session has nothing left to tell by: nothing but failures, or empties at its end."""
        if self._context.counts.usable:
            if not self._context.shutdown and self._doubtful(ended=True):
                self._recheck_empties(ended=True)
            return
        self._check_failures_at_last()

    def _check_failures_at_last(self) -> None:
        """End a session with failures and no usable answer, unless a light question is answered.

        Failures in a row count from session to session: a small budget must not hide an outage.
        """
        failures = self._streaks.failures_in_a_row() if self.never_answered else 0
        if failures < FAILURES_WITHOUT_ANSWER:
            return
        began, reply = self._streaks.last_usable(), self._dispatcher.ask(LIGHT_QUESTION)
        action = next_action(Signs(Check.LAST, reply))
        if action.stops:
            self._requeue_failed(began, action)
            self._stop(action, reply, f"{failures} requests failed and none was answered")

    def _signs(self) -> Signs:
        """What is to be seen to now: what completed meanwhile, or came with a fresh token, may change it."""
        health, going_on = self._health, self._context.shutdown.trouble is None
        failing = health.failing and going_on
        return Signs(
            rejected=health.rejection is not None,
            renewable=self._context.eqc.token_renewable,
            failures=self._streaks.failures_in_a_row() if failing else 0,
            known=failing and self._streaks.latest_found_like_the_failing() is not None,
            doubtful=health.empty and going_on and self._doubtful(),
            renewed=health.renewed,
            probed=health.probed,
        )

    def _carry_out(self, action: Action) -> None:
        """Do what there is to do first, which is then seen to."""
        health = self._health
        if health.rejection is not None:
            self._health = replace(health, rejection=None)
            if action is Action.RENEW_TOKEN:
                self._renew_token()
            else:
                self._stop(action, health.rejection)
        elif action is Action.RECHECK_EMPTIES:
            self._health = replace(health, empty=False)
            self._recheck_empties()
        else:
            self._health = replace(health, failing=False)
            self._see_to_failures(action)

    def _renew_token(self) -> None:
        """Get a fresh token and try it; a session that ends leaves that to the next."""
        if self._context.shutdown:
            return
        try:
            self._context.eqc.renew_token(self._context.shutdown.__bool__)
        except TokenUnusable as error:
            self._context.shutdown.begin(ExitReason.TOKEN, error)
            return
        self._dispatcher.token_generation += 1
        reply = self._dispatcher.ask(LIGHT_QUESTION)
        action = next_action(Signs(Check.TOKEN, reply))
        if action.stops:
            self._stop(action, reply)
        elif reply:
            self._health = replace(self._health, renewed=True)
            if reply.outcome.usable:
                self._context.events.token_renewed()

    def _see_to_failures(self, action: Action) -> None:
        """Ask what EQC knew where it fails now, and if it does not tell that any more, sit the outage out."""
        began, probed = self._streaks.last_usable(), self._health.probed
        known, reply = self._streaks.latest_found_like_the_failing(), None
        if known:
            reply = self._dispatcher.ask(known)
            self._note_trouble(reply)
            action = next_action(Signs(Check.KNOWN, reply, probed=probed))
        if action is Action.GO_ON:
            return  # it tells what it told before: what failed is to blame, each for itself
        if action in (Action.STOP_TOKEN, Action.STOP_BLOCKED):
            self._stop(action, reply)
        self._requeue_failed(began, action)
        if action is Action.PROBE:
            self._probe(known or LIGHT_QUESTION, FAILURES_OF_AN_OUTAGE)
        elif action is Action.STOP_UNAVAILABLE:
            self._stop(action, reply, "it answers probes alone")

    def _probe(self, question: Question, failures: int) -> None:
        """After so many failures ask once a minute whether EQC answers again; end the session if not."""
        failed, action, reply, minute_s = 0, Action.PROBE, None, self._context.clock.minute_s
        while action is Action.PROBE:
            if not self._dispatcher.at_limit(minute_s):
                self._dispatcher.rest(minute_s)
            reply = self._dispatcher.ask(question)
            failed += reply is not None and not reply.outcome.usable
            self._note_trouble(reply)
            action = next_action(Signs(Check.PROBE, reply, probes_failed=failed))
        if action is Action.GO_ON:
            self._health = replace(self._health, probed=True)
            self._context.events.outage_over()
            return
        after = f" and {count(failed, 'probe')}" if failed else ""
        self._stop(action, reply, f"{count(failures, 'request')}{after} in a row failed")

    def _recheck_empties(self, *, ended: bool = False) -> None:
        """Ask for what EQC is known to have: found as often as it takes, the empty answers are genuine.

        Otherwise, and where a limit forbids to ask, they are not known to be, and are asked again.
        """
        coming, check = self._coming(), Check.LAST_EMPTIES if ended else Check.EMPTIES
        canary = self._empty_streak.canary(coming, ended=ended)
        if canary is None:
            return
        began, reply = self._streaks.last_usable(), None
        needed, found = self._empty_streak.doubt(coming, ended=ended).answers_needed, 0
        action = Action.RECHECK_EMPTIES
        while action is Action.RECHECK_EMPTIES:
            reply = self._dispatcher.ask(canary.question)
            found += reply is not None and reply.outcome is Outcome.ANSWERED
            action = next_action(Signs(check, reply, found=found, needed=needed))
        if action is Action.GO_ON:
            return
        if reply and not reply.outcome.usable:
            self._acquit(began, reply)
        requeued = self._empty_streak.requeue(coming if reply else 0, ended=ended)
        counts, reverified = self._context.counts, self._context.ledger.reverified
        counts.requeued(requeued)
        counts.reverified = reverified.found_in(self._context.session_id)
        if action is Action.PROBE:
            self._probe(canary.question, 1)  # else what fails at every recheck would be asked for ever
        elif action.stops:
            self._stop(action, reply, canary.silent)

    def _anything_to_ask(self) -> bool:
        settings, ledger = self._context.settings, self._context.ledger
        if settings.audit:
            return ledger.audits.unfinished()
        more = settings.asks_companies or settings.second_question
        return more or bool(ledger.names.next_pending())

    def _doubtful(self, *, ended: bool = False) -> bool:
        return self._empty_streak.doubt(self._coming(), ended=ended) is not Doubt.NONE

    def _coming(self) -> int:
        """How many answers may come before no request is left, where they may all be asked for at once."""
        coming = self._dispatcher.left + len(self._dispatcher.pool.in_flight)
        return int(coming) if coming <= self._dispatcher.pool.count else 0

    def _note_trouble(self, reply: Reply | None) -> None:
        if reply and not reply.outcome.usable:
            self._health = replace(self._health, trouble=reply.detail)

    def _acquit(self, after: int, reply: Reply) -> None:
        """Let the names that failed since the last usable answer be pending again: so did what EQC knows."""
        self._note_trouble(reply)
        if names := self._let_failed_wait(after):
            self._context.events.outage(names, self._health.trouble, 0)

    def _requeue_failed(self, after: int, action: Action) -> None:
        """Let what failed since the last usable answer be pending again, and tell of the outage."""
        names = self._let_failed_wait(after)
        shutdown = self._context.shutdown
        if names or not (shutdown.trouble or shutdown.signalled):
            probes = PROBES if action is Action.PROBE and not shutdown else 0
            self._context.events.outage(names, self._health.trouble, probes)

    def _let_failed_wait(self, after: int) -> int:
        """Let what failed since the last usable answer be pending again; how many names."""
        names = self._streaks.requeue_failed_streak(after)
        self._context.counts.requeued(names)
        return names

    def _stop(self, action: Action, reply: Reply | None, why: str = "") -> None:
        """End the session. reply: what EQC said last, if anything. why: it is unavailable."""
        begin, detail = self._context.shutdown.begin, reply.detail if reply else ""
        if action is Action.STOP_TOKEN:
            begin(ExitReason.TOKEN, token_refused(detail))
        elif action is Action.STOP_BLOCKED:
            begin(ExitReason.BLOCKED, blocked(detail))
        else:
            last = f" ({self._health.trouble})" if self._health.trouble else ""
            begin(ExitReason.EQC_UNAVAILABLE, unavailable(f"{why}{last}"))
