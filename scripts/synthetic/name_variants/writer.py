"""Who writes the names of a workbook, and knows whom each means."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from synthetic.fit import BORNE_OUT, fit
from synthetic.names import Firm, Name
from synthetic.vocabulary import LIMITED
from synthetic.world import World

Fits = Callable[[Firm], object]


class NothingFits(LookupError):
    """No company of the registry can be written in this way."""


class Needs(Enum):
    """What EQC's answer must show of a company, beside its name, to tell that a name is its."""

    NOTHING = auto()
    REGION = auto()
    FORMER_NAME = auto()
    SHORT_NAME = auto()
    NO_OTHER_AS_NEAR = auto()  # for a typing error: no other name within two edits


@dataclass(frozen=True, slots=True)
class Asked:
    """A name of the workbook. truth: whose name it is, None where EQC does not have that company.

    raw: as typed. told: what it says, in parts, for the label. former: the past name that it tells, if it
    does not tell it in full.
    """

    raw: str
    told: Name
    truth: Firm | None
    needs: Needs = Needs.NOTHING
    former: Name | None = None


class NameWriter:
    """Draws companies of a world, and writes names of them."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self._fitting: dict[Fits, list[Firm]] = {}

    def draw(self, fits: Fits) -> Firm:
        """A company that fits and is alive: the dead twin of one is what nobody means.

        Raises NothingFits if there is none.
        """
        if fits not in self._fitting:
            alive = (firm for firm in self.world.firms if not firm.is_gone)
            self._fitting[fits] = [firm for firm in alive if fits(firm)]
        if not self._fitting[fits]:
            raise NothingFits
        return self.chance.choice(self._fitting[fits])

    def written(
        self, told: Name, truth: Firm | None, needs: Needs = Needs.NOTHING, text: str = "", raw: str = ""
    ) -> Asked:
        """A name as written; whoever bears its very words today is who it names, or else alone for short.

        text: the words, if they are not those of `told`. raw: the same as typed, if that differs.
        """
        text = text or told.text
        bearers = [firm for firm in self.world.by_text.get(text, []) if not firm.is_gone]
        if bearers:
            told, truth, needs = bearers[0].name, bearers[0], Needs.NOTHING
        elif truth and (called := self.world.by_short.get(text)):
            truth, needs = called, Needs.SHORT_NAME
        return Asked(raw or text, told, truth, needs)

    def of_nobody(self, told: Name) -> Asked | None:
        """The name of a company that EQC does not have; None where one that it has fits every word.

        金华市甲厂 is what 金华甲厂 means: that name is no trap, whatever was made up here. So names that
        fit a company of the registry and mean one outside of it are left out: no words tell them.
        """
        alike = self.world.by_brand.get(told.brand, [])
        known = any((fit(told, firm) or ()) >= BORNE_OUT for firm in alike)
        forms = (told.form, LIMITED.get(told.form, told.form))
        known = known or any(self.world.once_called(replace(told, form=form).text) for form in forms)
        return None if known or told.text in self.world.by_short else Asked(told.text, told, None)


def is_any(firm: Firm) -> bool:
    """Any company."""
    return bool(firm.name)


def is_company(firm: Firm) -> bool:
    """One with a legal form, no branch."""
    return bool(firm.name.form) and not firm.name.sub


def is_placed_company(firm: Firm) -> bool:
    """One with a legal form and a place."""
    return is_company(firm) and bool(firm.name.places)
