"""Names that a company bore before."""

from __future__ import annotations

from dataclasses import replace

from synthetic.fit import fit
from synthetic.name_variants.respelled import in_other_brackets
from synthetic.name_variants.writer import Asked, NameWriter, Needs
from synthetic.names import Firm, Name


def former(writer: NameWriter) -> Asked:
    """As it was registered then."""
    firm = writer.draw(_has_a_past)
    return writer.written(writer.chance.choice(firm.former), firm, Needs.FORMER_NAME)


def former_bracket(writer: NameWriter) -> Asked | None:
    """With its place in other brackets."""
    firm = writer.draw(_has_a_past)
    past = writer.chance.choice(firm.former)
    return _told_otherwise(writer, firm, past, in_other_brackets(past)) if past.places else None


def former_no_form(writer: NameWriter) -> Asked | None:
    """Without its legal form."""
    firm = writer.draw(_has_a_past)
    past = writer.chance.choice(firm.former)
    return _told_otherwise(writer, firm, past, replace(past, form="")) if past.form else None


def _told_otherwise(writer: NameWriter, firm: Firm, past: Name, told: Name) -> Asked | None:
    """None where another company is called so today, or was: who means which, nobody knows."""
    others = [other for other in writer.world.by_brand.get(told.brand, []) if other is not firm]
    if any(fit(told, other) for other in others) or writer.world.once_called(past.text) != [firm]:
        return None
    return replace(writer.written(told, firm, Needs.FORMER_NAME), former=past)


def _has_a_past(firm: Firm) -> bool:
    return bool(firm.former)
