"""The registry: companies in families, a brand and what looks like it."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

from eqcbatch.simulate import Company, describe
from synthetic.company_generator import CompanyGenerator
from synthetic.names import GONE, Firm, Name
from synthetic.vocabulary import TRADES

FIRST_ID, ID_STEP = 600_000_000, 7


class World:
    """All companies there are. by_text, by_brand: by the name they bear today."""

    def __init__(self, chance: random.Random, companies: int) -> None:
        self.generator = CompanyGenerator(chance)
        self.firms: list[Firm] = []
        self.by_text: dict[str, list[Firm]] = defaultdict(list)
        self.by_brand: dict[str, list[Firm]] = defaultdict(list)
        self._by_former: dict[str, list[Firm]] = defaultdict(list)  # once all are entered
        self._chance = chance
        while len(self.firms) < companies:
            self._enter_family()

    def once_called(self, text: str) -> list[Firm]:
        """The companies that bore this name before."""
        if not self._by_former:
            for firm in self.firms:
                for former in dict.fromkeys(name.text for name in firm.former):
                    self._by_former[former].append(firm)
        return self._by_former.get(text, [])

    def _enter_family(self) -> None:
        base = self.generator.fresh()
        family = [base]
        for _ in range(self._chance.choices((0, 1, 2, 3, 5, 8), (20, 20, 20, 20, 15, 5))[0]):
            family.append(self.generator.near_miss(self._chance.choice(family)))
        if self._chance.random() < 0.06:
            family.append(Firm(base.name, base.seat, status=GONE))
        for firm in family:
            if firm.is_gone or firm.name.text not in self.by_text:
                self._enter(firm)
                if not firm.is_gone and self._chance.random() < 0.10:
                    self.give_past(firm)

    def _enter(self, firm: Firm) -> None:
        firm.id = str(FIRST_ID + ID_STEP * len(self.firms))
        self.firms.append(firm)
        self.by_text[firm.name.text].append(firm)
        self.by_brand[firm.name.brand].append(firm)

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
    """A company as EQC has it; its unite_code tells the province of its seat."""
    past = dict.fromkeys(name.text for name in firm.former if name.text != firm.name.text)
    drawn = describe(
        firm.name.text,
        company_id=firm.id,
        former_names=tuple(past),
        status=firm.status,
        province=firm.seat.province,
    )
    return replace(drawn, unite_code=drawn.unite_code[:2] + firm.seat.code + drawn.unite_code[4:])
