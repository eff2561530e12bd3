"""A company name in parts, and the company that bears it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from synthetic.places import Places, Seat
from synthetic.vocabulary import BANK

ALIVE, GONE = "存续", "注销"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts, as the synthetic registry knows them.

    places: as written, from large to small. style: where they stand: `front`, `inner` or `tail`, the latter
    two in brackets. office, sub: the branch behind the legal form, its places and what it is. plant: what
    stands in brackets at the end.
    """

    places: Places = ()
    brand: str = ""
    number: str = ""
    trade: str = ""
    form: str = ""
    sub: str = ""
    style: str = "front"
    office: Places = ()
    plant: str = ""

    @property
    def text(self) -> str:
        """The name as it is written."""
        place = "".join(self.places)
        bracketed = f"（{place}）" if place and self.style != "front" else ""
        inner, tail = (bracketed, "") if self.style == "inner" else ("", bracketed)
        front = place if self.style == "front" else ""
        head = f"{front}{self.brand}{inner}{self.number}{self.trade}{tail}{self.form}"
        return f"{head}{''.join(self.office)}{self.sub}{f'（{self.plant}）' if self.plant else ''}"

    @property
    def words(self) -> str:
        """What a register compares: it enters no second name that differs in brackets or in 责任 alone."""
        name = replace(self, style="front", form=self.form.replace("责任", ""))
        return name.text.replace("（", "").replace("）", "")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What no company of the name may differ in."""
        return self.brand, self.number, self.sub, self.plant

    @property
    def is_banks(self) -> bool:
        """Whether a bank bears it."""
        return self.trade == BANK

    @property
    def is_of_an_office(self) -> bool:
        """Whether it says no more than what an institution is, 实验小学: its place tells which."""
        return not (self.brand or self.form)


@dataclass(slots=True)
class Firm:
    """A company of the registry. seat: where its head office sits, whatever its name says.

    branch_seat: where it sits itself, if it is a branch. former: its past names. short: what EQC says it is
    called for short, "" for nothing. id: its company_id, "" until it is entered into the registry.
    """

    name: Name
    seat: Seat
    branch_seat: Seat | None = None
    former: list[Name] = field(default_factory=list)
    status: str = ALIVE
    short: str = ""
    id: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether it is struck off the register."""
        return self.status == GONE

    @property
    def registered_at(self) -> Seat:
        """The seat that its unite_code tells."""
        return self.branch_seat or self.seat
