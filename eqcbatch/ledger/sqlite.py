"""sqlite-utils, without what it imports on the off chance; and a guard for transitions.

If pandas and numpy are installed, sqlite-utils imports them so that their values can be stored: near a
second at every start, for values that no ledger holds. It does without them where they cannot be found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from eqcbatch.errors import LedgerUnusable

_UNWANTED = [name for name in ("pandas", "numpy") if name not in sys.modules]
for _name in _UNWANTED:
    sys.modules[_name] = None  # type: ignore[assignment]  # Python's own way to say: not to be found
try:
    from sqlite_utils import Database, Migrations
finally:
    for _name in _UNWANTED:
        del sys.modules[_name]

__all__ = ["Database", "Migrations", "Reader", "expect_one", "read_once"]

_P = ParamSpec("_P")
_Read = TypeVar("_Read")


class Reader:
    """A room that reads: what `read_once` marks is read again only after somebody wrote."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._read_as_of: tuple[int, int] | None = None
        self._read: dict[Hashable, Any] = {}

    def once(self, what: Hashable, read: Callable[[], _Read]) -> _Read:
        """What is read, or was since the last write of ours or of anybody else."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        as_of = (int(version), self._db.conn.total_changes)
        if as_of != self._read_as_of:
            self._read, self._read_as_of = {}, as_of
        if what not in self._read:
            self._read[what] = read()
        return self._read[what]  # type: ignore[no-any-return]  # it came from `read`


_Room = TypeVar("_Room", bound=Reader)


def read_once(
    method: Callable[Concatenate[_Room, _P], _Read],
) -> Callable[Concatenate[_Room, _P], _Read]:
    """Let a method of a reader read once for as long as nobody writes; its arguments are hashable."""

    @wraps(method)
    def reading(room: _Room, /, *args: _P.args, **named: _P.kwargs) -> _Read:
        what = (method.__name__, args, tuple(named.items()))
        return room.once(what, lambda: method(room, *args, **named))

    return reading


def expect_one(rowcount: int, what: str) -> None:
    """Raise LedgerUnusable unless a transition changed the one row that it was about, `what`."""
    if rowcount != 1:
        raise LedgerUnusable(
            f"The ledger does not have {what} any more: something else wrote to it. "
            "Run `eqcbatch report --check`."
        )
