"""What a flush, or a revert, came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eqcbatch.domain.control_sample import GateVerdict
from eqcbatch.errors import PostgresUnavailable

if TYPE_CHECKING:
    from eqcbatch.domain.model import OverruledRow
    from eqcbatch.postgres import Misfit


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How many values of a column are in Postgres otherwise than they came, and the first of them.

    problem: what is the matter with them. row: whose value that is.
    """

    column: str
    problem: str
    count: int
    row: str
    value: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What Postgres has now, and what it does not take; the ledger says why.

    taken_back: what left it. waiting: what it could not take for the moment, and the last reason for that.
    adjustments: what of the stored rows is there otherwise than it came.
    """

    stored: int = 0
    refused: int = 0
    taken_back: int = 0
    waiting: int = 0
    waits_for: str = ""
    adjustments: tuple[Adjustment, ...] = ()


def adjustments_of(misfits: Iterable[Misfit]) -> tuple[Adjustment, ...]:
    """What misfits come to, by column and problem."""
    return merged(Adjustment(one.column, one.problem, 1, one.row, one.value) for one in misfits)


def merged(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    """The adjustments with those of one column and problem as one."""
    known: dict[tuple[str, str], Adjustment] = {}
    for one in adjustments:
        key = (one.column, one.problem)
        known[key] = replace(known[key], count=known[key].count + one.count) if key in known else one
    return tuple(known.values())


@dataclass(frozen=True, slots=True)
class FlushReport:
    """What was sent. trouble: why the rest was not; it is safe in the ledger.

    backflow: ids that a person vouches for. lost: rows that had been flushed before and that Postgres has no
    more; they are among what was sent. overruled: what others keep in the index against people's decisions,
    where that was looked at. gate: what the gate said, None without one.
    """

    results: Sent = Sent()
    backflow: Sent = Sent()
    former_names: Sent = Sent()
    companies: Sent = Sent()
    lost: int = 0
    overruled: tuple[OverruledRow, ...] = ()
    gate: GateVerdict | None = None
    trouble: PostgresUnavailable | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RevertReport:
    """names: those whose results are held now. sent: what left Postgres.

    What others wrote meanwhile, or we never did, is left alone.
    """

    names: int
    sent: FlushReport
