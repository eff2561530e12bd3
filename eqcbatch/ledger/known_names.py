"""What a plan must know of the names of before: which stand, by whom, and which are to be decided."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass

from eqcbatch.domain.model import IdSource, IndexKey, Known, LookupType, VerdictRule
from eqcbatch.ledger.conditions import CONFIRMED, REVOKED, UNDECIDED, VOUCHED_CONFIDENCE
from eqcbatch.ledger.sqlite import Database

_SOURCES = {str(source): source for source in IdSource}  # quicker than to make each anew
# What most names of a year have in common is read from an index that holds all of it; cached names differ.
_CACHED = """SELECT lookup_key, company_id, source, confidence, index_source
             FROM names WHERE state = 'cached' AND confidence IS NOT NULL"""
_RESOLVED = "FROM names INDEXED BY names_by_state WHERE state = 'resolved'"
_BY_ROWS = """FROM names INDEXED BY names_by_state
              WHERE state = 'cached' AND company_id IS NULL AND confidence IS NULL"""
_BY_PEOPLE = f"""SELECT DISTINCT n.lookup_key, n.company_id FROM decisions d
                 CROSS JOIN names n ON n.lookup_key = d.lookup_key AND n.verdict = '{VerdictRule.MANUAL}'
                 UNION SELECT lookup_key, company_id FROM controls WHERE lookup_key IN ({CONFIRMED})"""


@dataclass(frozen=True, slots=True)
class Stood:
    """How names stand before a plan.

    to_look_up: all of its source, and the undecided ones of any, save what a person decided. standing: names
    with an id that counts, and those to which a person gave none. held: the ids that are held. by_rows: names
    that all their rows have an id for, by keys of their own. own: rows of ours that the index may have though
    they do not hold any more.
    """

    to_look_up: Set[str]
    standing: Mapping[str, Known]
    held: Mapping[str, str]
    by_rows: Set[str]
    own: Mapping[IndexKey, tuple[str, float]]

    def without_own(self, found: dict[IndexKey, Known]) -> dict[IndexKey, Known]:
        """What the index tells us that we did not tell it ourselves."""
        for key, (company_id, confidence) in self.own.items():
            told = found.get(key)
            if told and (told.company_id, told.confidence) == (company_id, round(confidence, 2)):
                del found[key]
        return found


class KnownNames:
    """The names as a plan finds them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def stood(self, keys: Iterable[str]) -> Stood:
        """How names stand before a plan. keys: those of its source that can be asked."""
        standing = self._standing()
        by_people = {key for key, known in standing.items() if known.source is IdSource.MANUAL}
        undecided = {key for (key,) in self._db.execute(f"SELECT lookup_key FROM names WHERE {UNDECIDED}")}
        undecided.update(keys)
        held = self._db.execute(f"SELECT lookup_key, company_id {_RESOLVED} AND held IS NOT NULL")
        by_rows = {key for (key,) in self._db.execute(f"SELECT lookup_key {_BY_ROWS}")}
        return Stood(undecided - by_people, standing, dict(held.fetchall()), by_rows, self._own_rows())

    def ids_of_rows(self, runs: Collection[int]) -> dict[tuple[str, str], set[str]]:
        """By which ids the rows of these runs were known, by lookup key ("" for none) and plan code."""
        ids: dict[tuple[str, str], set[str]] = {}
        for key, plan_code, company_id in self._db.execute(
            """SELECT lookup_key, coalesce(plan_code, ''), company_id FROM occurrences
               WHERE run_id IN (SELECT value FROM json_each(:runs)) AND source IS NOT NULL
                 AND company_id IS NOT NULL
               UNION
               SELECT '', coalesce(plan_code, ''), company_id FROM unnamed
               WHERE run_id IN (SELECT value FROM json_each(:runs)) AND company_id IS NOT NULL""",
            {"runs": json.dumps(sorted(runs))},
        ):
            ids.setdefault((key, plan_code), set()).add(company_id)
        return ids

    def _standing(self) -> dict[str, Known]:
        standing = {
            key: Known(company_id, _SOURCES[source], confidence, None, index_source)
            for key, company_id, source, confidence, index_source in self._db.execute(_CACHED)
        }
        resolved = f"SELECT lookup_key, company_id, confidence {_RESOLVED} AND held IS NULL"
        for key, company_id, confidence in self._db.execute(resolved):
            standing[key] = Known(company_id, IdSource.EQC, confidence)
        for key, company_id in self._db.execute(_BY_PEOPLE):
            standing[key] = Known(company_id, IdSource.MANUAL)
        return standing

    def _own_rows(self) -> dict[IndexKey, tuple[str, float]]:
        rows = self._db.execute(
            f"""SELECT lookup_key, flushed_company_id, flushed_confidence
                FROM names INDEXED BY names_to_take_back WHERE {REVOKED}"""
        )
        withdrawn = self._db.execute(
            """SELECT lookup_key, flushed_company_id, ? FROM backflow
               WHERE company_id IS NULL AND flushed_company_id IS NOT NULL""",
            [VOUCHED_CONFIDENCE],
        )
        return {
            (LookupType.CUSTOMER_NAME, key): (company_id, sure)
            for key, company_id, sure in (*withdrawn, *rows)
        }
