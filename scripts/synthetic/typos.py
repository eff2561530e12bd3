"""A name as hands type it: widths, spaces, and what workbooks add to names."""

from __future__ import annotations

import random

# What is no part of a name; `{}` is the name.
NOISE = (
    "{}-已转出",
    "（已转出）{}",
    "{}（注销）",
    "{}-养老",
    "{}及下属子企业",
    "{}—转移",
    "{}-A",
    "{}（团托）",
)


def typed(text: str, chance: random.Random) -> str:
    """The same name, as it is or typed somehow."""
    if chance.random() < 0.45:
        return text
    luck = chance.randrange(6)
    if luck == 0:
        return text.replace("（", "(").replace("）", ")")
    if luck == 1:
        cut = chance.randrange(len(text) + 1)
        return text[:cut] + chance.choice((" ", "\u3000", "  ")) + text[cut:]
    if luck == 2:
        return "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() else sign for sign in text)
    return chance.choice(NOISE).format(text)
