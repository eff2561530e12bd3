"""The verdict where nobody bears the very name: what the others bear out, and who else may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart, take_form_apart
from eqcbatch.domain.matching.comparison import ABBREVIATED, closeness, contradiction, may_be_meant
from eqcbatch.domain.matching.misspelling import differ_by_a_slip, is_misspelt
from eqcbatch.domain.matching.numerals import signs_without_numbers
from eqcbatch.domain.matching.offer import Offer, ambiguous, one_of
from eqcbatch.domain.matching.rarity import has_no_brand, is_common, is_everywhere, needs_a_rare_brand
from eqcbatch.domain.model import Held, Verdict, VerdictRule
from eqcbatch.settings import ConfidenceRule

FORMER_NAME_CONFIDENCE = 0.90  # of what the same name of today would be worth
MISSPELLING_CONFIDENCE = 0.80  # whatever EQC calls the match: often one by sound


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whose names are like one that nobody bears.

    borne_out: the closest of those that nothing contradicts. rivals: who else may be meant. former: those
    that bore such a name before. common: whether names like it are borne everywhere.
    """

    borne_out: tuple[Offer, ...]
    rivals: tuple[Offer, ...]
    former: tuple[Offer, ...]
    common: bool


def like(query_form: str, offers: Sequence[Offer]) -> Likeness:
    """Tell whose names are like it."""
    wanted = take_form_apart(query_form)
    related = _related(wanted, offers)
    fitting = _fitting(wanted, related)
    closest = _closest(wanted, fitting)
    meant = (offer for offer in related if offer in fitting or may_be_meant(wanted, offer.name))
    return Likeness(
        tuple(closest),
        tuple(offer for offer in meant if offer not in closest),
        tuple(_former_bearers(wanted, offers)),
        wanted.says_too_little or has_no_brand(wanted) or is_everywhere(wanted),
    )


def by_likeness(query_form: str, offers: Sequence[Offer], rule: ConfidenceRule) -> Verdict:
    """Decide by the names of today, else by a slip in one of them, else by former names."""
    wanted = take_form_apart(query_form)
    related = _related(wanted, offers)
    fitting = _fitting(wanted, related)
    if fitting:
        return _of_fitting(wanted, fitting, related, offers, rule)
    return (
        _by_misspelling(query_form, offers)
        or _by_former_name(wanted, offers, rule)
        or _contradicted(wanted, offers[0], rule)
    )


def _fitting(wanted: Anatomy, offers: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in offers if contradiction(wanted, offer.name) is None]


def _related(wanted: Anatomy, offers: Sequence[Offer]) -> list[Offer]:
    """Those with the signs without which no name bears out the asked one, nor may be meant as well."""
    words = wanted.core + wanted.branch
    if wanted.places and wanted.written_in_full:
        words += wanted.places[-1].stem
    signs = signs_without_numbers(words)
    return [offer for offer in offers if signs.issubset(offer.form)]


def _closest(wanted: Anatomy, fitting: Sequence[Offer]) -> list[Offer]:
    """The closest of those that nothing contradicts, and all that may be cut off."""
    close = {offer: closeness(wanted, offer.name) for offer in fitting}
    return [offer for offer in fitting if close[offer] in (ABBREVIATED, max(close.values()))]


def _of_fitting(
    wanted: Anatomy,
    fitting: Sequence[Offer],
    related: Sequence[Offer],
    offers: Sequence[Offer],
    rule: ConfidenceRule,
) -> Verdict:
    """The verdict on the names that nothing contradicts: the closest, if no other may be meant."""
    closest = _closest(wanted, fitting)
    chosen = closest[0]
    confidence = rule.of(chosen.company.match_type)
    several = len({offer.form for offer in closest}) > 1
    rivals = (may_be_meant(wanted, offer.name) for offer in related if offer not in closest)
    if several or wanted.says_too_little or has_no_brand(wanted) or any(rivals):
        return ambiguous(chosen.company, confidence)
    if needs_a_rare_brand(wanted, chosen.name) and is_common(wanted, chosen, offers):
        return ambiguous(chosen.company, confidence)
    return one_of(closest, confidence, VerdictRule.FIRST_CANDIDATE)


def _by_misspelling(query_form: str, offers: Sequence[Offer]) -> Verdict | None:
    """The verdict where one candidate has the name but for a slip of the hand, and no other's is as near."""
    meant = [offer for offer in offers if differ_by_a_slip(query_form, offer.form)]
    if len({offer.form for offer in meant}) != 1 or not is_misspelt(query_form, meant[0].form):
        return None
    return one_of(meant, MISSPELLING_CONFIDENCE, VerdictRule.MISSPELLING)


def _by_former_name(wanted: Anatomy, offers: Sequence[Offer], rule: ConfidenceRule) -> Verdict | None:
    """The verdict where a candidate bore the name in other brackets, or with the legal form left out."""
    claimants = _former_bearers(wanted, offers)
    if not claimants:
        return None
    confidence = FORMER_NAME_CONFIDENCE * rule.of(claimants[0].company.match_type)
    if len(claimants) > 1:  # of two, it is usable for neither
        return ambiguous(claimants[0].company, confidence)
    return Verdict(claimants[0].company, confidence, VerdictRule.FORMER_NAME)


def _former_bearers(wanted: Anatomy, offers: Sequence[Offer]) -> list[Offer]:
    """Who bore such a name before; many did if it says too little."""
    return [] if wanted.says_too_little else [offer for offer in offers if _bore(offer, wanted)]


def _bore(offer: Offer, wanted: Anatomy) -> bool:
    """Whether a company bore a name that bears out the asked one, with all of its core and its places."""
    former = (take_apart(name) for name in offer.company.former_names)
    return any(
        contradiction(wanted, name) is None
        and closeness(wanted, name) != ABBREVIATED
        and not needs_a_rare_brand(wanted, name)
        for name in former
    )


def _contradicted(wanted: Anatomy, first: Offer, rule: ConfidenceRule) -> Verdict:
    """The verdict where no candidate's name bears out what was asked for, told by the first."""
    part = contradiction(wanted, first.name)
    assert part is not None  # as for all candidates
    confidence = rule.of(first.company.match_type)
    return Verdict(first.company, confidence, VerdictRule.contradicting(part), Held.CONTRADICTION)
