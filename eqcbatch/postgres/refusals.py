"""What Postgres refuses: explained where it concerns a table, found by halving where it concerns a row."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import psycopg

from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.postgres.bounded import BoundedConnection

SEARCH_S = 30.0  # for the rows to blame; those not found by then wait for the next flush
MANY = 8  # rows: if more are refused by a code that anything may raise, and none is stored, it is not they

Row = TypeVar("Row")
Store = Callable[[Sequence[Row]], "UpsertReport[Row]"]


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

    waiting: could not be stored for the moment, with the reason. misfits: what of the stored rows is there
    otherwise than it came.
    """

    stored: tuple[Row, ...]
    refused: tuple[tuple[Row, str], ...]
    waiting: tuple[tuple[Row, str], ...] = ()
    misfits: tuple[Misfit, ...] = ()


class Reach(enum.Enum):
    """What an error concerns that came of storing some rows, by a connection that lives."""

    ROWS = enum.auto()  # some rows, for good
    PASSING = enum.auto()  # some rows or the server, for the moment
    UNCLEAR = enum.auto()  # some rows or the table, for good: a trigger may raise what it likes


_CODES = {
    Reach.ROWS: ("22", "23", "P0"),
    Reach.PASSING: ("40", "53", "55P03", "57014", "58"),
}


def reach(error: psycopg.Error) -> Reach:
    """Tell by its SQLSTATE what an error concerns.

    | code | concerns |
    |---|---|
    | 22 data, 23 constraints, P0 raised by a function; what psycopg itself cannot send | rows |
    | 40 conflicts, 53 resources, 55P03 locked, 57014 too slow, 58 the system | passing |
    | any other, or none: permissions, rules, a connection's; triggers may raise them all | unclear |
    """
    if error.sqlstate is None:
        return Reach.ROWS if isinstance(error, psycopg.DataError) else Reach.UNCLEAR
    kinds = (kind for kind, codes in _CODES.items() if (error.sqlstate or "").startswith(codes))
    return next(kinds, Reach.UNCLEAR)


def by_halves(
    rows: Sequence[Row],
    store: Store[Row],
    connection: BoundedConnection,
    concerns_all: Callable[[psycopg.Error], bool] = lambda _error: False,
) -> UpsertReport[Row]:
    """Store rows, each call of `store` in one transaction; a row that Postgres refuses for good is named.

    Any error that the connection survives is narrowed to its rows, save where storing nothing at all fails,
    too, or where none of the rows can be stored and nothing says that it is they: that error is raised, of
    a refusal as PostgresUnavailable. The narrowing is bounded in time.
    concerns_all: whether an error tells that every other row would be refused, too.
    """
    try:
        return store(rows)
    except psycopg.Error as error:
        if connection.closed or _concerns_the_key(error):
            raise
        if reach(error) is not Reach.ROWS:
            _try_nothing(store, connection, error)
        return _Narrowing(store, connection, concerns_all).among(rows, error)


def _concerns_the_key(error: psycopg.Error) -> bool:
    """Whether the table has no key that an upsert could rest on: only rows meet that."""
    of_keys = (psycopg.errors.InvalidColumnReference, psycopg.errors.ObjectNotInPrerequisiteState)
    return isinstance(error, of_keys) and not error.diag.context  # a trigger's has one


def _try_nothing(store: Store[Row], connection: BoundedConnection, error: psycopg.Error) -> None:
    """Raise what the statement itself meets: a table that is missing, denied or locked; a lost connection."""
    try:
        with connection.hurried():
            store(())
    except psycopg.Error as meant:
        raise error if connection.closed else meant from None


class _Narrowing(Generic[Row]):
    """The search for the rows to blame, all halves of a size before the smaller ones: most are good."""

    def __init__(
        self,
        store: Store[Row],
        connection: BoundedConnection,
        concerns_all: Callable[[psycopg.Error], bool],
    ) -> None:
        self._store = store
        self._connection = connection
        self._concerns_all = concerns_all
        self._writable = False  # whether anything could be stored
        self._stored: list[Row] = []
        self._refused: list[tuple[Row, str]] = []
        self._waiting: list[tuple[Row, str]] = []
        self._unclear = 0  # of the refused
        self._passing: psycopg.Error | None = None

    def among(self, rows: Sequence[Row], error: psycopg.Error) -> UpsertReport[Row]:
        """Store all but the rows to blame for an error that storing all of them met."""
        until = SYSTEM_CLOCK.monotonic() + SEARCH_S
        failing = deque([(rows, error)])
        with self._connection.hurried():
            while failing:
                rows, error = failing.popleft()
                if len(rows) == 1 or self._concerns_all(error):
                    self._blame(rows, error)
                elif SYSTEM_CLOCK.monotonic() > until:
                    self._let_wait(rows, error)
                else:
                    failing += self._store_halves(rows)
        if not self._writable:
            self._raise_what_all_meet()
        return UpsertReport(tuple(self._stored), tuple(self._refused), tuple(self._waiting))

    def _store_halves(self, rows: Sequence[Row]) -> Iterator[tuple[Sequence[Row], psycopg.Error]]:
        """Store each half; those that cannot be stored, with the error."""
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]):
            try:
                report = self._store(half)
            except psycopg.Error as error:
                if self._connection.closed:
                    raise
                yield half, error
            else:
                self._writable = True
                self._stored += report.stored
                self._refused += report.refused

    def _blame(self, rows: Sequence[Row], error: psycopg.Error) -> None:
        if reach(error) is Reach.PASSING:
            self._let_wait(rows, error)
        else:
            self._refused += [(row, one_line(error)) for row in rows]
            self._unclear += reach(error) is Reach.UNCLEAR

    def _let_wait(self, rows: Sequence[Row], error: psycopg.Error) -> None:
        self._passing = error
        self._waiting += [(row, one_line(error)) for row in rows]

    def _raise_what_all_meet(self) -> None:
        """Raise what keeps every row out, where it is likely not the rows."""
        if self._passing and not self._refused:
            raise self._passing
        if self._unclear > MANY:
            raise PostgresUnavailable(
                f"Postgres takes none of {len(self._refused):,} rows, though the table can be written "
                f"({self._refused[-1][1]}). See the table's triggers, rules and policies."
            )


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
