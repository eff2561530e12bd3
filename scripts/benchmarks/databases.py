"""Databases on the embedded PostgreSQL of a benchmark: one for each thing that is measured."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import psycopg

from eqcbatch.postgres import Postgres, create_missing
from eqcbatch.postgres.schema import seed_afresh

IndexRow = tuple[str, str, str, float, str]  # lookup key, lookup type, company id, confidence, source


def new_database(server_url: str, name: str, rows: Iterable[IndexRow] | None = None) -> str:
    """Make a database with the tables of docs/domain.md section 4, the index filled with `rows`; its URL."""
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    head, _, query = server_url.partition("?")
    url = f"{head.rpartition('/')[0]}/{quote(name)}" + (f"?{query}" if query else "")
    with Postgres(url).connect() as connection:
        if rows is None:
            create_missing(connection)
        else:
            seed_afresh(connection, rows)
            connection.execute("VACUUM ANALYZE enterprise.enrichment_index")
    return url
