"""The places with which a name, or the name of a branch, begins: 浙江省, then 德清县 in it, then 武康镇.

A division is known by the table. Where its rank is left out it is read as one within the place before it,
北京 and 朝阳; at the start only if no word or brand is called so, as 朝阳 and 红旗 are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from eqcbatch.domain.matching.divisions import COUNTY, PREFECTURE, PROVINCE, Codes, divisions
from eqcbatch.tables import lines

COUNTRY = "中国"
_ZONES = "新区|开发区|高新区|经济特区|工业园区|保税区"
_ZONE = re.compile(_ZONES)
# No divisions of the table: zones, and what is smaller than a county. A word may end like one: 老乡, 古镇.
_ZONE_OR_TOWN = re.compile(f"(?:[\u4e00-\u9fff]{{2,4}}?)??({_ZONES})|[\u4e00-\u9fff]{{2,3}}?([镇乡]|街道)")
_A_WORD = re.compile("市(?:政(?![府务协法])|[场容]|郊区)")
_RANK_BY_SLIP = re.compile("市(?![政场民容郊内区中直属立南北东西])")  # one that its division does not have
_LONGEST_BRANCH = 30  # in front of the word for its kind
_NO_NAME = tuple("社小园特景地校厂矿库专")  # before 区 or 乡: a word, 社区


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a name states it.

    stem: without its rank. rank: as stated, 县 for a 自治县. codes: of the divisions that it may be, none for
    a town, a zone, or what is only known to be a place by where it stands.
    """

    stem: str
    rank: str
    codes: Codes

    @property
    def is_in_one_city(self) -> bool:
        """Whether it is known in which city or prefecture it lies: there are two 桥西区 in 河北."""
        return len({code[:PREFECTURE] for code in self.codes}) == 1

    @property
    def level(self) -> int:
        """How small it is: the length of its code; what has none is no larger than a county."""
        return min(map(len, self.codes), default=COUNTY)

    @property
    def is_zone(self) -> bool:
        """Whether it is a zone in a division and called like it: 北戴河新区, but not 浦东新区."""
        is_called_so = bool(self.codes) and bool(_ZONE.fullmatch(self.rank))
        return is_called_so and not divisions().of(self.stem + self.rank)

    def is_within(self, codes: Codes) -> bool:
        """Whether it may lie in one of these divisions, or be it."""
        return not self.codes or any(code.startswith(codes) for code in self.codes)


Places = tuple[Place, ...]


def same_place(one: Place, other: Place) -> bool:
    """Whether two names of places may be one place's: 襄城区 and 襄城县 are not."""
    ranks = one.rank == other.rank or not ((one.rank and other.rank) or one.is_zone or other.is_zone)
    codes = not (one.codes and other.codes) or bool({*one.codes} & {*other.codes})
    return one.stem == other.stem and ranks and codes


def split_places(words: str, *, any_word: bool = False) -> tuple[Places, str]:
    """The places at the start of words, from large to small, and the rest.

    any_word: whether a place is one even where a word or a brand is called so: in the name of a branch, and
    in brackets, a place is more likely than anything else.
    """
    found = places_as_written(words, any_word=any_word)
    if not found:
        return (), words
    return tuple(place for place, _ in found), words[found[-1][1] :]


def places_as_written(words: str, *, any_word: bool) -> list[tuple[Place, int]]:
    """The same places, each with where it ends."""
    places: list[tuple[Place, int]] = []
    begins = words.startswith(COUNTRY) and _division(words, len(COUNTRY), (), any_word=any_word)
    end = len(COUNTRY) if begins else 0
    within: Codes = ()
    while found := _division(words, end, within, any_word=any_word) or _smaller(words, end):
        place, end = found
        places.append(found)
        within = place.codes
        if not within:
            break
    return places


def places_within(words: str) -> int:
    """Where the last places in words begin that lie in each other; 0 if there are none but at the start."""
    first = max(len(words) - len(split_places(words)[1]) + 2, len(words) - _LONGEST_BRANCH)
    towards_first = reversed(range(first, len(words)))
    last = next((at for at in towards_first if _division(words, at, (), any_word=False)), 0)
    chains = (at for at in range(first, last) if len(words) - len(split_places(words[at:])[1]) > last)
    return next(chains, last)


def read_as(words: str, place: Place) -> tuple[Place, int] | None:
    """This place, if words begin with it and go on, with its rank or without, and where it ends."""
    ranked = place.stem + place.rank
    if words.startswith(ranked) and not _A_WORD.match(words, len(ranked) - 1) and len(words) > len(ranked):
        return place, len(ranked)
    if words.startswith(place.stem) and len(words) > len(place.stem):
        return replace(place, rank=""), len(place.stem)
    return None


def _division(words: str, at: int, within: Codes, *, any_word: bool) -> tuple[Place, int] | None:
    """The division with which words begin at a place, in one of these if any are given, and where it ends."""
    for length, (stem, rank, codes) in divisions().beginning(words, at):
        end = at + length
        if within:
            codes = tuple(code for code in codes if code.startswith(within) and code not in within)
        elif not (any_word or _may_begin(stem, rank, codes)):
            continue
        if not codes:
            continue
        if rank:
            if not _A_WORD.match(words, end - 1):
                return Place(stem, rank, codes), end
        elif zone := _ZONE.match(words, end):
            return Place(stem, zone[0], _largest(codes)), zone.end()
        else:
            slip = _RANK_BY_SLIP.match(words, end)
            return Place(stem, "", _largest(codes)), slip.end() if slip else end
    return None


def _may_begin(stem: str, rank: str, codes: Codes) -> bool:
    """Whether what begins a name is a division for certain.

    A 城区 or 郊区 is one only in its city. Of those without their rank, provinces and prefectures are, and
    such counties as no other has the name, nor a word or brand.
    """
    if rank:
        return len(stem) > 1 or rank != "区"
    if min(map(len, codes)) < COUNTY:
        return True
    return stem not in _no_places() and len({code[:PROVINCE] for code in codes}) == 1


@cache
def _no_places() -> frozenset[str]:
    """Names of counties that are words or brands as often."""
    return frozenset(word for line in lines("no_places") for word in line.split())


def _largest(codes: Codes) -> Codes:
    """The largest of the divisions of one name, with the city in it that is called so: 大理 in 大理州."""
    if len(codes) == 1:
        return codes
    level = min(map(len, codes))
    largest = tuple(code for code in codes if len(code) == level)
    if level == PREFECTURE:
        return (
            *largest,
            *(
                code
                for code in codes
                if PREFECTURE < len(code) and code.startswith(largest) and code[4:] < "21"
            ),
        )
    return largest


def _smaller(words: str, at: int) -> tuple[Place, int] | None:
    """The zone or town with which words begin at a place, and where it ends."""
    found = _ZONE_OR_TOWN.match(words, at)
    if not found or found.end() == len(words):
        return None
    rank = found[1] or found[2]
    stem = found[0].removesuffix(rank)
    if not (stem or at) or stem.endswith(_NO_NAME):
        return None
    return Place(stem, rank, ()), found.end()
