"""The fits of a score to what people decided; the newest counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.ledger.conditions import CONFIRMED
from eqcbatch.ledger.sqlite import Database

# Of the names that people decided and did not open again, and of those they confirmed: the id, NULL for none.
_DECIDED = f"""
SELECT lookup_key, json_extract(after, '$.company_id') FROM decisions
WHERE id IN (SELECT max(id) FROM decisions GROUP BY lookup_key) AND choice <> 'reopen'
UNION ALL SELECT lookup_key, company_id FROM controls WHERE lookup_key IN ({CONFIRMED})"""


class ScoreFits:
    """The side of the ledger that a score learns from."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def decided(self) -> dict[str, str | None]:
        """Whose names people said it is, by lookup key; None for no company."""
        return dict(self._db.execute(_DECIDED).fetchall())

    def newest(self) -> dict[str, Any] | None:
        """The weights of the newest fit, None without one."""
        row = self._db.execute("SELECT weights FROM score_fits ORDER BY id DESC LIMIT 1").fetchone()
        return json.loads(row[0]) if row else None

    def keep(self, decisions: int, weights: Mapping[str, Any]) -> None:
        """Let these weights count, which were fitted to so many decisions."""
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO score_fits (fitted_at, decisions, weights) VALUES (?, ?, ?)",
                [self._clock.utc_now(), decisions, json.dumps(weights, ensure_ascii=False)],
            )
