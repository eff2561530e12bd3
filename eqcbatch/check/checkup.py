"""A checkup: look at everything, ask EQC once, and say how it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.check.eqc import TokenFacts, judge_eqc, judge_rate, judge_token
from eqcbatch.check.finding import Finding, Severity, Subject, failed_by, ok, warning
from eqcbatch.check.ledger_state import LedgerState, examine
from eqcbatch.check.machine import (
    free_bytes,
    judge_clock,
    judge_disk,
    judge_environment,
    look_around,
    needed_bytes,
)
from eqcbatch.check.postgres import judge_flushed, judge_postgres
from eqcbatch.check.token_request import Asked, ask_once
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.model import Written
from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, default_pace_file
from eqcbatch.errors import EqcbatchError, TokenUnusable
from eqcbatch.postgres import EMBEDDED, ENRICHMENT_INDEX, Inspection, open_postgres
from eqcbatch.settings import Rate, Timeouts
from eqcbatch.verification import count_lost


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What is looked at: the settings of a drain. request: whether EQC is asked."""

    ledger: Path
    database_url: str | None
    eqc_url: str
    rate: Rate
    timeouts: Timeouts
    ca_bundle: Path | None = None
    daily_budget: int | None = None
    request: bool = True


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found, in the order of `Subject`. requests: how many were sent."""

    findings: tuple[Finding, ...]
    requests: int

    @property
    def failure(self) -> type[EqcbatchError] | None:
        """The kind of error of the first line that is failed; None if none is."""
        return next((one.failure for one in self.findings if one.severity is Severity.FAILED), None)

    @property
    def warnings(self) -> int:
        """How many lines warn."""
        return sum(one.severity is Severity.WARNING for one in self.findings)

    @property
    def failed(self) -> int:
        """How many lines are failed."""
        return sum(one.severity is Severity.FAILED for one in self.findings)


def check(
    options: CheckOptions,
    token: TokenSource,
    environ: Mapping[str, str],
    strays: tuple[str, ...],
    waiting: Callable[[float], None],
    clock: Clock = SYSTEM_CLOCK,
) -> Checkup:
    """Look at everything.

    strays: what is to be said of variables that look like ours and are none. waiting: told the seconds
    until it is our turn to ask EQC.
    """
    ledger_state = examine(options.ledger, options.rate)
    facts = _look_at(token, clock)
    registry, asked = _ask(options, token, facts, ledger_state, waiting)
    database, seen = _inspect(options, ledger_state.flushed, clock)
    reply = asked.reply if asked else None
    findings = (
        judge_token(facts, asked, ledger_state.needed_s),
        *registry,
        *database,
        *ledger_state.findings,
        judge_disk(
            free_bytes(options.ledger),
            needed_bytes(options.ledger, ledger_state.questions, ledger_state.answers),
        ),
        *judge_clock(
            {"EQC": reply.clock_ahead_s if reply else None, "Postgres": seen.clock_ahead_s if seen else None}
        ),
        *judge_environment(look_around(environ, strays)),
    )
    return Checkup(findings, asked.requests if asked else 0)


def _look_at(token: TokenSource, clock: Clock) -> TokenFacts:
    try:
        expires_at = token.expires_at
    except TokenUnusable as error:
        return TokenFacts(token.origin, token.renewable, missing=error)
    life_s = None if expires_at is None else expires_at - clock.now().timestamp()
    return TokenFacts(token.origin, token.renewable, life_s)


def _ask(
    options: CheckOptions,
    token: TokenSource,
    facts: TokenFacts,
    ledger_state: LedgerState,
    waiting: Callable[[float], None],
) -> tuple[list[Finding], Asked | None]:
    """What is found of EQC and the rate, and what came of asking; None where nobody wanted to."""
    subject = Subject.EQC  # of which an error is told: the URL first, then the pace file
    try:
        with Eqc(options.eqc_url, token, None, options.timeouts, options.ca_bundle) as eqc:
            subject = Subject.RATE
            rate_limiter = RateLimiter(default_pace_file(options.eqc_url), options.rate)
            rate_limiter.expect_writable()
            with rate_limiter.turn() as turn:
                rate = judge_rate(options.rate, turn.taken, turn.delay_s)
            if not options.request:
                return [rate], None
            hindrance = _hindrance(facts, ledger_state)
            ledger = options.ledger if options.ledger.exists() else None
            asked = (
                Asked(hindrance=hindrance)
                if hindrance
                else ask_once(eqc, rate_limiter, ledger, options.daily_budget, waiting)
            )
            return [judge_eqc(eqc.place, asked, ledger_state.running_reply), rate], asked
    except EqcbatchError as error:
        return [failed_by(subject, error)], Asked(hindrance=str(error), failure=type(error))


def _hindrance(facts: TokenFacts, ledger_state: LedgerState) -> str:
    """Why EQC cannot be asked, "" where it can."""
    if facts.missing:
        return "there is no token"
    return "" if ledger_state.bookable else "the ledger cannot book the request"


def _inspect(
    options: CheckOptions, flushed: tuple[Written, ...], clock: Clock
) -> tuple[list[Finding], Inspection | None]:
    url, home = options.database_url, options.ledger.parent / "postgres"
    if not url:
        return [
            warning(
                Subject.POSTGRES,
                "there is no database URL: nothing is looked up, and results stay in the ledger",
                "Set EQCBATCH_DATABASE_URL if you want them in Postgres.",
            )
        ], None
    if url == EMBEDDED and not home.exists():
        return [ok(Subject.POSTGRES, f"embedded; made in {home} by the first command that needs it")], None
    try:
        with open_postgres(url, home) as postgres:
            seen = postgres.inspect(clock)
            findings = list(judge_postgres(seen))
            if ENRICHMENT_INDEX.name in seen.tables and not any(one.failure for one in findings):
                findings += judge_flushed(len(flushed), count_lost(flushed, postgres))
    except EqcbatchError as error:
        return [failed_by(Subject.POSTGRES, error)], None
    return findings, seen
