"""What the catalogue says of the tables: columns with their types, lengths and defaults.

Every role may read it. Who writes reads it once for a connection.
"""

from __future__ import annotations

import psycopg

from eqcbatch.errors import PostgresUnavailable
from eqcbatch.postgres.bounded import BoundedConnection
from eqcbatch.postgres.column_types import Column, TableShape
from eqcbatch.postgres.requirements import TableNeeds, obstacles

# Of each row (1), before (2) an insert (4).
_HAS_TRIGGER = """
EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgtype & 7 = 7)"""

# A domain is taken for what it rests on. to_jsonb() finds a column of the catalogue that older servers lack.
# pg_get_expr() waits for whoever has locked the table: it is asked of that one only that is to be written.
_COLUMNS = f"""
SELECT c.relname::text, {_HAS_TRIGGER}, a.attname::text,
       format_type(a.atttypid, -1), coalesce(b.typname, t.typname)::text,
       CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END,
       ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = coalesce(b.oid, t.oid)
             ORDER BY enumsortorder),
       a.attnotnull OR t.typnotnull, d.oid IS NOT NULL OR t.typdefault IS NOT NULL,
       CASE c.relname WHEN %s THEN coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault) END,
       a.attidentity::text, coalesce(to_jsonb(a) ->> 'attgenerated', '')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = 'enterprise' AND c.relkind IN ('r', 'p', 'v', 'f')
ORDER BY c.relname, a.attnum"""


def read_shapes(connection: psycopg.Connection, defaults_of: str | None = None) -> dict[str, TableShape]:
    """The tables and views in the schema `enterprise`, by name. defaults_of: of which with the defaults."""
    shapes: dict[str, TableShape] = {}
    columns: dict[str, dict[str, Column]] = {}
    for table, has_trigger, name, *facts in connection.execute(_COLUMNS, [defaults_of]):
        known = columns.setdefault(table, {})
        known[name] = _column(name, *facts)
        shapes[table] = TableShape(known, has_trigger)
    return shapes


def shape_to_write(connection: BoundedConnection, needs: TableNeeds, *, defaults: bool = False) -> TableShape:
    """The shape of a table that is about to be written; with its defaults, if they are needed.

    Raises PostgresUnavailable with the name of a column that stands in the way.
    """
    with connection.transaction():
        shape = read_shapes(connection, needs.name if defaults else None).get(needs.name)
    if shape is None:
        raise PostgresUnavailable(
            f"Postgres has no table {needs.table}. Run `eqcbatch init-db`, or check the database URL."
        )
    if told := next(obstacles(needs, shape), None):
        raise PostgresUnavailable(
            f"Postgres has another {needs.name} than eqcbatch can write: {told}. "
            "`eqcbatch check` tells all that is in the way, and what to do."
        )
    return shape


def _column(
    name: str,
    type_: str,
    base: str,
    modifier: int,
    labels: list[str],
    not_null: bool,
    has_default: bool,
    default: str | None,
    identity: str,
    generated: str,
) -> Column:
    return Column(
        name,
        type_,
        base,
        length=modifier - 4 if base in ("varchar", "bpchar") and modifier > 4 else None,
        digits=_digits(modifier) if base == "numeric" and modifier > 4 else None,
        labels=tuple(labels),
        not_null=not_null,
        default=None if generated else default,
        filled=bool(has_default or identity or generated),
        generated=bool(generated) or identity == "a",
    )


def _digits(modifier: int) -> tuple[int, int]:
    """The digits of numeric(precision, scale), as the server packs them; a scale may be negative."""
    packed = modifier - 4
    scale = packed & 0x7FF
    return (packed >> 16) & 0xFFFF, scale - 0x800 if scale & 0x400 else scale
