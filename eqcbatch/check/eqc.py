"""Token, EQC and rate: what a reply says of them. Pure verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.check.finding import Finding, Subject, failed, failed_by, ok, warning
from eqcbatch.check.token_request import LONGEST_WAIT_S, Asked
from eqcbatch.domain.model import Outcome, Reply
from eqcbatch.eqc import LIGHT_QUESTION
from eqcbatch.errors import EqcBlocks, EqcUnavailable, TokenUnusable
from eqcbatch.humanize import count, duration
from eqcbatch.ledger import LatestReply
from eqcbatch.settings import DEFAULT_LATENCY_S, Rate

_FRESH = "Get a fresh one"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """The token, as far as it can be looked at.

    origin: where it comes from. renewable: whether a fresh one can be had without a person. life_s: seconds
    until it expires by its own word, None where it says nothing. missing: why there is none.
    """

    origin: str
    renewable: bool
    life_s: float | None = None
    missing: TokenUnusable | None = None

    @property
    def description(self) -> str:
        """Where it comes from, and how long it lives."""
        if self.life_s is None:
            return f"from {self.origin}, does not say when it expires"
        if self.life_s > 0:
            return f"from {self.origin}, expires in {duration(self.life_s)}"
        return f"from {self.origin}, says that it expired {duration(-self.life_s)} ago"

    @property
    def expired(self) -> bool:
        """Whether it says so itself."""
        return self.life_s is not None and self.life_s <= 0


def judge_token(token: TokenFacts, asked: Asked | None, needed_s: float) -> Finding:
    """Judge the token by what EQC said; by its own word, where EQC was not asked.

    needed_s: how long all that is pending takes.
    """
    if token.missing:
        return failed_by(Subject.TOKEN, token.missing)
    reply = asked.reply if asked else None
    if reply and reply.outcome is Outcome.AUTH:
        return failed(
            Subject.TOKEN,
            TokenUnusable,
            f"{token.description}; {reply.detail}",
            f"{_FRESH}. If it is fresh, look at --eqc-url: another server may have answered.",
        )
    if reply and reply.outcome is Outcome.ANSWERED:
        return _judge_accepted(token, needed_s)
    if reply and reply.outcome is Outcome.NOT_FOUND:
        return warning(Subject.TOKEN, f"{token.description}; not known to be accepted, see eqc")
    if token.expired:
        return failed(Subject.TOKEN, TokenUnusable, token.description, f"{_FRESH}.")
    if asked:
        return warning(Subject.TOKEN, f"{token.description}; not tried, see eqc")
    return ok(Subject.TOKEN, f"{token.description}; not shown to EQC")


def _judge_accepted(token: TokenFacts, needed_s: float) -> Finding:
    says = f"accepted; {token.description}"
    if token.life_s is None or token.renewable or token.life_s >= needed_s:
        return ok(Subject.TOKEN, says)
    return warning(
        Subject.TOKEN,
        f"{says}; what is pending takes about {duration(needed_s)}",
        f"{_FRESH} in time, or give a --token-file or --token-command: they are asked again.",
    )


def judge_eqc(place: str, asked: Asked, running_reply: LatestReply | None) -> Finding:
    """Judge EQC by its reply. running_reply: what the drain that runs heard last, if there is one."""
    reply = asked.reply
    if reply is None:
        return _judge_unasked(place, asked, running_reply)
    times = count(asked.requests, "request")
    if reply.outcome in (Outcome.ANSWERED, Outcome.AUTH):
        return _judge_latency(f"{place} answers in {duration(reply.elapsed_s)} ({times})", reply)
    if reply.outcome is Outcome.NOT_FOUND:
        return failed(
            Subject.EQC,
            EqcUnavailable,
            f"{place} answers, but finds nothing, not even {LIGHT_QUESTION.parameter} ({times})",
            "Look at --eqc-url: is it EQC? If so, it is ill, or takes nobody for logged in.",
        )
    if reply.blocked or reply.outcome is Outcome.RATE_LIMITED:
        return failed(
            Subject.EQC,
            EqcBlocks,
            f"{place} shuts us out: {reply.detail} ({times})",
            "Leave it alone for a while, or the block may become permanent.",
        )
    return failed(
        Subject.EQC,
        EqcUnavailable,
        f"{place} is not available: {reply.detail} ({times})",
        "Check --eqc-url, --ca-bundle, the network and its proxy.",
    )


def _judge_latency(says: str, reply: Reply) -> Finding:
    usual_s = DEFAULT_LATENCY_S[1]
    if reply.elapsed_s <= usual_s:
        return ok(Subject.EQC, says)
    return warning(
        Subject.EQC,
        f"{says}: slower than ever, up to {usual_s:g} s are usual",
        "Come back later, or give a drain a longer --timeout.",
    )


def _judge_unasked(place: str, asked: Asked, running_reply: LatestReply | None) -> Finding:
    if asked.failure:
        return failed(Subject.EQC, asked.failure, f"{place} was not asked. {asked.hindrance}")
    if running_reply and running_reply.outcome.usable:
        took, ago = duration(running_reply.elapsed_s), duration(running_reply.ago_s)
        return ok(Subject.EQC, f"{place} was not asked; it answered the drain that runs {ago} ago, in {took}")
    last = f"; the drain that runs got {running_reply.outcome} last" if running_reply else ""
    return warning(Subject.EQC, f"{place} was not asked: {asked.hindrance}{last}", asked.remedy)


def judge_rate(rate: Rate, taken: int, delay_s: float) -> Finding:
    """Judge the pace that all drains of this user share, as it stood before we asked."""
    turns = f"{taken} of {rate.limit} turns" if taken < rate.limit else "every turn"
    says = f"{rate} shared by all drains of this user, {turns} taken before this"
    if delay_s > LONGEST_WAIT_S:
        return warning(
            Subject.RATE, f"{says}; EQC is to be left alone for {duration(delay_s)}", "Come back then."
        )
    return ok(Subject.RATE, says)
