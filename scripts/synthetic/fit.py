"""Whether a company is what a name says, from what is known of both: the ground of every label."""

from __future__ import annotations

from synthetic.names import Firm, Name
from synthetic.places import bare

Fit = tuple[int, ...]
ITS_VERY_NAME: Fit = (9,)


def fit(told: Name, firm: Firm) -> Fit | None:
    """How well a company bears out every word of a name, the greater the better; None: it does not.

    Less than its very name: the same trade goes before one that was cut off; then, for a name that tells
    a place, a company that states one; then one that states it in the same way.
    """
    name = firm.name
    if name.text == told.text:
        return ITS_VERY_NAME
    same = told.identity == name.identity and _places_fit(told, firm)
    if not (same and _form_fits(told, name) and _trade_fits(told, name)):
        return None
    placed = bool(told.places)
    return (1, told.trade == name.trade, placed and bool(name.places), placed and told.style == name.style)


def _places_fit(told: Name, firm: Firm) -> bool:
    """Whether a company states the smallest place told and sits in the others.

    Where its name states none, a short name may tell its city or province.
    """
    wanted = {bare(place) for place in told.places}
    stated = {bare(place) for place in firm.name.places}
    province, city = bare(firm.seat.province), bare(firm.seat.city)
    if not wanted:
        return True
    if not stated and not told.form:
        return wanted <= {province, city}
    return bare(told.places[-1]) in stated and wanted <= stated | {province}


def _form_fits(told: Name, name: Name) -> bool:
    """Whether the legal form is the same, 责任 aside, was left out, or was cut to 公司 or 集团."""
    short, whole = told.form.replace("责任", ""), name.form.replace("责任", "")
    if not short or short == whole:
        return True
    return bool(whole) and (short == "公司" or (short == "集团" and whole.startswith("集团")))


def _trade_fits(told: Name, name: Name) -> bool:
    """Whether the trade is the same, or was cut off together with the legal form."""
    return told.trade == name.trade or (not told.form and name.trade.startswith(told.trade))
