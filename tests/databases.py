"""Databases for tests: made from a template, and given again to the next test if only rows were changed.

To make one takes a PostgreSQL 0.2 s, to empty one a tenth of that.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

_FIRST_OF_USERS = 16_384  # what stands under a lower oid is of PostgreSQL itself
_CATALOGS = {
    "pg_class": "oid",
    "pg_attribute": "attrelid",
    "pg_attrdef": "oid",
    "pg_constraint": "oid",
    "pg_trigger": "oid",
    "pg_rewrite": "oid",
    "pg_policy": "oid",
    "pg_proc": "oid",
    "pg_type": "oid",
    "pg_namespace": "oid",
    "pg_event_trigger": "oid",
    "pg_extension": "oid",
    "pg_default_acl": "oid",
}
# What defines the database: each definition has the number of the transaction that wrote it.
_DEFINITIONS = " UNION ALL ".join(
    [
        *(
            f"SELECT '{catalog}', {key}::text, xmin::text FROM {catalog} WHERE {key} >= {_FIRST_OF_USERS}"
            for catalog, key in _CATALOGS.items()
        ),
        "SELECT 'public', coalesce(nspacl::text, ''), xmin::text FROM pg_namespace WHERE nspname = 'public'",
        """SELECT 'settings', coalesce(setconfig::text, ''), '' FROM pg_db_role_setting
           WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())""",
        """SELECT 'database', coalesce(datacl::text, ''), xmin::text FROM pg_database
           WHERE datname = current_database()""",
    ]
)
_TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= %s"
_SEQUENCES = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND oid >= %s"
_END_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Many rows leave tables behind that are large though empty, and statistics that choose other plans.
_LIVED_IN = """SELECT EXISTS (SELECT FROM pg_statistic WHERE starelid >= %(first)s)
OR (SELECT sum(pg_relation_size(oid)) > 1000000 FROM pg_class WHERE relkind = 'r' AND oid >= %(first)s)"""


Definitions = list[tuple[str, str, str]]


class Databases:
    """The databases of a server for tests, each of one at a time."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._free: dict[str, list[tuple[str, Definitions]]] = defaultdict(list)

    @contextmanager
    def like(self, template: str) -> Iterator[str]:
        """Lend a database that is as this one is; its URL."""
        name, definitions = self._free[template].pop() if self._free[template] else self._made(template)
        yield named(self._server, name)
        if self._emptied(name, definitions):
            self._free[template].append((name, definitions))
        else:  # hundreds of them would fill a machine's memory
            with psycopg.connect(self._server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def _made(self, template: str) -> tuple[str, Definitions]:
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        with psycopg.connect(named(self._server, name)) as connection:
            return name, _definitions(connection)

    def _emptied(self, name: str, definitions: Definitions) -> bool:
        """Take all rows away, if nothing else was changed."""
        try:
            with psycopg.connect(named(self._server, name), autocommit=True) as connection:
                connection.execute(_END_OTHERS)
                lived_in = connection.execute(_LIVED_IN, {"first": _FIRST_OF_USERS}).fetchone()
                if lived_in != (False,) or _definitions(connection) != definitions:
                    return False
                connection.execute("SET session_replication_role = replica")  # no order among tables
                for (table,) in connection.execute(_TABLES, [_FIRST_OF_USERS]).fetchall():
                    connection.execute(f"DELETE FROM {table}".encode())
                connection.execute(_SEQUENCES, [_FIRST_OF_USERS])
                return True
        except psycopg.Error:
            return False


def named(url: str, database: str) -> str:
    """The URL of another database of a server."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


def _definitions(connection: psycopg.Connection[Any]) -> Definitions:
    return sorted(connection.execute(_DEFINITIONS.encode()).fetchall())
