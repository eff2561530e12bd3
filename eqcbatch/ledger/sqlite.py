"""sqlite-utils, without what it imports on the off chance; and a guard for transitions.

If pandas and numpy are installed, sqlite-utils imports them so that their values can be stored: near a
second at every start, for values that no ledger holds. It does without them where they cannot be found.
"""

from __future__ import annotations

import sys

from eqcbatch.errors import LedgerUnusable

_UNWANTED = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _UNWANTED:
    sys.modules[_name] = None  # type: ignore[assignment]  # Python's own way to say: not to be found
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _UNWANTED:
        del sys.modules[_name]

__all__ = ["Database", "Migrations", "expect_one"]


def expect_one(rowcount: int, what: str) -> None:
    """Raise LedgerUnusable unless a transition changed the one row that it was about, `what`."""
    if rowcount != 1:
        raise LedgerUnusable(
            f"The ledger does not have {what} any more: something else wrote to it. "
            "Run `eqcbatch report --check`."
        )
