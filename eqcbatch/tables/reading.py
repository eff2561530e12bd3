"""Tables, read once."""

from __future__ import annotations

import pkgutil
from functools import cache


@cache
def lines(table: str) -> tuple[str, ...]:
    """The lines of a table, without its head."""
    text = pkgutil.get_data(__package__, f"{table}.txt")
    assert text is not None  # a table is a file of the package
    return tuple(line for line in text.decode("utf-8").splitlines() if not line.startswith("#"))
