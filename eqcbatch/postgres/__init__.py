"""Postgres, schema `enterprise` (DOMAIN section 4): what is known already, and where results go.

`connection` opens it, `enrichment` looks up and upserts, `former_names` writes former names there,
`companies` keeps what EQC says of companies, `query` counts what a query of any table names, `queue` takes
and marks requests, `schema` creates what is missing, `inspection` looks at what is there and `needs` says
what must be, `embedded` runs a PostgreSQL of our own for those who have none. `upserting` finds what Postgres
refuses for good, `refusals` says what to do about it.
"""

from eqcbatch.postgres.connection import EMBEDDED, Postgres, open_postgres
from eqcbatch.postgres.enrichment_index import Enrichment
from eqcbatch.postgres.enrichment_requests import RequestQueue
from eqcbatch.postgres.former_names import FormerNameRows
from eqcbatch.postgres.inspection import (
    BASE_INFO,
    ENRICHMENT_INDEX,
    ENRICHMENT_REQUESTS,
    Inspection,
    TableFacts,
    TableNeeds,
)
from eqcbatch.postgres.refusals import UpsertReport
from eqcbatch.postgres.schema import create_missing

__all__ = [
    "BASE_INFO",
    "EMBEDDED",
    "ENRICHMENT_INDEX",
    "ENRICHMENT_REQUESTS",
    "Enrichment",
    "FormerNameRows",
    "Inspection",
    "Postgres",
    "RequestQueue",
    "TableFacts",
    "TableNeeds",
    "UpsertReport",
    "create_missing",
    "open_postgres",
]
