"""Where a company sits, as far as its name and code tell, held against a place that is stated elsewhere."""

from __future__ import annotations

import re

from eqcbatch.domain.matching.divisions import Codes, divisions
from eqcbatch.domain.matching.offer import Offer
from eqcbatch.domain.matching.places import Places, split_places
from eqcbatch.domain.names import written_form

_BEHIND = "之之"  # a place is known by a name that goes on behind it
# What may stand behind the place that a column states: the unit there, or what kind of column it is.
_UNIT = re.compile(
    "(?:(?:中心支|分|支|子|省|市|区|县)?公司|中支|分行|支行|分部|支部|分中心|分支机构|机构|营业部|办事处|"
    "代表处|地区|区域|本部|本级|总部|直属|养老|团队|市场|[分支]社)*$"
)


def place_in(text: str) -> Codes:
    """The divisions that a text may name, if it names one place and nothing else but a unit there; else none.

    浙江省杭州市, 杭州 and 杭州分公司 name 杭州; 总部 names none.
    """
    return named_place(text)[1]


def named_place(text: str) -> tuple[str, Codes]:
    """The same with the words for it, without the unit."""
    form = written_form(text)
    words = _UNIT.sub("", form)
    for whole in (form, words, words.replace("-", "")):  # 吉林市, and then 吉林市分公司
        places, rest = split_places(f"{whole}{_BEHIND}", any_word=True)
        if whole and rest == _BEHIND:
            return whole, _all_called_so(places)
    return "", ()


def _all_called_so(places: Places) -> Codes:
    """The smallest of places; of one alone, without its rank, all that are called so, as 朝阳 is."""
    if len(places) > 1 or places[0].rank:
        return _smallest(places)
    codes = divisions().of(places[0].stem)
    return tuple(one for one in codes if not any(one != other and one.startswith(other) for other in codes))


def sits_in(offer: Offer, place: Codes) -> bool | None:
    """Whether a company may sit in a place, as far as that is known; None where nothing is.

    Of a branch its own place counts, of others the one in the name. What that leaves open, and what a name
    without a place does, is told by the division that registered it.
    """
    stated = _smallest(offer.name.branch_places) or _smallest(offer.name.places)
    code = (offer.company.unite_code or "")[2:8]
    registered: Codes = (code,) if divisions().is_province(code) else ()
    if not stated:
        return _overlap(registered, place) if registered else None
    if not _overlap(stated, place):
        return False
    if any(one.startswith(place) for one in stated):
        return True
    return _overlap(registered, place) if registered and _overlap(registered, stated) else None


def _smallest(places: Places) -> Codes:
    return next((place.codes for place in reversed(places) if place.codes), ())


def _overlap(some: Codes, others: Codes) -> bool:
    """Whether one of these divisions lies in one of the others, or has it in it."""
    return any(one.startswith(other) or other.startswith(one) for one in some for other in others)
