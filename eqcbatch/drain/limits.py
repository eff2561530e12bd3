"""What a session may spend: pure decisions over requests sent and time left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eqcbatch.domain.model import ExitReason


@dataclass(frozen=True, slots=True)
class Limits:
    """budget: requests of this session. daily_left: of the rolling day, when the session began.
    deadline: the moment (monotonic) at which the last answer must be in; timeout_s: what one may take.
    """

    budget: int | None = None
    daily_left: int | None = None
    deadline: float = math.inf
    timeout_s: float = 30.0

    def left(self, sent: int) -> float:
        """How many more requests may be sent, if time allows; inf without a limit."""
        return min(
            (most - sent for most in (self.budget, self.daily_left) if most is not None), default=math.inf
        )

    def reached(self, sent: int, now: float, wait_s: float = 0.0) -> ExitReason | None:
        """Which limit forbids one more request, `wait_s` from now; None if it may be sent."""
        if self.budget is not None and sent >= self.budget:
            return ExitReason.BUDGET
        if self.daily_left is not None and sent >= self.daily_left:
            return ExitReason.DAILY_BUDGET
        if now + wait_s + self.timeout_s > self.deadline:
            return ExitReason.DEADLINE
        return None
