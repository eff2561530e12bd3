"""Names that say the same in another way."""

from __future__ import annotations

from dataclasses import replace

from synthetic.fit import fit
from synthetic.name_variants.writer import Asked, NameWriter, Needs, is_company
from synthetic.names import Firm, Name
from synthetic.places import LARGE_RANKS, bare, namesakes, rank_of
from synthetic.vocabulary import LIMITED

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def more_region(writer: NameWriter) -> Asked:
    """With the province in front of its place."""
    firm = writer.draw(_lacks_its_province)
    province = writer.chance.choice((firm.seat.province, bare(firm.seat.province)))
    return writer.written(replace(firm.name, places=(province, *firm.name.places)), firm)


def rank_off(writer: NameWriter) -> Asked:
    """Without the rank of its place."""
    firm = writer.draw(_states_a_rank)
    places = firm.name.places
    return writer.written(replace(firm.name, places=(*places[:-1], bare(places[-1]))), firm)


def rank_on(writer: NameWriter) -> Asked:
    """With the rank of its place."""
    firm = writer.draw(_states_no_rank)
    places = firm.name.places
    ranked = next(place for place in firm.seat.chain if bare(place) == places[-1])  # 新乡市, not its 新乡县
    return writer.written(replace(firm.name, places=(*places[:-1], ranked)), firm)


def bracket(writer: NameWriter) -> Asked:
    """With its place in brackets instead of in front, or the other way round."""
    firm = writer.draw(_may_stand_in_brackets)
    return writer.written(in_other_brackets(firm.name), firm)


def group(writer: NameWriter) -> Asked:
    """With its 集团 in brackets, or without them."""
    firm = writer.draw(_is_group)
    form = firm.name.form
    other = form.strip("（").replace("）", "") if "（" in form else form.replace("集团", "（集团）")
    return writer.written(replace(firm.name, form=other), firm)


def form_old(writer: NameWriter) -> Asked:
    """有限公司 for 有限责任公司, or the other way round."""
    firm = writer.draw(_is_limited)
    return writer.written(replace(firm.name, form=LIMITED[firm.name.form]), firm)


def form_stock(writer: NameWriter) -> Asked:
    """股份有限公司 for 有限公司: it became one, or somebody thinks so."""
    firm = writer.draw(_is_limited)
    return writer.written(firm.name, firm, text=replace(firm.name, form="股份有限公司").text)


def numeral(writer: NameWriter) -> Asked:
    """With its number written otherwise: 二十九中学, 第29中学."""
    firm = writer.draw(_has_a_number)
    words = firm.name.number.removeprefix("第")
    number = writer.chance.choice((words, words, _in_digits(words), f"第{_in_digits(words)}"))
    return writer.written(firm.name, firm, text=replace(firm.name, number=number).text)


def branch_city(writer: NameWriter) -> Asked:
    """A branch, with a 市 that its place does not have in its name."""
    firm = writer.draw(_has_a_bare_office)
    text = replace(firm.name, office=(*firm.name.office[:-1], f"{firm.name.office[-1]}市")).text
    return writer.written(firm.name, firm, text=text)


def seat_added(writer: NameWriter) -> Asked | None:
    """A short form, with a place that the registered name lacks; none that fits another company better."""
    firm = writer.draw(_is_unplaced)
    place = bare(writer.chance.choice((firm.seat.province, firm.seat.city)))
    told = replace(firm.name, places=(place,), form="")
    best = max(fit(told, other) or () for other in writer.world.by_brand[told.brand])
    return writer.written(told, firm, Needs.REGION) if best == fit(told, firm) else None


def in_other_brackets(name: Name) -> Name:
    """A name with its place in brackets, if it stands in front, and the other way round."""
    return replace(name, style="tail" if name.style == "front" else "front")


def _in_digits(words: str) -> str:
    tens, _, ones = words.partition("十") if "十" in words else ("", "", words)
    return str((_DIGITS.get(tens, 1) * 10 if "十" in words else 0) + _DIGITS.get(ones, 0))


def _lacks_its_province(firm: Firm) -> bool:
    places, province = firm.name.places, bare(firm.seat.province)
    return bool(places) and firm.name.style == "front" and bare(places[0]) != province


def _states_a_rank(firm: Firm) -> bool:
    """Whether the rank of its place may go: without it 承德县 would be 承德市."""
    place = firm.name.places[-1] if firm.name.places else ""
    larger = {rank_of(other) for other in namesakes(place)} & LARGE_RANKS
    return bare(place) != place and (rank_of(place) in LARGE_RANKS or not larger)


def _states_no_rank(firm: Firm) -> bool:
    places = firm.name.places
    return bool(places) and not rank_of(places[-1]) and firm.name.style == "front"


def _may_stand_in_brackets(firm: Firm) -> bool:
    return is_company(firm) and len(firm.name.places) == 1 and not rank_of(firm.name.places[0])


def _is_group(firm: Firm) -> bool:
    return "集团" in firm.name.form


def _is_limited(firm: Firm) -> bool:
    return firm.name.form in LIMITED


def _has_a_number(firm: Firm) -> bool:
    return bool(firm.name.number)


def _has_a_bare_office(firm: Firm) -> bool:
    return bool(firm.name.office) and not rank_of(firm.name.office[-1])


def _is_unplaced(firm: Firm) -> bool:
    return is_company(firm) and not firm.name.places and bool(firm.name.brand)
