"""Coverage: what is known of a row and of a name before EQC is asked. Pure.

| key                       | covers    | is as strong as (`domain.strength`)        |
|---------------------------|-----------|--------------------------------------------|
| override by plan code     | the row   | an override                                |
| override by name          | the name  | an override                                |
| plan_code                 | the row   | its row of the index                       |
| customer_name             | the name  | its row of the index                       |
| plan_customer             | the row   | its row of the index                       |
| former_name               | the name  | its row of the index, without the one above |
| the row's own id          | the row   | a column                                   |

The strongest wins, and of one strength the one further up. What covers the name holds for all rows that no
stronger key of their own covers. A name that stands already, by EQC or by a person, is as strong as these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from eqcbatch.domain.model import IdSource, IndexKey, Known, LookupType, Occurrence
from eqcbatch.domain.names import MAX_KEY_LENGTH, is_odd, usable_id
from eqcbatch.domain.strength import Strength, rank_of, strength_of


@dataclass(frozen=True, slots=True)
class Overrides:
    """Ids set by hand; None is `__EMPTY__`: never look this up. by_name: by lookup key.

    told_by: what the file is called.
    """

    by_plan_code: Mapping[str, str | None] = field(default_factory=dict)
    by_name: Mapping[str, str | None] = field(default_factory=dict)
    told_by: str = field(default="the overrides", compare=False)


class Oddities(NamedTuple):
    """What a plan tells of names beside, by their keys.

    dropped: those that stand by an override that the file does not have any more. outvoted: those of
    overrides without effect, as a person decided otherwise. odd_ids: those with an id that looks like none
    (`undefined`, `0`), and that id: stored ones count all the same.
    """

    dropped: tuple[str, ...] = ()
    outvoted: tuple[str, ...] = ()
    odd_ids: tuple[tuple[str, str], ...] = ()


class News(NamedTuple):
    """What names are known by that they did not stand by. confirmed: by the same id, and another word."""

    known: dict[str, Known]
    confirmed: dict[str, Known]


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that is known: set by hand, in the index, and by names as they stand.

    standing: names with an id that counts, or by a person's word without one. held: of names whose answer is
    held, the id that it is.
    """

    overrides: Overrides
    index: Mapping[IndexKey, Known]
    standing: Mapping[str, Known]
    held: Mapping[str, str] = field(default_factory=dict)

    def of_name(self, key: str) -> Known | None:
        """What a name is known by wherever it stands, None if nobody knows it."""
        stands = self.standing.get(key)
        if stands and stands.source is IdSource.MANUAL:
            return stands
        if key in self.overrides.by_name:
            return Known(self.overrides.by_name[key], IdSource.OVERRIDE)
        index = self.index
        told = index.get((LookupType.CUSTOMER_NAME, key)) or index.get((LookupType.FORMER_NAME, key))
        if told is None or stands is None:
            return None if told and self._is_held(key, told) else told or stands
        # What the index says now takes the place of what it said before, whoever wrote that.
        before = stands.source in _BY_NAME
        return told if before or strength_of(told) > strength_of(stands) else stands

    def news(self, keys: Set[str]) -> News:
        """What these names are known by that they do not stand by yet.

        A name that EQC or nobody knows so far is left as it is where the same id is told.
        """
        told = {key for _, key in self.index} | self.overrides.by_name.keys()
        news = News({}, {})
        for key in keys & told:
            known, stands = self.of_name(key), self.standing.get(key)
            if known is None or known is stands:
                continue
            if stands is None or known.company_id != stands.company_id:
                news.known[key] = known
            elif strength_of(stands) is not Strength.EQC and _words(known) != _words(stands):
                news.confirmed[key] = known
        return news

    def without_need(
        self, news: News, by_rows: Set[str], rows: Iterable[tuple[str, Occurrence]], covers: Iterable[object]
    ) -> News:
        """The news, save what others put into the index of names that all rows have a better id for.

        by_rows: names that were known by their rows alone. rows, covers: of the run, with what covers each.
        """
        needless = {
            key
            for key, known in news.known.items()
            if key in by_rows and strength_of(known) is Strength.INDEX_BY_OTHERS
        }
        if needless:
            needless -= {key for (key, _), cover in zip(rows, covers, strict=True) if cover is None}
        return News({key: one for key, one in news.known.items() if key not in needless}, news.confirmed)

    def forgotten(self, keys: Set[str]) -> set[str]:
        """Those of these names that stand by the index, which does not know them any more."""
        return {
            key
            for key, stands in self.standing.items()
            if stands.source in _BY_NAME
            and key in keys
            and key not in self.overrides.by_name
            and (LookupType.CUSTOMER_NAME, key) not in self.index
            and (LookupType.FORMER_NAME, key) not in self.index
        }

    def oddities(self, keys: Set[str], news: News, rows: Iterable[tuple[str, Occurrence]]) -> Oddities:
        """What is to be told of these names, and of overrides.

        news: what names are known by from now on. rows: of the run, with their lookup keys.
        """
        by_name = self.overrides.by_name
        dropped = (
            key
            for key, stands in self.standing.items()
            if stands.source is IdSource.OVERRIDE and key in keys and key not in by_name
        )
        outvoted = {
            key
            for key, company_id in (*by_name.items(), *self._by_plan_code(rows))
            if (stands := self.standing.get(key))
            and stands.source is IdSource.MANUAL
            and stands.company_id != company_id
        }
        known = ((key, news.known.get(key) or self.standing.get(key)) for key in keys)
        odd = (
            (key, one.company_id) for key, one in known if one and one.company_id and is_odd(one.company_id)
        )
        return Oddities(tuple(sorted(dropped)), tuple(sorted(outvoted)), tuple(sorted(odd)))

    def _by_plan_code(self, rows: Iterable[tuple[str, Occurrence]]) -> Iterator[tuple[str, str | None]]:
        """The names in rows with a plan code that is overridden, and what that says."""
        codes = self.overrides.by_plan_code
        if codes:
            yield from ((key, codes[code]) for key, seen in rows if (code := seen.plan_code or "") in codes)

    def of_row(self, key: str, seen: Occurrence) -> Known | None:
        """What covers a row by a key of its own, where that outranks what its name is known by.

        key: the name's lookup key, "" for a row without a name.
        """
        if not (seen.plan_code or seen.known_id):
            return None
        name = self.of_name(key) if key else None
        if seen.plan_code and seen.plan_code in self.overrides.by_plan_code:
            by_hand = Known(self.overrides.by_plan_code[seen.plan_code], IdSource.OVERRIDE)
            return None if name and name.source is IdSource.MANUAL else by_hand
        found = None
        own = usable_id(seen.known_id) if seen.known_id else None
        for known in (
            self._indexed(LookupType.PLAN_CODE, seen.plan_code),
            self._indexed(LookupType.PLAN_CUSTOMER, plan_customer(seen.plan_code, key)) if key else None,
            Known(own, IdSource.COLUMN) if own else None,
        ):
            if known and (found is None or rank_of(known) > rank_of(found)):
                found = known
        if found is None or name is None:
            return found
        agrees = found.source is IdSource.COLUMN and found.company_id == name.company_id
        return None if agrees or rank_of(found) <= rank_of(name) else found

    def _is_held(self, key: str, told: Known) -> bool:
        """Whether the very id that is told is the one that EQC's answer is held for: a doubt outweighs it."""
        return self.held.get(key) == told.company_id and strength_of(told) < Strength.EQC

    def _indexed(self, lookup_type: LookupType, key: str | None) -> Known | None:
        return self.index.get((lookup_type, key)) if key else None


def _words(known: Known) -> tuple[object, ...]:
    return known.source, known.confidence, known.index_source


_BY_NAME = (IdSource.INDEX_CUSTOMER_NAME, IdSource.INDEX_FORMER_NAME)


def plan_customer(plan_code: str | None, key: str) -> str | None:
    """The index's key for a customer of a plan; None without a plan, or where it is too long."""
    if not plan_code or len(plan_code) + 1 + len(key) > MAX_KEY_LENGTH:
        return None
    return f"{plan_code}|{key}"


def index_keys(names: Set[str], rows: Iterable[tuple[str, Occurrence]]) -> dict[LookupType, Set[str]]:
    """All that the index is asked in one batch: lookup keys by their type.

    names: lookup keys of names that are looked up. rows: the run's occurrences with their lookup keys (""
    for none).
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
