"""Postgres, schema `enterprise` (docs/domain.md section 4): what is known already, and where results go.

`connection` opens a server and gives each table behind a connection of its own, on which by `bounded` nothing
waits for ever, all commits are durable, and no setting outlives a transaction: `enrichment_index` looks up
and upserts, `own_rows` writes where nothing stands, `base_info` keeps what EQC says of companies,
`enrichment_requests` is the queue, `query` counts what a query of any table names, `index_reading` reads
index and base_info whole. `schema` creates what is missing, `inspection` looks at what is there. `catalog`
reads what columns a table has, `requirements` says which it must have, `fitting` what of a value they take.
`embedded` runs a PostgreSQL for those who have none. `refusals` explains what Postgres refuses, and finds the
rows it refuses for good.

It promises that a batch is one transaction and storing it again changes nothing (P5); that a row with no less
confidence and another id is left alone; that no error, log or value names a user or a password (P8). psycopg
is known here only, and its errors leave the room as PostgresUnavailable or BadInput.
"""

from eqcbatch.postgres.connection import EMBEDDED, Postgres, open_postgres
from eqcbatch.postgres.enrichment_index import Enrichment
from eqcbatch.postgres.enrichment_requests import RequestQueue
from eqcbatch.postgres.index_reading import IndexReading
from eqcbatch.postgres.inspection import Inspection, TableFacts
from eqcbatch.postgres.own_rows import OwnRows
from eqcbatch.postgres.refusals import Misfit, UpsertReport
from eqcbatch.postgres.requirements import (
    BASE_INFO,
    ENRICHMENT_INDEX,
    ENRICHMENT_REQUESTS,
    TableNeeds,
    obstacles,
)
from eqcbatch.postgres.schema import create_missing

__all__ = [
    "BASE_INFO",
    "EMBEDDED",
    "ENRICHMENT_INDEX",
    "ENRICHMENT_REQUESTS",
    "Enrichment",
    "IndexReading",
    "Inspection",
    "Misfit",
    "OwnRows",
    "Postgres",
    "RequestQueue",
    "TableFacts",
    "TableNeeds",
    "UpsertReport",
    "create_missing",
    "obstacles",
    "open_postgres",
]
