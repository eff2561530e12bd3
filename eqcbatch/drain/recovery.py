"""What a dead session left: requests in flight are completed from the archive, or booked as unknown."""

from __future__ import annotations

from collections import Counter

from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Work
from eqcbatch.ledger.clock import utc_now
from eqcbatch.ledger.work import BookedRequest
from eqcbatch.records import Outcome, Reply


def reclaim(work: Work, eqc: Eqc) -> dict[Outcome, int]:
    """Settle what dead sessions left in flight and end those sessions; requests by outcome.

    The names concerned are still pending: an archived answer decides them as soon as they are taken.
    Killed in its middle it is simply done again.
    """
    outcomes = settle_in_flight(work, eqc)
    work.end_dead_sessions()
    return outcomes


def settle_in_flight(work: Work, eqc: Eqc) -> dict[Outcome, int]:
    """Settle what nobody will take in any more, for which nothing may be on its way; by outcome."""
    outcomes: Counter[Outcome] = Counter()
    for request in work.requests_in_flight():
        reply = _archived_since(request, eqc)
        outcome = reply.outcome if reply else Outcome.UNKNOWN
        work.settle_reclaimed(request.id, outcome, (reply and reply.archived_at) or utc_now())
        outcomes[outcome] += 1
    return dict(outcomes)


def _archived_since(request: BookedRequest, eqc: Eqc) -> Reply | None:
    """The answer that came to this very request, not one that was there before it."""
    reply = eqc.archived(request.endpoint, request.query) if request.query else None
    if reply is None or (reply.archived_at or "") < request.started_at:
        return None
    return reply
