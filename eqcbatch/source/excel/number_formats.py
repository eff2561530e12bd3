"""What a number is shown as: a date, a duration, a number with leading zeros, or as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

BUILTIN_FORMATS = {  # the codes of ECMA-376 Part 1, 18.8.30 that make dates of numbers; 27 to 58 are Chinese
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "h:mm:ss"),
    46: "[h]:mm:ss",
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_OF_TIME = re.compile(r"[ymdhs]", re.IGNORECASE)
_ZEROS = re.compile(r"0{2,}")
_BEGIN = datetime(1899, 12, 30)
_BEGIN_1904 = datetime(1904, 1, 1)
_LEAP_DAY = 60  # Excel counts a 29 February 1900, which was none


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a format makes of a number. zeros: how many digits a whole number has at least, if not one."""

    is_time: bool = False
    is_elapsed: bool = False
    zeros: int = 0


def number_format(code: str) -> NumberFormat:
    """Return what a format's code makes of a number that is not negative."""
    section = code.split(";", 1)[0]
    if _ZEROS.fullmatch(section.strip()):
        return NumberFormat(zeros=len(section.strip()))
    plain = _LITERAL.sub("", section)
    if plain.lower() == "general":
        return NumberFormat()
    is_elapsed = bool(_ELAPSED.search(plain))
    return NumberFormat(is_elapsed or bool(_OF_TIME.search(plain)), is_elapsed)


def as_shown(number: float, form: NumberFormat, since_1904: bool) -> object:
    """Return a number, or the moment, duration or digits that it is shown as."""
    if form.zeros:
        return f"{int(number):0{form.zeros}}" if number >= 0 and number.is_integer() else number
    if not form.is_time:
        return number
    try:
        if form.is_elapsed:
            return timedelta(days=number)
        return _moment(number, since_1904)
    except (OverflowError, ValueError):  # no day of the calendar: Excel shows ####
        return number


def _moment(days: float, since_1904: bool) -> datetime | time:
    span = timedelta(milliseconds=round(days * 86_400_000))
    if timedelta(0) <= span < timedelta(1):
        return (_BEGIN + span).time()
    if since_1904:
        return _BEGIN_1904 + span
    return _BEGIN + span + timedelta(0 < days < _LEAP_DAY)
