"""Former names: which company alone once bore a name, and what of that stands in Postgres.

The rules are those of docs/domain.md section 4. All candidates count as witnesses, those that no name was
resolved to as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from eqcbatch.domain.model import IdSource, Result, Written
from eqcbatch.domain.names import MAX_KEY_LENGTH, lookup_key
from eqcbatch.ledger.conditions import REVERTIBLE, WANTED
from eqcbatch.ledger.detail_tables import FORMER_NAMES_DUE
from eqcbatch.ledger.sqlite import Database

DISCOUNT = 0.9

# Who bore a name before, and who bears it today: by lookup key, each company once.
_CLAIMS = """SELECT lookup_key(f.value) AS key, c.company_id FROM candidates c, json_each(c.former_names) f
    UNION SELECT lookup_key(f.value), c.company_id FROM companies c, json_each(c.former_names) f"""
_BEARERS = """SELECT lookup_key(official_name) AS key, company_id
    FROM (SELECT official_name, company_id FROM candidates
          UNION SELECT official_name, company_id FROM companies)
    WHERE official_name IS NOT NULL"""
# A name that one company claims, no other one bears, and is worth enough.
_USABLE = f"""
SELECT claim.key AS lookup_key, c.company_id, round({DISCOUNT} * c.confidence, 2) AS confidence
FROM (SELECT key, min(company_id) AS company_id FROM ({_CLAIMS})
      WHERE length(key) BETWEEN 1 AND {MAX_KEY_LENGTH} GROUP BY key HAVING count(*) = 1) AS claim
JOIN companies c ON c.company_id = claim.company_id AND round({DISCOUNT} * c.confidence, 2) >= :minimum
LEFT JOIN (SELECT key, min(company_id) AS first, max(company_id) AS last FROM ({_BEARERS}) GROUP BY key)
    AS bearer ON bearer.key = claim.key
WHERE bearer.key IS NULL OR bearer.first = c.company_id AND bearer.last = c.company_id"""

_HOLDS = f"EXISTS (SELECT 1 FROM names n WHERE n.company_id = f.company_id AND {WANTED})"


class FormerNames:
    """The former names' side of the ledger."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._db.conn.create_function("lookup_key", 1, lookup_key, deterministic=True)

    def refresh(self, minimum: float) -> None:
        """Take in what answers tell by now: which former names can be used, and for which company.

        minimum: the least confidence that is flushed; a former name with less cannot be used.
        """
        with self._db.atomic():
            self._db.execute(f"CREATE TEMPORARY TABLE usable AS {_USABLE}", {"minimum": minimum})
            self._db.execute(
                """UPDATE former_names SET company_id = NULL, confidence = NULL, flush_error = NULL
                   WHERE lookup_key NOT IN (SELECT lookup_key FROM usable)"""
            )
            self._db.execute(
                """INSERT INTO former_names (lookup_key, company_id, confidence)
                   SELECT lookup_key, company_id, confidence FROM usable WHERE true
                   ON CONFLICT (lookup_key) DO UPDATE
                   SET flush_error = CASE WHEN company_id = excluded.company_id THEN flush_error END,
                       company_id = excluded.company_id, confidence = excluded.confidence"""
            )
            self._db.execute(
                "DELETE FROM former_names WHERE company_id IS NULL AND flushed_company_id IS NULL"
            )
            self._db.execute("DROP TABLE usable")

    def due(self, limit: int, *, after: str = "", refused: bool = False) -> list[Result]:
        """Up to `limit` unflushed former names behind the key `after`; `refused` ones only if asked for."""
        rows = self._db.execute(
            f"""SELECT lookup_key, company_id, confidence, flushed_company_id, flushed_confidence
                FROM former_names f INDEXED BY former_names_to_flush
                WHERE {FORMER_NAMES_DUE} AND lookup_key > ? AND (? OR flush_error IS NULL) AND {_HOLDS}
                ORDER BY lookup_key LIMIT ?""",
            [after, refused, limit],
        )
        return [
            Result(key, company_id, confidence, IdSource.EQC, Written(key, old_id, old) if old_id else None)
            for key, company_id, confidence, old_id, old in rows
        ]

    def revoked(self, limit: int) -> list[Written]:
        """Up to `limit` former names that we flushed, and whose company is not the one any more."""
        rows = self._db.execute(
            f"""SELECT lookup_key, flushed_company_id, flushed_confidence FROM former_names f
                WHERE flushed_company_id IS NOT NULL AND (company_id IS NULL OR NOT {_HOLDS})
                ORDER BY lookup_key LIMIT ?""",
            [limit],
        )
        return [Written(*row) for row in rows]

    def resting_on(self, session_id: int) -> int:
        """How many flushed former names would leave with what a session flushed."""
        (count,) = self._db.execute(
            f"""SELECT count(*) FROM former_names f WHERE flushed_company_id IS NOT NULL AND {_HOLDS}
                AND NOT EXISTS (SELECT 1 FROM names n WHERE n.company_id = f.company_id AND {WANTED}
                                AND NOT (n.flushed_session IS ? AND {REVERTIBLE}))""",
            [session_id],
        ).fetchone()
        return int(count)

    def mark_flushed(self, results: Iterable[Result]) -> None:
        """Note that Postgres holds these former names."""
        self._mark(
            """UPDATE former_names SET flushed_company_id = ?, flushed_confidence = ?, flush_error = NULL
               WHERE lookup_key = ?""",
            ((result.company_id, result.confidence, result.lookup_key) for result in results),
        )

    def mark_refused(self, errors: Iterable[tuple[Result, str]]) -> None:
        """Note why Postgres did not take these former names, so that they are not tried at every flush."""
        self._mark(
            "UPDATE former_names SET flush_error = ? WHERE lookup_key = ?",
            ((error, result.lookup_key) for result, error in errors),
        )

    def mark_taken_back(self, written: Iterable[Written]) -> None:
        """Note that Postgres has nothing of ours under these former names."""
        self._mark(
            """UPDATE former_names SET flushed_company_id = NULL, flushed_confidence = NULL
               WHERE lookup_key = ?""",
            ((row.lookup_key,) for row in written),
        )

    def _mark(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._db.atomic():
            self._db.conn.executemany(statement, rows)
