"""Chance that can be repeated: the same parts always draw the same number, on any machine."""

from __future__ import annotations

import random
from hashlib import blake2b


def number(*parts: object) -> int:
    """Draw an integer in 0..2**64-1 that depends on `parts` alone."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def fraction(*parts: object) -> float:
    """Draw a number in 0 <= x < 1 that depends on `parts` alone."""
    return (number(*parts) >> 11) / 2**53


def dice(*parts: object) -> random.Random:
    """A random generator for several draws, seeded with `parts` alone."""
    return random.Random(number(*parts))
