"""Makes up companies, each of a brand of its own."""

from __future__ import annotations

import random

from synthetic.names import Firm, Name
from synthetic.places import Places, Seat, seats, way_to_name
from synthetic.vocabulary import (
    BANK,
    BRAND_SIGNS,
    FAMOUS_SHAPES,
    FORMS,
    INSTITUTIONS,
    NUMBERED_INSTITUTIONS,
    OFFICES,
    ORDINALS,
    OWN_BODIES,
    PARTNERSHIPS,
    PLANTS,
    SHOPS,
    TRADES,
)


class CompanyGenerator:
    """Makes up companies by chance. `near_misses` makes others that look like one."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def brand(self) -> str:
        """A brand: two to four signs, now and then one that looks like something else."""
        if self.chance.random() < 0.06:
            return self.chance.choice(FAMOUS_SHAPES)
        return "".join(self.chance.sample(BRAND_SIGNS, self.chance.choices((2, 3, 4), (7, 3, 1))[0]))

    def fresh(self) -> Firm:
        """A company of no family yet."""
        seat = seats().any(self.chance)
        kinds = (self._company, self._institution, self._shop, self._bank, self._school, self._plant)
        (kind,) = self.chance.choices(kinds, (80, 8, 6, 2, 2, 2))
        return Firm(kind(seat), seat)

    def places(self, seat: Seat) -> Places:
        """A way of naming a seat."""
        return way_to_name(seat, self.chance)

    def form(self) -> str:
        """A legal form, as often as it is met."""
        return self.chance.choices(list(FORMS), list(FORMS.values()))[0]

    def _company(self, seat: Seat) -> Name:
        style = self.chance.choices(("front", "inner", "tail"), (84, 8, 8))[0]
        trade = self.chance.choice(TRADES)
        return Name(self.places(seat), self.brand(), trade=trade, form=self.form(), style=style)

    def _institution(self, seat: Seat) -> Name:
        trade = self.chance.choice(INSTITUTIONS)
        if trade in OFFICES:
            return Name((seat.county or seat.city,), trade=trade)
        number = self.chance.choice(ORDINALS) if trade.endswith(NUMBERED_INSTITUTIONS) else ""
        brand = self.brand() if trade.endswith("事务所") else ""
        of_partners = brand and self.chance.random() < 0.5
        plant = self.chance.choice(PARTNERSHIPS) if of_partners else ""
        return Name(self.places(seat) or (seat.city,), brand, number, trade, plant=plant)

    def _shop(self, seat: Seat) -> Name:
        return Name(self.places(seat), self.brand(), trade=self.chance.choice(SHOPS))

    def _bank(self, seat: Seat) -> Name:
        return Name(self.places(seat), self.brand(), trade=BANK, form="股份有限公司")

    def _school(self, seat: Seat) -> Name:
        """An institution that is called like a company: 甲电力研究院."""
        trade = self.chance.choice(TRADES) + self.chance.choice(OWN_BODIES)
        return Name(self.places(seat), self.brand(), trade=trade)

    def _plant(self, seat: Seat) -> Name:
        """One of a company's plants, in brackets at the end: 甲机械厂（一厂）."""
        trade, plant = self.chance.choice(SHOPS), self.chance.choice(PLANTS)
        return Name(self.places(seat), self.brand(), trade=trade, plant=plant)
