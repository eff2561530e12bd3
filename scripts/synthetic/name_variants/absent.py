"""Names of companies that EQC does not have: unknown brands, and near misses of companies that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from synthetic import near_misses
from synthetic.name_variants.writer import Asked, NameWriter, is_company
from synthetic.names import Firm
from synthetic.near_misses import NearMiss
from synthetic.vocabulary import OWN_BODIES, PLANTS

_GROWN = ("总公司", "集团有限公司", "集团公司", "（集团）有限公司", "控股有限公司", "控股集团有限公司")


def unknown(writer: NameWriter) -> Asked | None:
    """A brand that EQC does not have."""
    told = writer.world.generator.fresh().name
    return None if told.brand in writer.world.by_brand else Asked(told.text, told, None)


def near(way: NearMiss) -> Callable[[NameWriter], Asked | None]:
    """A kind of near misses, as a way of writing names."""

    def write(writer: NameWriter) -> Asked | None:
        base = writer.draw(_is_head_office if way is near_misses.branch else _is_known_by_more)
        found = way(base, writer.world.generator)
        return writer.of_nobody(found.name) if found else None

    return write


def smaller_place(writer: NameWriter) -> Asked | None:
    """浙江省甲公司, where EQC has 浙江省德清县甲公司."""
    firm = writer.draw(_is_placed_twice)
    return writer.of_nobody(replace(firm.name, places=firm.name.places[:-1]))


def no_place(writer: NameWriter) -> Asked | None:
    """实验小学, where EQC has those of places."""
    firm = writer.draw(_is_placed_institution)
    return writer.of_nobody(replace(firm.name, places=()))


def grown_form(writer: NameWriter) -> Asked | None:
    """甲公司, where EQC has 甲总公司, or its group, or what holds it."""
    firm = writer.draw(_is_grown)
    return writer.of_nobody(replace(firm.name, form=writer.chance.choice(("公司", "有限公司", ""))))


def own_body(writer: NameWriter) -> Asked | None:
    """甲电力, where EQC has 甲电力研究院."""
    firm = writer.draw(_is_own_body)
    body = next(word for word in OWN_BODIES if firm.name.trade.endswith(word))
    return writer.of_nobody(replace(firm.name, trade=firm.name.trade.removesuffix(body)))


def end_bracket(writer: NameWriter) -> Asked | None:
    """甲机械厂（二厂） or 甲公司（龙岗分公司）, where EQC has the first plant or the head office."""
    if writer.chance.random() < 0.5:
        firm = writer.draw(is_company)
        branch = near_misses.branch(firm, writer.world.generator)
        sub = f"{''.join(branch.name.office)}{branch.name.sub}" if branch else ""
        return writer.of_nobody(replace(firm.name, plant=sub)) if sub else None
    firm = writer.draw(_has_a_plant)
    return writer.of_nobody(replace(firm.name, plant=writer.chance.choice(PLANTS)))


def _is_known_by_more(firm: Firm) -> bool:
    return not (firm.name.sub and not firm.name.office)


def _is_head_office(firm: Firm) -> bool:
    return not (firm.name.sub or firm.name.plant or firm.name.is_of_an_office)


def _is_placed_twice(firm: Firm) -> bool:
    return len(firm.name.places) > 1 and bool(firm.name.form)


def _is_placed_institution(firm: Firm) -> bool:
    return bool(firm.name.places) and firm.name.is_of_an_office and not firm.name.sub


def _is_grown(firm: Firm) -> bool:
    return firm.name.form in _GROWN


def _is_own_body(firm: Firm) -> bool:
    name = firm.name
    return bool(name.brand) and not (name.form or name.sub) and name.trade.endswith(tuple(OWN_BODIES))


def _has_a_plant(firm: Firm) -> bool:
    return firm.name.plant in PLANTS
