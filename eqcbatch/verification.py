"""What was flushed is looked at in Postgres again: a crash, a failover or a restored backup may have lost it.

Why the latest ones: such a loss takes what came last. One statement compares these; where it finds one lost,
or is asked to, all that was ever flushed is compared. What is lost is due again.

What others have written over a result is no loss. Over a person's decision it is told: the ledger notes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from eqcbatch.domain.model import SOURCE_DOMAIN, LookupType, PriorRow, Written
from eqcbatch.domain.names import usable_id

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.ledger.overruled import Decided
    from eqcbatch.postgres import Postgres

LATEST = 1_000
BATCH = 5_000

Row = TypeVar("Row")


def verify(ledger: Ledger, postgres: Postgres, *, everything: bool = False) -> int:
    """Make due again what Postgres lost of what was flushed; how many rows.

    everything: not the latest results alone. Raises PostgresUnavailable.
    """
    latest = [*ledger.flushed.latest(LATEST), *ledger.backflow.latest(LATEST)]
    if not everything and not count_lost(latest, postgres):
        return 0
    return _verify_results(ledger, postgres) + _verify_companies(ledger, postgres)


def look_at_decisions(ledger: Ledger, postgres: Postgres) -> None:
    """Note the rows of the index that others keep against people's decisions. Raises PostgresUnavailable."""
    decided = list(_batches(ledger.overruled.decided, _key))
    found: list[tuple[str, PriorRow]] = []
    if decided:
        with postgres.enrichment() as index:
            for batch in decided:
                standing = index.standing(LookupType.CUSTOMER_NAME, [name.lookup_key for name in batch])
                found += [
                    (name.lookup_key, standing[name.lookup_key])
                    for name in batch
                    if _is_overruled(name, standing.get(name.lookup_key))
                ]
    ledger.overruled.note(found)


def _is_overruled(name: Decided, standing: PriorRow | None) -> bool:
    """Whether a row says otherwise than a person; one that was lost in its place is sent again, unnoted."""
    if standing is None or usable_id(standing.company_id) in (None, name.company_id):
        return False
    return name.written is None or not is_lost(name.written, standing)


def count_lost(flushed: Sequence[Written], postgres: Postgres) -> int:
    """How many of these results Postgres lost; one statement. Raises PostgresUnavailable."""
    if not flushed:
        return 0
    with postgres.enrichment() as index:
        standing = index.standing(LookupType.CUSTOMER_NAME, [row.lookup_key for row in flushed])
    return sum(is_lost(row, standing.get(row.lookup_key)) for row in flushed)


def is_lost(flushed: Written, standing: PriorRow | None) -> bool:
    """Whether what we flushed is gone: nothing stands there, or what stood there before we wrote.

    What somebody else has written since is no loss.
    """
    if standing is None:
        return True
    if (standing.company_id, standing.confidence) == (flushed.company_id, round(flushed.confidence, 2)):
        return False
    return standing == flushed.before


def _verify_results(ledger: Ledger, postgres: Postgres) -> int:
    flushed, found = ledger.flushed, 0
    with postgres.enrichment() as index:
        for batch in _batches(flushed.results, _key):
            standing = index.standing(LookupType.CUSTOMER_NAME, [row.lookup_key for row in batch])
            lost = [row for row in batch if is_lost(row, standing.get(row.lookup_key))]
            flushed.mark_lost((row, _ours(standing, row)) for row in lost)
            found += len(lost)
        for kind, read, mark_lost in (
            (LookupType.FORMER_NAME, flushed.former_names, flushed.mark_lost_former_names),
            (LookupType.CUSTOMER_NAME, flushed.backflow, flushed.mark_lost_backflow),
        ):
            for keys in _batches(read, str):
                standing = index.standing(kind, keys)
                gone = [key for key in keys if key not in standing]
                mark_lost(gone)
                found += len(gone)
    return found


def _verify_companies(ledger: Ledger, postgres: Postgres) -> int:
    if not ledger.flushed.companies(1, ""):
        return 0
    found = 0
    with postgres.base_info() as table:
        for batch in _batches(ledger.flushed.companies, str):
            lost = set(batch) - table.standing(batch)
            ledger.flushed.mark_lost_companies(lost)
            found += len(lost)
    return found


def _batches(read: Callable[[int, str], list[Row]], key: Callable[[Row], str]) -> Iterator[list[Row]]:
    after = ""
    while batch := read(BATCH, after):
        after = key(batch[-1])
        yield batch


def _key(row: Written | Decided) -> str:
    return row.lookup_key


def _ours(standing: Mapping[str, PriorRow], row: Written) -> PriorRow | None:
    """What stands there by us, from before what was lost: it is corrected, whatever its confidence."""
    stands = standing.get(row.lookup_key)
    return stands if stands and stands.source_domain == SOURCE_DOMAIN else None
