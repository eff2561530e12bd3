"""The use case of an audit with requests: the rows to ask are drawn as all rows pass by, or were before."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from eqcbatch.audit.audit import AuditReport, audit
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.index_audit import SamplePool

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


def audit_with_sample(
    postgres: Postgres,
    ledger: Ledger,
    budget: int,
    seed: int,
    *,
    new: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> AuditReport:
    """Audit the index, and see to it that the ledger has a sample that is to be asked.

    An earlier sample that is not asked to its end goes on, unless a new one is wanted: a session that was
    killed costs no row. Else `budget` rows are drawn, by the chance that follows from the seed. Whoever calls
    holds the ledger's lock. Raises PostgresUnavailable.
    """
    if ledger.audits.unfinished() and not new:
        return audit(postgres, ledger, clock=clock)
    chance = Random(seed)
    pool = SamplePool(budget, chance)
    report = audit(postgres, ledger, pool.offer, clock)
    strata = pool.draw()
    order = [(number, judged) for number, stratum in enumerate(strata) for judged in stratum.sample]
    chance.shuffle(order)
    ledger.audits.draw(report.index, report.rows, strata, order, seed)
    return report
