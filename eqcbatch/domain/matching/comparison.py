"""Two names compared: what was asked for, and what EQC offers for it.

The asked name may say less than the offered one, never more and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from eqcbatch.domain.matching.anatomy import DIGITS, FEWEST_SIGNS, WHOLE_FORMS, Anatomy, numbers_in
from eqcbatch.domain.model import NamePart

ABBREVIATED = 0  # the closeness of an abbreviation
_LONGEST_PLACE = 4


def contradiction(asked: Anatomy, offered: Anatomy) -> NamePart | None:
    """What in an offered name does not bear out what was asked for; None if nothing.

    The first part that does not, in the order of NamePart. The asked name may say less: no region, no legal
    form, or only the first part of the core where it keeps the rest. It may not say anything else, nor more.
    """
    asked, offered = _aligned(asked, offered)
    if not _region_borne_out(asked, offered):
        return NamePart.REGION
    if asked.branch != offered.branch:
        return NamePart.BRANCH
    if asked.numbers != offered.numbers:
        return NamePart.NUMBER
    if asked.core != offered.core and not _abbreviates(asked, offered):
        return NamePart.CORE
    return None if _form_borne_out(asked, offered) else NamePart.FORM


def closeness(asked: Anatomy, offered: Anatomy) -> int:
    """How closely a name that nothing contradicts is what was asked for; only equals are rivals.

    ABBREVIATED: the asked name is the first part of it; that is a rival to all others, because nobody
    can tell whether a legal form was left out or a part of the trade as well. Else 1, and where a place
    was asked for 2 more for the same one, 1 more for its standing in the same way.
    """
    asked, offered = _aligned(asked, offered)
    if asked.core != offered.core:
        return ABBREVIATED
    if not asked.places:
        return 1
    same_places = asked.places[-1:] == offered.places[-1:]
    return 1 + 2 * same_places + (asked.bracketed == offered.bracketed)


def may_be_meant(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether an offered name is too likely to be meant to choose another one, though it says too much.

    It may have a place in front that is not known as one; a place and the end of its trade may both have
    been left out; or it states no place, and none is known that would tell it from the one asked for.
    """
    if (asked.branch, asked.numbers) != (offered.branch, offered.numbers):
        return False
    if asked.places:
        unplaced = not (offered.places or offered.province)
        return unplaced and asked.may_be_cut and asked.core == offered.core
    ahead = len(offered.core) - len(asked.core)
    placed = not offered.places and 2 <= ahead <= _LONGEST_PLACE and offered.core.endswith(asked.core)
    cut = asked.may_be_cut and offered.core.startswith(asked.core) and not _of_its_group(asked, offered)
    return cut or (placed and _form_borne_out(asked, offered))


def _aligned(one: Anatomy, other: Anatomy) -> tuple[Anatomy, Anatomy]:
    """Both read alike: a county that one of them writes without its rank, a brand that sounds like a place.

    北京朝阳甲公司 is 北京朝阳区甲公司; and the 朝阳 of 北京朝阳药业 is no city, if 朝阳药业 is asked for.
    """
    one = _with_brand(one, other.core)
    return _with_county(one, other.county), _with_county(other, one.county)


def _with_brand(name: Anatomy, other_core: str) -> Anatomy:
    if len(name.places) != 1 or name.bracketed:
        return name
    core = name.places[0].translate(DIGITS) + name.core
    if not other_core.startswith(core):
        return name
    numbers = numbers_in(core + name.form + name.branch)
    return replace(name, places=(), province="", city="", county="", numbers=numbers, core=core)


def _with_county(name: Anatomy, county: str) -> Anatomy:
    if not county or name.county or not name.core.startswith(county) or name.core == county:
        return name
    return replace(name, places=(*name.places, county), county=county, core=name.core[len(county) :])


def _region_borne_out(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the offered name states the smallest place that was asked for, and no other of its level.

    A name without a place may be a nationwide company whose regional one was asked for. What is known of
    its seat speaks for it only where a short form was asked for: nobody adds a place to a full name.
    """
    pairs = ((asked.province, offered.province), (asked.city, offered.city), (asked.county, offered.county))
    if not asked.places:
        return True
    if any(left and right and left != right for left, right in pairs):
        return False
    if not offered.places:
        return asked.may_be_cut and not asked.county and asked.province == offered.province != ""
    standing = asked.bracketed == offered.bracketed or not asked.written_in_full
    return standing and asked.places[-1] in offered.places


def _abbreviates(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the asked core is the first part of the offered one, cut off as people do.

    A name with a legal form, or of an institution, is cut off nowhere: 甲科技有限公司 is not
    甲科技发展有限公司. Where the place is left out as well, or more than a bare brand is not left, too
    little is left to tell.
    """
    keeps_places = bool(asked.places) == bool(offered.places)
    begins = len(asked.core) >= FEWEST_SIGNS and offered.core.startswith(asked.core)
    return asked.may_be_cut and keeps_places and begins and not _of_its_group(asked, offered)


def _of_its_group(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the offered name is that of a company of the group: 甲集团财务有限公司 is not 甲."""
    return offered.core.startswith(asked.core + "集团")


def _form_borne_out(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether the legal form is the same; one that was cut short may grow (集团 to 集团有限公司)."""
    if asked.form == offered.form or not asked.form:
        return True
    cut = not asked.form.endswith(WHOLE_FORMS)
    words = [word for word in ("集团", "股份", "控股") if word in asked.form]
    return cut and bool(offered.form) and all(word in offered.form for word in words)
