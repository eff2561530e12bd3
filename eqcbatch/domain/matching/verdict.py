"""The verdict: what a search's candidates amount to for a name (docs/domain.md section 3). Pure.

A wrong id in the index is worse than none, and most answers are called "fuzzy", right and wrong alike:
so what the names say decides, and the match type only says what that is worth.

Why: docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eqcbatch.domain.matching.likeness import FORMER_NAME_CONFIDENCE, by_likeness, like
from eqcbatch.domain.matching.offer import Contenders, Offer, ambiguous, is_active, offers_of, one_of
from eqcbatch.domain.matching.sameness import Asked, Sameness, states_several_bodies
from eqcbatch.domain.matching.short_name import by_short_name, called_so
from eqcbatch.domain.matching.testimony import Testimony, by_evidence, testimonies
from eqcbatch.domain.model import Candidate, Held, RowEvidence, SecondQuestion, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key, query_for, written_form
from eqcbatch.settings import ConfidenceRule

_BY_LIKENESS = (VerdictRule.FIRST_CANDIDATE, VerdictRule.SHORT_NAME, VerdictRule.MISSPELLING)


def judge(
    asked: Asked,
    candidates: Sequence[Candidate],
    rule: ConfidenceRule,
    evidence: Sequence[RowEvidence] = (),
) -> Verdict | None:
    """Decide what a name's candidates amount to; None without candidates.

    The first line that applies decides; `comparison` tells what bears out a name, and who else may be meant.

    | candidates                                                  | verdict              | confidence  |
    |-------------------------------------------------------------|----------------------|-------------|
    | none                                                        | None: not found      |             |
    | one bears the name today, in written form, at any rank      | exact_name           | 1.00        |
    | several do, one is active; or none is gone, one has a code  | exact_name: that     | 1.00        |
    | several do, and nothing tells them apart                    | ambiguous, held      | 1.00        |
    | one bears a name with the same lookup key (then as above)   | exact_name           | 1.00        |
    | two do, each called in one of the ways of writing it        | ambiguous, held      | 1.00        |
    | one, and no other, bore the name before                     | former_name          | 0.90        |
    | several bore it before                                      | ambiguous, held      | 0.90        |
    | one, and no other, is called so for short                   | short_name           | its type's  |
    | several bear it out as closely, or another may be meant     | ambiguous, held      | its type's  |
    | it says too little, and others are called alike             | ambiguous, held      | its type's  |
    | these are of one name (then as for several bearers)         | first_candidate      | its type's  |
    | one bears it out most closely, at any rank                  | first_candidate      | its type's  |
    | none does, and one has the name but for a slip of the hand  | misspelling          | 0.80        |
    | none does, and one bore a name before that does             | former_name          | 0.90 of it  |
    | the names of all contradict it; WHAT: of the first          | contradiction:WHAT, held | its type's |
    | ambiguous, and evidence fits one that nothing contradicts   | evidence:WHICH       | its type's  |

    evidence: what stands in the rows of the name beside it (`testimony`). What a second question brought
    counts only where the first answer is held or empty, and the verdict on all is not. Below the rule's
    minimum any verdict is held. So is one of a key behind which several bodies stand: 甲（一厂）, 甲（二厂）.
    """
    first = [one for one in candidates if one.second is None]
    verdict = _judge(asked, first, rule, evidence)
    if len(first) == len(candidates) or (verdict and not verdict.held):
        return verdict
    of_all = _judge(asked, candidates, rule, evidence)
    return verdict if of_all is None or of_all.held else of_all


def _judge(
    asked: Asked, candidates: Sequence[Candidate], rule: ConfidenceRule, evidence: Sequence[RowEvidence]
) -> Verdict | None:
    """The verdict by that table."""
    if not candidates:
        return None
    offers = offers_of(candidates)
    verdict = _by_words(asked, offers, rule)
    if not verdict.held and states_several_bodies(asked):
        return replace(verdict, how=VerdictRule.AMBIGUOUS, held=Held.AMBIGUOUS)
    if evidence and _leaves_several(verdict, asked, offers):
        among = _contenders(Sameness(asked), offers)
        told = testimonies(evidence, among, lambda name: _meant_by(name, offers, rule))
        verdict = by_evidence(told, among, rule) or verdict
    return _held_if_low(verdict, rule)


def weigh_evidence(
    asked: Asked, candidates: Sequence[Candidate], rule: ConfidenceRule, evidence: Sequence[RowEvidence]
) -> list[Testimony]:
    """What each piece of evidence says of those that a name may mean; of other names it says nothing."""
    offers = offers_of(candidates)
    if not offers or not _leaves_several(_by_words(asked, offers, rule), asked, offers):
        return [Testimony(piece) for piece in evidence]
    among = _contenders(Sameness(asked), offers)
    return testimonies(evidence, among, lambda name: _meant_by(name, offers, rule))


def bearers(candidates: Sequence[Candidate]) -> dict[str, Verdict]:
    """The names, in written form, that just one company of an answer bears: who asks so is answered, too.

    Current names only: a former name seen in somebody else's answer proves nothing. Nor does the name of
    a company that is gone: an heir of the same name may just not have been looked for.
    """
    by_form: dict[str, list[Candidate]] = {}
    for found in candidates:
        if found.official_name:
            by_form.setdefault(written_form(found.official_name), []).append(found)
    return {
        form: Verdict(found[0], 1.0, VerdictRule.EXACT_NAME)
        for form, found in by_form.items()
        if len({one.company_id for one in found}) == 1 and is_active(found[0])
    }


def _meant_by(name: str, offers: Sequence[Offer], rule: ConfidenceRule) -> str | None:
    """The id of whom a name alone means among these, None if that is nobody, or not sure."""
    verdict = _by_names(Sameness(Asked(lookup_key(name), query_for([name]), (name,))), offers, rule)
    return None if verdict.held else verdict.company.company_id


def _by_words(asked: Asked, offers: Sequence[Offer], rule: ConfidenceRule) -> Verdict:
    """Decide by the names, as far as the questions allow it.

    What was asked with the evidence brings the companies of that place, or plan, alone, and does not tell how
    rare a name is: one that is only like it may mean others.
    """
    verdict = _by_names(Sameness(asked), offers, rule)
    by_evidence_alone = verdict.company.second in (SecondQuestion.PLAN_NAME, SecondQuestion.WITH_PLACE)
    if by_evidence_alone and verdict.how in _BY_LIKENESS:
        return ambiguous(verdict.company, verdict.confidence)
    return verdict


def _by_names(same: Sameness, offers: Sequence[Offer], rule: ConfidenceRule) -> Verdict:
    """Decide by names of today, by former ones, by short ones, then by likeness."""
    verdict = _by_name(same, offers) or _by_former_name(same, offers)
    verdict = verdict or by_short_name(same.query_form, offers, rule)
    return verdict or by_likeness(same.query_form, offers, rule)


def _contenders(same: Sameness, offers: Sequence[Offer]) -> Contenders:
    """Who may be meant by a name, on the ground by which `_by_names` decides."""
    if borne := _bearers(same, offers):
        return Contenders(tuple(borne))
    if borne := _former_bearers(same, offers):
        return Contenders(tuple(borne), most=FORMER_NAME_CONFIDENCE)
    likeness = like(same.query_form, offers)
    called = called_so(same.query_form, offers)
    if likeness.borne_out or called:
        borne_out = tuple(dict.fromkeys((*called, *likeness.borne_out)))
        rivals = (one for one in likeness.rivals if one not in borne_out)
        return Contenders(borne_out, tuple(rivals), common=likeness.common)
    return Contenders(likeness.former, per_type=FORMER_NAME_CONFIDENCE, common=likeness.common)


def _by_name(same: Sameness, offers: Sequence[Offer]) -> Verdict | None:
    """The verdict where a candidate bears the name today."""
    claimants = _bearers(same, offers)
    if len({offer.form for offer in claimants}) > 1:  # each by one way of writing the name
        return ambiguous(claimants[0].company, 1.0)
    return one_of(claimants, 1.0, VerdictRule.EXACT_NAME) if claimants else None


def _bearers(same: Sameness, offers: Sequence[Offer]) -> list[Offer]:
    """Who bears the name today, in written form or else by its key."""
    claimants = [offer for offer in offers if offer.form and same.by_form(offer.form)]
    return claimants or [one for one in offers if same.by_key(one.company.official_name or "", one.form)]


def _by_former_name(same: Sameness, offers: Sequence[Offer]) -> Verdict | None:
    """The verdict where candidates bore the name before; of two, it is usable for neither."""
    found = _former_bearers(same, offers)
    if len(found) > 1:
        return ambiguous(found[0].company, FORMER_NAME_CONFIDENCE)
    return Verdict(found[0].company, FORMER_NAME_CONFIDENCE, VerdictRule.FORMER_NAME) if found else None


def _former_bearers(same: Sameness, offers: Sequence[Offer]) -> list[Offer]:
    """Who bore the name before, in written form or else by its key."""
    former = [(one, name, written_form(name)) for one in offers for name in one.company.former_names]
    claimants = {one: None for one, _, form in former if same.by_form(form)}
    return list(claimants or {one: None for one, name, form in former if same.by_key(name, form)})


def _leaves_several(verdict: Verdict, asked: Asked, offers: Sequence[Offer]) -> bool:
    """Whether the names leave several companies, and are names of one body."""
    if verdict.how is not VerdictRule.AMBIGUOUS or states_several_bodies(asked):
        return False
    return len({offer.form for offer in _bearers(Sameness(asked), offers)}) < 2


def _held_if_low(verdict: Verdict, rule: ConfidenceRule) -> Verdict:
    if verdict.held or verdict.confidence >= rule.minimum:
        return verdict
    return Verdict(verdict.company, verdict.confidence, verdict.how, Held.LOW_CONFIDENCE)
