"""What the ledger can hold of a text that came from outside."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with every lone surrogate, which no UTF-8 can hold, as U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)
