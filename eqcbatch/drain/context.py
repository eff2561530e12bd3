"""What the parts of one session share."""

from __future__ import annotations

from dataclasses import dataclass, field

from eqcbatch.clock import Clock
from eqcbatch.drain.background_task import LedgerTurn
from eqcbatch.drain.counts import SessionCounts
from eqcbatch.drain.events import Events
from eqcbatch.drain.settings import DrainSettings
from eqcbatch.drain.shutdown import Shutdown
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Context:
    """Where a session works, how it is to work, and who is told.

    session_id: its row in the ledger. counts: what it did, which its parts keep. shutdown: whether it ends.
    turn: who uses the ledger just now.
    """

    session_id: int
    ledger: Ledger
    eqc: Eqc
    settings: DrainSettings
    clock: Clock
    events: Events
    shutdown: Shutdown
    turn: LedgerTurn
    counts: SessionCounts = field(default_factory=SessionCounts)
