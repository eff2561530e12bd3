"""The whole index and all of base_info, read as they stand at one moment: for an audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from eqcbatch.domain.model import IndexRow, StoredCompany
from eqcbatch.postgres.bounded import LOOKUP_S, BoundedConnection
from eqcbatch.postgres.catalog import read_shapes
from eqcbatch.postgres.column_types import Column
from eqcbatch.postgres.enrichment_index import TABLE
from eqcbatch.postgres.lookup import NO_ID
from eqcbatch.postgres.refusals import explained
from eqcbatch.postgres.requirements import BASE_INFO

_BLOCK = 5_000  # rows that are fetched together

# By company. A confidence may be out of range, and NaN is none; views may have nulls.
_ROWS = """
SELECT i.lookup_type::text, i.lookup_key::text, i.company_id::text,
       (CASE i.confidence WHEN 'NaN' THEN 0 ELSE greatest(0, least(1, i.confidence)) END)::float8,
       coalesce(i.source::text, ''), i.source_domain::text
FROM enterprise.enrichment_index i
WHERE i.lookup_type IS NOT NULL AND i.lookup_key IS NOT NULL AND i.company_id IS NOT NULL
ORDER BY btrim(i.company_id::text) COLLATE "C", i.lookup_type::text COLLATE "C",
         i.lookup_key::text COLLATE "C" """

_SEVERAL_IDS = f"""
SELECT key, array_agg(DISTINCT company_id ORDER BY company_id) FROM
    (SELECT i.lookup_key::text COLLATE "C" AS key, btrim(i.company_id::text) COLLATE "C" AS company_id
     FROM enterprise.enrichment_index i
     WHERE i.lookup_type IN ('customer_name', 'former_name', 'account_name') AND NOT {NO_ID}) AS names
GROUP BY key HAVING min(company_id) <> max(company_id)"""

# Where the name, and the status, may stand: older installations filled other columns.
_NAME = ("company_full_name", "companyFullName", "name")
_STATUS = ("registered_status", "registeredStatus")


class IndexReading:
    """What stands in both tables, in a transaction that only reads. No more than a block of it is held."""

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection
        self._shape = read_shapes(connection).get(BASE_INFO.name)

    @property
    def has_companies(self) -> bool:
        """Whether there is a table base_info at all."""
        return self._shape is not None

    def rows(self) -> Iterator[IndexRow]:
        """All rows of the index, those of one company one after the other."""
        with explained(TABLE, "SELECT"):
            yield from map(IndexRow._make, self._read(sql.SQL(_ROWS)))

    def several_ids(self) -> dict[str, tuple[str, ...]]:
        """The ids of the names that have more than one, under whatever type, by lookup key."""
        with explained(TABLE, "SELECT"):
            return {key: tuple(ids) for key, ids in self._read(sql.SQL(_SEVERAL_IDS))}

    def companies(self) -> Iterator[StoredCompany]:
        """All companies of base_info, as far as it has the columns."""
        if self._shape is None:
            return
        columns = self._shape.columns
        statement = sql.SQL("SELECT company_id::text, {}, {}, {}, {} FROM enterprise.base_info").format(
            _first_of(_NAME, columns),
            _first_of(("unite_code",), columns),
            _first_of(_STATUS, columns),
            _first_of(("company_former_name",), columns),
        )
        with explained(BASE_INFO.table, "SELECT"):
            yield from map(StoredCompany._make, self._read(statement))

    def _read(self, statement: sql.SQL | sql.Composed) -> Iterator[TupleRow]:
        """Block by block, so that each statement is bounded by itself, however long its reader takes."""
        with self._connection.cursor("audited") as cursor:
            cursor.itersize = _BLOCK
            yield from cursor.execute(statement)


@contextmanager
def index_reading(connection: BoundedConnection) -> Iterator[IndexReading]:
    """Both tables as they stand now, whatever others write meanwhile."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.taking_up_to(LOOKUP_S), connection.transaction():
        yield IndexReading(connection)


def _first_of(names: tuple[str, ...], columns: Mapping[str, Column]) -> sql.Composed:
    """The first of these columns that says anything, of those that the table has."""
    there = [
        sql.SQL("nullif(btrim({}::text), '')").format(sql.Identifier(name))
        for name in names
        if name in columns
    ]
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join([*there, sql.SQL("NULL::text")]))
