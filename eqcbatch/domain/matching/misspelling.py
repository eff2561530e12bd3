"""Slips of the hand: a name that is another one but for one sign, in a word that everybody knows.

上海甲乙科歧有限公司 is 上海甲乙科技有限公司. A brand may differ by one sign and be another company's, as
德洪 and 德鸿: so a slip counts only where it breaks a word, and what it makes of it is none.
"""

from __future__ import annotations

import re
from functools import cache

from eqcbatch.domain.matching.brand import trades
from eqcbatch.domain.matching.places import places_as_written, split_places
from eqcbatch.tables import lines

_SHORTEST_WITH_ENDS = 5  # signs of which one slip leaves the first two or the last two
_LONGEST_WORD = 7
_LONG_WORD = 3  # signs of a word that one wrong sign leaves recognisable
# Behind these the sign before tells what is meant: 铜业 and 钼业 are both right.
_KINDS = frozenset("业材品具器机料件厂店所局院部站社场")
_NUMERALS = frozenset("一二三四五六七八九十零〇百千")
_TELLING = _NUMERALS | frozenset("东南西北上中下前后左右内外甲乙丙丁大小老新")
_SEGMENT = re.compile("[^()]*?公司|[^()]+|[()]")  # between brackets, and of head office and branch


def differ_by_a_slip(one: str, other: str) -> bool:
    """Whether two names differ in one sign, or in two that are turned round."""
    more = len(one) - len(other)
    if abs(more) > 1 or one == other:
        return False
    if one[:2] != other[:2] and one[-2:] != other[-2:] and len(one) > _SHORTEST_WITH_ENDS:
        return False  # more than one place differs
    at = _first_difference(one, other)
    if more:
        return one[at + (more > 0) :] == other[at + (more < 0) :]
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
        return len(word_over(offered, at)) >= _LONG_WORD and not _windows(asked, at)
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
    if not word or (asked[at] in _TELLING and offered[at] in _TELLING) or _windows(asked, at):
        return False
    tells_the_kind = len(word) < _LONG_WORD and word[-1] in _KINDS and word[0] == offered[at]
    return alike or not tells_the_kind


def _are_turned_in_a_word(asked: str, offered: str, at: int) -> bool:
    """Whether two signs, turned round, break a word or a place, and make none."""
    if (place := _place_over(offered, at)) and place == _place_over(offered, at + 1):
        return not _place_over(asked, at)
    broken = {word_over(offered, at), word_over(offered, at + 1)} - {""}
    return bool(broken) and {*_windows(asked, at), *_windows(asked, at + 1)} <= broken


def word_over(name: str, at: int) -> str:
    """The word of a name that holds the sign at an index; "" if none does.

    Words are told from the end, 中矿 and 物资; the first of a head office or a branch is its name, if it is
    short: the 建设 of 建设支行.
    """
    start, end = _segment(name, at)
    goes_on = name[start - 1 : start] == ")"
    start = end - len(split_places(name[start:end])[1])
    while end > at:
        longest = range(min(_LONGEST_WORD, end - start), 1, -1)
        length = next((length for length in longest if name[end - length : end] in trades()), 1)
        if end - length <= at:
            is_word = length > 1 and (goes_on or end - length > start or length >= _LONG_WORD)
            return name[end - length : end] if is_word else ""
        end -= length
    return ""


def _segment(name: str, at: int) -> tuple[int, int]:
    """Where the office, branch or bracket of a name begins and ends that holds the sign at an index."""
    return next(found.span() for found in _SEGMENT.finditer(name) if found.end() > at)


def _place_over(name: str, at: int) -> str:
    """The place, as it is written, that holds the sign of a name at an index; "" if none does."""
    start, end = _segment(name, at)
    began = start
    for _, length in places_as_written(name[start:end]):
        if at < start + length:
            return name[began : start + length]
        began = start + length
    return ""


def _windows(name: str, at: int) -> list[str]:
    """All words that may be read in a name over the sign at an index."""
    windows = (
        name[start:end]
        for start in range(max(0, at - _LONGEST_WORD + 1), at + 1)
        for end in range(max(start + 2, at + 1), min(start + _LONGEST_WORD, len(name)) + 1)
    )
    return [window for window in windows if window in trades()]


def sound_alike(one: str, other: str) -> bool:
    """Whether two signs may be read alike, the tone aside."""
    return not _readings().get(one, frozenset()).isdisjoint(_readings().get(other, ()))


@cache
def _readings() -> dict[str, frozenset[str]]:
    readings: dict[str, set[str]] = {}
    for line in lines("sounds"):
        syllable, signs = line.split(" ")
        for sign in signs:
            readings.setdefault(sign, set()).add(syllable)
    return {sign: frozenset(syllables) for sign, syllables in readings.items()}
