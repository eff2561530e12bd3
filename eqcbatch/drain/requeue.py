"""Names that are asked again: a round that is due, a wish of the user, a "no match" that has aged."""

from __future__ import annotations

from eqcbatch.domain.model import Endpoint, Reason
from eqcbatch.drain.settings import DrainSettings
from eqcbatch.eqc import Eqc
from eqcbatch.ledger import Names


def requeue(names: Names, eqc: Eqc, settings: DrainSettings) -> int:
    """Let names be pending again that are due, or that the settings want asked again; return how many.

    An archived "no match" is forgotten before its name is pending: killed between the two, the name is
    found here again.
    """
    requeued = names.requeue_due() if settings.resume else 0
    wanted, reason = settings.retry_failed, settings.retry_reason
    if wanted and reason is not Reason.NOT_FOUND:
        requeued += names.requeue_failed(reason)
    age_s = 0.0 if wanted and reason is Reason.NOT_FOUND else settings.retry_not_found_after_s
    for lookup_key, query in names.not_found_before(age_s) if age_s is not None else ():
        eqc.supersede(Endpoint.SEARCH, query)
        names.requeue_not_found(lookup_key)
        requeued += 1
    return requeued
