"""Numbers in names, however they are written: 二十九中, 第二十九中 and 29中 are one."""

from __future__ import annotations

import re

# 零 and 两 are words more often than numbers (零部件, 零售, 两江); so are 十, 百 and 千 alone (百货).
DIGITS = str.maketrans("一二三四五六七八九壹贰叁肆伍陆柒捌玖拾〇", "123456789123456789十0")
_ANY = re.compile("[一二三四五六七八九壹贰叁肆伍陆柒捌玖拾〇第十]")
_OF_NUMBERS = frozenset("0123456789一二三四五六七八九壹贰叁肆伍陆柒捌玖拾〇十第")
_TENS = re.compile("([1-9])?十([1-9])|([1-9])十|第十(?![1-9])")
_ORDINAL = re.compile("第(?=[0-9])")
_NUMBER = re.compile("(?<![0-9])(?!5(?:金(?!属)|交[化电]))[0-9][0-9百千]*")  # 五金 and 五交化 are words


def with_digits(words: str) -> str:
    """Words with their numbers and ordinals in digits: 第二十九 is 29. What is none stays: 百货, 十里."""
    if not _ANY.search(words):
        return words
    digits = words.translate(DIGITS)
    if "十" in digits:
        digits = _TENS.sub(_of_tens, digits)
    return _ORDINAL.sub("", digits) if "第" in digits else digits


def numbers_in(words: str) -> tuple[str, ...]:
    """The numbers among words with digits, in their order."""
    return tuple(_NUMBER.findall(words))


def signs_without_numbers(words: str) -> frozenset[str]:
    """The signs of words with digits, but for those of numbers: they are written in many ways."""
    return frozenset(words) - _OF_NUMBERS


def _of_tens(found: re.Match[str]) -> str:
    tens, ones = found[1] or found[3], found[2]
    return f"{tens or 1}{ones or 0}"
