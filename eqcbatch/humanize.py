"""How durations, counts, sizes, long texts and hints are written for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def duration(seconds: float) -> str:
    """Seconds in human form: `0.4 s`, `12 s`, `3 min`, `1 h 52 min`, `3 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 name`, `2,000 names`; `plural` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(octets: float) -> str:
    """Bytes in human form: `12 MB`, `3.4 GB`."""
    return f"{octets / 1e9:,.1f} GB" if octets >= 1e9 else f"{octets / 1e6:,.0f} MB"


def shorten(text: str, most: int = 80) -> str:
    """The text in one line, cut where it is longer than `most` characters."""
    return cut(" ".join(text.split()), most)


def cut(text: str, most: int) -> str:
    """The text as it is, cut where it is longer than `most` characters."""
    return text if len(text) <= most else text[:most] + "…"


def did_you_mean(
    word: str,
    known: Iterable[str],
    otherwise: str = "",
    *,
    quote: Callable[[str], str] = repr,
    cutoff: float = 0.6,
) -> str:
    """`Did you mean 'budget'?`, or `otherwise` where none of the known words is like this one.

    quote: how the known word is shown. cutoff: the least likeness, from 0 to 1.
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1, cutoff)
    return f"Did you mean {quote(near[0])}?" if near else otherwise
