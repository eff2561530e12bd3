"""Names that say less than the registered one."""

from __future__ import annotations

from dataclasses import replace

from synthetic.name_variants.writer import Asked, NameWriter, is_company, is_placed_company
from synthetic.names import Firm
from synthetic.vocabulary import CUTS

_LOOSE = ("有限公司", "有限责任公司", "股份有限公司")


def no_form(writer: NameWriter) -> Asked:
    """Without the legal form, or with its 集团 alone."""
    firm = writer.draw(is_company)
    keep = "集团" if firm.name.form.startswith("集团") and writer.chance.random() < 0.6 else ""
    return writer.written(replace(firm.name, form=keep), firm)


def no_region(writer: NameWriter) -> Asked:
    """Without the places."""
    firm = writer.draw(is_placed_company)
    return writer.written(replace(firm.name, places=(), style="front"), firm)


def no_region_form(writer: NameWriter) -> Asked:
    """Without legal form and places."""
    firm = writer.draw(is_placed_company)
    return writer.written(replace(firm.name, places=(), style="front", form=""), firm)


def cut(writer: NameWriter) -> Asked:
    """Place and brand, with the first part of the trade or without it."""
    firm = writer.draw(_can_be_cut)
    trade = firm.name.trade[: writer.chance.choice(CUTS)]
    style = firm.name.style if trade else "front"
    return writer.written(replace(firm.name, trade=trade, form="", style=style), firm)


def branch_short(writer: NameWriter) -> Asked:
    """A branch, without the legal form of its head office."""
    firm = writer.draw(_is_branch)
    return writer.written(replace(firm.name, form=""), firm)


def less_region(writer: NameWriter) -> Asked:
    """Without the larger one of its places."""
    firm = writer.draw(_is_placed_twice)
    return writer.written(replace(firm.name, places=firm.name.places[1:]), firm)


def form_loose(writer: NameWriter) -> Asked:
    """With 公司 alone of its legal form."""
    firm = writer.draw(_is_limited)
    return writer.written(replace(firm.name, form="公司"), firm)


def _can_be_cut(firm: Firm) -> bool:
    """Whether a trade is long enough to be cut; what is called 甲集团财务 is no 甲 for anybody."""
    return is_placed_company(firm) and len(firm.name.trade) > 3 and "集团" not in firm.name.trade


def _is_branch(firm: Firm) -> bool:
    return bool(firm.name.form and firm.name.office)


def _is_placed_twice(firm: Firm) -> bool:
    return len(firm.name.places) > 1


def _is_limited(firm: Firm) -> bool:
    return firm.name.form in _LOOSE
