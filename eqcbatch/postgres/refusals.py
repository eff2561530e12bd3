"""What Postgres refuses, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from eqcbatch.errors import PostgresUnavailable


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
    except psycopg.errors.LockNotAvailable:
        raise PostgresUnavailable(
            f"Another machine or program has locked {table}. Try again in a minute."
        ) from None


def one_line(error: psycopg.Error) -> str:
    """What the server said, for the ledger."""
    return " ".join(str(error.diag.message_primary or error).split())[:200]
