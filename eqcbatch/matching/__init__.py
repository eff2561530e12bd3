"""The verdict: what a search's candidates amount to for a name (DOMAIN section 3). Pure.

A wrong id in the index is worse than none, and most answers are called "fuzzy", right and wrong alike:
so what the names say decides, and the match type only where they say nothing against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eqcbatch.matching.anatomy import contradiction, take_apart
from eqcbatch.names import lookup_key, written_form
from eqcbatch.records import Candidate, Held, Verdict
from eqcbatch.settings import ConfidenceRule

FORMER_NAME_CONFIDENCE = 0.90
_ACTIVE = ("存续", "在业", "开业", "在营")


@dataclass(frozen=True, slots=True)
class Asked:
    """The name that was asked for: its key, the query, and how it is written in the sources."""

    lookup_key: str
    query: str
    variants: tuple[str, ...] = ()


def judge(asked: Asked, candidates: Sequence[Candidate], rule: ConfidenceRule) -> Verdict | None:
    """Decide what a name's candidates amount to; None without candidates.

    The first line that applies decides.

    | candidates                                              | verdict            | confidence     |
    |---------------------------------------------------------|--------------------|----------------|
    | none                                                    | None: not found    |                |
    | one bears the name today, in written form, at any rank  | exact_name         | 1.00           |
    | several do, one is active, or has a unite_code          | exact_name: that   | 1.00           |
    | several do, and nothing tells them apart                | ambiguous, held    | 1.00           |
    | one bears a name with the same lookup key (then as above) | exact_name       | 1.00           |
    | one, and no other, bore the name before                 | former_name        | 0.90           |
    | the first one's name contradicts                        | contradiction:WHAT, held | of its type |
    | else                                                    | first_candidate    | of its type    |

    Below the rule's minimum confidence any verdict is held.
    """
    if not candidates:
        return None
    for same in _ways_to_be_same(asked):
        if bearers := _distinct(found for found in candidates if same(found.official_name)):
            return _held_if_low(_exact(bearers), rule)
    for same in _ways_to_be_same(asked):
        bearers = _distinct(found for found in candidates if any(map(same, found.former_names)))
        if len(bearers) == 1:
            return _held_if_low(Verdict(bearers[0], FORMER_NAME_CONFIDENCE, "former_name"), rule)
    return _held_if_low(_first(asked, candidates[0], rule), rule)


def bearers(candidates: Sequence[Candidate]) -> dict[str, Verdict]:
    """The names, in written form, that just one company of an answer bears today: who asks so is answered, too.

    Current names only: a former name seen in somebody else's answer proves nothing.
    """
    by_form: dict[str, list[Candidate]] = {}
    for found in candidates:
        if found.official_name:
            by_form.setdefault(written_form(found.official_name), []).append(found)
    return {
        form: Verdict(found[0], 1.0, "exact_name")
        for form, found in by_form.items()
        if len({one.company_id for one in found}) == 1
    }


def _ways_to_be_same(asked: Asked) -> tuple[Callable[[str | None], bool], ...]:
    """How a company's name can be that which was asked for: in written form, else by its lookup key."""
    forms = {written_form(name) for name in (asked.query, *asked.variants)}
    keys = {asked.lookup_key, lookup_key(asked.query)}
    return (
        lambda name: bool(name) and written_form(name or "") in forms,
        lambda name: bool(name) and lookup_key(name) in keys,
    )


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate a company, the best-ranked."""
    return list({found.company_id: found for found in reversed(list(candidates))}.values())[::-1]


def _exact(bearers: list[Candidate]) -> Verdict:
    """Of several companies that bear the name: the active one, then the one with a unite_code."""
    for telling in (_is_active, _has_unite_code):
        bearers = [found for found in bearers if telling(found)] or bearers
    if len(bearers) > 1:
        return Verdict(bearers[0], 1.0, "ambiguous", Held.AMBIGUOUS)
    return Verdict(bearers[0], 1.0, "exact_name")


def _is_active(candidate: Candidate) -> bool:
    return (candidate.registered_status or "").startswith(_ACTIVE)


def _has_unite_code(candidate: Candidate) -> bool:
    return candidate.unite_code is not None


def _first(asked: Asked, first: Candidate, rule: ConfidenceRule) -> Verdict:
    confidence = rule.of(first.match_type)
    against = contradiction(take_apart(asked.query), take_apart(first.official_name or ""))
    if against:
        return Verdict(first, confidence, f"contradiction:{against}", Held.CONTRADICTION)
    return Verdict(first, confidence, "first_candidate")


def _held_if_low(verdict: Verdict, rule: ConfidenceRule) -> Verdict:
    if verdict.held or verdict.confidence >= rule.minimum:
        return verdict
    return Verdict(verdict.company, verdict.confidence, verdict.how, Held.LOW_CONFIDENCE)
