"""What the parts of one session share."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.clock import Clock
from eqcbatch.drain.events import Events
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.options import DrainSettings
from eqcbatch.drain.shutdown import Shutdown
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Ledger


@dataclass(slots=True)
class SessionCounts:
    """What a session did.

    requests: those sent. usable: answers that said something. replays: answers taken from the archive.
    failed: names that stay failed, as far as the session knows. details: those settled of companies.
    waiting_s: in waits with nothing in flight. processing_s: outside all waits.
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


@dataclass(frozen=True, slots=True)
class Context:
    """Where a session works, how it is to work, and who is told.

    session_id: its row in the ledger. counts: what it did, which its parts keep. shutdown: whether it ends.
    """

    session_id: int
    ledger: Ledger
    eqc: Eqc
    settings: DrainSettings
    clock: Clock
    events: Events
    flusher: Flusher
    shutdown: Shutdown
    counts: SessionCounts = field(default_factory=SessionCounts)
