"""Two names read alike: what in one of them can be read in two ways is read as the other one says it.

北京朝阳甲公司 is 北京朝阳区甲公司; the 朝阳 of 北京朝阳药业 is no city, if 朝阳药业 is asked for; and
甲贸易城南商店 is the 城南商店 of 甲贸易有限公司.
"""

from __future__ import annotations

from eqcbatch.domain.matching.anatomy import Anatomy, assemble, without_form
from eqcbatch.domain.matching.numerals import with_digits
from eqcbatch.domain.matching.places import Places, read_as


def aligned(one: Anatomy, other: Anatomy) -> tuple[Anatomy, Anatomy]:
    """Both names, read alike."""
    if one.core == other.core and one.places == other.places and one.behind == other.behind:
        return one, other
    if _sounds_like_another_place(one, other):
        one, other = _with_brand(one), _with_brand(other)
    elif _is_brand(one, other):
        one = _with_brand(one)
    one, other = _with_places(one, other), _with_places(other, one)
    return _with_branch(one, other), _with_branch(other, one)


def _is_brand(name: Anatomy, other: Anatomy) -> bool:
    """Whether the only place of a name is the brand of the other: 义乌药业 and 北京义乌药业."""
    if len(name.places) != 1 or name.bracketed or name.places[0].rank:
        return False
    return other.core.startswith(with_digits(name.places[0].stem) + name.core)


def _sounds_like_another_place(name: Anatomy, other: Anatomy) -> bool:
    """Whether the only place of a name lies elsewhere than the other name's: 朝阳药业, 北京朝阳药业."""
    if len(name.places) != 1 or len(other.places) < 2 or name.bracketed or other.bracketed:
        return False
    mine, its = name.places[0], other.places[-1]
    alike = mine.stem == its.stem and not (mine.rank or its.rank)
    return alike and {*mine.codes}.isdisjoint(its.codes)


def _with_brand(name: Anatomy) -> Anatomy:
    """A name whose last place, which is called like one, is its brand."""
    return _reread(name, name.places[:-1], name.places[-1].stem + name.head)


def _with_places(name: Anatomy, other: Anatomy) -> Anatomy:
    """A place that the other name states is one here too: without its rank, or though a word is called so."""
    stems = [place.stem for place in name.places]
    for place in other.places:
        read = None if place.stem in stems else read_as(name.head, place)
        if read:
            return _reread(name, (*name.places, read[0]), name.head[read[1] :])
    return name


def _with_branch(name: Anatomy, other: Anatomy) -> Anatomy:
    """A branch whose head office goes without its legal form begins where the other name says."""
    if not other.behind or name.behind == other.behind:
        return name
    head, words = without_form(other.head), name.head + name.behind
    if not words.startswith(head) or name.head.startswith(other.head) or words == head:
        return name
    head += "集团" * words.startswith("集团", len(head))
    return _reread(name, name.places, head, words[len(head) :])


def _reread(name: Anatomy, places: Places, head: str, behind: str | None = None) -> Anatomy:
    behind = name.behind if behind is None else behind
    return assemble(places, head, behind, bracketed=name.bracketed)
