"""What Postgres refuses: explained where it concerns a table, found by halving where it concerns a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import psycopg

from eqcbatch.errors import PostgresUnavailable

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class UpsertReport(Generic[Row]):
    """What became of a batch: `stored` stand in Postgres now, `refused` do not, with the reason."""

    stored: tuple[Row, ...]
    refused: tuple[tuple[Row, str], ...]


def by_halves(
    rows: Sequence[Row],
    store: Callable[[Sequence[Row]], UpsertReport[Row]],
    concerns_all: Callable[[psycopg.Error], bool] = lambda _error: False,
) -> UpsertReport[Row]:
    """Store rows, each call of `store` in one transaction; a row that Postgres refuses for good is named.

    concerns_all: whether an error tells that every other row would be refused, too.
    """
    try:
        return store(rows)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.RaiseException) as error:
        if len(rows) == 1 or concerns_all(error):
            return UpsertReport((), tuple((row, one_line(error)) for row in rows))
    middle = len(rows) // 2
    first, second = (by_halves(half, store, concerns_all) for half in (rows[:middle], rows[middle:]))
    return UpsertReport(first.stored + second.stored, first.refused + second.refused)


@contextmanager
def explained(table: str, needs: str = "SELECT, INSERT and UPDATE") -> Iterator[None]:
    """Say what to do where a table is missing, denied or locked by others."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        raise PostgresUnavailable(
            f"Postgres has no table {table}. Run `eqcbatch init-db`, or check the database URL."
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
