"""A query as a source: its rows are grouped and counted where they are, and none of them travels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from eqcbatch.domain.model import Group
from eqcbatch.errors import BadInput

# In order, because several groups may come to one name, and a sum of weights depends on their order.
_GROUPS = sql.SQL(
    "SELECT {cells}, count(*), {weight} FROM (\n{query}\n) AS asked GROUP BY {numbers} ORDER BY {numbers}"
)
_COLUMNS = sql.SQL("SELECT * FROM (\n{query}\n) AS asked LIMIT 0")

# Bytes decide what is one name, not a collation to which some names are equal.
_CELL = sql.SQL("coalesce(asked.{}::text, '') COLLATE \"C\"")

# Summed up as numeric, the order of the rows makes no difference; below 1e300 no sum is too large.
_WEIGHT = sql.SQL(
    "coalesce(sum(asked.{0}::numeric) FILTER (WHERE asked.{0} > 0 AND asked.{0} < 1e300), 0)::float8"
)
_ROWS = sql.SQL("count(*)::float8")
_NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric")

_PART = re.compile(
    r"""(?<!\w)[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | (?P<tag>\$\w*\$).*?(?P=tag)
    | (?P<idle>--[^\n]* | /\*.*?\*/ | [\s;]+)
    | .""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that Postgres understands, in a transaction that only reads.

    place: the database, without user and password. text: the query, without what ends it.
    columns: those of its result.
    """

    connection: psycopg.Connection
    place: str
    text: str
    columns: tuple[psycopg.Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    def groups(self, places: Sequence[int], weight: int | None) -> Iterator[Group]:
        """Group the rows by the columns at these positions, in one statement; each group comes once.

        Null is "". weight: the position of a column of numbers, else each row weighs 1; what is null,
        not a number, infinite or negative weighs nothing. Raises BadInput if there are no numbers in
        it, or Postgres stumbles over the query.
        """
        statement = _GROUPS.format(
            cells=sql.SQL(", ").join(_CELL.format(self._name(place)) for place in places),
            weight=_ROWS if weight is None else _WEIGHT.format(self._number(weight)),
            query=sql.SQL(self.text),
            numbers=sql.SQL(", ").join(sql.Literal(number) for number in range(1, len(places) + 1)),
        )
        with _explained(), self.connection.cursor() as cursor:
            for *cells, rows, weighs in cursor.stream(statement):
                yield Group(tuple(cells), rows, weighs)

    def _name(self, place: int) -> sql.Identifier:
        return sql.Identifier(self.columns[place].name)

    def _number(self, place: int) -> sql.Identifier:
        column = self.columns[place]
        types = self.connection.adapters.types
        if column.type_code not in [types[name].oid for name in _NUMBERS]:
            raise BadInput(
                f"The column {column.name!r} of the query holds no numbers but {column.type_display}.\n"
                "Name another --weight-column, or cast this one to numeric in the query."
            )
        return self._name(place)


def open_query(connection: psycopg.Connection, place: str, text: str) -> Query:
    """Let Postgres look at a query without running it. Raises BadInput if it cannot be run."""
    if not (plain := bare(text)):
        raise BadInput("The query is empty. Write one that has a column of names.")
    # In the binary format, a text that holds several statements is refused.
    with _explained(), connection.cursor(binary=True) as cursor:
        cursor.execute(_COLUMNS.format(query=sql.SQL(plain)))
        return Query(connection, place, plain, tuple(cursor.description or ()))


def bare(text: str) -> str:
    """Return a query without the semicolons, comments and blanks at its end."""
    parts = [part for part in _PART.finditer(text) if part["idle"] is None]
    return text[: parts[-1].end()].strip() if parts else ""


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what Postgres has against a query into BadInput; that it has gone is the connection's matter."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except psycopg.Error as error:
        raise BadInput(f"Postgres does not take the query: {str(error).partition(chr(10))[0]}") from None
