"""The columns of a table, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Kind(NamedTuple):
    """Types that are served alike. says: what to call them. bases: their names in pg_type."""

    says: str
    bases: frozenset[str]


TEXT = Kind("text", frozenset(("text", "varchar", "bpchar", "citext")))
FRACTION = Kind("numeric or double precision", frozenset(("numeric", "float8")))
WHOLE = Kind("integer", frozenset(("int2", "int4", "int8", "numeric")))
MOMENT = Kind("timestamp with time zone", frozenset(("timestamptz", "timestamp")))


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    type: as a cast takes it, without a length. base: what it rests on, by its name in pg_type. length: the
    characters of a text, digits: those of a number and of its fraction, where they have a bound. labels: of
    an enum. default: as SQL, where it was asked for. filled: whether a row that does not name it has a value
    all the same. generated: whether no statement may write it.
    """

    name: str
    type: str = "text"
    base: str = "text"
    length: int | None = None
    digits: tuple[int, int] | None = None
    labels: tuple[str, ...] = ()
    not_null: bool = False
    default: str | None = None
    filled: bool = False
    generated: bool = False

    def is_of(self, kind: Kind) -> bool:
        """Whether its type is one of these."""
        return self.base in kind.bases


@dataclass(frozen=True, slots=True)
class TableShape:
    """What a table is made of.

    filled_by_trigger: whether a trigger sees each row before it is inserted, and may fill what is missing.
    """

    columns: Mapping[str, Column]
    filled_by_trigger: bool = False
