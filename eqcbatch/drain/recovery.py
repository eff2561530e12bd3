"""What a dead session left: requests in flight are completed from the archive, or booked as unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Outcome, Reply
from eqcbatch.drain.shutdown import SLICE_S, Shutdown
from eqcbatch.eqc import Eqc
from eqcbatch.errors import DrainNeedsResume
from eqcbatch.ledger import Ledger, Requests, Sessions
from eqcbatch.ledger.integrity import IntegrityCheck
from eqcbatch.ledger.requests import BookedRequest

HEAD_START_S = 0.3


class Recovery:
    """What a session that died makes necessary: its requests are settled, the ledger is read for damage.

    reclaimed: its requests in flight, by outcome. Their names are still pending: an archived answer decides
    them as soon as they are taken. A dead session ends when all is read and well, and not before: killed or
    stopped in its middle, all of this is simply done again.
    """

    def __init__(
        self,
        sessions: Sessions,
        reclaimed: dict[Outcome, int],
        integrity_check: IntegrityCheck | None,
        clock: Clock,
    ) -> None:
        self.reclaimed = reclaimed
        self._sessions = sessions
        self._integrity_check = integrity_check
        self._clock = clock
        self._began = clock.monotonic()

    def complete(self, session_id: int, wait_s: float = 0.0) -> bool:
        """Whether the ledger can be trusted, after waiting so long; LedgerUnusable if it is damaged."""
        if self._integrity_check is None:
            return True
        if not self._integrity_check.passed(wait_s):
            return False
        self._sessions.end_dead(living=session_id)
        self._integrity_check = None
        return True

    def give_head_start(self, session_id: int) -> None:
        """Wait a moment: a ledger of the usual size is read whole before a request is sent."""
        self.complete(session_id, wait_s=max(0.0, self._began + HEAD_START_S - self._clock.monotonic()))

    def await_completion(self, session_id: int, shutdown: Shutdown) -> None:
        """Wait until the ledger can be trusted, or a signal asks to leave."""
        while not self.complete(session_id, wait_s=0.0 if shutdown.signalled else SLICE_S):
            if shutdown.signalled:
                shutdown.leave()
                return


@contextmanager
def recovery(ledger: Ledger, eqc: Eqc, clock: Clock, *, resume: bool) -> Iterator[Recovery]:
    """See to sessions that died, if any; DrainNeedsResume if there are and `resume` is not set."""
    if not ledger.sessions.unended():
        yield Recovery(ledger.sessions, {}, None, clock)
        return
    if not resume:
        raise DrainNeedsResume
    integrity_check = ledger.integrity_check()
    try:
        settled = settle_in_flight(ledger.requests, eqc, clock)
        yield Recovery(ledger.sessions, settled, integrity_check, clock)
    finally:
        integrity_check.stop()


def settle_in_flight(requests: Requests, eqc: Eqc, clock: Clock) -> dict[Outcome, int]:
    """Settle what nobody will take in any more, for which nothing may be on its way; by outcome."""
    outcomes: Counter[Outcome] = Counter()
    for request in requests.requests_in_flight():
        reply = _archived_since(request, eqc)
        outcome, digest = (reply.outcome, reply.answer_sha256) if reply else (Outcome.UNKNOWN, None)
        moment = (reply and reply.archived_at) or clock.utc_now()
        requests.settle_reclaimed(request.id, outcome, moment, digest)
        outcomes[outcome] += 1
    return dict(outcomes)


def _archived_since(request: BookedRequest, eqc: Eqc) -> Reply | None:
    """The answer that came to this very request, not one that was there before it."""
    reply = eqc.archived(request.endpoint, request.parameter) if request.parameter else None
    if reply is None or (reply.archived_at or "") < request.started_at:
        return None
    return reply
