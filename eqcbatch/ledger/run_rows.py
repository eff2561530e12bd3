"""What the rows of the current runs make of their names: rows, weight, and whether they must be asked.

Called within the transaction of a plan, or of what forgets one.

Why: docs/decisions/0029.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from eqcbatch.domain.model import Known
from eqcbatch.ledger.conditions import BY_EQC, UNDECIDED
from eqcbatch.ledger.sqlite import Database

# What a name is known by that stands in covered rows only.
_BY_MOST_ROWS = """(source, index_source) =
    (SELECT o.source, o.index_source FROM occurrences o WHERE o.lookup_key = names.lookup_key
     ORDER BY o.rows DESC, o.source LIMIT 1)"""
# Of a covered row: what covers it is stronger than EQC (domain.strength).
_KNOWS_BETTER = (
    """(o.source IN ('override', 'column') OR coalesce(o.index_source, '') IN ('manual', 'yaml'))"""
)
_UNCOVERED = """state = 'cached' AND company_id IS NULL AND confidence IS NULL
    AND EXISTS (SELECT 1 FROM occurrences o WHERE o.lookup_key = names.lookup_key AND o.source IS NULL)"""
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
        for table in ("occurrences", "unnamed", "row_evidence"):
            db.execute(f"DELETE FROM {table} WHERE run_id = ?", [run])


def cache_known(db: Database, known: Mapping[str, Known], now: str) -> None:
    """Let names be what they are known by, unless a person decided them, or they cannot be stored.

    What was flushed of a name is due to be taken back.
    """
    db.conn.executemany(
        """UPDATE names SET state = 'cached', reason = NULL, verdict = NULL, not_before = NULL, held = NULL,
                  official_name = NULL, unite_code = NULL, match_type = NULL,
                  company_id = ?, confidence = ?, source = ?, index_source = ?,
                  decided_at = ?, flushed_at = NULL, flush_error = NULL
           WHERE lookup_key = ? AND verdict IS NOT 'manual' AND reason IS NOT 'invalid'""",
        (
            (found.company_id, found.confidence, str(found.source), found.index_source, now, key)
            for key, found in sorted(known.items())
        ),
    )


def confirm_known(db: Database, confirmed: Mapping[str, Known]) -> None:
    """Let names that are cached tell who knows their id by now."""
    db.conn.executemany(
        """UPDATE names SET confidence = ?, source = ?, index_source = ?
           WHERE lookup_key = ? AND state = 'cached' AND company_id IS ?""",
        (
            (found.confidence, str(found.source), found.index_source, key, found.company_id)
            for key, found in sorted(confirmed.items())
        ),
    )


def uncache_uncovered(db: Database) -> list[str]:
    """Let a name that was cached by its rows alone be asked when a row without cover comes; which."""
    uncovered = [key for (key,) in db.execute(f"SELECT lookup_key FROM names WHERE {_UNCOVERED}")]
    if uncovered:
        db.execute(
            f"""UPDATE names SET state = 'pending', source = NULL, index_source = NULL, decided_at = NULL
                WHERE {_UNCOVERED}"""
        )
    return sorted(uncovered)


def overrule_by_rows(db: Database, now: str) -> None:
    """Let names that EQC resolved be known by their rows, where all of these know better.

    By another id than EQC's, or where that is held: what was flushed of it is due to be taken back. The sign
    keeps SQLite from looking at all that is resolved.
    """
    db.execute(
        f"""UPDATE names SET state = 'cached', company_id = NULL, official_name = NULL, unite_code = NULL,
                  match_type = NULL, confidence = NULL, verdict = NULL, held = NULL, decided_at = ?,
                  flushed_at = NULL, flush_error = NULL, {_BY_MOST_ROWS}
           WHERE +{BY_EQC} AND lookup_key IN (SELECT lookup_key FROM occurrences WHERE source IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM occurrences o WHERE o.lookup_key = names.lookup_key
                             AND (o.source IS NULL OR NOT {_KNOWS_BETTER}
                                  OR names.held IS NULL AND o.company_id IS names.company_id))""",
        [now],
    )


def cache_covered(db: Database, now: str) -> None:
    """Names that stand in covered rows only need no asking, and have no id of their own."""
    db.execute(
        f"""UPDATE names SET state = 'cached', reason = NULL, verdict = NULL, not_before = NULL,
                  decided_at = ?, {_BY_MOST_ROWS}
           WHERE {UNDECIDED}
             AND lookup_key IN (SELECT lookup_key FROM occurrences WHERE source IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM occurrences o
                             WHERE o.lookup_key = names.lookup_key AND o.source IS NULL)""",
        [now],
    )
