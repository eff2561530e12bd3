"""The brand in a core: what is left in front of the words for trades, and how much it tells."""

from __future__ import annotations

from functools import cache

from eqcbatch.tables import lines

LONGEST_TRADE = 6


@cache
def trades() -> frozenset[str]:
    """The words for trades, products and institutions."""
    return frozenset(word for line in lines("trades") for word in line.split())


def brand_of(core: str) -> str:
    """A core without the words for trades at its end: 远山 of 远山环保科技, nothing of 环保科技."""
    end = len(core)
    while word := trade_at_the_end(core, 0, end):
        end -= len(word)
    return core[:end]


def trade_at_the_end(words: str, start: int, end: int) -> str:
    """The longest word for a trade between two indexes that ends at the second; "" if none does."""
    longest_first = (words[end - length : end] for length in range(min(LONGEST_TRADE, end - start), 1, -1))
    return next((word for word in longest_first if word in trades()), "")
