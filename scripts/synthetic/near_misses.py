"""Companies that look like another one: of its words, and another body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from synthetic.company_generator import CompanyGenerator
from synthetic.names import Firm
from synthetic.places import bare, namesakes, seats
from synthetic.vocabulary import (
    BANK_BRANCHES,
    BRAND_SIGNS,
    COMPANY_BRANCHES,
    GROUP_TRADES,
    INSTITUTION_BRANCHES,
    ORDINALS,
    OWN_BODIES,
    PLANTS,
    TRADES,
)

NearMiss = Callable[[Firm, CompanyGenerator], Firm | None]


def moved(base: Firm, by: CompanyGenerator) -> Firm:
    """One of its name elsewhere."""
    seat = seats().any(by.chance)
    return Firm(replace(base.name, places=by.places(seat) or (seat.city,)), seat, base.branch_seat)


def in_its_county(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One in a county of its city or province: 浙江省德清县甲公司 beside 浙江省甲公司."""
    if base.name.style != "front" or len(base.name.places) != 1 or base.name.is_of_an_office:
        return None
    within = [seat for seat in seats().all if base.name.places[0] in seat.chain[:-1]]
    seat = by.chance.choice(within) if within else None
    places = (base.name.places[0], seat.chain[-1]) if seat else ()
    return Firm(replace(base.name, places=places), seat, base.branch_seat) if seat else None


def at_a_namesake(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One in a place of another rank that is called so: 龙山县远山厂 beside 龙山区远山厂."""
    others = namesakes(base.name.places[-1]) if base.name.places else []
    at = [seat for seat in seats().all if others and seat.chain[-1] in others]
    if not at:
        return None
    seat = by.chance.choice(at)
    return Firm(replace(base.name, places=(seat.chain[-1],)), seat, base.branch_seat)


def branch(base: Firm, by: CompanyGenerator) -> Firm | None:
    """A branch of it, anywhere."""
    if base.name.sub or base.name.plant:
        return None
    seat = seats().any(by.chance)
    name = base.name
    kinds = BANK_BRANCHES if name.is_banks else COMPANY_BRANCHES if name.form else INSTITUTION_BRANCHES
    place = by.chance.choice([place for place in (seat.city, seat.county) if place])
    office = by.chance.choice(((place,), (bare(place),), seat.chain[-2:], (bare(place),)))
    office = office if name.form or name.is_banks else ()
    return Firm(replace(name, office=office, sub=by.chance.choice(kinds)), base.seat, seat)


def branch_elsewhere(base: Firm, by: CompanyGenerator) -> Firm | None:
    """The same branch of it in another city, in a county of the same name if there is one."""
    if not base.name.office or not base.branch_seat:
        return None
    others = [seat for seat in seats().called(base.branch_seat.county) if seat != base.branch_seat]
    seat = by.chance.choice(others) if others else seats().any(by.chance)
    office = seat.chain[-2:] if len(base.name.office) > 1 or others else (bare(seat.chain[-1]),)
    return Firm(replace(base.name, office=office), base.seat, seat)


def numbered(base: Firm, by: CompanyGenerator) -> Firm:
    """One of a number, or of another one."""
    return Firm(replace(base.name, number=by.chance.choice(ORDINALS)), base.seat, base.branch_seat)


def of_another_trade(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One of its brand in another trade."""
    if not base.name.form or base.name.is_banks:
        return None
    name = replace(base.name, trade=by.chance.choice(TRADES), form=by.form())
    return Firm(name, base.seat, base.branch_seat)


def of_a_longer_trade(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One whose trade goes on."""
    if not base.name.form or base.name.is_banks:
        return None
    trade = base.name.trade + by.chance.choice(("发展", "服务", "销售"))
    return Firm(replace(base.name, trade=trade), base.seat, base.branch_seat)


def of_another_form(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One of another legal form."""
    if not base.name.form or base.name.is_banks:
        return None
    return Firm(replace(base.name, form=by.form()), base.seat, base.branch_seat)


def of_a_like_brand(base: Firm, by: CompanyGenerator) -> Firm | None:
    """One whose brand differs in a sign."""
    if not base.name.brand:
        return None
    at = by.chance.randrange(len(base.name.brand))
    brand = base.name.brand[:at] + by.chance.choice(BRAND_SIGNS) + base.name.brand[at + 1 :]
    return Firm(replace(base.name, brand=brand), base.seat, base.branch_seat)


def subsidiary(base: Firm, by: CompanyGenerator) -> Firm | None:
    """A company of its group: 甲集团财务有限公司."""
    if not base.name.form or base.name.sub or base.name.is_banks:
        return None
    trade = base.name.trade + "集团" + by.chance.choice(GROUP_TRADES)
    return Firm(replace(base.name, trade=trade, form="有限公司"), base.seat)


def own_body(base: Firm, by: CompanyGenerator) -> Firm | None:
    """An institution of it that is a body of its own: 甲电力研究院."""
    if not base.name.form or base.name.sub or base.name.is_banks:
        return None
    trade = base.name.trade + by.chance.choice(OWN_BODIES)
    return Firm(replace(base.name, trade=trade, form=""), base.seat)


def another_plant(base: Firm, by: CompanyGenerator) -> Firm | None:
    """Another of its plants, in brackets at the end."""
    if base.name.sub or base.name.form or not base.name.brand or base.name.trade.endswith("事务所"):
        return None
    return Firm(replace(base.name, plant=by.chance.choice(PLANTS)), base.seat)


# How many in a hundred near misses are of each kind, of those that a company can have.
NEAR_MISSES: Mapping[NearMiss, int] = {
    moved: 26,
    in_its_county: 4,
    at_a_namesake: 3,
    branch: 14,
    branch_elsewhere: 6,
    numbered: 7,
    of_another_trade: 14,
    of_a_longer_trade: 6,
    of_another_form: 6,
    of_a_like_brand: 5,
    subsidiary: 3,
    own_body: 2,
    another_plant: 4,
}


def near_miss(base: Firm, by: CompanyGenerator) -> Firm:
    """Another company that looks like this one."""
    while True:
        (way,) = by.chance.choices(list(NEAR_MISSES), list(NEAR_MISSES.values()))
        if found := way(base, by):
            return found
