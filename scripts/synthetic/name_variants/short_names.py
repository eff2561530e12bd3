"""What companies are called for short, as on a stock exchange: 甲乙科技, 甲乙股份."""

from __future__ import annotations

from synthetic.name_variants.writer import Asked, NameWriter, Needs, is_company
from synthetic.names import Firm, Name
from synthetic.vocabulary import TRADES


def short(writer: NameWriter) -> Asked:
    """Of a company that EQC has, and says so of it."""
    firm = writer.draw(_is_listed)
    return writer.written(_in_parts(firm, firm.short.removeprefix(firm.name.brand)), firm, Needs.SHORT_NAME)


def short_absent(writer: NameWriter) -> Asked | None:
    """Of a company that EQC does not have; it has others of the brand."""
    firm = writer.draw(is_company)
    return writer.of_nobody(_in_parts(firm, writer.chance.choice((writer.chance.choice(TRADES)[:2], "股份"))))


def _in_parts(firm: Firm, rest: str) -> Name:
    in_form = rest == "股份"
    return Name(brand=firm.name.brand, trade="" if in_form else rest, form=rest if in_form else "")


def _is_listed(firm: Firm) -> bool:
    return bool(firm.short)
