"""What is known of rows of the index without asking: companies that are stored, and the ledger's names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING

from eqcbatch.domain.index_audit import KnownCompanies, Seen, name_in
from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate, IndexRow, LookupType, StoredCompany
from eqcbatch.domain.names import query_for
from eqcbatch.eqc import split_names

if TYPE_CHECKING:
    from eqcbatch.ledger import AuditEvidence
    from eqcbatch.ledger.audit_evidence import NameEvidence
    from eqcbatch.postgres import IndexReading

_BLOCK = 2_000  # rows that the ledger is asked of together, and more of one company only
_MOST_OF_ONE = 5_000  # rows of one company that are judged together


def known_companies(reading: IndexReading, evidence: AuditEvidence | None) -> KnownCompanies:
    """The companies of base_info, and those that the ledger heard of later."""
    return KnownCompanies(_records(reading, evidence))


def _records(reading: IndexReading, evidence: AuditEvidence | None) -> Iterator[Candidate]:
    yield from map(_candidate, reading.companies())
    if evidence:
        yield from evidence.companies()


def _candidate(stored: StoredCompany) -> Candidate:
    return Candidate(
        *(0, stored.company_id.strip(), stored.official_name),
        unite_code=stored.unite_code,
        registered_status=stored.registered_status,
        former_names=tuple(split_names(stored.former_names)),
    )


class Evidence:
    """The rows of the index with what the ledger knows of their names; without a ledger nothing."""

    def __init__(self, ledger: AuditEvidence | None) -> None:
        self._ledger = ledger
        self._plan_weights = ledger.plan_weights() if ledger else {}
        self._customers = ledger.customers() if ledger else {}

    def of(self, rows: Iterable[IndexRow]) -> Iterator[list[Seen]]:
        """The rows of each company, one company after the other; the rows come so."""
        companies = _companies(rows)
        while block := _block(companies):
            names = self._names(row for company in block for row in company)
            for company in block:
                yield [self._seen(row, names) for row in company]

    def _names(self, rows: Iterable[IndexRow]) -> dict[str, NameEvidence]:
        if self._ledger is None:
            return {}
        keys = {key for row in rows for key in self._keys(row)}
        return self._ledger.names(keys)

    def _keys(self, row: IndexRow) -> Iterator[str]:
        if key := name_in(row):
            yield key
        if row.lookup_type == LookupType.PLAN_CODE:
            yield from self._customers.get(row.lookup_key, ())

    def _seen(self, row: IndexRow, names: dict[str, NameEvidence]) -> Seen:
        if row.lookup_type == LookupType.PLAN_CODE:
            customers = [_asked(key, names.get(key)) for key in self._customers.get(row.lookup_key, ())]
            return Seen(row, None, self._plan_weight(row), tuple(customers))
        key = name_in(row)
        if not key:
            return Seen(row)
        found = names.get(key)
        weight = found.weight_of(row.lookup_type) if found else 0.0
        seen = Seen(row, _asked(key, found), weight or self._plan_weight(row))
        return replace(seen, decided=found.decided, decided_id=found.decided_id) if found else seen

    def _plan_weight(self, row: IndexRow) -> float:
        return self._plan_weights.get((row.lookup_type, row.lookup_key), 0.0)


def _companies(rows: Iterable[IndexRow]) -> Iterator[list[IndexRow]]:
    for _, of_one in groupby(rows, key=lambda row: row.company_id.strip()):
        while some := list(islice(of_one, _MOST_OF_ONE)):
            yield some


def _block(companies: Iterator[list[IndexRow]]) -> list[Sequence[IndexRow]]:
    block: list[Sequence[IndexRow]] = []
    while sum(map(len, block)) < _BLOCK and (company := next(companies, None)):
        block.append(company)
    return block


def _asked(key: str, found: NameEvidence | None) -> Asked:
    """A name as EQC is asked for it, where the ledger does not know it by its key."""
    return Asked(key, found.query, found.variants) if found else Asked(key, query_for([key]) or key, ())
