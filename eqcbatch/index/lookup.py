"""The batch lookup of a plan: which keys the index knows, by the way that suits their number.

Few keys go as an array; many by COPY into a temporary table; and where they outnumber the rows of the
index, its rows come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as Set

import psycopg

from eqcbatch.names import usable_id
from eqcbatch.records import IndexKey, Known

Wanted = Mapping[str, Set[str]]  # lookup keys by their type
Row = tuple[str, str, str, float]  # lookup_type, lookup_key, company_id, confidence

_ARRAY_MOST = 5_000  # above this many keys, COPY into a temporary table is the faster way

_BY_ARRAY = """
SELECT i.lookup_type, i.lookup_key, i.company_id, i.confidence
FROM unnest(%s::text[], %s::text[]) AS wanted (lookup_type, lookup_key)
JOIN enterprise.enrichment_index i USING (lookup_type, lookup_key)"""

_BY_TABLE = """
SELECT i.lookup_type, i.lookup_key, i.company_id, i.confidence
FROM wanted_keys JOIN enterprise.enrichment_index i USING (lookup_type, lookup_key)"""

_HAS_MORE_ROWS = "SELECT EXISTS (SELECT FROM enterprise.enrichment_index OFFSET %s)"

_WHOLE = """
SELECT lookup_type, lookup_key, company_id, confidence FROM enterprise.enrichment_index
WHERE lookup_type = ANY(%s)"""


def look_up(connection: psycopg.Connection, wanted: Wanted) -> dict[IndexKey, Known]:
    """What the index knows under these keys; ids that are no ids are ignored. Inside a transaction."""
    return {
        (kind, key): Known(usable, f"index:{kind}", min(1.0, max(0.0, float(confidence))), (kind, key))
        for kind, key, company_id, confidence in _rows(connection, wanted)
        if (usable := usable_id(company_id))
    }


def _rows(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    total = sum(map(len, wanted.values()))
    if total <= _ARRAY_MOST:
        keys = list(_in_order(wanted))
        return iter(connection.execute(_BY_ARRAY, [[kind for kind, _ in keys], [key for _, key in keys]]))
    (has_more_rows,) = connection.execute(_HAS_MORE_ROWS, [total]).fetchone() or (True,)
    return _by_table(connection, wanted) if has_more_rows else _by_reading_it(connection, wanted)


def _by_table(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    connection.execute(
        "CREATE TEMPORARY TABLE wanted_keys (lookup_type text, lookup_key text) ON COMMIT DROP"
    )
    with connection.cursor() as cursor, cursor.copy("COPY wanted_keys FROM STDIN") as copy:
        for key in _in_order(wanted):
            copy.write_row(key)
    connection.execute("ANALYZE wanted_keys")
    return iter(connection.execute(_BY_TABLE))


def _by_reading_it(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    kinds = [kind for kind, keys in wanted.items() if keys]
    with connection.cursor(name="whole_index") as cursor:
        cursor.itersize = 20_000
        for row in cursor.execute(_WHOLE, [kinds]):
            if row[1] in wanted[row[0]]:
                yield row


def _in_order(wanted: Wanted) -> Iterator[IndexKey]:
    for kind in sorted(wanted):
        for key in sorted(wanted[kind]):
            yield kind, key
