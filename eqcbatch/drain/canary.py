"""The canary: a question whose answer is known. It tells an EQC that finds nothing from names that it lacks.

Why: docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Endpoint, Question
from eqcbatch.drain.background_task import BackgroundTask
from eqcbatch.drain.context import Context
from eqcbatch.eqc import LIGHT_QUESTION
from eqcbatch.errors import EqcbatchError
from eqcbatch.ledger import Streaks

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

PATIENCE_S = 5.0  # for Postgres to name a company


@dataclass(frozen=True, slots=True)
class Canary:
    """A question, and what it means that EQC has no answer to it: a phrase for people."""

    question: Question
    silent: str


def canary(streaks: Streaks, official_name: Callable[[], str | None]) -> Canary:
    """Return the canary for searches: a name that EQC found before, a company of the index, or EQC's owner.

    It is asked under no name of the ledger: that is how the ledger tells it from work. official_name: gives
    the name of a company of the index, if any.
    """
    if before := streaks.latest_found():
        return Canary(
            Question(Endpoint.SEARCH, before.parameter),
            f"it does not find any more what it found before ({before.parameter})",
        )
    name = official_name()
    if name:
        return Canary(
            Question(Endpoint.SEARCH, name),
            f"it finds nothing, not even a company that base_info has ({name})",
        )
    owner = LIGHT_QUESTION.parameter
    return Canary(
        Question(Endpoint.SEARCH, owner),
        f"it finds nothing, not even {owner}, and neither ledger nor Postgres has a name that it ever found. "
        "If it is EQC, plan one that it surely has along with the others",
    )


def name_in_postgres(context: Context, postgres: Postgres | None) -> str | None:
    """Return the name of a company that EQC is bound to find, None without one.

    So it is where Postgres is away, which is told where results are flushed, or hangs: nobody waits long.
    """
    if postgres is None:
        return None
    task = BackgroundTask(
        context.turn, lambda outside: postgres.waiting_by(outside).official_name(), context.clock
    )
    if not task.done_within(PATIENCE_S):
        task.abandon()
        return None
    with suppress(EqcbatchError):
        return task.result()
    return None


def detail_canary(streaks: Streaks) -> Canary | None:
    """Return the canary for details: what EQC had last of a company; None if it never had anything."""
    known = streaks.latest_found_detail()
    told = f"it does not find any more what it found before ({known.parameter})" if known else ""
    return Canary(known, told) if known else None
