"""Traditional signs and their simplified ones.

EQC's names are simplified, and so is what it is asked; names are compared so, too. Signs that simplified
Chinese has as well stay as they are: the 乾 of a brand is no 干.
"""

from __future__ import annotations

from functools import cache

from eqcbatch.tables import lines


def simplified(text: str) -> str:
    """A text with each traditional sign as its simplified one; of the same length."""
    return text if is_simplified(text) else text.translate(_simple_signs())


def is_simplified(text: str) -> bool:
    """Whether no sign of a text is a traditional one."""
    return text.isascii() or _traditional().isdisjoint(text)


@cache
def _traditional() -> frozenset[str]:
    return frozenset(map(chr, _simple_signs()))


@cache
def _simple_signs() -> dict[int, int]:
    pairs = " ".join(lines("simplified"))
    return dict(zip(map(ord, pairs[::3]), map(ord, pairs[1::3]), strict=True))
