"""sqlite-utils, without what it imports on the off chance.

If pandas and numpy are installed, sqlite-utils imports them so that their values can be stored: near a
second at every start, for values that no ledger holds. It does without them where they cannot be found.
"""

from __future__ import annotations

import sys

_UNWANTED = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _UNWANTED:
    sys.modules[_name] = None  # type: ignore[assignment]  # Python's own way to say: not to be found
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _UNWANTED:
        del sys.modules[_name]

__all__ = ["Database", "Migrations"]
