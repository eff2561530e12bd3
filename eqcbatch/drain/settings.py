"""How a drain is run, and what that leaves it to spend: values, and pure decisions over them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from eqcbatch.domain.forecast import Schedule, seconds_until_time
from eqcbatch.domain.model import ExitReason, Reason
from eqcbatch.settings import DEFAULT_BUDGET, LONGEST_DURATION_S, ConfidenceRule, Rate, Timeouts


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
    None for none. second_question: whether names that are held or not found are asked for in other ways, once
    nothing is pending. reverify_after_s: companies that EQC spoke of last so many seconds ago are asked of
    again, with what is left of the session; None for none. backflow_by: who vouches for the ids of overrides
    and of the sources' own columns, so that they go to the index at the end; None for nobody. audit: whether
    the sample of the latest audit is asked, and nothing else.
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
    second_question: bool = False
    reverify_after_s: float | None = None
    backflow_by: str | None = None
    gate: float | None = None
    audit: bool = False

    @property
    def asks_companies(self) -> bool:
        """Whether companies are asked of by their ids, and not names alone."""
        return self.details or self.reverify_after_s is not None

    def told(self, eqc_url: str) -> dict[str, Any]:
        """All of it as the ledger keeps it of a session; eqc_url: whom it asks, without credentials."""
        return {"eqc_url": eqc_url} | asdict(self)

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

    @property
    def too_short(self) -> bool:
        """Whether no request could ever end within its minutes, by the longest that one may take."""
        return self.max_minutes is not None and self.max_minutes * 60 < self.timeouts.total_s

    def limits(self, sent_today: int, monotonic: float, now: datetime) -> Limits:
        """What a session may spend that begins `now` (aware), after so many requests in the last 24 hours."""
        minutes_s = self.max_minutes * 60 if self.max_minutes else math.inf
        until_s = seconds_until_time(_local(now), *self.until) if self.until else math.inf
        left_s = min(minutes_s, until_s)
        return Limits(
            budget=self.budget,
            daily_left=None if self.daily_budget is None else self.daily_budget - sent_today,
            deadline=monotonic + minutes_s,
            ends_at=now + timedelta(seconds=left_s) if left_s <= LONGEST_DURATION_S else None,
            until=self.until,
            timeout_s=self.timeouts.total_s,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may spend.

    budget: its requests. daily_left: those of the rolling day, when it began; None for no limit.
    deadline: the moment (monotonic) at which the last answer must be in. ends_at: the same by the wall clock,
    None for no end; until: the local hour and minute that it is, if it is one. timeout_s: what one may take.
    """

    budget: int | None = None
    daily_left: int | None = None
    deadline: float = math.inf
    ends_at: datetime | None = None
    until: tuple[int, int] | None = None
    timeout_s: float = 30.0

    def left(self, sent: int) -> float:
        """Return how many more requests may be sent, if time allows; inf without a limit."""
        return min(
            (most - sent for most in (self.budget, self.daily_left) if most is not None), default=math.inf
        )

    def seconds_left(self, monotonic: float, now: datetime) -> float:
        """Return the seconds until the last answer must be in, by the clock that leaves fewer; inf for none.

        | what happens to the clocks            | what holds                                           |
        |---------------------------------------|------------------------------------------------------|
        | nothing                               | both say the same                                    |
        | a suspend: the monotonic one stood    | the wall clock: minutes of sleep are minutes, too    |
        | the wall clock is set forward         | the wall clock, as nothing tells that from a suspend |
        | it is set back, within the night      | `until` is when it shows that hour; minutes go on    |
        | it is set back by days, or months     | the next time that it shows that hour                |
        """
        left_s = self.deadline - monotonic
        if self.ends_at is not None:
            left_s = min(left_s, (self.ends_at - now).total_seconds())
            if self.until is not None and now < self.ends_at:
                left_s = min(left_s, seconds_until_time(_local(now), *self.until))
        return left_s

    def reached(self, sent: int, monotonic: float, now: datetime, wait_s: float = 0.0) -> ExitReason | None:
        """Return which limit forbids one more request, `wait_s` from now; None if it may be sent."""
        if self.budget is not None and sent >= self.budget:
            return ExitReason.BUDGET
        if self.daily_left is not None and sent >= self.daily_left:
            return ExitReason.DAILY_BUDGET
        return None if self.in_time(monotonic, now, wait_s) else ExitReason.DEADLINE

    def in_time(self, monotonic: float, now: datetime, wait_s: float = 0.0) -> bool:
        """Return whether a request that is sent `wait_s` from now will be answered before the end."""
        return wait_s + self.timeout_s <= self.seconds_left(monotonic, now)


def _local(moment: datetime) -> datetime:
    """A moment as the clock on the wall shows it: local, without a zone."""
    return moment.astimezone().replace(tzinfo=None)
