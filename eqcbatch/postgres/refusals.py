"""What Postgres refuses: explained where it concerns a table, found by halving where it concerns a row."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import psycopg

from eqcbatch.errors import PostgresUnavailable
from eqcbatch.postgres.bounded import BoundedConnection

MANY = 8  # rows: if more fail one by one, and none is stored, or they are locked, it is not the rows

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that its column does not take as it came: what is the matter, and whose row it is of."""

    column: str
    problem: str
    row: str
    value: str


@dataclass(frozen=True, slots=True)
class UpsertReport(Generic[Row]):
    """What became of a batch: `stored` stand in Postgres now, `refused` do not, with the reason.

    misfits: what of the stored rows is there otherwise than it came.
    """

    stored: tuple[Row, ...]
    refused: tuple[tuple[Row, str], ...]
    misfits: tuple[Misfit, ...] = ()


class Reach(enum.Enum):
    """What an error concerns that came of storing some rows."""

    ALL = enum.auto()  # the connection: nothing can be stored by it
    ROWS = enum.auto()  # some rows, for good
    UNCLEAR = enum.auto()  # some rows or the table, for good: a trigger may raise what it likes
    PASSING = enum.auto()  # some rows or the server, for the moment
    LOCKED = enum.auto()  # rows that others hold just now, or the table


_CODES = {
    Reach.ALL: ("08", "25", "26", "28", "3D", "57P"),
    Reach.ROWS: ("22", "23", "P0"),
    Reach.PASSING: ("53", "57", "58"),
    Reach.LOCKED: ("55P03",),
}


def reach(error: psycopg.Error) -> Reach:
    """Tell by its SQLSTATE what an error concerns.

    | code | concerns |
    |---|---|
    | 22 data, 23 constraints, P0 raised by a function; what psycopg itself cannot send | rows |
    | 53 resources, 57014 too slow, 58 the system | passing |
    | 55P03 | locked |
    | 08, 25, 26, 28, 3D, 57P the connection, or none | all |
    | any other: permissions, triggers, rules, policies, conflicts of transactions | unclear |
    """
    if error.sqlstate is None:
        return Reach.ROWS if isinstance(error, psycopg.DataError) else Reach.ALL
    kinds = (kind for kind, codes in _CODES.items() if (error.sqlstate or "").startswith(codes))
    return next(kinds, Reach.UNCLEAR)


def by_halves(
    rows: Sequence[Row],
    store: Callable[[Sequence[Row]], UpsertReport[Row]],
    connection: BoundedConnection,
    concerns_all: Callable[[psycopg.Error], bool] = lambda _error: False,
) -> UpsertReport[Row]:
    """Store rows, each call of `store` in one transaction; a row that Postgres refuses for good is named.

    Any error that the connection survives is narrowed to its rows, save where storing nothing at all fails,
    too, or row after row does. Rows that others hold locked just now, or that take too long, are neither
    stored nor refused.
    concerns_all: whether an error tells that every other row would be refused, too.
    """
    try:
        return store(rows)
    except psycopg.Error as error:
        kind = reach(error)
        if connection.closed or kind is Reach.ALL:
            raise
        if kind is not Reach.ROWS:
            _try_nothing(store, connection)
        return _Narrowing(store, connection, concerns_all).among(rows, error)


def _try_nothing(store: Callable[[Sequence[Row]], UpsertReport[Row]], connection: BoundedConnection) -> None:
    """Raise what the statement itself meets: a table that is missing, denied or locked."""
    with connection.hurried():
        store(())


class _Narrowing(Generic[Row]):
    """The search for the rows to blame."""

    def __init__(
        self,
        store: Callable[[Sequence[Row]], UpsertReport[Row]],
        connection: BoundedConnection,
        concerns_all: Callable[[psycopg.Error], bool],
    ) -> None:
        self._store = store
        self._connection = connection
        self._concerns_all = concerns_all
        self._stored = 0
        self._fruitless = 0  # rows that failed by themselves before any was stored
        self._locked = 0  # rows that others hold: each is waited for
        self._passing: psycopg.Error | None = None

    def among(self, rows: Sequence[Row], error: psycopg.Error) -> UpsertReport[Row]:
        """Store all but the rows to blame for an error that storing all of them met."""
        with self._connection.hurried():
            report = self._blame(rows, error)
        if self._passing and not self._stored:
            raise self._passing
        return report

    def _blame(self, rows: Sequence[Row], error: psycopg.Error) -> UpsertReport[Row]:
        if len(rows) == 1 or self._concerns_all(error):
            return self._refused(rows, error)
        middle = len(rows) // 2
        first, second = self._try(rows[:middle]), self._try(rows[middle:])
        return UpsertReport(first.stored + second.stored, first.refused + second.refused)

    def _try(self, rows: Sequence[Row]) -> UpsertReport[Row]:
        try:
            report = self._store(rows)
        except psycopg.Error as error:
            if self._connection.closed or reach(error) is Reach.ALL:
                raise
            return self._blame(rows, error)
        self._stored += len(rows)
        return report

    def _refused(self, rows: Sequence[Row], error: psycopg.Error) -> UpsertReport[Row]:
        kind = reach(error)
        self._locked += kind is Reach.LOCKED
        self._fruitless += not self._stored and kind in (Reach.UNCLEAR, Reach.PASSING)
        if max(self._fruitless, self._locked) > MANY:
            raise error
        if kind is Reach.PASSING:
            self._passing = error
        if kind in (Reach.PASSING, Reach.LOCKED):
            return UpsertReport((), ())
        return UpsertReport((), tuple((row, one_line(error)) for row in rows))


@contextmanager
def drawing_ids(table: str) -> Iterator[None]:
    """Say what to do where the sequence behind `id` gives numbers that are taken: no row is to blame."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        if "(id)=" not in (error.diag.message_detail or ""):
            raise
        raise PostgresUnavailable(
            f"The sequence of {table}.id gives numbers that are taken, as after a restore or a copy. Run "
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table};"
        ) from None


@contextmanager
def explained(table: str, needs: str = "SELECT, INSERT and UPDATE") -> Iterator[None]:
    """Say what to do where a table is missing, denied or locked by others."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise PostgresUnavailable(
            f"Postgres has no table {table}. Run `eqcbatch init-db`, or check the database URL."
        ) from None
    except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction) as error:
        raise PostgresUnavailable(
            f"Postgres has another {table} than eqcbatch knows: {one_line(error)}. "
            "`eqcbatch check` says what to do."
        ) from None
    except (psycopg.errors.InvalidColumnReference, psycopg.errors.ObjectNotInPrerequisiteState):
        raise PostgresUnavailable(
            f"Postgres has no unique key on {table} that an upsert could rest on. "
            "`eqcbatch check` says which one to add."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise PostgresUnavailable(
            f"Postgres denies this user what eqcbatch needs ({one_line(error)}). Grant {needs} on {table}."
        ) from None
    except psycopg.errors.QueryCanceled as error:
        raise PostgresUnavailable(
            f"Postgres takes too long over {table} ({one_line(error)}). "
            "See what slows it down (locks, triggers, a stuck disk), and try again."
        ) from None
    except psycopg.errors.LockNotAvailable:
        raise PostgresUnavailable(
            f"Another machine or program has locked {table}. Try again in a minute."
        ) from None


def one_line(error: psycopg.Error) -> str:
    """What the server said, for the ledger."""
    return " ".join(str(error.diag.message_primary or error).split())[:200]
