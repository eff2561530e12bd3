"""Slips of the hand: a name that is another one but for one sign, in a word that everybody knows.

上海甲乙科歧有限公司 is 上海甲乙科技有限公司. A brand may differ by one sign and be another company's, as
德洪 and 德鸿: so a slip counts only where it breaks a word, and what it makes of it is none.
"""

from __future__ import annotations

import re
from functools import cache

from eqcbatch.domain.matching.brand import LONGEST_TRADE, trade_at_the_end, trades
from eqcbatch.domain.matching.places import places_as_written, split_places
from eqcbatch.tables import lines

_LONG_WORD = 3  # signs of a word that one wrong sign leaves recognisable
# Behind these the sign before tells what is meant: 铜业 and 钼业 are both right.
_KINDS = frozenset("业材品具器机料件厂店所局院部站社场")
_NUMERALS = frozenset("一二三四五六七八九十零〇百千")
_TELLING = _NUMERALS | frozenset("东南西北上中下前后左右内外甲乙丙丁大小老新")
_SEGMENT = re.compile("[^()]*?公司|[^()]+|[()]")  # between brackets, and of head office and branch


def differ_by_a_slip(one: str, other: str) -> bool:
    """Whether two names differ in one sign, or in two that are turned round."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = _first_difference(one, other)
    if len(one) > len(other):
        return one[at + 1 :] == other[at:]
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    turned = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return turned or one[at + 1 :] == other[at + 1 :]


def is_misspelt(asked: str, offered: str) -> bool:
    """Whether the slip in which a name in written form differs from the offered one was made in it.

    A sign written twice; two signs turned round, one wrong, or one lost, in a word or in a place.
    """
    at = _first_difference(asked, offered)
    if len(asked) > len(offered):
        return at > 0 and asked[at] == asked[at - 1] and asked[at] not in _NUMERALS
    if len(asked) < len(offered):
        return len(word_over(offered, at)) >= _LONG_WORD and not _is_in_a_word(asked, at)
    if asked[at + 1 :] == offered[at + 1 :]:
        return _is_wrong_in_a_word(asked, offered, at)
    return _are_turned_in_a_word(asked, offered, at)


def _first_difference(one: str, other: str) -> int:
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _is_wrong_in_a_word(asked: str, offered: str, at: int) -> bool:
    """Whether one sign breaks a word of the offered name, or its place, and makes no other one."""
    alike = sound_alike(asked[at], offered[at])
    if _place_over(offered, at):
        return alike and not _place_over(asked, at)
    word = word_over(offered, at)
    if not word or (asked[at] in _TELLING and offered[at] in _TELLING) or _is_in_a_word(asked, at):
        return False
    tells_the_kind = word[1:] in _KINDS and word[0] == offered[at]
    return alike or not tells_the_kind


def _are_turned_in_a_word(asked: str, offered: str, at: int) -> bool:
    """Whether two signs, turned round, break a word or a place, and make none."""
    if (place := _place_over(offered, at)) and place == _place_over(offered, at + 1):
        return not _place_over(asked, at)
    broken = word_over(offered, at) or word_over(offered, at + 1)
    return bool(broken) and not (_is_in_a_word(asked, at) or _is_in_a_word(asked, at + 1))


def word_over(name: str, at: int) -> str:
    """The word of a name that holds the sign at an index; "" if none does.

    Words are told from the end, 中矿 and 物资; the first of a head office or a branch is its name, if it is
    short: the 建设 of 建设支行.
    """
    start, end = _segment(name, at)
    goes_on = name[start - 1 : start] == ")"
    start = end - len(split_places(name[start:end])[1])
    while True:
        word = trade_at_the_end(name, start, end)
        end -= len(word) or 1
        if end <= at:
            return word if goes_on or end > start or len(word) >= _LONG_WORD else ""


def _segment(name: str, at: int) -> tuple[int, int]:
    """Where the office, branch or bracket of a name begins and ends that holds the sign at an index."""
    return next(found.span() for found in _SEGMENT.finditer(name) if found.end() > at)


def _place_over(name: str, at: int) -> int:
    """Where the place ends that holds the sign of a name at an index; 0 if none does."""
    start, end = _segment(name, at)
    ends = (start + length for _, length in places_as_written(name[start:end], any_word=False))
    return next((ended for ended in ends if at < ended), 0)


def _is_in_a_word(name: str, at: int) -> bool:
    """Whether any word may be read in a name over the sign at an index."""
    return any(
        name[start:end] in trades()
        for start in range(at + 1)
        for end in range(at + 1, min(start + LONGEST_TRADE, len(name)) + 1)
    )


def sound_alike(one: str, other: str) -> bool:
    """Whether two signs may be read alike, the tone aside."""
    return not _readings().get(one, frozenset()).isdisjoint(_readings().get(other, ()))


@cache
def _readings() -> dict[str, frozenset[str]]:
    readings: dict[str, set[str]] = {}
    for line in lines("sounds"):
        syllable, signs = line.split()
        for sign in signs:
            readings.setdefault(sign, set()).add(syllable)
    return {sign: frozenset(syllables) for sign, syllables in readings.items()}
