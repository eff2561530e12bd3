"""Whether a company is what a name says, from what is known of both: the ground of every label."""

from __future__ import annotations

from synthetic.names import Firm, Name
from synthetic.places import Places, alike
from synthetic.vocabulary import OWN_BODIES

Fit = tuple[int, ...]
ITS_VERY_NAME: Fit = (9,)
BORNE_OUT: Fit = (1,)  # what fits less may be meant, and nobody can tell
MAY_BE_MEANT: Fit = (0,)
_GROWN = ("集团", "控股", "总公司")


def fit(told: Name, firm: Firm) -> Fit | None:
    """How well a company bears out every word of a name, the greater the better; None: it does not.

    Less than its very name: the same trade goes before one that was cut off; then, for a name that tells
    a place, a company that states one; then one that states it in the same way. A group, or what holds
    others, may be meant by a name without a legal form, as its companies may.
    """
    name = firm.name
    if name.text == told.text:
        return ITS_VERY_NAME
    same = told.identity == name.identity and _trade_fits(told, name)
    if not (same and _places_fit(told, firm) and _office_fits(told, firm)):
        return None
    if _grows(told, name):
        return None if told.form else MAY_BE_MEANT
    if not _form_fits(told, name):
        return None
    placed = bool(told.places)
    return (1, told.trade == name.trade, placed and bool(name.places), placed and told.style == name.style)


def _places_fit(told: Name, firm: Firm) -> bool:
    """Whether a company states the smallest place told and sits in the others.

    Where its name states none, a short name may tell its city or province. A full name tells the smallest.
    An institution without a place is nobody in particular.
    """
    stated, chain = firm.name.places, firm.seat.chain
    in_full = bool(told.form) or not firm.name.form
    if not told.places:
        return not told.is_of_an_office or bool(firm.name.form)
    if not stated:
        return not in_full and all(_is_among(place, chain[:2]) for place in told.places)
    at = max((at for at, place in enumerate(stated) if alike(told.places[-1], place)), default=None)
    if at is None or (in_full and at + 1 < len(stated)):
        return False
    return all(_is_among(place, (*stated[:at], *chain)) for place in told.places[:-1])


def _office_fits(told: Name, firm: Firm) -> bool:
    """Whether it is the branch told, in the same places."""
    asked, stated = told.office, firm.name.office
    if not asked or not stated:
        return asked == stated
    chain = firm.branch_seat.chain if firm.branch_seat else ()
    larger = all(_is_among(place, (*stated, *chain)) for place in asked[:-1])
    return larger and alike(asked[-1], stated[-1])


def _is_among(place: str, others: Places) -> bool:
    return any(alike(place, other) for other in others)


def _form_fits(told: Name, name: Name) -> bool:
    """Whether the legal form is the same, 责任 and brackets aside, was left out, or was cut.

    It may be cut to 公司 or 集团.
    """
    short, whole = _plain(told.form), _plain(name.form)
    if not short or short == whole:
        return True
    loose = whole.replace("股份", "").replace("有限", "")
    return bool(whole) and (short == loose or (short == "集团" and whole.startswith("集团")))


def _grows(told: Name, name: Name) -> bool:
    """Whether another body would come of a name: 甲公司 is not 甲总公司."""
    return any(word in name.form and word not in told.form for word in _GROWN)


def _plain(form: str) -> str:
    return form.replace("责任", "").replace("（", "").replace("）", "")


def _trade_fits(told: Name, name: Name) -> bool:
    """Whether the trade is the same, or was cut off together with the legal form: no body of its own was."""
    if told.trade == name.trade:
        return True
    if told.form or not name.form or not name.trade.startswith(told.trade):
        return False
    rest = name.trade[len(told.trade) :]
    return not rest.startswith("集团") and not rest.endswith(tuple(OWN_BODIES))
