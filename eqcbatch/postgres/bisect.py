"""Rows go to Postgres a batch at a time; what it refuses for good is found by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import psycopg

from eqcbatch.postgres.refusals import one_line

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
