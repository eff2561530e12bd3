"""The verdict: what a search's candidates amount to for a name (docs/domain.md section 3). Pure.

A wrong id in the index is worse than none, and most answers are called "fuzzy", right and wrong alike:
so what the names say decides, and the match type only says what that is worth.

Why: docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.matching.comparison import ABBREVIATED, closeness, contradiction, may_be_meant
from eqcbatch.domain.matching.regions import PROVINCE_OF_CODE
from eqcbatch.domain.model import Candidate, Held, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key, query_for, written_form
from eqcbatch.settings import ConfidenceRule

FORMER_NAME_CONFIDENCE = 0.90
_ACTIVE = ("存续", "在业", "开业", "在营")


@dataclass(frozen=True, slots=True)
class Asked:
    """The name that was asked for: its key, the query, and how it is written in the sources."""

    lookup_key: str
    query: str
    variants: tuple[str, ...]


def judge(asked: Asked, candidates: Sequence[Candidate], rule: ConfidenceRule) -> Verdict | None:
    """Decide what a name's candidates amount to; None without candidates.

    The first line that applies decides. What bears out a name, how closely, and what may be meant as
    well, is told by `comparison`.

    | candidates                                                  | verdict              | confidence  |
    |-------------------------------------------------------------|----------------------|-------------|
    | none                                                        | None: not found      |             |
    | one bears the name today, in written form, at any rank      | exact_name           | 1.00        |
    | several do, one is active; or none is gone, one has a code  | exact_name: that     | 1.00        |
    | several do, and nothing tells them apart                    | ambiguous, held      | 1.00        |
    | one bears a name with the same lookup key (then as above)   | exact_name           | 1.00        |
    | one, and no other, bore the name before                     | former_name          | 0.90        |
    | several bore it before                                      | ambiguous, held      | 0.90        |
    | the names of all contradict it; WHAT: of the first          | contradiction:WHAT, held | its type's |
    | the name asked for is a bare brand                          | ambiguous, held      | its type's  |
    | several bear it out as closely, or another may be meant     | ambiguous, held      | its type's  |
    | these are of one name (then as for several bearers)         | first_candidate      | its type's  |
    | one bears it out most closely, at any rank                  | first_candidate      | its type's  |

    Below the rule's minimum confidence any verdict is held. So is one of a key behind which the sources
    name several places or branches, 甲小贷（深圳） and 甲小贷（仁怀）: the key drops them, and has one id for
    both.
    """
    if not candidates:
        return None
    verdict = _by_name(asked, candidates) or _by_former_name(asked, candidates)
    verdict = verdict or _by_likeness(asked, candidates, rule)
    if not verdict.held and states_several_bodies(asked):
        return replace(verdict, how=VerdictRule.AMBIGUOUS, held=Held.AMBIGUOUS)
    return _held_if_low(verdict, rule)


def states_several_bodies(asked: Asked) -> bool:
    """Whether the ways in which a name is written state places or branches that differ: no id fits all."""
    forms = {query_for([variant]) for variant in asked.variants}
    if len(forms) < 2:
        return False
    names = [take_apart(form) for form in forms]
    return len({name.places for name in names} - {()}) > 1 or len({name.office for name in names}) > 1


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
        if len({one.company_id for one in found}) == 1 and _is_active(found[0])
    }


def _by_name(asked: Asked, candidates: Sequence[Candidate]) -> Verdict | None:
    """The verdict where a candidate bears the name today."""
    for same in _ways_to_be_same(asked):
        if claimants := _distinct(found for found in candidates if same(found.official_name)):
            return _one_of(claimants, 1.0, VerdictRule.EXACT_NAME)
    return None


def _by_former_name(asked: Asked, candidates: Sequence[Candidate]) -> Verdict | None:
    """The verdict where candidates bore the name before; of two, it is usable for neither."""
    for same in _ways_to_be_same(asked):
        if claimants := _distinct(found for found in candidates if any(map(same, found.former_names))):
            if len(claimants) > 1:
                return Verdict(claimants[0], FORMER_NAME_CONFIDENCE, VerdictRule.AMBIGUOUS, Held.AMBIGUOUS)
            return Verdict(claimants[0], FORMER_NAME_CONFIDENCE, VerdictRule.FORMER_NAME)
    return None


def _by_likeness(asked: Asked, candidates: Sequence[Candidate], rule: ConfidenceRule) -> Verdict:
    """The verdict where nobody bears or bore the very name."""
    wanted = take_apart(asked.query)
    offered = {found: anatomy_of(found) for found in _distinct(candidates)}
    fitting = {found: name for found, name in offered.items() if not contradiction(wanted, name)}
    if not fitting:
        return _contradicted(wanted, candidates[0], rule)
    close = {found: closeness(wanted, name) for found, name in fitting.items()}
    closest = [found for found in close if close[found] in (ABBREVIATED, max(close.values()))]
    confidence = rule.of(closest[0].match_type)
    names = {written_form(found.official_name or "") for found in closest}
    others = [name for found, name in offered.items() if found not in closest]
    doubtful = wanted.says_too_little or any(may_be_meant(wanted, name) for name in others)
    if doubtful or len(names) > 1:
        return Verdict(closest[0], confidence, VerdictRule.AMBIGUOUS, Held.AMBIGUOUS)
    return _one_of(closest, confidence, VerdictRule.FIRST_CANDIDATE)


def _contradicted(wanted: Anatomy, first: Candidate, rule: ConfidenceRule) -> Verdict:
    """The verdict where no candidate's name bears out what was asked for, told by the first."""
    part = contradiction(wanted, anatomy_of(first))
    assert part is not None  # as for all candidates
    how = VerdictRule.contradicting(part)
    return Verdict(first, rule.of(first.match_type), how, Held.CONTRADICTION)


def anatomy_of(candidate: Candidate) -> Anatomy:
    """The anatomy of a candidate's name; where it states no place, its code tells the province.

    Signs 3 to 8 of a unite_code are the division of the registering authority (GB 32100).
    """
    name = take_apart(candidate.official_name or "")
    if name.places or not candidate.unite_code:
        return name
    return replace(name, province=PROVINCE_OF_CODE.get(candidate.unite_code[2:4], ""))


def _ways_to_be_same(asked: Asked) -> tuple[Callable[[str | None], bool], ...]:
    """How a company's name can be that which was asked for: in written form, else by its lookup key.

    The key drops what stands in brackets at the end, so a place or a branch there must not be another one.
    """
    forms = {written_form(name) for name in (asked.query, *asked.variants)}
    keys = {asked.lookup_key, lookup_key(asked.query)}
    wanted = take_apart(asked.query)

    def by_key(name: str | None) -> bool:
        if not name or lookup_key(name) not in keys:
            return False
        offered = take_apart(name)
        return (offered.places, offered.office) == (wanted.places, wanted.office)

    return lambda name: bool(name) and written_form(name or "") in forms, by_key


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate a company, the best-ranked."""
    return list({found.company_id: found for found in reversed(list(candidates))}.values())[::-1]


def _one_of(namesakes: list[Candidate], confidence: float, how: VerdictRule) -> Verdict:
    """Of several companies of one name: the active one; then, if none is gone, that with a unite_code."""
    namesakes = [found for found in namesakes if _is_active(found)] or namesakes
    if not any(found.registered_status and not _is_active(found) for found in namesakes):
        namesakes = [found for found in namesakes if found.unite_code] or namesakes
    if len(namesakes) > 1:
        return Verdict(namesakes[0], confidence, VerdictRule.AMBIGUOUS, Held.AMBIGUOUS)
    return Verdict(namesakes[0], confidence, how)


def _is_active(candidate: Candidate) -> bool:
    return (candidate.registered_status or "").startswith(_ACTIVE)


def _held_if_low(verdict: Verdict, rule: ConfidenceRule) -> Verdict:
    if verdict.held or verdict.confidence >= rule.minimum:
        return verdict
    return Verdict(verdict.company, verdict.confidence, verdict.how, Held.LOW_CONFIDENCE)
