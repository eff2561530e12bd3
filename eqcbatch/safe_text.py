"""Text of others made safe for the surface that it is shown on: terminal, log, Markdown, JSON, spreadsheet.

Names, answers, paths and what a database says may hold signs that act: an escape sequence clears a screen, a
line break forges a line, a mark of direction turns the rest around, a `=` makes a formula. Whatever shows
text asks here, once for each surface; the page of `report --html` has jinja2 for it, and `visible`.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Signs that would be invisible, or turn the text around them: controls, and marks of direction. Lone
# surrogates stand for bytes of a path that are no text.
_ACTING = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{_ACTING}\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&$@]|:(?=//)|(?<=www)\.)")
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def visible(text: object) -> str:
    """A text in one line in which nothing hides: controls as their pictures, other signs by their number."""
    return _INVISIBLE.sub(_picture, str(text))


def visible_lines(text: object) -> str:
    """The same of a text of several lines that are meant: the lines stay."""
    return "\n".join(map(visible, str(text).split("\n")))


def message_lines(text: object) -> str:
    """A message for people, whose further lines are indented: none of them passes for one of its own."""
    return visible_lines(text).replace("\n", "\n  ")


def log_line(text: object) -> str:
    """A log entry: one line, whatever is in it."""
    return visible(" ".join(str(text).split("\n")))


def markdown(text: str) -> str:
    """A text that Markdown shows as it is, in one line."""
    line = " ".join(text.split())
    return _MARKDOWN.sub(r"\\\1", "".join(sign if sign.isprintable() else "\ufffd" for sign in line))


def json_line(content: Any) -> str:
    """JSON in one line, Chinese as it is; what would act on a terminal is escaped, as JSON may."""
    return _INVISIBLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(content, ensure_ascii=False))


def safe_cell(value: object) -> object:
    """A value as a CSV cell that no spreadsheet takes for a formula; None is empty, NUL its picture."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = value.replace("\0", "␀")
    return "'" + text if text.lstrip("'")[:1] in _FORMULA_SIGNS else text


def cell_as_it_was(text: str) -> str:
    """What was written into a CSV cell by `safe_cell`."""
    return text[1:] if text[:1] == "'" and safe_cell(text[1:]) == text else text


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"
