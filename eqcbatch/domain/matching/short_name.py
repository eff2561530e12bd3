"""The verdict by what EQC says a company is called for short."""

from __future__ import annotations

from collections.abc import Sequence

from eqcbatch.domain.matching.anatomy import take_form_apart
from eqcbatch.domain.matching.offer import Offer, ambiguous, one_of
from eqcbatch.domain.model import Verdict, VerdictRule
from eqcbatch.domain.names import written_form
from eqcbatch.settings import ConfidenceRule


def by_short_name(query_form: str, offers: Sequence[Offer], rule: ConfidenceRule) -> Verdict | None:
    """The verdict where candidates are called for short what was asked for: one must be, and no other.

    甲乙环保 may be 丙市甲乙环境保护股份有限公司. A company whose very name begins so, 甲乙环保有限公司, is a
    rival.
    """
    called = called_so(query_form, offers)
    if not called:
        return None
    confidence = rule.of(called[0].company.match_type)
    rivals = [offer for offer in offers if offer not in called and offer.form.startswith(query_form)]
    if rivals or len({offer.form for offer in called}) > 1:
        return ambiguous(called[0].company, confidence)
    return one_of(called, confidence, VerdictRule.SHORT_NAME)


def called_so(query_form: str, offers: Sequence[Offer]) -> list[Offer]:
    """Who is called so for short; a name in full is no short one."""
    shorts = ((offer, offer.company.short_name) for offer in offers)
    called = [offer for offer, short in shorts if short and written_form(short) == query_form]
    return [] if called and take_form_apart(query_form).written_in_full else called
