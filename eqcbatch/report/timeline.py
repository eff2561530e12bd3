"""Timeline: what happened over time, and what is still open; what a page shows beside the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eqcbatch.domain.model import Reason, State
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.history import MissingName, Reached, SessionSummary, StateCount
from eqcbatch.ledger.reviews import Reviewed

MOST_MISSING = 50
MOST_HELD = 100
MOMENTS = 160  # of a curve: more than that no screen tells apart


@dataclass(frozen=True, slots=True)
class Counts:
    """Names with their rows and weight."""

    names: int = 0
    rows: int = 0
    weight: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.names + other.names, self.rows + other.rows, self.weight + other.weight)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, and what is open.

    state_counts: all names that count, by state, reason, and whether they are held and have an id.
    reached: how the known ones grew. sessions: oldest first. latencies_s: seconds that usable answers took,
    shortest first. missing, held: the heaviest of them, at most MOST_MISSING and MOST_HELD. imbalances: what
    does not add up, one line each.
    """

    state_counts: tuple[StateCount, ...]
    reached: tuple[Reached, ...]
    sessions: tuple[SessionSummary, ...]
    latencies_s: tuple[float, ...]
    missing: tuple[MissingName, ...]
    held: tuple[Reviewed, ...]
    imbalances: tuple[str, ...]

    def counts(
        self,
        *states: State,
        reason: Reason | None = None,
        held: bool | None = None,
        identified: bool | None = None,
    ) -> Counts:
        """Sum up the names of these states; of one reason, held or not, with an id or not, where given."""
        return sum(
            (
                Counts(one.names, one.rows, one.weight)
                for one in self.state_counts
                if one.state in states
                and (reason is None or one.reason is reason)
                and (held is None or one.held is held)
                and (identified is None or one.identified is identified)
            ),
            Counts(),
        )

    @property
    def total(self) -> Counts:
        """All names that count."""
        return self.counts(*State)

    @property
    def known(self) -> Counts:
        """The names with an id that may be used: cached, unless never asked, or resolved and not held."""
        return self.counts(*State, identified=True)


def timeline(ledger: Ledger, run_id: int | None = None) -> Timeline:
    """Read it, over all current runs or one of them; sessions and latencies are always those of all."""
    history = ledger.history
    return Timeline(
        state_counts=tuple(history.state_counts(run_id)),
        reached=tuple(history.reached(MOMENTS, run_id)),
        sessions=tuple(history.sessions()),
        latencies_s=ledger.stats.latencies_s(),
        missing=tuple(history.missing(MOST_MISSING, run_id)),
        held=tuple(_held(ledger, run_id)),
        imbalances=tuple(ledger.stats.imbalances()),
    )


def _held(ledger: Ledger, run_id: int | None) -> Iterator[Reviewed]:
    held = ledger.history.held(MOST_HELD, run_id)
    offered = ledger.reviews.named([name.lookup_key for name in held])
    for name in held:
        yield replace(offered[name.lookup_key], rows=name.rows, weight=name.weight)
