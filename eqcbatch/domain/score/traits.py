"""What speaks for a candidate, and what against it: its traits, beside those of its rivals. Pure.

A trait is a number from 0 to 1, with a sign that is given: nobody has to wonder whether an equal core may
speak against a company. Names are taken apart and compared as the rules do (`matching`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eqcbatch.domain.matching.alignment import aligned
from eqcbatch.domain.matching.anatomy import Anatomy, take_apart, take_form_apart
from eqcbatch.domain.matching.brand import brand_of
from eqcbatch.domain.matching.comparison import closeness, contradiction, contradictions, may_be_meant
from eqcbatch.domain.matching.divisions import PROVINCE
from eqcbatch.domain.matching.misspelling import differ_by_a_slip, is_misspelt, sound_alike
from eqcbatch.domain.matching.offer import Offer, is_active, offers_of
from eqcbatch.domain.matching.rarity import has_no_brand, is_common, needs_a_rare_brand
from eqcbatch.domain.matching.sameness import Asked, Sameness, states_several_bodies
from eqcbatch.domain.matching.words import GROWN_FORMS
from eqcbatch.domain.model import Candidate, NamePart
from eqcbatch.domain.names import written_form

SAYS_TOO_LITTLE = "says too little"  # of the asked name

# Every trait with its sign: 1 speaks for the candidate, -1 against it.
SIGNS: Mapping[str, int] = {
    "same name": 1,
    "same key": 1,
    "same former name": 1,
    "former name fits": 1,
    "former core": 1,
    "same short name": 1,
    "fits": 1,
    "fits most closely": 1,
    "core equal": 1,
    "core begins so": 1,
    "core ends so": 1,
    "core within": 1,
    "signs in order": 1,
    "core alike": 1,
    "brand equal": 1,
    "one slip": 1,
    "slip in a word": 1,
    "slip by sound": 1,
    "slip of order": 1,
    "sign lost or twice": 1,
    "place equal": 1,
    "seat there": 1,
    "form equal": 1,
    "but for stock": 1,
    "branch equal": 1,
    "may be meant": 1,
    "only region against": 1,
    "only core against": 1,
    "only form against": 1,
    "cut short": 1,
    "match exact": 1,
    "first in rank": 1,
    "score": 1,
    "ahead of all": 1,
    "region against": -1,
    "branch against": -1,
    "number against": -1,
    "core against": -1,
    "form against": -1,
    "form grown": -1,
    "seat elsewhere": -1,
    "place only here": -1,
    "place only asked": -1,
    "behind another": -1,
    "rivals fit": -1,
    "rivals of the brand": -1,
    "twin": -1,
    "full name differs": -1,
    "institution differs": -1,
    SAYS_TOO_LITTLE: -1,
    "common": -1,
    "several bodies": -1,
    "match by sound": -1,
    "not at work": -1,
}

Traits = Mapping[str, float]  # those that are not 0

_EXACT, _BY_SOUND = "全称精确匹配", "拼音"
_MOST_RIVALS = 9
_ALONE = (NamePart.REGION, NamePart.CORE, NamePart.FORM)  # parts that people write otherwise


def traits_of(asked: Asked, candidates: Sequence[Candidate]) -> list[tuple[Candidate, Traits]]:
    """The traits of each company that is offered, in the order of their ranks."""
    offers = offers_of(candidates)
    same, wanted = Sameness(asked), take_form_apart(written_form(asked.query))
    several, in_full = (
        states_several_bodies(asked),
        bool(wanted.form or wanted.branch) and wanted.written_in_full,
    )
    likeness = {offer: _likeness(same.query_form, offer.form) for offer in offers}
    fitting = [offer for offer in offers if contradiction(wanted, offer.name) is None]
    top = max((offer.company.score or 0.0 for offer in offers), default=0.0)
    found: list[tuple[Candidate, Traits]] = []
    for offer in offers:
        fits = offer in fitting
        told = {
            **_of_names(same, wanted, offer, fits=fits),
            **_of_parts(wanted, offer),
            **_of_record(offer.company, top),
            **_of_rivals(wanted, offer, offers, likeness, fitting),
            "full name differs": in_full and not fits,
            "institution differs": wanted.written_in_full and not (in_full or fits),
            SAYS_TOO_LITTLE: wanted.says_too_little or has_no_brand(wanted),
            "common": needs_a_rare_brand(wanted, offer.name) and is_common(wanted, offer, offers),
            "several bodies": several,
        }
        found.append((offer.company, {trait: float(value) for trait, value in told.items() if value}))
    return found


def _of_names(same: Sameness, wanted: Anatomy, offer: Offer, *, fits: bool) -> dict[str, float]:
    """What the names say as a whole: that of today, those before, the short one; and slips of the hand."""
    company, form = offer.company, offer.form
    former = [(name, written_form(name)) for name in company.former_names]
    slip = not fits and differ_by_a_slip(same.query_form, form)
    return {
        "same name": same.by_form(form),
        "same key": not same.by_form(form) and same.by_key(company.official_name or "", form),
        "same former name": any(same.by_form(old) or same.by_key(name, old) for name, old in former),
        "former core": any(take_apart(name).core == wanted.core for name, _ in former),
        "former name fits": any(contradiction(wanted, take_apart(name)) is None for name, _ in former),
        "same short name": bool(company.short_name)
        and written_form(company.short_name or "") == same.query_form,
        "fits": fits,
        "one slip": slip,
        "slip in a word": slip and is_misspelt(same.query_form, form),
        "slip by sound": slip and _sounds_alike(same.query_form, form),
        "slip of order": slip and sorted(form) == sorted(same.query_form),
        "sign lost or twice": slip and len(form) != len(same.query_form),
    }


def _of_parts(asked: Anatomy, offer: Offer) -> dict[str, float]:
    """What their parts say: each by itself, whatever the others do."""
    wanted, found = aligned(asked, offer.name)
    parts = {*contradictions(asked, offer.name)}
    against = {part: part in parts for part in NamePart}
    core, brand = (wanted.core, found.core), (brand_of(wanted.core), brand_of(found.core))
    equal, begins = core[0] == core[1], core[1].startswith(core[0])
    placed = bool(wanted.places), bool(found.places)
    return {
        "core equal": equal,
        "core begins so": not equal and begins,
        "cut short": not equal and begins and parts <= {NamePart.CORE} and not wanted.form,
        "core ends so": not equal and core[1].endswith(core[0]),
        "core within": not equal and core[0] in core[1],
        "signs in order": not equal and _in_common(*core) == len(core[0]),
        "core alike": 0.0 if equal else _likeness(*core),
        "brand equal": bool(brand[0]) and brand[0] == brand[1],
        "place equal": all(placed) and not against[NamePart.REGION],
        "seat there": _seat(wanted, found) == 1,
        "form equal": wanted.form == found.form,
        "but for stock": _but_for_stock(wanted.form, found.form),
        "form grown": any((word in found.form) != (word in wanted.form) for word in GROWN_FORMS),
        "branch equal": bool(wanted.branch) and not against[NamePart.BRANCH],
        "may be meant": may_be_meant(asked, offer.name),
        "seat elsewhere": _seat(wanted, found) == -1,
        "place only here": placed == (False, True),
        "place only asked": placed == (True, False) and against[NamePart.REGION],
        **{f"{part} against": against[part] for part in NamePart},
        **{f"only {part} against": parts == {part} for part in _ALONE},
        "region against": all(placed) and against[NamePart.REGION],
    }


def _but_for_stock(one: str, other: str) -> bool:
    """Whether two legal forms are whole, and differ in 股份 alone."""
    return one != other and one.replace("股份", "") == other.replace("股份", "") != ""


def _seat(asked: Anatomy, found: Anatomy) -> int:
    """Whether a company whose name states no place sits in the asked province: 1, else -1; 0 if unknown."""
    provinces = {code[:PROVINCE] for code in asked.places[-1].codes} if asked.places else set()
    if found.places or not (provinces and found.code):
        return 0
    return 1 if found.code[:PROVINCE] in provinces else -1


def _of_record(company: Candidate, top_score: float) -> dict[str, float]:
    """What EQC says besides the name: the kind of match, its rank and score, whether it is at work."""
    gone = bool(company.registered_status) and not is_active(company)
    return {
        "match exact": company.match_type == _EXACT,
        "match by sound": company.match_type == _BY_SOUND,
        "first in rank": company.rank == 0,
        "score": max(0.0, company.score or 0.0) / top_score if top_score > 0 else 0.0,
        "not at work": gone,
    }


def _of_rivals(
    wanted: Anatomy,
    offer: Offer,
    offers: Sequence[Offer],
    likeness: Mapping[Offer, float],
    fitting: Sequence[Offer],
) -> dict[str, float]:
    """How the candidate stands among the others."""
    others = [one for one in offers if one is not offer]
    ahead = likeness[offer] - max((likeness[one] for one in others), default=0.0)
    rivals = [one for one in fitting if one is not offer]
    mine = closeness(wanted, offer.name) if offer in fitting else -1
    closest = mine >= 0 and all(closeness(wanted, one.name) < mine for one in rivals)
    brand = brand_of(wanted.core)
    alike = sum(brand in one.name.core for one in others) if brand else 0
    return {
        "fits most closely": closest,
        "ahead of all": max(0.0, ahead),
        "behind another": max(0.0, -ahead),
        "rivals fit": _few(len(rivals)),
        "rivals of the brand": _few(alike),
        "twin": any(one.form == offer.form for one in others),
    }


def _few(count: int) -> float:
    """A count as a number from 0 to 1: the first ones count most."""
    return min(1.0, math.log1p(count) / math.log1p(_MOST_RIVALS))


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two names of one length differ in signs that are read alike, and in no others."""
    if len(one) != len(other):
        return False
    return all(left == right or sound_alike(left, right) for left, right in zip(one, other, strict=True))


def _likeness(one: str, other: str) -> float:
    """How much of two texts is the same, 0 to 1: their longest common subsequence, as a share of both."""
    return 2 * _in_common(one, other) / (len(one) + len(other)) if one and other else 0.0


def _in_common(one: str, other: str) -> int:
    """The length of the longest common subsequence, by the bits of a number (H. Hyyroe, 2004)."""
    places: dict[str, int] = {}
    for at, sign in enumerate(one):
        places[sign] = places.get(sign, 0) | 1 << at
    left = (1 << len(one)) - 1  # a bit is cleared for each sign that is found
    for sign in other:
        matches = left & places.get(sign, 0)
        left = (left + matches) | (left - matches)
    return len(one) - (left & (1 << len(one)) - 1).bit_count()
