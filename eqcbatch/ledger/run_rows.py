"""What the rows of the current runs make of their names: rows, weight, and whether they must be asked.

Called within the transaction of a plan, or of what forgets one.

Why: docs/decisions/0029.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from eqcbatch.ledger.conditions import UNDECIDED
from eqcbatch.ledger.sqlite import Database

_WEIGHED = "current = 1 AND weight > 0"


def rescale(db: Database) -> set[int]:
    """Let the weights of all current runs be in one unit; the runs whose weights count for something else.

    Where all are weighed by the same, that is what a weight is in. Else each run counts for its rows, and
    its weights say how these are spread over its names.
    """
    (units,) = db.execute(
        f"SELECT count(DISTINCT coalesce(weighed_by, '')) FROM runs WHERE {_WEIGHED}"
    ).fetchone()
    scale = "1.0 * (rows - blank_rows) / weight" if units > 1 else "1.0"
    changed = db.execute(f"SELECT id, {scale} FROM runs WHERE {_WEIGHED} AND scale <> {scale}").fetchall()
    for run, counts_for in changed:
        db.execute("UPDATE runs SET scale = ? WHERE id = ?", [counts_for, run])
    return {run for run, _ in changed}


def sum_up(db: Database, runs: Collection[int]) -> None:
    """Let rows and weight of these runs' names be the sums over the current runs; 0 rows means retired."""
    db.execute(
        """UPDATE names SET rows = sums.rows, weight = sums.weight
           FROM (SELECT o.lookup_key, coalesce(sum(o.rows) FILTER (WHERE r.current), 0) AS rows,
                        coalesce(sum(o.weight * r.scale) FILTER (WHERE r.current), 0) AS weight
                 FROM occurrences o CROSS JOIN runs r ON r.id = o.run_id
                 WHERE o.lookup_key IN (SELECT lookup_key FROM occurrences
                                        WHERE run_id IN (SELECT value FROM json_each(?)))
                 GROUP BY o.lookup_key) AS sums
           WHERE names.lookup_key = sums.lookup_key
             AND (names.rows <> sums.rows OR names.weight <> sums.weight)""",
        [json.dumps(sorted(runs))],
    )


def delete_rows(db: Database, runs: Collection[int]) -> None:
    """Delete what stood in runs that are not current any more."""
    for run in runs:
        for table in ("occurrences", "unnamed"):
            db.execute(f"DELETE FROM {table} WHERE run_id = ?", [run])


def cache_covered(db: Database, now: str) -> None:
    """Names that stand in covered rows only need no asking, and have no id of their own."""
    db.execute(
        f"""UPDATE names SET state = 'cached', reason = NULL, verdict = NULL, not_before = NULL,
                  decided_at = ?,
                  source = (SELECT o.source FROM occurrences o WHERE o.lookup_key = names.lookup_key
                            ORDER BY o.rows DESC, o.source LIMIT 1)
           WHERE {UNDECIDED}
             AND lookup_key IN (SELECT lookup_key FROM occurrences WHERE source IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM occurrences o
                             WHERE o.lookup_key = names.lookup_key AND o.source IS NULL)""",
        [now],
    )
