"""The canary: a question whose answer is known. It tells an EQC that finds nothing from names that it lacks.

Why: docs/decisions/0010.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Endpoint, Question
from eqcbatch.eqc import LIGHT_QUESTION
from eqcbatch.errors import EqcbatchError
from eqcbatch.ledger import Streaks

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Canary:
    """A question, and what it means that EQC has no answer to it: a phrase for people."""

    question: Question
    silent: str


def canary(streaks: Streaks, postgres: Postgres | None) -> Canary:
    """Return the canary for searches: a name that EQC found before, a company of the index, or EQC's owner.

    It is asked under no name of the ledger: that is how the ledger tells it from work.
    """
    if before := streaks.latest_found():
        return Canary(
            Question(Endpoint.SEARCH, before.parameter),
            f"it does not find any more what it found before ({before.parameter})",
        )
    name = None
    if postgres is not None:
        with suppress(EqcbatchError):  # that Postgres is away is told where results are flushed
            name = postgres.official_name()
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


def detail_canary(streaks: Streaks) -> Canary | None:
    """Return the canary for details: what EQC had last of a company; None if it never had anything."""
    known = streaks.latest_found_detail()
    told = f"it does not find any more what it found before ({known.parameter})" if known else ""
    return Canary(known, told) if known else None
