"""Who writes the names of a workbook, each in a way of its own, and knows whom each means."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from synthetic.fit import fit
from synthetic.names import Firm, Name
from synthetic.places import bare
from synthetic.typos import typed
from synthetic.world import World


class Needs(Enum):
    """What EQC's answer must show of a company, beside its name, to tell that a name is its."""

    NOTHING = auto()
    REGION = auto()
    FORMER_NAME = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """A name of the workbook. truth: whose name it is, None where EQC does not have that company.

    raw: as typed. told: the same in parts, for the label.
    """

    raw: str
    told: Name
    truth: Firm | None
    needs: Needs


class NameVariants:
    """Writes names. A way that gives None found nothing to write; it may be tried again."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance

    def exact(self) -> Asked:
        """The registered name."""
        firm = self._anyone(lambda firm: True)
        return self._asked(firm.name, firm)

    def without_form(self) -> Asked:
        """Without the legal form, or with its 集团 alone."""
        firm = self._anyone(lambda firm: firm.name.form and not firm.name.sub)
        keep = "集团" if firm.name.form.startswith("集团") and self._chance.random() < 0.6 else ""
        return self._asked(replace(firm.name, form=keep), firm)

    def without_region(self) -> Asked:
        """Without the places."""
        firm = self._anyone(lambda firm: firm.name.form and firm.name.places and not firm.name.sub)
        return self._asked(replace(firm.name, places=()), firm)

    def without_both(self) -> Asked:
        """Without legal form and places."""
        firm = self._anyone(lambda firm: firm.name.form and firm.name.places and not firm.name.sub)
        return self._asked(replace(firm.name, places=(), form=""), firm)

    def place_respelled(self) -> Asked:
        """With the places in another way: with or without their ranks, or with the province."""
        firm = self._anyone(lambda firm: firm.name.places and firm.name.form)
        province, city = firm.seat.province, firm.seat.city
        ways = [tuple(bare(place) for place in firm.name.places)]
        if firm.name.places[-1] in (city, bare(city)):
            front = (bare(province),) if province[:2] != city[:2] else ()
            ways = [(bare(city),), (city,), (*front, city), (*front, bare(city))]
        return self._asked(replace(firm.name, places=self._chance.choice(ways)), firm)

    def form_respelled(self) -> Asked:
        """Without the 责任 of the legal form."""
        firm = self._anyone(lambda firm: "责任" in firm.name.form)
        return self._asked(replace(firm.name, form=firm.name.form.replace("责任", "")), firm)

    def with_region(self) -> Asked | None:
        """With a place that the registered name lacks; no name that fits another company better."""
        firm = self._anyone(lambda firm: firm.name.form and not firm.name.places and not firm.name.sub)
        place = self._chance.choice((bare(firm.seat.province), bare(firm.seat.city)))
        told = replace(firm.name, places=(place,), form="")
        best = max(fit(told, other) or () for other in self._world.by_brand[told.brand])
        return self._asked(told, firm, Needs.REGION) if best == (fit(told, firm) or ()) else None

    def abbreviation(self) -> Asked:
        """The brand with a part of the trade, or with nothing but a place."""
        firm = self._anyone(lambda firm: _can_be_cut(firm.name))
        trade = firm.name.trade[: self._chance.choices((0, 2), (1, 2))[0]]
        places = firm.name.places if self._chance.random() < 0.8 else ()
        style = firm.name.style if trade else "front"
        return self._asked(replace(firm.name, trade=trade, form="", places=places, style=style), firm)

    def former_name(self) -> Asked:
        """A name that the company bore before."""
        firm = self._anyone(lambda firm: firm.former)
        return self._asked(self._chance.choice(firm.former), firm, Needs.FORMER_NAME)

    def branch_of_a_known(self) -> Asked:
        """A branch that is registered."""
        firm = self._anyone(lambda firm: firm.name.sub)
        return self._asked(self._bank_without_form(firm.name), firm)

    def absent(self) -> Asked | None:
        """A company that EQC does not have, like one that it has."""
        base = self._anyone(lambda firm: not firm.name.sub)
        told = self._world.generator.near_miss(base).name
        if told.form and not told.sub and self._chance.random() < 0.25:
            told = replace(told, form="")
        return self._asked(told, None) if self._is_nobodys(told) else None

    def absent_branch(self) -> Asked | None:
        """A branch that EQC does not have, of a company that it has."""
        base = self._anyone(lambda firm: not firm.name.sub and firm.name.form)
        told = self._bank_without_form(self._world.generator.branch(base).name)
        return self._asked(told, None) if self._is_nobodys(told) else None

    def unknown(self) -> Asked | None:
        """A company of a brand that EQC does not have."""
        told = self._world.generator.fresh().name
        return self._asked(told, None) if told.brand not in self._world.by_brand else None

    def _anyone(self, fits: Callable[[Firm], object]) -> Firm:
        """A company that is alive: the dead twin of one is what nobody means."""
        while True:
            firm = self._chance.choice(self._world.firms)
            if not firm.is_gone and fits(firm):
                return firm

    def _asked(self, told: Name, truth: Firm | None, needs: Needs = Needs.NOTHING) -> Asked:
        """A name as typed; whoever bears its very words today is who it names."""
        bearers = [firm for firm in self._world.by_text.get(told.text, []) if not firm.is_gone]
        if bearers:
            truth, needs = bearers[0], Needs.NOTHING
        return Asked(typed(told.text, self._chance), told, truth, needs)

    def _bank_without_form(self, name: Name) -> Name:
        return replace(name, form="") if name.is_banks and self._chance.random() < 0.5 else name

    def _is_nobodys(self, told: Name) -> bool:
        """Whether no company bears out every word of a name, or once bore it.

        金华市甲厂 is what 金华甲厂 means: that name is no trap, whatever was made up here. So names that
        fit a company of the registry and mean one outside of it are left out: no words tell them.
        """
        alike = self._world.by_brand[told.brand]
        return all(fit(told, firm) is None for firm in alike) and not self._world.once_called(told.text)


def _can_be_cut(name: Name) -> bool:
    """Whether a trade is long enough to be cut; what is called 甲集团财务 is no 甲 for anybody."""
    return bool(name.form) and not name.sub and len(name.trade) > 2 and "集团" not in name.trade
