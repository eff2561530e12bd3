"""The administrative divisions of China by the ways in which names write them, those of the past as well.

绵阳市 is written 绵阳市 or 绵阳; 金平苗族瑶族傣族自治县 is 金平县 or 金平 as well. One written way may stand
for several divisions: there are a 和平区 in 天津 and one in 沈阳.

Its table is loaded when the first name is taken apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from eqcbatch.tables import lines

PROVINCE, PREFECTURE, COUNTY = 2, 4, 6  # the length of their codes (GB/T 2260)
_SHORT_RANKS = {"自治州": "州", "自治县": "县", "自治旗": "旗"}

Codes = tuple[str, ...]


class Written(NamedTuple):
    """A way of writing divisions. rank: as it states it, 县 for a 自治县, "" where it is left out."""

    stem: str
    rank: str
    codes: Codes


class Divisions:
    """All divisions by the ways of writing them."""

    def __init__(self) -> None:
        self._by_way: dict[str, Written] = {}
        self._longest: dict[str, int] = {}  # by the first two signs
        self._provinces = set[str]()
        for line in lines("divisions"):
            code, stem, rank, peoples, *_ = line.split()
            if len(code) == PROVINCE:
                self._provinces.add(code)
            short = _SHORT_RANKS.get(rank, rank)
            if peoples != "-":
                self._add(stem + peoples + rank, Written(stem, short, (code,)))
            if short != rank:
                self._add(stem + rank, Written(stem, short, (code,)))
            self._add(stem + short, Written(stem, short, (code,)))
            if len(stem) > 1:
                self._add(stem, Written(stem, "", (code,)))

    def beginning(self, words: str, at: int) -> Sequence[tuple[int, Written]]:
        """The ways of writing a division with which words begin at a place, the longest first.

        Each with the signs that it takes.
        """
        longest = self._longest.get(words[at : at + 2])
        if not longest:
            return ()
        ways = ((length, self._by_way.get(words[at : at + length])) for length in range(longest, 1, -1))
        return [(length, written) for length, written in ways if written]

    def is_province(self, code: str) -> bool:
        """Whether a code, or what it begins with, is a province's."""
        return code[:PROVINCE] in self._provinces

    def of(self, way: str) -> Codes:
        """The codes of the divisions that are written so."""
        written = self._by_way.get(way)
        return written.codes if written else ()

    def _add(self, way: str, written: Written) -> None:
        known = self._by_way.get(way)
        if known and written.codes[0] not in known.codes:
            written = written._replace(codes=(*known.codes, *written.codes))
        self._by_way[way] = written if not known or known.codes != written.codes else known
        self._longest[way[:2]] = max(len(way), self._longest.get(way[:2], 0))


@cache
def divisions() -> Divisions:
    """The table, read once."""
    return Divisions()
