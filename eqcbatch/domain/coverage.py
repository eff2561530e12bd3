"""Coverage: what is known of a row before EQC is asked, by the priority of docs/domain.md section 4. Pure.

| rank | key                       | covers    |
|------|---------------------------|-----------|
| 1    | override by plan code     | the row   |
| 2    | override by name          | the name  |
| 3    | plan_code                 | the row   |
| 4    | customer_name             | the name  |
| 5    | plan_customer             | the row   |
| 6    | former_name               | the name  |
| 7    | the row's own id          | the row   |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from eqcbatch.domain.model import IdSource, IndexKey, Known, LookupType, Occurrence
from eqcbatch.domain.names import MAX_KEY_LENGTH, usable_id


@dataclass(frozen=True, slots=True)
class Overrides:
    """Ids set by hand; None is `__EMPTY__`: never look this up. by_name: by lookup key."""

    by_plan_code: Mapping[str, str | None] = field(default_factory=dict)
    by_name: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that is known: set by hand, in the index, and of names that are cached already."""

    overrides: Overrides
    index: Mapping[IndexKey, Known]
    cached: Mapping[str, Known]

    def of_name(self, key: str) -> Known | None:
        """What covers a name wherever it stands, None if nothing does."""
        if key in self.overrides.by_name:
            return Known(self.overrides.by_name[key], IdSource.OVERRIDE)
        return (
            self.cached.get(key)
            or self._indexed(LookupType.CUSTOMER_NAME, key)
            or self._indexed(LookupType.FORMER_NAME, key)
        )

    def of_names(self, keys: Set[str]) -> dict[str, Known]:
        """What covers each of these names, as far as anything does."""
        told = {key for _, key in self.index} | self.cached.keys() | self.overrides.by_name.keys()
        return {key: known for key in keys & told if (known := self.of_name(key))}

    def of_row(self, key: str, seen: Occurrence) -> Known | None:
        """What covers a row by a key of its own, where that outranks what covers its name.

        key: the name's lookup key, "" for a row without a name.
        """
        if not (seen.plan_code or seen.known_id):
            return None
        if seen.plan_code and seen.plan_code in self.overrides.by_plan_code:
            return Known(self.overrides.by_plan_code[seen.plan_code], IdSource.OVERRIDE)
        name = self.of_name(key) if key else None
        if name and name.source is IdSource.OVERRIDE:
            return None
        if by_plan := self._indexed(LookupType.PLAN_CODE, seen.plan_code):
            return by_plan
        if name and name.source is IdSource.INDEX_CUSTOMER_NAME:
            return None
        if key and (by_both := self._indexed(LookupType.PLAN_CUSTOMER, plan_customer(seen.plan_code, key))):
            return by_both
        own = usable_id(seen.known_id)
        return Known(own, IdSource.COLUMN) if own and not name else None

    def _indexed(self, lookup_type: LookupType, key: str | None) -> Known | None:
        return self.index.get((lookup_type, key)) if key else None


def plan_customer(plan_code: str | None, key: str) -> str | None:
    """The index's key for a customer of a plan; None without a plan, or where it is too long."""
    if not plan_code or len(plan_code) + 1 + len(key) > MAX_KEY_LENGTH:
        return None
    return f"{plan_code}|{key}"


def index_keys(names: Set[str], rows: Iterable[tuple[str, Occurrence]]) -> dict[LookupType, Set[str]]:
    """All that the index is asked in one batch: lookup keys by their type.

    names: lookup keys of undecided names. rows: the run's occurrences with their lookup keys ("" for
    none).
    """
    plan_codes: set[str] = set()
    plan_customers: set[str] = set()
    for key, seen in rows:
        if not seen.plan_code or "\0" in seen.plan_code:
            continue
        if len(seen.plan_code) <= MAX_KEY_LENGTH:
            plan_codes.add(seen.plan_code)
        if key and "\0" not in key and (both := plan_customer(seen.plan_code, key)):
            plan_customers.add(both)
    return {
        LookupType.CUSTOMER_NAME: names,
        LookupType.FORMER_NAME: names,
        LookupType.PLAN_CODE: plan_codes,
        LookupType.PLAN_CUSTOMER: plan_customers,
    }
