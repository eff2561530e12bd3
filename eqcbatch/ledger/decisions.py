"""People decide: a name in any state becomes what they say, and who said so is kept (promise P12).

Why: docs/decisions/0032.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, fields
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.id_look import Alphabet, IdLength
from eqcbatch.domain.model import Choice, Control, Decision, IdSource, NameStanding, State, VerdictRule
from eqcbatch.ledger.decision_rows import DecisionRow, decisions_by_name, standing_to_json
from eqcbatch.ledger.row_evidence import evidence_as_kept, evidence_of
from eqcbatch.ledger.run_rows import cache_covered
from eqcbatch.ledger.sqlite import Database, expect_one

_SET = ", ".join(f"{field.name} = ?" for field in fields(NameStanding))
# One pass over what the ledger knows; what people wrote is no witness.
_LENGTHS = ", ".join(
    f"{measure} FILTER (WHERE alphabet = '{kind}')"
    for kind in Alphabet
    for measure in ("min(length)", "max(length)", "count(*)")
)
_ID_LENGTHS = f"""
SELECT {_LENGTHS} FROM (
    SELECT length(company_id) AS length,
           CASE WHEN company_id NOT GLOB '*[^0-9]*' THEN '{Alphabet.DIGITS}'
                WHEN company_id NOT GLOB '*[^0-9A-Za-z]*' THEN '{Alphabet.ALPHANUMERIC}'
                ELSE '{Alphabet.OTHER}' END AS alphabet
    FROM (SELECT company_id FROM names
          WHERE company_id <> '' AND verdict IS NOT '{VerdictRule.MANUAL}'
            AND source IS NOT '{IdSource.OVERRIDE}'
          UNION ALL SELECT company_id FROM candidates))"""


class Decisions:
    """The side of the ledger on which people have the last word."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def of(self, keys: Collection[str]) -> dict[str, tuple[DecisionRow, ...]]:
        """What was decided of these names, the first decision of each first."""
        return decisions_by_name(self._db, keys)

    def id_look(self) -> list[IdLength]:
        """How long the ids are that the ledger knows."""
        lengths = self._db.execute(_ID_LENGTHS).fetchone()
        found = zip(Alphabet, lengths[::3], lengths[1::3], lengths[2::3], strict=True)
        return [IdLength(*one) for one in found if one[-1]]

    def record(
        self,
        decisions: Sequence[Decision],
        by: str,
        confirmed: Collection[str] = (),
        controls: Collection[Control] = (),
    ) -> None:
        """Let names be what a person says of them, all in one transaction.

        What was flushed of a name before stays noted, so that it can be corrected or taken back. A name that
        is asked again begins anew, unless its rows are covered. confirmed: names whose company has changed,
        as the person has seen, and that keep their id. controls: accepted names whose id the person confirms:
        they stay as they are, and it is noted.
        """
        now = self._clock.utc_now()
        with self._db.atomic():
            for decision in decisions:
                self._decide(decision, now)
                for told_before in ("overruled", "controls"):
                    self._db.execute(f"DELETE FROM {told_before} WHERE lookup_key = ?", [decision.lookup_key])
                if decision.choice is Choice.REOPEN:
                    self._withdraw(decision)
                self._keep(decision, by, now)
            if any(decision.after.state is State.PENDING for decision in decisions):
                cache_covered(self._db, now)
            self._db.conn.executemany(
                "UPDATE names SET change_seen_at = ? WHERE lookup_key = ?", ((now, key) for key in confirmed)
            )
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO controls VALUES (?, ?, ?, ?, ?)",
                ((one.lookup_key, one.company_id, now, by, one.origin) for one in controls),
            )

    def _decide(self, decision: Decision, now: str) -> None:
        before, after, reopened = decision.before, decision.after, decision.choice is Choice.REOPEN
        cursor = self._db.execute(
            f"""UPDATE names SET {_SET}, decided_at = ?, attempts = iif(?, 0, attempts),
                       not_before = NULL, flushed_at = NULL, flush_error = NULL,
                       decided_in = NULL, rulebook = NULL, change_seen_at = ?, judged_with = ?
                WHERE lookup_key = ? AND state = ? AND company_id IS ? AND verdict IS ?""",
            [
                *map(_stored, astuple(after)),
                None if after.state is State.PENDING else now,
                after.state is State.PENDING,
                None if reopened else now,
                evidence_as_kept(evidence_of(self._db, decision.lookup_key)) if reopened else None,
                *(decision.lookup_key, str(before.state), before.company_id, _stored(before.verdict)),
            ],
        )
        expect_one(cursor.rowcount, f"{decision.lookup_key!r} as it was read")

    def _withdraw(self, decision: Decision) -> None:
        """Let nobody vouch any more for an id that a reopened name has no more; what is there leaves."""
        key, company_id = decision.lookup_key, decision.after.company_id
        self._db.execute(
            "UPDATE backflow SET company_id = NULL WHERE lookup_key = ? AND company_id IS NOT ?",
            [key, company_id],
        )
        self._db.execute(
            """DELETE FROM backflow
               WHERE lookup_key = ? AND company_id IS NULL AND flushed_company_id IS NULL""",
            [key],
        )

    def _keep(self, decision: Decision, by: str, now: str) -> None:
        self._db.execute(
            """INSERT INTO decisions
                   (lookup_key, choice, decided_at, decided_by, origin, forced, before, after)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                *(decision.lookup_key, str(decision.choice), now, by, decision.origin, decision.forced),
                *(standing_to_json(decision.before), standing_to_json(decision.after)),
            ],
        )


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
