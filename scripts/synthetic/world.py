"""The registry: companies in families, a brand and what looks like it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace

from eqcbatch.simulate import Company, describe
from synthetic.company_generator import CompanyGenerator
from synthetic.names import GONE, Firm, Name
from synthetic.near_misses import near_miss
from synthetic.vocabulary import TRADES

FIRST_ID, ID_STEP = 600_000_000, 7
DENSITY = 4.0  # near misses of a company, in the mean
_LISTED = 0.5  # of the companies limited by shares: EQC says what these are called for short


class World:
    """All companies there are. density: the near misses that each is given, in the mean.

    by_text, by_brand: companies by the name they bear today. by_short: the one that EQC calls so for short.
    """

    def __init__(self, chance: random.Random, companies: int, density: float = DENSITY) -> None:
        self.generator = CompanyGenerator(chance)
        self.firms: list[Firm] = []
        self.by_text: dict[str, list[Firm]] = defaultdict(list)
        self.by_brand: dict[str, list[Firm]] = defaultdict(list)
        self.by_short: dict[str, Firm] = {}
        self._by_former: dict[str, list[Firm]] = defaultdict(list)  # once all are entered
        self._taken = set[str]()
        self._chance = chance
        self._density = density
        while len(self.firms) < companies:
            self._enter_family()

    def once_called(self, text: str) -> list[Firm]:
        """The companies that bore this name before."""
        if not self._by_former:
            for firm in self.firms:
                for former in dict.fromkeys(name.text for name in firm.former):
                    self._by_former[former].append(firm)
        return self._by_former.get(text, [])

    @property
    def namesakes(self) -> float:
        """How many other companies share a company's brand and trade, in the mean: how dense it is."""
        alike = Counter((firm.name.brand, firm.name.trade) for firm in self.firms)
        return sum(others * (others - 1) for others in alike.values()) / len(self.firms)

    def _enter_family(self) -> None:
        base = self.generator.fresh()
        family = [base]
        for _ in range(self._family_size()):
            family.append(near_miss(self._chance.choice(family), self.generator))
        if self._chance.random() < 0.06:
            family.append(Firm(base.name, base.seat, status=GONE))
        for firm in family:
            if firm.is_gone or firm.name.words not in self._taken:
                self._enter(firm)
                if not firm.is_gone and self._chance.random() < 0.10:
                    self.give_past(firm)

    def _family_size(self) -> int:
        """How many near misses: most have few, some have many."""
        return round(self._chance.expovariate(1 / self._density)) if self._density else 0

    def _enter(self, firm: Firm) -> None:
        firm.id = str(FIRST_ID + ID_STEP * len(self.firms))
        self.firms.append(firm)
        self._taken.add(firm.name.words)
        self.by_text[firm.name.text].append(firm)
        self.by_brand[firm.name.brand].append(firm)
        may_be_listed = "股份有限公司" in firm.name.form and not (firm.name.sub or firm.name.number)
        if may_be_listed and self._chance.random() < _LISTED:
            short = firm.name.brand + self._chance.choice((firm.name.trade[:2], "股份"))
            if short not in self.by_short:  # as on a stock exchange
                firm.short, self.by_short[short] = short, firm

    def give_past(self, firm: Firm) -> None:
        """Give a company a former name: one of its own, one that two claim, or one borne by another today."""
        if not firm.name.form or firm.name.sub:
            return
        luck = self._chance.random()
        firm.former.append(self._past_name(firm, luck))
        if luck > 0.98:
            self._chance.choice(self.firms).former.append(firm.former[0])

    def _past_name(self, firm: Firm, luck: float) -> Name:
        if luck < 0.04 and len(self.firms) > 50:
            other = self._chance.choice(self.firms)
            return firm.name if other.name.sub else other.name
        if luck < 0.5:
            return replace(firm.name, brand=self.generator.brand())
        if luck < 0.7:
            return replace(firm.name, form="有限公司" if "股份" in firm.name.form else "厂")
        return replace(firm.name, trade=self._chance.choice(TRADES))


def registered(firm: Firm) -> Company:
    """A company as EQC has it; its unite_code tells the division where it is registered."""
    past = dict.fromkeys(name.text for name in firm.former if name.text != firm.name.text)
    drawn = describe(
        firm.name.text,
        company_id=firm.id,
        former_names=tuple(past),
        status=firm.status,
        province=firm.registered_at.province,
        short_name=firm.short,
    )
    code = drawn.unite_code
    return replace(drawn, unite_code=code[:2] + firm.registered_at.code + code[8:])
