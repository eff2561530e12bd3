"""What became of every name, and of the rows that are known by a key of their own, for apply to hand out."""

from __future__ import annotations

import json
from typing import Any

from eqcbatch.domain.model import Known
from eqcbatch.ledger.sqlite import Database


class Outcomes:
    """The ids as they stand now. Nothing here writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def by_name(self) -> dict[str, Known | None]:
        """What every name came to, by lookup key; None where it has no id, or one that is held."""
        rows = self._db.execute(
            """SELECT lookup_key, source, confidence,
                      CASE WHEN state = 'cached' OR (state = 'resolved' AND held IS NULL) THEN company_id END
               FROM names"""
        )
        return {
            key: Known(company_id, source, confidence) if company_id else None
            for key, source, confidence, company_id in rows
        }

    def by_occurrence(self, source: str) -> dict[tuple[str, str, str], tuple[str | None, str]]:
        """The id and its source of the rows that a key of their own covers in the current run of `source`.

        By name as written, plan code and id ("" where there is none); an id of None is one that the
        user wants not to be looked up.
        """
        rows = self._db.execute(
            """WITH run AS (SELECT id FROM runs WHERE source = ? AND current = 1)
               SELECT raw, coalesce(plan_code, ''), coalesce(known_id, ''), company_id, source
               FROM occurrences WHERE run_id = (SELECT id FROM run) AND source IS NOT NULL
               UNION ALL
               SELECT '', coalesce(plan_code, ''), coalesce(known_id, ''), company_id, source
               FROM unnamed WHERE run_id = (SELECT id FROM run)""",
            [source],
        )
        return {(raw, plan, own): (company_id, known_by) for raw, plan, own, company_id, known_by in rows}

    def options(self) -> dict[str, dict[str, Any]]:
        """How the sources of the current runs were read, by source."""
        rows = self._db.execute("SELECT source, options FROM runs WHERE current = 1 ORDER BY id")
        return {source: json.loads(options) for source, options in rows}
