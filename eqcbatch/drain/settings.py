"""How a drain is run, and what that leaves it to spend: values, and pure decisions over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from eqcbatch.domain.forecast import Schedule, seconds_until_time
from eqcbatch.domain.model import ExitReason, Reason
from eqcbatch.settings import DEFAULT_BUDGET, ConfidenceRule, Rate, Timeouts


@dataclass(frozen=True, slots=True)
class DrainSettings:
    """How a drain is run, from the command line to the session.

    resume: whether to go on after a session that died. budget: requests of this session; daily_budget: of
    any 24 hours; None for no limit. until: local hour and minute, max_minutes: minutes, at which the last
    answer must be in; None for no such end. rate: what no window exceeds. retries: further attempts for a
    failed request. in_flight: requests at a time, None for as many as use the rate by the latencies
    measured. details: whether companies are asked for theirs once no name is pending. rule: what a match is
    worth. retry_failed: whether names that failed are asked again, for retry_reason only, else for any
    reason but `not_found`. retry_not_found_after_s: names that EQC did not know so many seconds ago are, too;
    None for none.
    """

    resume: bool = False
    budget: int | None = DEFAULT_BUDGET
    daily_budget: int | None = None
    until: tuple[int, int] | None = None
    max_minutes: float | None = None
    rate: Rate = field(default_factory=Rate)
    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: int = 2
    in_flight: int | None = 1
    details: bool = False
    rule: ConfidenceRule = field(default_factory=ConfidenceRule)
    retry_failed: bool = False
    retry_reason: Reason | None = None
    retry_not_found_after_s: float | None = None

    @property
    def schedule(self) -> Schedule:
        """The same, for a forecast of what the drain leaves."""
        return Schedule(
            self.rate,
            self.budget,
            self.daily_budget,
            self.in_flight,
            self.until,
            self.max_minutes,
            self.timeouts.total_s,
            details=self.details,
        )

    def seconds_left(self, now: datetime) -> float:
        """Return the seconds from `now` (local) until the last answer must be in; inf without an end."""
        by_minutes = self.max_minutes * 60 if self.max_minutes else math.inf
        by_hour = seconds_until_time(now, *self.until) if self.until else math.inf
        return min(by_minutes, by_hour)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may spend.

    budget: its requests. daily_left: those of the rolling day, when it began; None for no limit.
    deadline: the moment (monotonic) at which the last answer must be in; timeout_s: what one may take.
    """

    budget: int | None = None
    daily_left: int | None = None
    deadline: float = math.inf
    timeout_s: float = 30.0

    def left(self, sent: int) -> float:
        """Return how many more requests may be sent, if time allows; inf without a limit."""
        return min(
            (most - sent for most in (self.budget, self.daily_left) if most is not None), default=math.inf
        )

    def reached(self, sent: int, now: float, wait_s: float = 0.0) -> ExitReason | None:
        """Return which limit forbids one more request, `wait_s` from now; None if it may be sent."""
        if self.budget is not None and sent >= self.budget:
            return ExitReason.BUDGET
        if self.daily_left is not None and sent >= self.daily_left:
            return ExitReason.DAILY_BUDGET
        if now + wait_s + self.timeout_s > self.deadline:
            return ExitReason.DEADLINE
        return None
