"""Connecting to Postgres, and turning psycopg's errors into ours at the border."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.index.embedded import embedded_postgres
from eqcbatch.index.enrichment import Enrichment
from eqcbatch.index.queue import RequestQueue

EMBEDDED = "embedded"
CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_S = 10  # for another program to let go of the table or a row: a drain goes on without it
SILENCE_MS = 30_000  # after which a server that acknowledges nothing counts as gone


class Postgres:
    """A Postgres that can be connected to as often as it takes."""

    def __init__(self, url: str, name: str | None = None) -> None:
        """BadInput for a URL that is none. name: what to call it, if not by its host, port and database."""
        self._parameters = _parse(url)
        database = self._parameters.get("dbname") or self._parameters.get("user", "")
        self.name = name or f"{_place(self._parameters)}/{database}"

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A connection in autocommit mode: blocks of its `transaction()` make the transactions.

        PostgresUnavailable when no server answers, the connection breaks inside the block, or the
        server refuses what it is asked there.
        """
        try:
            with psycopg.connect(**self._parameters, autocommit=True) as connection:
                connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_TIMEOUT_S}s"])
                yield connection
        except psycopg.Error as error:
            raise PostgresUnavailable(_explain(self._parameters, error)) from None

    @contextmanager
    def enrichment(self) -> Iterator[Enrichment]:
        """The index behind a connection of its own; errors as `connect` has them."""
        with self.connect() as connection:
            yield Enrichment(connection)

    @contextmanager
    def queue(self) -> Iterator[RequestQueue]:
        """The request queue behind a connection of its own; errors as `connect` has them."""
        with self.connect() as connection:
            yield RequestQueue(connection, self.name)


@contextmanager
def open_postgres(url: str, embedded_directory: Path) -> Iterator[Postgres]:
    """The Postgres at a URL; for `embedded`, one of our own that runs while the block does.

    url: a Postgres URL or conninfo; SQLAlchemy's `postgresql+driver://` is understood too.
    """
    if url == EMBEDDED:
        with embedded_postgres(embedded_directory) as own_url:
            yield Postgres(own_url, EMBEDDED)  # its socket or port may be another one each time
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
    parameters.setdefault("application_name", "eqcbatch")
    return parameters


def _place(parameters: dict[str, Any]) -> str:
    return f"{parameters.get('host', 'localhost')}:{parameters.get('port', '5432')}"


def _explain(parameters: dict[str, Any], error: psycopg.Error) -> str:
    detail = " ".join(str(error).split()).removeprefix("connection failed: ")
    password = parameters.get("password")
    if password:
        detail = detail.replace(password, "***")
    lost = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
    return f"Postgres at {_place(parameters)} {'is not reachable' if lost else 'refuses'}: {detail:.200}"
