"""What an id looks like, by those that are known: a slip of the finger seldom looks so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eqcbatch.domain.model.enums import StrEnum
from eqcbatch.domain.names import MAX_ID_LENGTH, well_formed_id

_MANY = 30  # known ids that tell for sure how long one is


class Alphabet(StrEnum):
    """What an id is made of."""

    DIGITS = "digits"
    ALPHANUMERIC = "letters and digits"
    OTHER = "signs"

    @classmethod
    def of(cls, company_id: str) -> Alphabet:
        """The narrowest that an id is made of."""
        if company_id.isascii() and company_id.isdigit():
            return cls.DIGITS
        return cls.ALPHANUMERIC if company_id.isascii() and company_id.isalnum() else cls.OTHER


class IdLength(NamedTuple):
    """How short and how long the known ids of an alphabet are, and how many they are."""

    alphabet: Alphabet
    shortest: int
    longest: int
    known: int


@dataclass(frozen=True, slots=True)
class IdLook:
    """The lengths of the known ids, by alphabet; empty where none is known."""

    lengths: Mapping[Alphabet, IdLength]

    @classmethod
    def of(cls, found: Iterable[IdLength]) -> IdLook:
        """All that was found, in ledger and index."""
        lengths: dict[Alphabet, IdLength] = {}
        for one in found:
            other = lengths.get(one.alphabet, one._replace(known=0))
            least, most = min(one.shortest, other.shortest), max(one.longest, other.longest)
            lengths[one.alphabet] = IdLength(one.alphabet, least, most, one.known + other.known)
        return cls(lengths)

    def fits(self, company_id: str) -> bool:
        """Whether an id is as long as the known ones of its alphabet; a few of them tell that to a sign.

        Any will do where none is known.
        """
        if well_formed_id(company_id) is None or len(company_id) > MAX_ID_LENGTH:
            return False
        if not self.lengths:
            return True
        known = self.lengths.get(Alphabet.of(company_id))
        if known is None:
            return False
        slack = known.known < _MANY
        return known.shortest - slack <= len(company_id) <= known.longest + slack

    def __str__(self) -> str:
        """Return what the known ones look like, such as `9 to 10 digits`."""
        told = [
            f"{one.shortest if one.shortest == one.longest else f'{one.shortest} to {one.longest}'} {kind}"
            for kind, one in sorted(self.lengths.items())
        ]
        return " or ".join(told) or "letters and digits"


NO_LOOK = IdLook({})
