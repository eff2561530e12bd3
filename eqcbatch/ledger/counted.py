"""What counts: the names of all current runs, or of one of them; and which of them have an id."""

from __future__ import annotations

_COUNTED = "SELECT lookup_key, rows, weight FROM names WHERE rows > 0"
_COUNTED_IN_RUN = """SELECT lookup_key, sum(rows) AS rows, sum(weight) AS weight
                     FROM occurrences WHERE run_id = :run GROUP BY lookup_key"""

# Overridden by `__EMPTY__`: nobody is asked, and no id is to be had.
NEVER_ASKED = "state = 'cached' AND company_id IS NULL AND confidence IS NOT NULL"
# With an id that may be used, of its own or by its rows.
IDENTIFIED = f"state IN ('cached', 'resolved') AND held IS NULL AND NOT ({NEVER_ASKED})"


def counted(run: int | None) -> str:
    """The names that count, with their rows and weight: a query, its parameter `:run`."""
    return _COUNTED if run is None else _COUNTED_IN_RUN
