"""The tables of a Postgres in memory: what the statements of `eqcbatch.postgres` do to their rows.

`tests/integration/test_simulated_postgres.py` holds it against a real PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eqcbatch.domain.model import (
    SOURCE_DOMAIN,
    IdSource,
    IndexKey,
    Known,
    LookupType,
    PriorRow,
    Result,
    Written,
)
from eqcbatch.domain.model.companies import CompanyInfo
from eqcbatch.domain.names import usable_id
from eqcbatch.postgres import UpsertReport
from eqcbatch.postgres.enrichment_index import compared

POISON = "毒"  # a key with this sign is refused by a trigger
REFUSAL = "a trigger says no"
_NO_IDS = ("", "N", "NA", "N/A", "NONE", "NULL", "NAN")

Before = list[tuple[Result, PriorRow | None]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of enrichment_index. number: its id."""

    number: int
    company_id: str
    confidence: Decimal
    source: str
    source_domain: str | None = None
    hit_count: int = 0


def numeric(confidence: float) -> Decimal:
    """A confidence as numeric(3,2) keeps it."""
    return Decimal(repr(float(confidence))).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(slots=True)
class Tables:
    """The rows of `enterprise`."""

    index: dict[IndexKey, Row] = field(default_factory=dict)
    base_info: dict[str, CompanyInfo] = field(default_factory=dict)
    numbers: int = 0

    def copy(self) -> Tables:
        """The rows as they are now."""
        return Tables(dict(self.index), dict(self.base_info), self.numbers)

    def put(self, key: IndexKey, company_id: str, confidence: float, source: str, domain: str | None) -> None:
        """Write a row, as another program would."""
        self.numbers += 1
        self.index[key] = Row(self.numbers, company_id, numeric(confidence), source, domain)

    def look_up(self, wanted: Mapping[LookupType, Collection[str]]) -> dict[IndexKey, Known]:
        """What the index knows."""
        found: dict[IndexKey, Known] = {}
        for kind in wanted:
            for key in wanted[kind]:
                row = self.index.get((kind, key))
                if row and (usable := usable_id(row.company_id)):
                    confidence = float(max(Decimal(0), min(Decimal(1), row.confidence)))
                    source = IdSource.of_index(kind)
                    found[kind, key] = Known(usable, source, confidence, (kind, key), row.source)
        return found

    def count_hits(self, keys: Iterable[IndexKey]) -> None:
        """Raise hit counts."""
        for key in keys:
            if row := self.index.get(key):
                self.index[key] = replace(row, hit_count=row.hit_count + 1)

    def standing(self, kind: LookupType, keys: Sequence[str]) -> dict[str, PriorRow]:
        """What stands under these keys."""
        rows = {key: self.index.get((kind, key)) for key in keys}
        return {
            key: PriorRow(row.company_id, float(row.confidence), row.source, row.source_domain)
            for key, row in rows.items()
            if row
        }

    def before(self, results: Sequence[Result]) -> Before:
        """Where results will be written, and what stands there."""
        found: Before = []
        for result in {result.lookup_key: result for result in results}.values():
            row = self.index.get((LookupType.CUSTOMER_NAME, result.lookup_key))
            if row is None:
                found.append((result, None))
                continue
            new = (result.company_id, numeric(result.confidence), result.index_source)
            stands = (row.company_id, row.confidence, row.source) == new
            noted = row.source_domain == SOURCE_DOMAIN if stands else result.instead_of
            if _gives_way(row, result) or noted:
                found.append((result, _prior(row)))
        return found

    def upsert(self, results: Sequence[Result]) -> UpsertReport[Result]:
        """Store results by the upsert rule, and name those that a trigger refuses."""
        good = [result for result in results if POISON not in result.lookup_key]
        for result in good:
            self._correct(result)
        for result in good:
            self._store(result)
        kind = LookupType.CUSTOMER_NAME
        rows = {result.lookup_key: self.index.get((kind, result.lookup_key)) for result in good}
        report = _compared(good, rows)
        refused = tuple((result, REFUSAL) for result in results if POISON in result.lookup_key)
        return UpsertReport(report.stored, report.refused + refused)

    def take_back(self, written: Iterable[Written]) -> int:
        """Let rows that stand as we wrote them be as they were."""
        changed = 0
        for one in written:
            key = (LookupType.CUSTOMER_NAME, one.lookup_key)
            row = self.index.get(key)
            if row is None or not _as_written(row, one) or row.source_domain != SOURCE_DOMAIN:
                continue
            changed += 1
            if one.before is None:
                del self.index[key]
            else:
                then = one.before
                self.index[key] = replace(
                    row,
                    company_id=then.company_id,
                    confidence=numeric(then.confidence),
                    source=then.source,
                    source_domain=then.source_domain,
                )
        return changed

    def write_former_names(self, names: Sequence[Result]) -> UpsertReport[Result]:
        """Store former names where nothing stands, or what we wrote."""
        kind = LookupType.FORMER_NAME
        for name in names:
            row = self.index.get((kind, name.lookup_key))
            if row is None:
                self.put((kind, name.lookup_key), name.company_id, name.confidence, "eqc_api", SOURCE_DOMAIN)
            elif name.instead_of and _is_ours(row, name.instead_of):
                changed = replace(row, company_id=name.company_id, confidence=numeric(name.confidence))
                self.index[kind, name.lookup_key] = changed
        return _compared(names, {name.lookup_key: self.index.get((kind, name.lookup_key)) for name in names})

    def take_back_former_names(self, written: Iterable[Written]) -> int:
        """Delete former names that stand as we wrote them."""
        keys = [
            (LookupType.FORMER_NAME, one.lookup_key)
            for one in written
            if (row := self.index.get((LookupType.FORMER_NAME, one.lookup_key))) and _is_ours(row, one)
        ]
        for key in keys:
            del self.index[key]
        return len(keys)

    def upsert_companies(self, companies: Sequence[CompanyInfo]) -> UpsertReport[CompanyInfo]:
        """Store companies; null never overwrites a value."""
        for company in companies:
            kept = self.base_info.get(company.company_id)
            self.base_info[company.company_id] = _merged(kept, company) if kept else company
        return UpsertReport(tuple(companies), ())

    def official_name(self) -> str | None:
        """The name of a company that both tables have, the surest first."""
        named = []
        for (kind, key), row in self.index.items():
            company = self.base_info.get(row.company_id)
            name = ((company and company.facts.company_full_name) or "").strip()
            if kind == LookupType.CUSTOMER_NAME and company and name:
                named.append(
                    (
                        key != company.facts.company_full_name,
                        -row.confidence,
                        -row.hit_count,
                        row.number,
                        name,
                    )
                )
        return min(named)[-1] if named else None

    def _correct(self, result: Result) -> None:
        key = (LookupType.CUSTOMER_NAME, result.lookup_key)
        row = self.index.get(key)
        if row and result.instead_of and _as_written(row, result.instead_of):
            new = (result.company_id, numeric(result.confidence), result.index_source)
            if (row.company_id, row.confidence, row.source) != new:
                self._set(key, row, result)

    def _store(self, result: Result) -> None:
        key = (LookupType.CUSTOMER_NAME, result.lookup_key)
        row = self.index.get(key)
        if row is None:
            self.put(key, result.company_id, result.confidence, result.index_source, SOURCE_DOMAIN)
        elif _gives_way(row, result):
            self._set(key, row, result)

    def _set(self, key: IndexKey, row: Row, result: Result) -> None:
        self.index[key] = replace(
            row,
            company_id=result.company_id,
            confidence=numeric(result.confidence),
            source=result.index_source,
            source_domain=SOURCE_DOMAIN,
        )


def _compared(results: Sequence[Result], rows: Mapping[str, Row | None]) -> UpsertReport[Result]:
    standing = {key: (row.company_id, row.confidence) for key, row in rows.items() if row}
    return compared(results, standing)  # type: ignore[arg-type]  # a Decimal, as psycopg has it


def _prior(row: Row) -> PriorRow:
    return PriorRow(row.company_id, float(row.confidence), row.source, row.source_domain)


def _gives_way(row: Row, result: Result) -> bool:
    """By the upsert rule; or a reviewer confirms what a ledger of ours wrote by EQC."""
    new = (result.index_source, result.company_id, numeric(result.confidence))
    by_eqc = (row.source, row.source_domain) == ("eqc_api", SOURCE_DOMAIN)
    confirmed = by_eqc and new == ("manual", row.company_id, row.confidence)
    return numeric(result.confidence) > row.confidence or _no_id(row.company_id) or confirmed


def _no_id(company_id: str) -> bool:
    text = company_id.strip(" ")
    return text.upper() in _NO_IDS or re.fullmatch("IN[A-Z2-7]{16}", text) is not None


def _as_written(row: Row, written: Written) -> bool:
    ours = row.source == "eqc_api" or (
        row.source == "manual" and row.source_domain == SOURCE_DOMAIN and written.by_a_person
    )
    return ours and (row.company_id, row.confidence) == (written.company_id, numeric(written.confidence))


def _is_ours(row: Row, written: Written) -> bool:
    ours = row.source == "eqc_api" and row.source_domain == SOURCE_DOMAIN
    return ours and (row.company_id, row.confidence) == (written.company_id, numeric(written.confidence))


def _merged(kept: CompanyInfo, new: CompanyInfo) -> CompanyInfo:
    told: Any = {one.name: _first(one.name, new, kept) for one in fields(new) if one.name != "facts"}
    facts: Any = {one.name: _first(one.name, new.facts, kept.facts) for one in fields(new.facts)}
    return replace(new, facts=replace(new.facts, **facts), **told)


def _first(name: str, new: object, kept: object) -> object:
    value = getattr(new, name)
    return getattr(kept, name) if value is None else value
