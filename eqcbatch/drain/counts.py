"""What a session did, counted by the parts that do it."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.domain.model import Finding


@dataclass(slots=True)
class SessionCounts:
    """What a session did.

    requests: those sent. usable: answers that said something. replays: answers taken from the archive.
    failed: names that stay failed, as far as the session knows. details: those settled of companies.
    second_asked, second_settled: second questions answered, and the names that these decided.
    reverified: companies that EQC was asked of again, by what was found; reverify_failed: those in vain.
    waiting_s: in waits with nothing in flight. processing_s: outside all waits.
    """

    requests: int = 0
    usable: int = 0
    replays: int = 0
    resolved: int = 0
    failed: int = 0
    held: int = 0
    second_asked: int = 0
    second_settled: int = 0
    details: int = 0
    details_failed: int = 0
    reverified: dict[Finding, int] = field(default_factory=dict)
    reverify_failed: int = 0
    waiting_s: float = 0.0
    processing_s: float = 0.0

    @property
    def results(self) -> int:
        """Results that may be flushed: names resolved, details settled and companies reverified."""
        names = self.resolved + self.second_settled
        return names + self.details + sum(self.reverified.values())

    def requeued(self, names: int) -> None:
        """Forget failures of names that are pending again; earlier sessions may have failed some of them."""
        self.failed = max(0, self.failed - names)
