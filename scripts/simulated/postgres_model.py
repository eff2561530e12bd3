"""A Postgres in memory behind the interface of `eqcbatch.postgres`, with the outages of a real one."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from typing import TypeVar, cast

from eqcbatch.clock import Clock
from eqcbatch.domain.model import IndexKey, Known, LookupType, PriorRow, Result, Written
from eqcbatch.domain.model.companies import CompanyInfo
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.postgres import Postgres, UpsertReport
from eqcbatch.postgres.enrichment_index import NoteBefore
from simulated.postgres_tables import Tables
from simulated.processes import Killed

LOCK_S, STATEMENT_S = 10.0, 70.0
AWAY, HANGS = "Postgres is away", "Postgres hangs"
LOST_COMMIT = "the connection breaks at a commit"

Value = TypeVar("Value")


@dataclass(slots=True)
class PostgresWeather:
    """How Postgres is. spells: (kind, began, ends) by the world's time. breaks: share of commits whose answer
    is lost, be they done or not.
    """

    spells: Sequence[tuple[str, float, float]] = ()
    breaks: float = 0.0


@dataclass(slots=True)
class Server:
    """The server that all processes share."""

    now: Callable[[], float]
    dice: random.Random
    tables: Tables = field(default_factory=Tables)
    weather: PostgresWeather = field(default_factory=PostgresWeather)
    faults: Counter[str] = field(default_factory=Counter)
    writing: threading.Lock = field(default_factory=threading.Lock)


class ModelledPostgres:
    """What a process has of it, in place of `eqcbatch.postgres.Postgres`."""

    name = "postgresql://simulated/warehouse"

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext

    def as_postgres(self) -> Postgres:
        """The same, as the product names it."""
        return cast(Postgres, self)

    def waiting_by(self, meanwhile: Callable[[], AbstractContextManager[None]]) -> ModelledPostgres:
        """The same Postgres; whoever waits for it enters `meanwhile`."""
        other = copy(self)
        other._meanwhile = meanwhile
        return other

    @contextmanager
    def enrichment(self) -> Iterator[ModelledPostgres]:
        """The index."""
        self._wait()
        yield self

    base_info = enrichment

    @contextmanager
    def former_names(self) -> Iterator[ModelledFormerNames]:
        """The former names of the index."""
        self._wait()
        yield ModelledFormerNames(self)

    def backflow(self) -> AbstractContextManager[ModelledFormerNames]:
        """The ids that people vouch for: no story has any."""
        raise NotImplementedError

    def official_name(self) -> str | None:
        """The name of a company that EQC is bound to find."""
        self._wait()
        return self._server.tables.official_name()

    def look_up(self, wanted: Mapping[LookupType, Collection[str]]) -> dict[IndexKey, Known]:
        """What the index knows under these keys."""
        self._wait()
        return self._server.tables.look_up(wanted)

    def count_hits(self, keys: Collection[IndexKey]) -> None:
        """Raise hit counts."""
        self.changed(lambda tables: tables.count_hits(keys))

    def upsert(
        self, rows: Sequence[Result] | Sequence[CompanyInfo], note_before: NoteBefore | None = None
    ) -> UpsertReport[Result] | UpsertReport[CompanyInfo]:
        """Store results or companies, a batch in one transaction."""
        tables = self._server.tables
        with self._transaction():
            if note_before is None:
                companies = cast(Sequence[CompanyInfo], rows)
                return self._commit(lambda: tables.upsert_companies(companies))
            results = cast(Sequence[Result], rows)
            self._wait()
            note_before(tables.before(results))
            return self._commit(lambda: self._server.tables.upsert(results))

    def take_back(self, written: Sequence[Written]) -> int:
        """Take rows back."""
        return self.changed(lambda tables: tables.take_back(written))

    def changed(self, change: Callable[[Tables], Value]) -> Value:
        """Change the rows in one transaction."""
        with self._transaction():
            return self._commit(lambda: change(self._server.tables))

    def standing(self, *asked: object) -> dict[str, PriorRow] | set[str]:
        """What stands under keys of a type, or which of these companies."""
        self._wait()
        tables = self._server.tables
        if len(asked) == 1:
            return set(cast(Sequence[str], asked[0])) & tables.base_info.keys()
        return tables.standing(cast(LookupType, asked[0]), cast(Sequence[str], asked[1]))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One writer at a time: the rows of all are the same few."""
        lock, locked = self._server.writing, False
        try:
            with self._meanwhile():
                locked = self._clock.wait(lambda seconds: lock.acquire(timeout=seconds), LOCK_S)
            if not locked:
                raise PostgresUnavailable("Another machine or program has locked the table.")
            yield
        finally:
            if locked:
                lock.release()

    def _commit(self, change: Callable[[], Value]) -> Value:
        """Change the rows when the commit arrives; whether it did is not always known."""
        dice = self._server.dice
        try:
            self._wait()
        except (Killed, PostgresUnavailable):
            if self._spell() != AWAY and dice.random() < 0.5:
                change()  # it had arrived
            raise
        if dice.random() < self._server.weather.breaks:
            self._server.faults[LOST_COMMIT] += 1
            if dice.random() < 0.5:
                change()
            raise PostgresUnavailable("Postgres at simulated is not reachable: server closed the connection.")
        return change()

    def _wait(self) -> None:
        with self._meanwhile():
            self._clock.sleep(0.01)
            if self._spell() == HANGS:
                self._server.faults[HANGS] += 1
                self._clock.sleep(STATEMENT_S)
                raise PostgresUnavailable(
                    "Postgres at simulated is not reachable: it gave no answer within 70 s."
                )
        if self._spell() == AWAY:
            self._server.faults[AWAY] += 1
            raise PostgresUnavailable("Postgres at simulated is not reachable: connection refused.")

    def _spell(self) -> str:
        now = self._server.now()
        return next(
            (kind for kind, began, ends in self._server.weather.spells if began <= now < ends),
            "",
        )


class ModelledFormerNames:
    """The former names of the index, as `eqcbatch.postgres.OwnRows` has them."""

    def __init__(self, postgres: ModelledPostgres) -> None:
        self._postgres = postgres

    def write(self, names: Sequence[Result]) -> UpsertReport[Result]:
        """Store former names."""
        return self._postgres.changed(lambda tables: tables.write_former_names(names))

    def take_back(self, written: Sequence[Written]) -> int:
        """Delete former names that stand as we wrote them."""
        return self._postgres.changed(lambda tables: tables.take_back_former_names(written))
