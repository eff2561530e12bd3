"""What a number is shown as: a date, a duration, a code such as 0012, P0012 or 12-34, or as it is."""

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
_PIECES = re.compile(
    r'[0#]|"([^"]*)"|[\\!](.)|([-:])|_.?|\*.|\[(?:\$-[^\]]*|[a-z]+\d*)\]', re.IGNORECASE | re.DOTALL
)
_HEAD = re.compile(r"(?:[\w/.:# -]*[A-Za-z0-9][\w/.:# -]*)?", re.ASCII)  # before a code's digits
_BETWEEN = re.compile(r"[-/.:_]*")  # them
_BEGIN = datetime(1899, 12, 30)
_BEGIN_1904 = datetime(1904, 1, 1)
_LEAP_DAY = 60  # Excel counts a 29 February 1900, which was none


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a format makes of a number.

    code: of a whole number that is shown as a code, its texts and the places of its digits, `0` where one
    always stands and `#` where one may.
    """

    is_time: bool = False
    is_elapsed: bool = False
    code: tuple[str, ...] = ()


def number_format(code: str) -> NumberFormat:
    """Return what a format's code makes of a number that is not negative."""
    section = code.split(";", 1)[0]
    if pieces := _code(section.strip()):
        return NumberFormat(code=pieces)
    plain = _LITERAL.sub("", section)
    if plain.lower() == "general":
        return NumberFormat()
    is_elapsed = bool(_ELAPSED.search(plain))
    return NumberFormat(is_elapsed or bool(_OF_TIME.search(plain)), is_elapsed)


def as_shown(number: float, form: NumberFormat, since_1904: bool) -> object:
    """Return a number, or the moment, duration or digits that it is shown as."""
    if form.code:
        return _filled_in(form.code, int(number)) if number >= 0 and number.is_integer() else number
    if not form.is_time:
        return number
    try:
        if form.is_elapsed:
            return timedelta(days=number)
        return _moment(number, since_1904)
    except (OverflowError, ValueError):  # no day of the calendar: Excel shows ####
        return number


def _code(section: str) -> tuple[str, ...]:
    """Return the texts and digits of a format that makes a code of a number, nothing of any other.

    Letters before the digits and signs between them make a code, and so do zeros at its begin. What stands
    behind the digits is a unit.
    """
    found = list(_PIECES.finditer(section))
    if "".join(piece[0] for piece in found) != section:
        return ()
    texts = (
        piece[0] if piece[0] in ("0", "#") else f"'{''.join(filter(None, piece.groups()))}" for piece in found
    )
    pieces = tuple(text for text in texts if text != "'")
    places = [number for number, piece in enumerate(pieces) if piece in ("0", "#")]
    if not places or places[-1] != len(pieces) - 1:
        return ()
    head = "".join(piece[1:] for piece in pieces[: places[0]])
    between = "".join(piece[1:] for piece in pieces[places[0] :] if piece[0] == "'")
    is_plain = not head and not between and pieces.count("0") < 2
    return pieces if not is_plain and _HEAD.fullmatch(head) and _BETWEEN.fullmatch(between) else ()


def _filled_in(code: tuple[str, ...], number: int) -> str:
    """Return a code with the digits of a number: the last in the last place, all the rest in the first."""
    digits = str(number) if number else ""
    shown: list[str] = []
    places = sum(piece in ("0", "#") for piece in code)
    for piece in reversed(code):
        if piece[0] == "'":
            shown.append(piece[1:])
            continue
        places -= 1
        taken, digits = (digits[-1:], digits[:-1]) if places else (digits, "")
        shown.append(taken or ("0" if piece == "0" else ""))
    return "".join(reversed(shown))


def _moment(days: float, since_1904: bool) -> datetime | time:
    span = timedelta(milliseconds=round(days * 86_400_000))
    if timedelta(0) <= span < timedelta(1):
        return (_BEGIN + span).time()
    if since_1904:
        return _BEGIN_1904 + span
    return _BEGIN + span + timedelta(0 < days < _LEAP_DAY)
