"""What the kinds of work of one session share."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.drain.events import Observer
from eqcbatch.drain.flusher import Flusher
from eqcbatch.drain.options import SessionCounts, SessionOptions
from eqcbatch.drain.worker_pool import Lanes
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a session works: its ledger, EQC and the lanes there, how it is to work, and who is told.

    counts: what the session did, which the work itself keeps.
    """

    session_id: int
    ledger: Ledger
    eqc: Eqc
    lanes: Lanes
    options: SessionOptions
    counts: SessionCounts
    flusher: Flusher
    observer: Observer
