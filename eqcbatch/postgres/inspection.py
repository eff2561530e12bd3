"""Postgres as a doctor sees it: what is there, beside what eqcbatch needs of it (docs/domain.md section 4).

All but the highest id is read from the catalogs, which every role may read. Nothing is written.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import psycopg

from eqcbatch.clock import Clock
from eqcbatch.postgres.catalog import read_shapes
from eqcbatch.postgres.column_types import TableShape

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")

_SERVER = """
SELECT current_setting('server_version'), current_user::text, clock_timestamp(),
       pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
       has_database_privilege(current_database(), 'TEMPORARY'), current_setting('server_encoding'),
       (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = 'enterprise')"""

_PRIVILEGES = """
ARRAY(SELECT privilege FROM unnest(%(privileges)s::text[]) AS privilege
      WHERE has_table_privilege(c.oid, privilege))"""

# Partial and deferrable ones and those over expressions are of no use to ON CONFLICT.
_UNIQUE_KEYS = """
ARRAY(SELECT (SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute
              WHERE attrelid = c.oid AND attnum = ANY (i.indkey::smallint[]))
      FROM pg_index i
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL)"""

_CHECKS = """
ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c')"""

# Of an identity column no privilege is needed (deptype i); of a serial one, it is. Only CASE makes sure that
# nothing but a sequence is asked for the privileges of one.
_DENIED_SEQUENCES = """
ARRAY(SELECT s.relname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
      WHERE d.refobjid = c.oid AND d.deptype = 'a'
        AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE, UPDATE') END)"""

_IDS_BEHIND = """
SELECT coalesce(max(id) - coalesce(pg_sequence_last_value(
           pg_get_serial_sequence('enterprise.enrichment_index', 'id')::regclass), 0), 0)
FROM enterprise.enrichment_index HAVING pg_get_serial_sequence('enterprise.enrichment_index', 'id') <> ''"""

_TABLES = f"""
SELECT c.relname::text, c.relkind IN ('r', 'p'), {_PRIVILEGES}, {_UNIQUE_KEYS}, {_CHECKS},
       {_DENIED_SEQUENCES}, row_security_active(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'enterprise' AND c.relkind IN ('r', 'p', 'v', 'f')"""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table, or a view in its place.

    shape: its columns. privileges: which of SELECT, INSERT, UPDATE and DELETE this role has. unique_keys:
    the columns of each. checks: the definitions of its CHECK constraints. denied_sequences: those of serial
    columns that the role may not draw from. hides_rows: whether policies decide which rows this role sees.
    """

    is_table: bool
    shape: TableShape
    privileges: frozenset[str]
    unique_keys: tuple[frozenset[str], ...]
    checks: tuple[str, ...]
    denied_sequences: tuple[str, ...]
    hides_rows: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """A Postgres that answers.

    place: host, port and database. encoding: of its texts. answered_s: seconds to connect and ask.
    clock_ahead_s: how far our clock is ahead of the server's. read_only: as a standby is.
    may_use_temporary: whether the role may create temporary tables. may_use_schema: None where there is no
    schema `enterprise`. ids_behind: how many ids of the index are taken that its sequence has still to give.
    tables: those in it.
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
    ids_behind: int
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
    tables = connection.execute(_TABLES, {"privileges": list(PRIVILEGES)}).fetchall()
    shapes = read_shapes(connection)
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
        ids_behind=_ids_behind(connection),
        tables={name: _facts(shapes.get(name, TableShape({})), *facts) for name, *facts in tables},
    )


def _ids_behind(connection: psycopg.Connection) -> int:
    """The same, 0 where the index has no such column or this role may not look."""
    with suppress(psycopg.errors.ProgrammingError):
        (behind,) = connection.execute(_IDS_BEHIND).fetchone() or (0,)
        return max(0, int(behind))
    return 0


def _facts(
    shape: TableShape,
    is_table: bool,
    privileges: list[str],
    unique_keys: list[str],
    checks: list[str],
    denied_sequences: list[str],
    hides_rows: bool,
) -> TableFacts:
    return TableFacts(
        is_table,
        shape,
        frozenset(privileges),
        tuple(frozenset(key.split()) for key in unique_keys),
        tuple(checks),
        tuple(denied_sequences),
        hides_rows,
    )
