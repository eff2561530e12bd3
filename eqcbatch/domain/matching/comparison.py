"""Two names compared: what was asked for, and what EQC offers for it.

The asked name may say less than the offered one, never more and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from eqcbatch.domain.matching.alignment import aligned
from eqcbatch.domain.matching.anatomy import FEWEST_SIGNS, Anatomy
from eqcbatch.domain.matching.brand import brand_of
from eqcbatch.domain.matching.divisions import COUNTY, PROVINCE
from eqcbatch.domain.matching.places import Place, Places, same_place
from eqcbatch.domain.matching.words import GROWN_FORMS, INSTITUTION, OWN_BODY_WITHIN, WHOLE_FORMS
from eqcbatch.domain.model import NamePart

ABBREVIATED = 0  # the closeness of an abbreviation
_LONGEST_PLACE = 4
_FEWEST_WITH_PLACE = 2  # signs of a core that may be cut, behind a place


def contradiction(asked: Anatomy, offered: Anatomy) -> NamePart | None:
    """What in an offered name does not bear out what was asked for; None if nothing.

    The first part that does not, in the order of NamePart. The asked name may say less: no region, no legal
    form, or only the first part of the core where it keeps the rest. It may not say anything else, nor more.
    """
    return next(contradictions(asked, offered), None)


def contradictions(asked: Anatomy, offered: Anatomy) -> Iterator[NamePart]:
    """Each part of an offered name that does not bear out what was asked for, in the order of NamePart."""
    asked, offered = aligned(asked, offered)
    if not _region_borne_out(asked, offered):
        yield NamePart.REGION
    if not _branch_borne_out(asked, offered):
        yield NamePart.BRANCH
    if asked.numbers != offered.numbers:
        yield NamePart.NUMBER
    if asked.core != offered.core and not _abbreviates(asked, offered):
        yield NamePart.CORE
    if not _form_borne_out(asked, offered):
        yield NamePart.FORM


def closeness(asked: Anatomy, offered: Anatomy) -> int:
    """How closely a name that nothing contradicts is what was asked for; only equals are rivals.

    ABBREVIATED: the asked name is the first part of it; that is a rival to all others, because nobody
    can tell whether a legal form was left out or a part of the trade as well. Else 1, and where a place
    was asked for 2 more for the same one, 1 more for its standing in the same way.
    """
    asked, offered = aligned(asked, offered)
    if asked.core != offered.core:
        return ABBREVIATED
    if not asked.places:
        return 1
    same_places = bool(offered.places) and same_place(asked.places[-1], offered.places[-1])
    return 1 + 2 * same_places + (asked.bracketed == offered.bracketed)


def may_be_meant(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether an offered name is too likely to be meant to choose another one, though it says too much.

    It may be the group of what was cut; it may have a place in front that is not known as one; a place and
    the end of its trade may both have been left out; or it states no place, and none is known that would
    tell it from the one asked for.
    """
    if (asked.branch, asked.numbers) != (offered.branch, offered.numbers):
        return False
    cut = asked.may_be_cut and offered.core.startswith(asked.core)
    if asked.places:
        group = cut and _region_borne_out(asked, offered) and not _form_borne_out(asked, offered)
        unplaced = not (offered.places or offered.code)
        return group or (unplaced and asked.may_be_cut and asked.core == offered.core)
    ahead = len(offered.core) - len(asked.core)
    placed = not offered.places and 2 <= ahead <= _LONGEST_PLACE and offered.core.endswith(asked.core)
    return (cut and not _of_its_group(asked, offered)) or (placed and _form_borne_out(asked, offered))


def _region_borne_out(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the offered name states the smallest place that was asked for, none against it, none smaller.

    A name without a place may be a nationwide company whose regional one was asked for. What is known of
    its seat speaks for it only where a short form was asked for: nobody adds a place to a full name.
    """
    if not asked.places:
        return True
    if not offered.places:
        return asked.may_be_cut and _sits_in(offered, asked.places)
    at = _position(asked.places[-1], offered.places)
    if at is None or not _within_each_other(asked.places, offered.places[: at + 1]):
        return False
    smaller = offered.places[at + 1 :]
    return not smaller or (asked.may_be_cut and all(place.rank for place in smaller))


def _sits_in(offered: Anatomy, places: Places) -> bool:
    """Whether a company without a place in its name is registered in a province or city."""
    stated = places[-1]
    return stated.level < COUNTY and any(offered.code.startswith(code[:PROVINCE]) for code in stated.codes)


def _branch_borne_out(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether it is the same branch, in the same places: 和平支公司 may be that of 天津 or of 沈阳."""
    if asked.branch != offered.branch or bool(asked.branch_places) != bool(offered.branch_places):
        return False
    if not asked.branch_places:
        return True
    one, other = asked.branch_places, offered.branch_places
    if not (same_place(one[-1], other[-1]) and _within_each_other(one, other)):
        return False
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) == len(longer) or shorter[-1].is_in_one_city


def _position(place: Place, places: Places) -> int | None:
    """Where a place stands among others."""
    return next((at for at in reversed(range(len(places))) if same_place(place, places[at])), None)


def _within_each_other(one: Places, other: Places) -> bool:
    """Whether all larger places of both may hold the smallest, which is one and the same.

    A province or city that one of them leaves out is told by where the smallest place lies.
    """
    known = [[place for place in places if place.codes] for places in (one, other)]
    smallest = [places[-1] for places in known if places]
    return all(place.is_within(larger.codes) for larger in (*known[0], *known[1]) for place in smallest)


def _abbreviates(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the asked core is the first part of the offered one, cut off as people do.

    A name with a legal form, or of an institution, is cut off nowhere: 甲科技有限公司 is not
    甲科技发展有限公司. Of a core of two signs the place must tell the rest; one without a brand tells
    nothing, and what grows into an institution, 甲电力 into 甲电力研究院, is another body.
    """
    if not (asked.may_be_cut and offered.core.startswith(asked.core)):
        return False
    if bool(asked.places) != bool(offered.places) or _of_its_group(asked, offered):
        return False
    enough = len(asked.core) >= (_FEWEST_WITH_PLACE if asked.places else FEWEST_SIGNS)
    a_word = len(offered.core) - len(asked.core) > 1
    grown = offered.core[len(asked.core) :]
    another_body = OWN_BODY_WITHIN.search(grown) or (not offered.form and INSTITUTION.search(offered.core))
    return enough and a_word and bool(brand_of(asked.core)) and not another_body


def _of_its_group(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the offered name is that of a company of the group: 甲集团财务有限公司 is not 甲."""
    return offered.core.startswith(asked.core + "集团")


def _form_borne_out(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the legal form is the same; one that was cut short may grow (公司 to 有限公司).

    It may not grow into a 集团, a 控股 or a 总公司: that is another body, which has the asked one under it.
    """
    if asked.form == offered.form:
        return True
    grown = any(word in offered.form and word not in asked.form for word in GROWN_FORMS)
    kept = all(word in offered.form for word in ("集团", "股份", "控股") if word in asked.form)
    cut = not asked.form.endswith(WHOLE_FORMS)
    return cut and kept and not grown and bool(offered.form)
