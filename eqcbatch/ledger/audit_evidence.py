"""What the ledger knows that speaks for or against rows of the index: companies, names, and their weights."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from eqcbatch.domain.model import Candidate, IdSource, LookupType, VerdictRule
from eqcbatch.ledger.sqlite import Database

_MOST_CUSTOMERS = 5  # of a plan: the heaviest

# The latest last. What findDepart says of a company is later than the search that offered it.
_COMPANIES = """
SELECT DISTINCT company_id, official_name, unite_code, registered_status, former_names FROM candidates
UNION ALL
SELECT company_id, official_name, unite_code, NULL, former_names FROM companies
UNION ALL
SELECT company_id, NULL, NULL,
       coalesce(json_extract(business_info, '$.businessInfodto.registered_status'),
                json_extract(business_info, '$.businessInfodto.registeredStatus')), '[]'
FROM companies WHERE json_valid(business_info)
UNION ALL
SELECT found_id, found_name, found_code, found_status, found_former_names FROM audit_samples
WHERE found_id IS NOT NULL"""

_NAMES = """
SELECT n.lookup_key, n.query, n.rows, n.weight, n.source, n.verdict, n.company_id
FROM json_each(:keys) AS wanted JOIN names n ON n.lookup_key = wanted.value"""
_VARIANTS = """
SELECT o.lookup_key, o.raw FROM json_each(:keys) AS wanted JOIN occurrences o ON o.lookup_key = wanted.value
GROUP BY o.lookup_key, o.raw ORDER BY o.lookup_key, sum(o.rows) DESC, o.raw"""

# Rows that a key of their own covers, in the unit of the names' weights.
_OF_PLANS = """
SELECT plan_code, sum(part.weight * r.scale) FROM
    (SELECT run_id, plan_code, weight FROM occurrences WHERE source = :source
     UNION ALL SELECT run_id, plan_code, weight FROM unnamed WHERE source = :source) AS part
JOIN runs r ON r.id = part.run_id AND r.current = 1 WHERE plan_code IS NOT NULL GROUP BY plan_code"""
_OF_PLANS_AND_CUSTOMERS = """
SELECT o.plan_code || '|' || o.lookup_key, sum(o.weight * r.scale) FROM occurrences o
JOIN runs r ON r.id = o.run_id AND r.current = 1
WHERE o.source = :source AND o.plan_code IS NOT NULL GROUP BY o.plan_code, o.lookup_key"""

_CUSTOMERS = f"""
SELECT plan_code, lookup_key FROM
    (SELECT o.plan_code, o.lookup_key,
            row_number() OVER (PARTITION BY o.plan_code ORDER BY sum(o.rows) DESC, o.lookup_key) AS place
     FROM occurrences o JOIN runs r ON r.id = o.run_id AND r.current = 1
     WHERE o.plan_code IS NOT NULL GROUP BY o.plan_code, o.lookup_key)
WHERE place <= {_MOST_CUSTOMERS} ORDER BY plan_code, place"""

# Who may have told the id of a name that a row of this type could tell, or tells it from the next plan on.
_TOLD_BY = {
    LookupType.CUSTOMER_NAME: (
        *(None, IdSource.INDEX_CUSTOMER_NAME),
        *(IdSource.EQC, IdSource.HARVEST, IdSource.MANUAL),
    ),
    LookupType.FORMER_NAME: (IdSource.INDEX_FORMER_NAME,),
}


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """What the ledger has of a name: the query, how the current sources write it, and what it weighs there.

    source: who told its id, None where nobody did. decided: whether a person decided it; decided_id: the id
    that it was given, None for no company.
    """

    query: str
    variants: tuple[str, ...]
    weight: float
    source: str | None
    decided: bool
    decided_id: str | None

    def weight_of(self, lookup_type: str) -> float:
        """The weight of its rows that take, or would take, their id from a row of this type."""
        told_by = _TOLD_BY.get(lookup_type, ())  # type: ignore[call-overload]  # a member is its text
        return self.weight if self.source in told_by else 0.0


class AuditEvidence:
    """The request-free side of an audit in the ledger. Nothing here writes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def companies(self) -> Iterator[Candidate]:
        """What answers told of companies, the latest of each last; a company may come several times."""
        for company_id, name, code, status, former_names in self._db.execute(_COMPANIES):
            yield Candidate(
                *(0, company_id, name),
                unite_code=code,
                registered_status=status,
                former_names=tuple(json.loads(former_names)),
            )

    def names(self, keys: Collection[str]) -> dict[str, NameEvidence]:
        """Those of these names that the ledger has."""
        wanted = {"keys": json.dumps(sorted(keys), ensure_ascii=False)}
        variants: dict[str, list[str]] = defaultdict(list)
        for key, raw in self._db.execute(_VARIANTS, wanted):
            variants[key].append(raw)
        return {
            key: NameEvidence(
                *(query, tuple(variants[key]), weight if rows else 0.0, source),
                verdict == VerdictRule.MANUAL,
                company_id if verdict == VerdictRule.MANUAL else None,
            )
            for key, query, rows, weight, source, verdict, company_id in self._db.execute(_NAMES, wanted)
        }

    def plan_weights(self) -> dict[tuple[str, str], float]:
        """The weight of the rows that take their id from a plan code, alone or with a customer, by row."""
        return {
            (str(kind), key): weight
            for kind, question in (
                (LookupType.PLAN_CODE, _OF_PLANS),
                (LookupType.PLAN_CUSTOMER, _OF_PLANS_AND_CUSTOMERS),
            )
            for key, weight in self._db.execute(question, {"source": str(IdSource.of_index(kind))})
        }

    def customers(self) -> dict[str, tuple[str, ...]]:
        """Who stands in the current sources with a plan code: lookup keys, those with most rows first."""
        found: dict[str, list[str]] = defaultdict(list)
        for code, key in self._db.execute(_CUSTOMERS):
            found[code].append(key)
        return {code: tuple(keys) for code, keys in found.items()}
