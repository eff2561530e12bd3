"""Postgres as a doctor sees it: what is there, beside what eqcbatch needs of it (docs/domain.md section 4).

All is read from the catalogs, which every role may read. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from eqcbatch.clock import Clock

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")

_SERVER = """
SELECT current_setting('server_version'), current_user::text, clock_timestamp(),
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
       has_database_privilege(current_database(), 'TEMPORARY'), current_setting('server_encoding'),
       (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'enterprise')"""

_COLUMNS = """
ARRAY(SELECT attname::text FROM pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)"""

_PRIVILEGES = """
ARRAY(SELECT privilege FROM unnest(%(privileges)s::text[]) AS privilege
      WHERE has_table_privilege(c.oid, privilege))"""

# Partial ones and those over expressions are of no use to ON CONFLICT.
_UNIQUE_KEYS = """
ARRAY(SELECT (SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute
              WHERE attrelid = c.oid AND attnum = ANY (i.indkey::smallint[]))
      FROM pg_index i
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL)"""

_CHECKS = """
ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c')"""

# Of an identity column no privilege is needed (deptype i); of a serial one, it is. Only CASE makes sure that
# nothing but a sequence is asked for the privileges of one.
_DENIED_SEQUENCES = """
ARRAY(SELECT s.relname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
      WHERE d.refobjid = c.oid AND d.deptype = 'a'
        AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE, UPDATE') END)"""

_TABLES = f"""
SELECT c.relname::text, c.relkind IN ('r', 'p'), {_COLUMNS}, {_PRIVILEGES}, {_UNIQUE_KEYS}, {_CHECKS},
       {_DENIED_SEQUENCES}
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'enterprise' AND c.relkind IN ('r', 'p', 'v', 'f')"""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table, or a view in its place.

    privileges: which of SELECT, INSERT, UPDATE and DELETE this role has. unique_keys: the columns of each.
    checks: the definitions of its CHECK constraints. denied_sequences: those of serial columns that the
    role may not draw from.
    """

    is_table: bool
    columns: frozenset[str]
    privileges: frozenset[str]
    unique_keys: tuple[frozenset[str], ...]
    checks: tuple[str, ...]
    denied_sequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A Postgres that answers.

    place: host, port and database. encoding: of its texts. answered_s: seconds to connect and ask.
    clock_ahead_s: how far our clock is ahead of the server's. read_only: as a standby is.
    may_use_temporary: whether the role may create temporary tables. may_use_schema: None where there is no
    schema `enterprise`. tables: those in it.
    """

    place: str
    version: str
    encoding: str
    role: str
    answered_s: float
    clock_ahead_s: float
    read_only: bool
    may_use_temporary: bool
    may_use_schema: bool | None
    tables: dict[str, TableFacts]


def inspect(connection: psycopg.Connection, place: str, started: float, clock: Clock) -> Inspection:
    """Look at the server and at what is in its schema `enterprise`.

    started: when connecting began, by the monotonic clock.
    """
    row = connection.execute(_SERVER).fetchone()
    assert row
    version, role, now, read_only, may_use_temporary, encoding, may_use_schema = row
    ahead_s = (clock.now() - now).total_seconds()
    answered_s = clock.monotonic() - started
    tables = connection.execute(_TABLES, {"privileges": list(PRIVILEGES)})
    return Inspection(
        place=place,
        version=version,
        encoding=encoding,
        role=role,
        answered_s=answered_s,
        clock_ahead_s=ahead_s,
        read_only=read_only,
        may_use_temporary=may_use_temporary,
        may_use_schema=may_use_schema,
        tables={name: _facts(*facts) for name, *facts in tables},
    )


def _facts(
    is_table: bool,
    columns: list[str],
    privileges: list[str],
    unique_keys: list[str],
    checks: list[str],
    denied_sequences: list[str],
) -> TableFacts:
    return TableFacts(
        is_table,
        frozenset(columns),
        frozenset(privileges),
        tuple(frozenset(key.split()) for key in unique_keys),
        tuple(checks),
        tuple(denied_sequences),
    )


@dataclass(frozen=True, slots=True)
class TableNeeds:
    """What the statements of this room ask of one table.

    purpose: what fails without it. columns: without which it fails; others: of docs/domain.md section 4,
    without which it works all the same. privileges: likewise. unique_key: what ON CONFLICT rests on.
    """

    name: str
    purpose: str
    columns: frozenset[str]
    others: frozenset[str]
    privileges: frozenset[str]
    unique_key: frozenset[str] = frozenset()


ENRICHMENT_INDEX = TableNeeds(
    "enrichment_index",
    "every lookup and every flush",
    frozenset(
        [
            "lookup_key",
            "lookup_type",
            "company_id",
            "confidence",
            "source",
            "source_domain",
            "hit_count",
            "last_hit_at",
            "updated_at",
        ]
    ),
    frozenset(["id", "source_table", "created_at"]),
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("lookup_key", "lookup_type")),
)
BASE_INFO = TableNeeds(
    "base_info",
    "`drain --details deferred`",
    frozenset(("company_id",)),
    frozenset(
        [
            "search_key_word",
            "company_full_name",
            "unite_code",
            "type",
            "_score",
            "rank_score",
            "company_former_name",
            "le_rep",
            "est_date",
            "province",
            "registered_status",
            "organization_code",
            "company_en_name",
            "reg_cap",
            "name",
            "data_source",
            "raw_data",
            "raw_business_info",
            "raw_biz_label",
            "api_fetched_at",
            "updated_at",
        ]
    ),
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("company_id",)),
)
ENRICHMENT_REQUESTS = TableNeeds(
    "enrichment_requests",
    "`plan --queue`",
    frozenset(
        [
            "id",
            "raw_name",
            "normalized_name",
            "status",
            "attempts",
            "last_error",
            "resolved_company_id",
            "created_at",
            "updated_at",
        ]
    ),
    frozenset(("temp_id",)),
    frozenset(("SELECT", "UPDATE")),
)
