"""What EQC was asked and what is booked of it, held against what was planned and what EQC said (P1, P2)."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Endpoint
from eqcbatch.domain.names import lookup_key
from simulated.registry import OWNER
from simulated.truth import finds_nothing

if TYPE_CHECKING:
    from simulated.eqc_server import Asked
    from simulated.homes import Home
    from simulated.world import World

_SECOND_QUERIES = "SELECT query FROM second_questions"
ANSWERED, NOT_FOUND = "answered", "not_found"  # outcomes of the ledger


class Questions:
    """The searches of one world, by ledger."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: Counter[str] = Counter()
        self._said: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)  # to which name, and what
        self._seconds: dict[str, set[str]] = defaultdict(set)  # in which other ways names were asked for
        self._found: dict[str, set[str]] = defaultdict(set)  # what EQC had an answer to

    def wrong(self, home: Home, ledger: sqlite3.Connection) -> Iterator[str]:
        """What was asked and is in no run, and what is booked and was never said."""
        planned = frozenset[str]().union(*home.sources.values())
        self._seconds[home.name].update(query for (query,) in ledger.execute(_SECOND_QUERIES))
        for asked in self._new(home):
            key = lookup_key(asked.parameter)
            of_a_name = key in planned or asked.parameter in self._seconds[home.name]
            if not (of_a_name or self._is_known(home, asked.parameter)):
                yield f"P1: EQC was asked for {asked.parameter}, which is in no current run"
            if asked.whole and asked.body is not None:
                found = not finds_nothing(asked.body)
                self._said[home.name][key, ANSWERED if found else NOT_FOUND] += 1
                self._found[home.name].update([asked.parameter] if found else [])
        yield from self._booked_otherwise(home, ledger)

    def _new(self, home: Home) -> list[Asked]:
        """The searches by processes of a ledger that were not looked at before."""
        asked = self._world.eqc.asked
        new, self._read[home.name] = asked[self._read[home.name] :], len(asked)
        return [one for one in new if one.process.startswith(home.name) and one.endpoint is Endpoint.SEARCH]

    def _is_known(self, home: Home, parameter: str) -> bool:
        """Whether EQC is bound to find it: then it is asked to see how EQC is."""
        companies = self._world.server.tables.base_info.values()
        names = {company.facts.company_full_name for company in companies} | {OWNER.official_name}
        return parameter in self._found[home.name] or parameter in names

    def _booked_otherwise(self, home: Home, ledger: sqlite3.Connection) -> Iterator[str]:
        """P2: a request that died, or failed, is not booked as one that was answered."""
        said = self._said[home.name]
        for key, outcome, booked in ledger.execute(
            """SELECT lookup_key, outcome, count(*) FROM requests
               WHERE endpoint = 'search' AND outcome IN (?, ?) AND lookup_key IS NOT NULL
               GROUP BY lookup_key, outcome""",
            [ANSWERED, NOT_FOUND],
        ):
            if booked > said[key, outcome]:
                yield f"P2: {key} is {outcome} by {booked} requests, EQC said so {said[key, outcome]} times"
