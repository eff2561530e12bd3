"""Filling an index of our own, for a demo or a benchmark. Never for a Postgres that others use."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from eqcbatch.postgres.schema import create_missing

_COPY = """
COPY enterprise.enrichment_index (lookup_key, lookup_type, company_id, confidence, source) FROM STDIN"""


def seed_afresh(connection: psycopg.Connection, rows: Iterable[tuple[str, str, str, float, str]]) -> None:
    """Drop the schema `enterprise` with all that is in it, make it anew, and fill its index.

    rows: lookup key, lookup type, company id, confidence and source of each. One transaction.
    """
    with connection.transaction():
        connection.execute("DROP SCHEMA IF EXISTS enterprise CASCADE")
        create_missing(connection)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute("ANALYZE enterprise.enrichment_index")
