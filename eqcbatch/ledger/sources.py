"""The sources that count: what each is, how much of it has an id, and how one is taken out."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from eqcbatch.clock import Clock
from eqcbatch.domain.model import CurrentSource
from eqcbatch.ledger.conditions import IDENTIFIED
from eqcbatch.ledger.current_sources import current_sources
from eqcbatch.ledger.run_rows import cache_covered, delete_rows, rescale, sum_up
from eqcbatch.ledger.sqlite import Database

_OF_RUNS = """lookup_key IN (SELECT lookup_key FROM occurrences
                             WHERE run_id IN (SELECT value FROM json_each(?)))"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of the names of sources that were taken out.

    names: how many stood there. elsewhere: those in other sources, too. undecided: retired ones that nobody
    asks any more; decided: retired ones that keep what they came to.
    """

    names: int
    elsewhere: int
    undecided: int
    decided: int


class Sources:
    """The current runs, as sources."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def current(self) -> list[CurrentSource]:
        """All of them, oldest plan first."""
        return current_sources(self._db)

    def rows_identified(self) -> dict[int, int]:
        """By run, its rows behind names with an id that may be used."""
        rows = self._db.execute(
            f"""SELECT r.id, sum(o.rows) FROM runs r
                CROSS JOIN occurrences o ON o.run_id = r.id
                CROSS JOIN (SELECT lookup_key FROM names WHERE {IDENTIFIED}) n ON n.lookup_key = o.lookup_key
                WHERE r.current = 1 GROUP BY r.id"""
        )
        return dict(rows.fetchall())

    def forget(self, runs: Collection[int]) -> Forgotten:
        """Take current runs out, all at once; what was decided of their names stays."""
        which = [json.dumps(sorted(runs))]
        with self._db.atomic():
            self._db.execute(
                "UPDATE runs SET current = 0 WHERE id IN (SELECT value FROM json_each(?))", which
            )
            sum_up(self._db, {*runs, *rescale(self._db)})
            names, retired, undecided = self._db.execute(
                f"""SELECT count(*), count(*) FILTER (WHERE rows = 0),
                           count(*) FILTER (WHERE rows = 0 AND state = 'pending')
                    FROM names WHERE {_OF_RUNS}""",
                which,
            ).fetchone()
            delete_rows(self._db, runs)
            cache_covered(self._db, self._clock.utc_now())
        return Forgotten(names, names - retired, undecided, retired - undecided)
