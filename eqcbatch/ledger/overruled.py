"""Rows of the index that others keep against a person's decision, as they were seen last.

A person's word is final here, and not in a table that others write, too: where somebody puts another id in
its place, or keeps one for a name that a person gave none, that is told until it is gone, or decided anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from eqcbatch.clock import Clock
from eqcbatch.domain.model import OverruledRow, PriorRow, VerdictRule, Written
from eqcbatch.ledger.prior_rows import WRITTEN, written_row
from eqcbatch.ledger.sqlite import Database

# What is due, refused, or to be taken back is told elsewhere.
_DECIDED = f"""
SELECT names.company_id, {WRITTEN}
FROM (SELECT DISTINCT lookup_key FROM decisions WHERE lookup_key > ?) decided
CROSS JOIN names ON names.lookup_key = decided.lookup_key AND names.verdict = '{VerdictRule.MANUAL}'
WHERE flushed_at IS NOT NULL OR names.state = 'failed' AND flushed_company_id IS NULL
ORDER BY names.lookup_key LIMIT ?"""
_ROWS = """
SELECT o.lookup_key, n.company_id,
       (SELECT d.decided_by FROM decisions d WHERE d.lookup_key = o.lookup_key ORDER BY d.id DESC LIMIT 1),
       o.seen_at, o.company_id, o.confidence, o.source, o.source_domain
FROM overruled o JOIN names n ON n.lookup_key = o.lookup_key"""


class Decided(NamedTuple):
    """A name that a person decided, and that the index is to follow.

    company_id: None for no company. written: what was flushed of that, None for nothing.
    """

    lookup_key: str
    company_id: str | None
    written: Written | None


class Overruled:
    """The side of the ledger that holds the index against what people decided."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def decided(self, limit: int, after: str) -> list[Decided]:
        """Up to `limit` names behind a key that people decided, and of which Postgres has heard."""
        return [
            Decided(key, company_id, written_row(key, flushed, *more) if flushed else None)
            for company_id, key, flushed, *more in self._db.execute(_DECIDED, [after, limit])
        ]

    def note(self, found: Iterable[tuple[str, PriorRow]]) -> None:
        """Note the rows that stand in the index against people's decisions now: these, and no others.

        One that stands there still keeps the moment when it was seen first; where nothing is news, nothing
        is written. A table of others may have rows without a source.
        """
        now = self._clock.utc_now()
        rows = {
            (key, row.company_id, row.confidence, row.source or "", row.source_domain) for key, row in found
        }
        noted = set(
            self._db.execute(
                "SELECT lookup_key, company_id, confidence, source, source_domain FROM overruled"
            )
        )
        if rows == noted:
            return
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM overruled WHERE lookup_key = ?", ((key,) for key, *_ in noted - rows)
            )
            self._db.conn.executemany(
                """INSERT INTO overruled (lookup_key, seen_at, company_id, confidence, source, source_domain)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                ((key, now, *stands) for key, *stands in rows - noted),
            )

    def rows(self) -> tuple[OverruledRow, ...]:
        """All that was seen last, that of the heaviest name first."""
        rows = self._db.execute(f"{_ROWS} ORDER BY n.weight DESC, o.lookup_key")
        return tuple(OverruledRow(*row) for row in rows)

    def of_name(self, lookup_key: str) -> OverruledRow | None:
        """What stands in the index against the decision of a name; None for nothing."""
        row = self._db.execute(f"{_ROWS} WHERE o.lookup_key = ?", [lookup_key]).fetchone()
        return OverruledRow(*row) if row else None
