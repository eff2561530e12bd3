"""enterprise.base_info: what EQC says of companies, upserted as sets; null never overwrites a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from eqcbatch.domain.model.companies import CompanyFacts, CompanyInfo
from eqcbatch.postgres.bounded import BoundedConnection
from eqcbatch.postgres.refusals import UpsertReport, by_halves, explained

TABLE = "enterprise.base_info"
DATA_SOURCE = "eqcbatch"
_FACTS = tuple(field.name for field in fields(CompanyFacts))
_OTHERS = tuple(field.name for field in fields(CompanyInfo) if field.name != "facts")
_COLUMNS = (*_OTHERS, *_FACTS, "data_source")

# -1 for the length: a cast to varchar(10) would cut silently what the column itself refuses.
_TYPES = """
SELECT attname, format_type(atttypid, -1) FROM pg_attribute
WHERE attrelid = 'enterprise.base_info'::regclass AND attnum > 0 AND NOT attisdropped"""

# Of the companies that the index has, the surest: known by just that name.
_OFFICIAL_NAME = """
SELECT b.company_full_name::text FROM enterprise.base_info b
JOIN enterprise.enrichment_index i ON i.company_id = b.company_id AND i.lookup_type = 'customer_name'
WHERE btrim(b.company_full_name) <> ''
ORDER BY i.lookup_key = b.company_full_name DESC, i.confidence DESC, i.hit_count DESC, i.id LIMIT 1"""


def official_name(connection: BoundedConnection) -> str | None:
    """The official name of a company that the index has, too: EQC is bound to find it; None without one."""
    with explained(TABLE):
        row = connection.execute(_OFFICIAL_NAME).fetchone()
    return str(row[0]).strip() if row else None


class BaseInfo:
    """The table behind one connection, whatever types its columns have."""

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection
        with explained(TABLE):
            types: dict[str, str] = dict(connection.execute(_TYPES).fetchall())
        self._columns = tuple(column for column in _COLUMNS if column in types)
        self._statement = _upsert(self._columns, types)

    def upsert(self, companies: Sequence[CompanyInfo]) -> UpsertReport[CompanyInfo]:
        """Store companies, a batch in one transaction; doing it again changes nothing.

        A row that Postgres refuses for good is found by halving, and named with the reason.
        """
        with explained(TABLE):
            return by_halves(companies, self._upsert_batch, self._connection)

    def standing(self, company_ids: Sequence[str]) -> set[str]:
        """Those of these companies that stand there now."""
        with explained(TABLE), self._connection.transaction():
            rows = self._connection.execute(
                "SELECT company_id FROM enterprise.base_info WHERE company_id = ANY(%s)", [list(company_ids)]
            )
            return {company_id for (company_id,) in rows}

    def _upsert_batch(self, companies: Sequence[CompanyInfo]) -> UpsertReport[CompanyInfo]:
        with self._connection.transaction():
            self._connection.execute(self._statement, self._values(companies))
        return UpsertReport(tuple(companies), ())

    def _values(self, companies: Sequence[CompanyInfo]) -> dict[str, list[str | None]]:
        return {column: [_text(company, column) for company in companies] for column in self._columns}


def _text(company: CompanyInfo, column: str) -> str | None:
    if column == "data_source":
        return DATA_SOURCE
    value = getattr(company.facts if column in _FACTS else company, column)
    return None if value is None else str(value)


def _upsert(columns: Sequence[str], types: dict[str, str]) -> bytes:
    """The statement for these columns; every value comes as text and is cast to its column's type."""
    told = [column for column in columns if column != "company_id"]
    stamp = ", updated_at" if "updated_at" in types else ""
    # json has no equality: as text, all types compare.
    changed = " OR ".join(
        f"b.{column}::text IS DISTINCT FROM coalesce(excluded.{column}, b.{column})::text" for column in told
    )
    return f"""
INSERT INTO enterprise.base_info AS b ({", ".join(columns)}{stamp})
SELECT {", ".join(f"new.{column}::{types[column]}" for column in columns)}{", now()" if stamp else ""}
FROM unnest({", ".join(f"%({column})s::text[]" for column in columns)}) AS new ({", ".join(columns)})
ON CONFLICT (company_id) DO UPDATE
SET {", ".join(f"{column} = coalesce(excluded.{column}, b.{column})" for column in told)}
    {", updated_at = now()" if stamp else ""}
WHERE {changed}""".encode()
