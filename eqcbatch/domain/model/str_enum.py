"""A closed set as an enum whose members are their own text."""

from __future__ import annotations

from enum import Enum


class StrEnum(str, Enum):
    """A member of a closed set that is stored, compared and printed as its plain text."""

    __str__ = str.__str__  # plain text, as a driver binds it without looking for an adapter
