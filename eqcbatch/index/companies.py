"""enterprise.base_info: what EQC says of companies, upserted as sets; null never overwrites a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

import psycopg

from eqcbatch.company import CompanyFacts, CompanyInfo
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.index.enrichment import one_line

DATA_SOURCE = "eqcbatch"
_FACTS = tuple(field.name for field in fields(CompanyFacts))
_OTHERS = tuple(field.name for field in fields(CompanyInfo) if field.name != "facts")
_COLUMNS = (*_OTHERS, *_FACTS, "data_source")

# -1 for the length: a cast to varchar(10) would cut silently what the column itself refuses.
_TYPES = """
SELECT attname, format_type(atttypid, -1) FROM pg_attribute
WHERE attrelid = 'enterprise.base_info'::regclass AND attnum > 0 AND NOT attisdropped"""


@dataclass(frozen=True, slots=True)
class CompaniesReport:
    """What became of a batch: ids that base_info holds now, and those it refused, with the reason."""

    stored: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


class BaseInfo:
    """The table behind one connection, whatever types its columns have."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        with _explained():
            types: dict[str, str] = dict(connection.execute(_TYPES).fetchall())
        self._columns = tuple(column for column in _COLUMNS if column in types)
        self._statement = _upsert(self._columns, types)

    def upsert(self, companies: Sequence[CompanyInfo]) -> CompaniesReport:
        """Store companies, a batch in one transaction; doing it again changes nothing.

        A row that Postgres refuses for good is found by halving, and named with the reason.
        """
        try:
            with _explained(), self._connection.transaction():
                self._connection.execute(self._statement, self._values(companies))
            return CompaniesReport(tuple(company.company_id for company in companies), ())
        except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.RaiseException) as error:
            if len(companies) == 1:
                return CompaniesReport((), ((companies[0].company_id, one_line(error)),))
        middle = len(companies) // 2
        halves = [self.upsert(companies[:middle]), self.upsert(companies[middle:])]
        return CompaniesReport(
            tuple(company_id for half in halves for company_id in half.stored),
            tuple(refusal for half in halves for refusal in half.refused),
        )

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


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise PostgresUnavailable(
            "Postgres has no table enterprise.base_info for the details of companies. "
            "Run `eqcbatch init-db`, or check the database URL."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise PostgresUnavailable(
            f"Postgres denies this user the details of companies ({one_line(error)}). "
            "Grant SELECT, INSERT and UPDATE on enterprise.base_info."
        ) from None
