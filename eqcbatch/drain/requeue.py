"""Names that are asked again: a round that is due, a wish of the user, a "no match" that has aged."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model import Endpoint, Reason
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Names


@dataclass(frozen=True, slots=True)
class Again:
    """What to ask again.

    failed: names that failed, whether given up or not; for `reason` only, else for any reason but
    `not_found`. not_found_age_s: names that EQC did not know so many seconds ago; None for none.
    """

    failed: bool = False
    reason: Reason | None = None
    not_found_age_s: float | None = None


def ask_again(names: Names, eqc: Eqc, again: Again, *, due: bool) -> int:
    """Let these names be pending, and with `due` those whose next round is due; how many.

    An archived "no match" is forgotten before its name is pending: killed between the two, the name is
    found here again.
    """
    requeued = names.requeue_due() if due else 0
    if again.failed and again.reason is not Reason.NOT_FOUND:
        requeued += names.requeue_failed(again.reason)
    age_s = 0.0 if again.failed and again.reason is Reason.NOT_FOUND else again.not_found_age_s
    for lookup_key, query in names.not_found_before(age_s) if age_s is not None else ():
        eqc.supersede(Endpoint.SEARCH, query)
        names.requeue_not_found(lookup_key)
        requeued += 1
    return requeued
