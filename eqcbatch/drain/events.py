"""What a drain tells whoever watches it: a terminal's progress bar, a log, a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eqcbatch.domain.model import Outcome, PendingName, Reason, Reply, SecondQuestion, Verdict
from eqcbatch.drain.worker_pool import Task
from eqcbatch.ledger.stats import NameCounts

if TYPE_CHECKING:
    from eqcbatch.flush import FlushReport


@dataclass(frozen=True, slots=True)
class Start:
    """How a session begins.

    not_found: those of the failed names that EQC does not know. reclaimed: requests of a dead session,
    by what the archive says of them. requeued: failed names that are due again. doubted: names of which an
    earlier session could not confirm that EQC does not know them.
    """

    names: NameCounts
    not_found: int
    budget: int | None
    reclaimed: dict[Outcome, int]
    requeued: int
    doubted: int


class Events(Protocol):
    """The events of a drain, in their order."""

    def started(self, start: Start) -> None:
        """The session begins."""

    def replied(self, task: Task, reply: Reply) -> None:
        """A request of this task came back, or failed."""

    def decided(
        self, name: PendingName, verdict: Verdict | None, reason: Reason | None, replayed: bool
    ) -> None:
        """A name left `pending`: with a verdict, or failed for a reason."""

    def requeued(self, names: int) -> None:
        """Failed names are pending again, for their next round."""

    def second_question_answered(self, name: PendingName, settled: bool, replayed: bool) -> None:
        """A second question for a name was answered, which decided the name or left it as it was."""

    def second_question_unpaid(self, kind: SecondQuestion, requests: int, settled: int) -> None:
        """A kind of second questions is not asked any more: so many requests decided so few names."""

    def detailing(self, left: int) -> None:
        """No name is pending: `left` details of companies are asked."""

    def detailed(self, left: int, replayed: bool) -> None:
        """A detail is settled, or failed for this session; `left` are still to be asked."""

    def reverifying(self, left: int) -> None:
        """Nothing new is to be asked: EQC is asked of `left` companies again, as far as the night goes."""

    def reverified(self, left: int, replayed: bool) -> None:
        """A company was asked of again, or that failed for this session; `left` are still to be asked of."""

    def waiting(self, seconds: float, why: str) -> None:
        """The drain waits: for a `retry` that is due soon, or because EQC asked for a `pause`."""

    def token_renewed(self) -> None:
        """The token was not accepted any more; a fresh one is."""

    def outage(self, returned: int, why: str, probes: int) -> None:
        """EQC fails too often, last for this reason; `returned` names are pending again.

        probes: how often it is asked now whether it answers, once a minute, before the session ends.
        """

    def outage_over(self) -> None:
        """EQC answers again."""

    def flushed(self, sent: FlushReport) -> None:
        """What was due went to Postgres, or some of it."""

    def flush_failed(self, error: Exception, retry_in_s: float) -> None:
        """Postgres is not available; the drain goes on."""
