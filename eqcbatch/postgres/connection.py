"""Connecting to Postgres, and turning psycopg's errors into ours at the border."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from copy import copy
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.model import BACKFLOW, LookupType
from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.postgres.base_info import BaseInfo, official_name
from eqcbatch.postgres.bounded import QUERY_S, BoundedConnection, Meanwhile
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.postgres.enrichment_index import Enrichment
from eqcbatch.postgres.enrichment_requests import RequestQueue
from eqcbatch.postgres.index_reading import IndexReading, index_reading
from eqcbatch.postgres.inspection import Inspection, inspect
from eqcbatch.postgres.own_rows import OwnRows
from eqcbatch.postgres.query import Query, open_query

EMBEDDED = "embedded"
CONNECT_TIMEOUT_S = 10
SILENCE_MS = 30_000  # after which a server that acknowledges nothing counts as gone


class Postgres:
    """A Postgres that can be connected to as often as it takes."""

    def __init__(self, url: str, name: str | None = None) -> None:
        """Read the URL; nothing is connected to yet.

        name: what the ledger calls it, where its URL is not the same each time. Else it is called by host,
        port and database: no user and no password. Raises BadInput if the URL cannot be read.
        """
        self._parameters = _parse(url)
        self.name = name or _name(self._parameters)
        self._meanwhile: Meanwhile = nullcontext

    def waiting_by(self, meanwhile: Meanwhile) -> Postgres:
        """The same Postgres; whoever waits for it enters `meanwhile` for so long."""
        other = copy(self)
        other._meanwhile = meanwhile
        return other

    @contextmanager
    def connect(self) -> Iterator[BoundedConnection]:
        """A connection in autocommit mode: blocks of its `transaction()` make the transactions.

        Raises PostgresUnavailable if no server answers, the connection breaks or is silent inside the block,
        or the server refuses what it is asked there.
        """
        try:
            with self._meanwhile():
                opened = BoundedConnection.connect(
                    **self._parameters, autocommit=True, prepare_threshold=None
                )
            with opened as connection:
                connection.meanwhile = self._meanwhile
                yield connection
        except psycopg.Error as error:
            raise PostgresUnavailable(_explain(self._parameters, error)) from None

    @contextmanager
    def enrichment(self) -> Iterator[Enrichment]:
        """The index behind a connection of its own. Raises what `connect` raises."""
        with self.connect() as connection:
            yield Enrichment(connection)

    @contextmanager
    def former_names(self) -> Iterator[OwnRows]:
        """The index's former names behind a connection of their own. Raises what `connect` raises."""
        with self.connect() as connection:
            yield OwnRows(connection, LookupType.FORMER_NAME, "eqc_api")

    @contextmanager
    def backflow(self) -> Iterator[OwnRows]:
        """The ids that people vouch for, behind a connection of their own. Raises what `connect` raises."""
        with self.connect() as connection:
            yield OwnRows(connection, LookupType.CUSTOMER_NAME, BACKFLOW)

    @contextmanager
    def index_reading(self) -> Iterator[IndexReading]:
        """The whole index and base_info as they stand now, to be read only. Raises what `connect` raises."""
        with self.connect() as connection, index_reading(connection) as reading:
            yield reading

    @contextmanager
    def base_info(self) -> Iterator[BaseInfo]:
        """The companies behind a connection of their own. Raises what `connect` raises."""
        with self.connect() as connection:
            yield BaseInfo(connection)

    def official_name(self) -> str | None:
        """The name of a company that EQC is bound to find; None without one. Raises what `connect` raises."""
        with self.connect() as connection:
            return official_name(connection)

    @contextmanager
    def query(self, text: str) -> Iterator[Query]:
        """A query in a transaction of its own that only reads. Raises what `connect` raises.

        Raises BadInput if Postgres does not take the query.
        """
        with self.connect() as connection:
            connection.read_only = True
            with connection.taking_up_to(QUERY_S), connection.transaction():
                yield open_query(connection, self.name, text)

    @contextmanager
    def queue(self) -> Iterator[RequestQueue]:
        """The request queue behind a connection of its own. Raises what `connect` raises."""
        with self.connect() as connection:
            yield RequestQueue(connection, self.name)

    def inspect(self, clock: Clock = SYSTEM_CLOCK) -> Inspection:
        """What a doctor wants to know. Raises what `connect` raises."""
        started = clock.monotonic()
        with self.connect() as connection:
            return inspect(connection, self.name, started, clock)


@contextmanager
def open_postgres(url: str, embedded_directory: Path) -> Iterator[Postgres]:
    """The Postgres at a URL; for `embedded`, one of our own that runs while the block does.

    url: a Postgres URL or conninfo; SQLAlchemy's `postgresql+driver://` is understood too.
    """
    if url == EMBEDDED:
        with embedded_postgres(embedded_directory) as own_url:
            yield Postgres(own_url, f"embedded:{embedded_directory.absolute()}")
    else:
        yield Postgres(url)


def _parse(url: str) -> dict[str, Any]:
    plain = re.sub(r"^postgres(?:ql)?\+\w+://", "postgresql://", url.strip())
    found: dict[str, Any] = {}
    with suppress(psycopg.ProgrammingError):  # it quotes the URL, password and all: no error of ours has it
        found = conninfo_to_dict(plain)
    if not found:
        raise BadInput(
            "The database URL cannot be read. Write postgresql://user:password@host:5432/name, or `embedded`."
        )
    parameters = {name: value for name, value in found.items() if value is not None}
    host, port, name = (str(found.get(part) or "") for part in ("host", "port", "dbname"))
    if "@" in host[1:] + name or not re.fullmatch(r"[\d,]*", port):
        # A password with a bare @ or / was cut in two; messages would show half of it as a host.
        raise BadInput(
            "The database URL cannot be read: its host, port or name is none. "
            "In a password write @ as %40 and / as %2F."
        )
    parameters.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    parameters.setdefault("tcp_user_timeout", SILENCE_MS)
    parameters.setdefault("keepalives_idle", SILENCE_MS // 1000)
    parameters.setdefault("keepalives_interval", 10)
    parameters.setdefault("keepalives_count", 3)
    parameters.setdefault("application_name", "eqcbatch")
    parameters.setdefault("client_encoding", "UTF8")  # of a SQL_ASCII database psycopg would give bytes
    return parameters


def _name(parameters: dict[str, Any]) -> str:
    database = parameters.get("dbname") or _default("dbname") or parameters.get("user") or _default("user")
    return f"postgresql://{_place(parameters)}/{database}"


def _place(parameters: dict[str, Any]) -> str:
    host, port = (parameters.get(part) or _default(part) for part in ("host", "port"))
    return f"{host or 'localhost'}:{port}"


def _default(keyword: str) -> str:
    """What libpq takes for a parameter that the URL leaves out: from PGHOST and the like, or its own."""
    values = (option.val for option in Conninfo.get_defaults() if option.keyword == keyword.encode())
    return (next(values) or b"").decode()


def _explain(parameters: dict[str, Any], error: psycopg.Error) -> str:
    # An indented line of libpq's is a question to the reader.
    told = " ".join(line for line in str(error).splitlines() if not line.startswith("\t"))
    detail = " ".join(told.split()).removeprefix("connection failed: ")
    password = parameters.get("password")
    if password:
        detail = re.sub(rf"(?<!\w){re.escape(password)}(?!\w)", "***", detail)
    lost = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
    how = "is not reachable" if lost else "refuses"
    return f"Postgres at {_place(parameters)} {how}: {detail[:300].rstrip('.')}."
