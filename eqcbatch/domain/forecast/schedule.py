"""How drains are run, night by night."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from eqcbatch.settings import DEFAULT_LATENCY_S, Rate


@dataclass(frozen=True, slots=True)
class Schedule:
    """How drains are run.

    budget: requests a drain; daily_budget: requests a day; None for no limit. in_flight: requests at a
    time, None for as many as use the rate. until: local hour and minute, max_minutes: minutes, at which a
    drain ends, each None for no such end. timeout_s: what a request may take. details: whether companies
    are asked for theirs. latency_s: least and most seconds that a request takes, until it is measured.
    """

    rate: Rate = field(default_factory=Rate)
    budget: int | None = None
    daily_budget: int | None = None
    in_flight: int | None = 1
    until: tuple[int, int] | None = None
    max_minutes: float | None = None
    timeout_s: float = 30.0
    details: bool = False
    latency_s: tuple[float, float] = DEFAULT_LATENCY_S

    @property
    def requests_a_night(self) -> int | None:
        """The smaller of both budgets, None without one."""
        return min((one for one in (self.budget, self.daily_budget) if one is not None), default=None)

    def window_s(self, begin: datetime) -> float | None:
        """Seconds of a night that begins at `begin` (local) in which requests may go; None for all of them.

        The last request must be able to end in it.
        """
        ends = []
        if self.until is not None:
            ends.append(seconds_until_time(begin, *self.until))
        if self.max_minutes is not None:
            ends.append(self.max_minutes * 60)
        return max(self.rate.interval_s, min(ends) - self.timeout_s) if ends else None


def seconds_until_time(now: datetime, hour: int, minute: int) -> float:
    """Seconds from `now` (local) until it is next `hour:minute`, also in a night that changes the clock."""
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (then if then > now else then + timedelta(days=1)).timestamp() - now.timestamp()
