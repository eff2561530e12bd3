"""How a session drains, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.drain.limits import Limits
from eqcbatch.settings import ConfidenceRule


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a session drains.

    limits: what it may spend. retries: further attempts for a failed request. in_flight: requests at a
    time, None for as many as use the rate by the latencies measured. details: whether companies are asked
    for theirs once no name is pending. rule: what a match is worth. minute_s: how long a minute takes;
    less only in time-scaled trials.
    """

    limits: Limits = field(default_factory=Limits)
    retries: int = 2
    in_flight: int | None = 1
    details: bool = False
    rule: ConfidenceRule = field(default_factory=ConfidenceRule)
    minute_s: float = 60.0


@dataclass(slots=True)
class SessionCounts:
    """What a session did.

    usable: answers that said something. failed: names that stay failed, as far as the session knows.
    details: those settled of companies.
    """

    requests: int = 0
    usable: int = 0
    replays: int = 0
    resolved: int = 0
    failed: int = 0
    held: int = 0
    details: int = 0
    details_failed: int = 0
    waiting_s: float = 0.0
    processing_s: float = 0.0

    def requeued(self, names: int) -> None:
        """Forget failures of names that are pending again; earlier sessions may have failed some of them."""
        self.failed = max(0, self.failed - names)
