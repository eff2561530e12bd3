"""What a session does when EQC itself seems ill: a fresh token, probes in an outage, a doubt about empties.

Each remedy runs with nothing in flight, asks aside, and either lets the session go on or ends it.
"""

from __future__ import annotations

from eqcbatch.domain.model import Endpoint, ExitReason, Outcome, Question, Reply
from eqcbatch.drain.dispatcher import Sender
from eqcbatch.drain.doubt import Doubt
from eqcbatch.drain.events import Observer
from eqcbatch.drain.options import SessionCounts, SessionOptions
from eqcbatch.drain.retry_policy import Step, trouble
from eqcbatch.drain.shutdown import Ending
from eqcbatch.eqc import CHECK_KEYWORD, Eqc
from eqcbatch.errors import EqcUnavailable, TokenUnusable
from eqcbatch.humanize import count
from eqcbatch.ledger import Streaks

FAILURES_OF_AN_OUTAGE = 5  # failed requests in a row
FAILURES_WITHOUT_ANSWER = 3  # failed requests of a session that got no usable answer
PROBES = 10  # one a minute
LIGHT_QUESTION = Question(Endpoint.SEARCH_ALL, CHECK_KEYWORD)


class Remedies:
    """The remedies of one session."""

    def __init__(
        self,
        stretches: Streaks,
        doubt: Doubt,
        eqc: Eqc,
        sender: Sender,
        ending: Ending,
        observer: Observer,
        options: SessionOptions,
        counts: SessionCounts,
    ) -> None:
        self.doubt = doubt
        self._stretches = stretches
        self._eqc = eqc
        self._sender = sender
        self._ending = ending
        self._observer = observer
        self._counts = counts
        self._minute_s = options.minute_s
        # What a remedy achieved, until a usable answer that is no probe's confirms it.
        self._token_is_fresh = False
        self._outage_is_over = False
        self._latest_trouble = ""

    def failure_came(self, reply: Reply) -> None:
        """Note what was wrong of late."""
        self._latest_trouble = reply.detail

    def usable_answer_came(self) -> None:
        """Note that EQC answers what it is asked: what a remedy achieved is confirmed."""
        self._token_is_fresh = self._outage_is_over = False
        self._latest_trouble = ""

    def outage(self) -> bool:
        """Whether EQC fails too often to go on."""
        return self._stretches.failures_in_a_row() >= FAILURES_OF_AN_OUTAGE

    def renew_token(self, rejection: Reply) -> None:
        """Get a fresh token and check it with one light request; end the session if that does not help.

        A session that ends leaves a fresh one to the next.
        """
        if self._token_is_fresh or not self._eqc.token_renewable:
            self._ending.end(ExitReason.TOKEN, trouble(Step.RENEW_TOKEN, rejection))
        if self._ending:
            return
        try:
            self._eqc.renew_token()
        except TokenUnusable as error:
            self._ending.end(ExitReason.TOKEN, error)
            return
        self._sender.token_generation += 1
        reply = self._sender.ask_aside(LIGHT_QUESTION)
        if reply is None or not self._accepted(reply):
            return
        self._token_is_fresh = True
        if reply.outcome.usable:
            self._observer.token_renewed()

    def sit_out_outage(self) -> None:
        """Give back what the stretch failed, then probe each minute until EQC answers, or end the session.

        Where a limit forbids to probe, it is an outage until somebody shows that it is none.
        """
        began = self._stretches.last_usable()
        known = self._stretches.latest_found_like_the_failing()
        first = self._sender.ask_aside(known) if known else None
        if first and first.outcome is Outcome.ANSWERED:
            return  # EQC tells what it told before: what failed is to blame, each for itself
        if first and not first.outcome.usable:
            self.failure_came(first)
        if (first and not self._accepted(first)) or self._outage_is_over:
            self._give_back_failed(began, 0)
            self._end_unavailable("it answers probes alone")  # unless it does not even do that
            return
        self._give_back_failed(began, PROBES)
        self._probe(known or LIGHT_QUESTION, FAILURES_OF_AN_OUTAGE)

    def _probe(self, question: Question, failures: int) -> None:
        """After so many failures ask once a minute whether EQC answers again; end the session if not."""
        failed = 0
        while failed < PROBES:
            self._sender.rest(self._minute_s)
            reply = self._sender.ask_aside(question)
            if reply is None:
                break
            if reply.outcome.usable:
                self._outage_is_over = True
                self._observer.outage_over()
                return
            if not self._accepted(reply):
                return
            failed += 1
            self.failure_came(reply)
        after = f" and {count(failed, 'probe')}" if failed else ""
        self._end_unavailable(f"{count(failures, 'request')}{after} in a row failed")

    def dismiss_doubt(self, coming: int) -> None:
        """Ask once more for what EQC knew: found again, the empty answers are genuine.

        Otherwise, and where a limit forbids to ask, they are not known to be, and are asked again.
        coming: as of Doubt.
        """
        known = self.doubt.latest_found(coming)
        if known is None:
            return
        reply = self._sender.ask_aside(known)
        if reply and reply.outcome is Outcome.ANSWERED:
            return
        self._counts.requeued(self.doubt.take_back(coming if reply else 0))
        if reply is None:
            return
        if reply.outcome is Outcome.NOT_FOUND:
            self._end_unavailable(f"it does not find any more what it found before ({known.parameter})")
        elif reply.outcome is Outcome.RATE_LIMITED or self._accepted(reply):
            self.failure_came(reply)
            self._probe(known, 1)  # what fails at every doubt would let the same names be asked for ever

    def end_if_never_answered(self) -> None:
        """At the end of a session with failures and no usable answer: an outage, unless a probe is answered.

        Failures in a row count from session to session: a small budget must not hide an outage.
        """
        failures = self._stretches.failures_in_a_row()
        if failures < FAILURES_WITHOUT_ANSWER:
            return
        reply = self._sender.ask_aside(LIGHT_QUESTION)
        if reply and reply.outcome.usable:
            return
        self._give_back_failed(self._stretches.last_usable(), 0)
        if reply is None or self._accepted(reply):
            self._end_unavailable(f"{failures} requests failed and none was answered")

    def _give_back_failed(self, after: int, probes: int) -> None:
        returned = self._stretches.requeue_failed_stretch(after)
        self._counts.requeued(returned)
        if returned or not (self._ending.trouble or self._ending.signalled):
            self._observer.outage(returned, self._latest_trouble, 0 if self._ending else probes)

    def _accepted(self, reply: Reply) -> bool:
        """Whether the session may go on after this reply to a request aside."""
        if reply.outcome is Outcome.AUTH:
            self._ending.end(ExitReason.TOKEN, trouble(Step.RENEW_TOKEN, reply))
        elif reply.blocked or reply.outcome is Outcome.RATE_LIMITED:
            self._ending.end(ExitReason.BLOCKED, trouble(Step.STOP_BLOCKED, reply))
        return not self._ending

    def _end_unavailable(self, why: str) -> None:
        last = f" ({self._latest_trouble})" if self._latest_trouble else ""
        error = EqcUnavailable(
            f"EQC is not available: {why}{last}. What it concerned is pending again; "
            "check --eqc-url and the network, then run `eqcbatch drain --resume`."
        )
        self._ending.end(ExitReason.EQC_UNAVAILABLE, error)
