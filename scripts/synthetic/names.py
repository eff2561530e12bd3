"""A company name in parts, and the company that bears it."""

from __future__ import annotations

from dataclasses import dataclass, field

from synthetic.places import Seat
from synthetic.vocabulary import BANK

ALIVE, GONE = "存续", "注销"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts, as the synthetic registry knows them.

    places: as written, from large to small. style: where they stand: `front`, `inner` or `tail`, the
    latter two in brackets. sub: the branch behind the legal form.
    """

    places: tuple[str, ...] = ()
    brand: str = ""
    number: str = ""
    trade: str = ""
    form: str = ""
    sub: str = ""
    style: str = "front"

    @property
    def text(self) -> str:
        """The name as it is written."""
        place = "".join(self.places)
        bracketed = f"（{place}）" if place and self.style != "front" else ""
        inner, tail = (bracketed, "") if self.style == "inner" else ("", bracketed)
        front = place if self.style == "front" else ""
        return f"{front}{self.brand}{inner}{self.number}{self.trade}{tail}{self.form}{self.sub}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no company of the name may differ in."""
        return self.brand, self.number, self.sub

    @property
    def is_banks(self) -> bool:
        """Whether a bank bears it."""
        return self.trade == BANK


@dataclass(slots=True)
class Firm:
    """A company of the registry. seat: where it sits, whatever its name says. former: its past names.

    id: its company_id, "" until it is entered into the registry.
    """

    name: Name
    seat: Seat
    former: list[Name] = field(default_factory=list)
    status: str = ALIVE
    id: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether it is struck off the register."""
        return self.status == GONE
