"""Makes up companies: one of its own, and others that look like it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from synthetic.names import Firm, Name
from synthetic.places import SEATS, Seat, bare, ways_to_name
from synthetic.vocabulary import (
    BANK,
    BANK_BRANCHES,
    BRAND_SIGNS,
    COMPANY_BRANCHES,
    FAMOUS_SHAPES,
    FORMS,
    GROUP_TRADES,
    INSTITUTION_BRANCHES,
    INSTITUTIONS,
    NUMBERED_INSTITUTIONS,
    ORDINALS,
    TRADES,
)


class CompanyGenerator:
    """Makes up companies by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def brand(self) -> str:
        """A brand: two to four signs, now and then one that looks like something else."""
        if self._chance.random() < 0.06:
            return self._chance.choice(FAMOUS_SHAPES)
        return "".join(self._chance.sample(BRAND_SIGNS, self._chance.choices((2, 3, 4), (7, 2, 1))[0]))

    def fresh(self) -> Firm:
        """A company of no family yet."""
        seat = self._chance.choice(SEATS)
        places = self._places(seat)
        if self._chance.random() < 0.07:
            return Firm(self._institution(places or (seat.city,)), seat)
        if self._chance.random() < 0.03:
            return Firm(Name(places, self.brand(), trade=BANK, form="股份有限公司"), seat)
        style = self._chance.choices(("front", "inner", "tail"), (82, 8, 10))[0]
        trade = self._chance.choice(TRADES)
        return Firm(Name(places, self.brand(), trade=trade, form=self._form(), style=style), seat)

    def near_miss(self, base: Firm) -> Firm:
        """Another company that looks like this one."""
        elsewhere = self._chance.choice([seat for seat in SEATS if seat != base.seat])
        moved = (26, lambda base: self._moved(base, elsewhere))
        branched, numbered = (14, self.branch), (7, self._numbered)
        ways: list[tuple[int, Callable[[Firm], Firm]]] = [moved, branched, numbered]
        if base.name.form and not base.name.is_banks:
            ways = [
                *(moved, (14, self._of_another_trade), branched, numbered, (6, self._of_another_form)),
                *((6, self._of_a_longer_trade), (5, self._of_a_like_brand), (3, self._placed_otherwise)),
                (3, self._subsidiary),
            ]
        return self._chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0](base)

    def branch(self, base: Firm) -> Firm:
        """A branch of this company, anywhere."""
        seat = self._chance.choice(SEATS)
        place = bare(self._chance.choice((seat.city, *seat.counties)))
        if base.name.is_banks:
            sub = place + self._chance.choice(BANK_BRANCHES)
        elif base.name.form:
            sub = place + self._chance.choice(COMPANY_BRANCHES)
        else:
            sub = self._chance.choice(INSTITUTION_BRANCHES)
        return Firm(replace(base.name, sub=sub), seat)

    def _moved(self, base: Firm, seat: Seat) -> Firm:
        return Firm(replace(base.name, places=self._places(seat) or (seat.city,)), seat)

    def _numbered(self, base: Firm) -> Firm:
        return Firm(replace(base.name, number=self._chance.choice(ORDINALS)), base.seat)

    def _of_another_trade(self, base: Firm) -> Firm:
        return Firm(replace(base.name, trade=self._chance.choice(TRADES), form=self._form()), base.seat)

    def _of_a_longer_trade(self, base: Firm) -> Firm:
        trade = base.name.trade + self._chance.choice(("发展", "服务"))
        return Firm(replace(base.name, trade=trade), base.seat)

    def _of_another_form(self, base: Firm) -> Firm:
        return Firm(replace(base.name, form=self._form()), base.seat)

    def _of_a_like_brand(self, base: Firm) -> Firm:
        brand = base.name.brand[:-1] + self._chance.choice(BRAND_SIGNS)
        return Firm(replace(base.name, brand=brand), base.seat)

    def _placed_otherwise(self, base: Firm) -> Firm:
        return Firm(replace(base.name, style=self._chance.choice(("inner", "tail", "front"))), base.seat)

    def _subsidiary(self, base: Firm) -> Firm:
        trade = base.name.trade + "集团" + self._chance.choice(GROUP_TRADES)
        return Firm(replace(base.name, trade=trade, form="有限公司"), base.seat)

    def _institution(self, places: tuple[str, ...]) -> Name:
        trade = self._chance.choice(INSTITUTIONS)
        number = self._chance.choice(ORDINALS) if trade.endswith(NUMBERED_INSTITUTIONS) else ""
        brand = self.brand() if trade.endswith("事务所") else ""
        return Name(places, brand, number, trade)

    def _places(self, seat: Seat) -> tuple[str, ...]:
        """A way of naming a seat."""
        ways = ways_to_name(seat, self._chance.choice(seat.counties))
        return self._chance.choices(list(ways), list(ways.values()))[0]

    def _form(self) -> str:
        """A legal form, as often as it is met."""
        return self._chance.choices(list(FORMS), list(FORMS.values()))[0]
