"""SQL that several rooms share: which names count, which have an id, what companies are asked."""

from __future__ import annotations

from eqcbatch.domain.model import Endpoint, Finding, IdSource
from eqcbatch.ledger.life_tables import DECIDED
from eqcbatch.ledger.score_tables import ACCEPTED

# What is asked of companies, and the columns that keep it.
DETAILS = {Endpoint.FIND_DEPART: "business_info", Endpoint.FIND_LABELS: "labels"}
# Of names: their companies are registered, and asked for details.
WANTED = "state = 'resolved' AND held IS NULL AND rows > 0"

# Overridden by `__EMPTY__`: nobody is asked, and no id is to be had.
NEVER_ASKED = "state = 'cached' AND company_id IS NULL AND confidence IS NOT NULL"
# With an id that may be used, of its own or by its rows.
IDENTIFIED = f"state IN ('cached', 'resolved') AND held IS NULL AND NOT ({NEVER_ASKED})"

# Names with an id that counts (`n`) whose company (`r`) is merged or has vanished: what to read FROM. The
# first words are those of the index reverified_changed.
OF_CHANGED = f"""reverified r CROSS JOIN names n INDEXED BY names_decided ON n.company_id = r.company_id
    WHERE r.finding <> 'unchanged' AND r.finding IN ('{Finding.MERGED}', '{Finding.VANISHED}')
      AND {DECIDED.replace("company_id", "n.company_id")}"""
# The same, and no person has said since whose id the name is to have.
UNREVIEWED = f"{OF_CHANGED} AND n.change_seen_at IS NULL"

# Of a failed name: it may be asked again. `invalid` cannot be asked, and `no_company` is a person's word.
MAY_PASS = "reason NOT IN ('invalid', 'no_company')"
# Pending, or failed for a reason that may pass.
UNDECIDED = f"state IN ('pending', 'failed') AND (reason IS NULL OR {MAY_PASS})"

# Resolved by EQC, held or not: what new rules judge, and what a stronger word replaces (domain.strength).
BY_EQC = f"state = 'resolved' AND source IN ('{IdSource.EQC}', '{IdSource.HARVEST}')"
# The keys of accepted names whose id a person confirmed as a control.
CONFIRMED = f"""SELECT controls.lookup_key FROM controls CROSS JOIN names USING (lookup_key)
                WHERE names.company_id = controls.company_id AND {ACCEPTED}"""
# Flushed, as EQC decided it: what a revert of its session takes back.
REVERTIBLE = f"flushed_at IS NOT NULL AND {BY_EQC}"
# Flushed, and not what the name is any more; a result that is due replaces it itself.
REVOKED = """flushed_at IS NULL AND flushed_company_id IS NOT NULL
             AND (state <> 'resolved' OR held IS NOT NULL)"""

# Of ids that people vouch for: what the index has of them, below a decision and EQC's exact answer.
VOUCHED_CONFIDENCE = 0.95

PENDING_AGAIN = "state = 'pending', reason = NULL, verdict = NULL, not_before = NULL, decided_at = NULL"

# Of a session without an end. When a request of unknown outcome was settled says when somebody looked.
LAST_SIGN_OF_LIFE = """coalesce(
    (SELECT max(CASE outcome WHEN 'unknown' THEN requests.started_at
                ELSE coalesce(finished_at, requests.started_at) END)
     FROM requests WHERE session_id = sessions.id),
    sessions.started_at)"""

_COUNTED = "SELECT lookup_key, rows, weight FROM names WHERE rows > 0"
_COUNTED_IN_RUN = """SELECT lookup_key, sum(rows) AS rows, sum(weight) AS weight
                     FROM occurrences WHERE run_id = :run GROUP BY lookup_key"""


def counted(run: int | None) -> str:
    """The names that count, of all current runs or of one, with rows and weight: a query with `:run`."""
    return _COUNTED if run is None else _COUNTED_IN_RUN


def in_run(run: int | None) -> str:
    """A condition on `names`: those that count, of all current runs or of one, with `:run`."""
    return "rows > 0" if run is None else f"lookup_key IN (SELECT lookup_key FROM ({counted(run)}))"


def counted_names(run: int | None) -> str:
    """All of the names that count, with the rows and the weight that do: what to read FROM, with `:run`."""
    if run is None:
        return "(SELECT *, rows AS counted_rows, weight AS counted_weight FROM names WHERE rows > 0)"
    return f"""(SELECT n.*, c.rows AS counted_rows, c.weight AS counted_weight
                FROM ({counted(run)}) c JOIN names n USING (lookup_key))"""
