"""The names that a simulated world plans: new ones, known ones, and the same written otherwise."""

from __future__ import annotations

import random
from collections.abc import Iterable

from eqcbatch.domain.model import EvidenceKind, Occurrence, RowEvidence
from eqcbatch.domain.names import lookup_key
from eqcbatch.simulate import chance
from simulated.registry import ChangingRegistry

_CITIES = ("北京", "上海", "深圳", "杭州", "成都", "武汉", "青岛", "厦门")
_BRANDS = "华兴宏盛金龙源恒通联建中天明泰和利东宝顺瑞诚永佳光方"
_TRADES = ("科技", "贸易", "物流", "投资", "机械", "环保", "食品", "电子")
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "厂", "集团有限公司", "")  # some are written short
_SPELLINGS = ("{}", "{}", " {} ", "{}-已转出", "（转出）{}", "{}及下属子企业", "{} ")
POISONED, OFFERED = 0.02, 0.15  # shares of names
BESIDE = 0.4  # names with a place beside them
WITH_ID, OTHERS_ID = 0.08, "900000003"  # rows with an id of their own, be it EQC's or another one


def beside(seen: Iterable[Occurrence]) -> dict[str, tuple[RowEvidence, ...]]:
    """What stands beside names: a place, or none, by chance of the name alone."""
    keys = {lookup_key(one.raw): one.rows for one in seen if one.raw}
    drawn = {key: chance.dice("beside", key) for key in keys}
    return {
        key: (RowEvidence(EvidenceKind.COLUMN, dice.choice(_CITIES), keys[key], "地区"),)
        for key, dice in drawn.items()
        if dice.random() < BESIDE
    }


class SourceOfNames:
    """Draws the names of one world."""

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._used = 0
        self._registry = ChangingRegistry(seed)

    def of_month(self, month: int, dice: random.Random) -> tuple[Occurrence, ...]:
        """The rows of a source: some names of before, and new ones."""
        new = dice.randint(6, 22) if month == 0 else dice.randint(3, 14)
        before = list(range(self._used))
        old = dice.sample(before, min(len(before), dice.randint(0, 12)))
        numbers = [*old, *range(self._used, self._used + new)]
        self._used += new
        seen: dict[str, Occurrence] = {}
        for number in numbers:
            for _ in range(1 + (dice.random() < 0.2)):
                raw = dice.choice(_SPELLINGS).format(self.name(number))
                rows = dice.randint(1, 40)
                own_id = self._own_id(number, dice) if dice.random() < WITH_ID else None
                seen[raw] = Occurrence(raw, known_id=own_id, rows=rows, weight=float(rows))
        if dice.random() < 0.5:
            seen[""] = Occurrence("", rows=dice.randint(1, 9))
        return tuple(seen.values())

    def _own_id(self, number: int, dice: random.Random) -> str:
        offers = self._registry.search(self.name(number))
        return offers[0].company.company_id if offers and dice.random() < 0.5 else OTHERS_ID

    def name(self, number: int) -> str:
        """The name of this number; some are of companies that EQC offers for others."""
        dice = chance.dice(self._seed, "name", number)
        if number and dice.random() < OFFERED:
            offers = self._registry.search(self.name(number - 1))
            if len(offers) > 1:
                return offers[-1].company.official_name
        brand = "".join(dice.sample(_BRANDS, 2))
        poison = "毒" if dice.random() < POISONED else ""
        return f"{dice.choice(_CITIES)}{brand}{poison}{dice.choice(_TRADES)}{dice.choice(_FORMS)}"
