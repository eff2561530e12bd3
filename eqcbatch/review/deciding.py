"""What a person says of a name becomes a decision, whether a line of a sheet says it or `review set`. Pure.

| what is said                                                    | comes to                          |
|-----------------------------------------------------------------|-----------------------------------|
| what stands already                                             | nothing                           |
| an id among the candidates, or the heir's of a merged company   | that company                      |
| another one, where EQC offered none or with force, if it looks  | that company                      |
| like the ids that are known                                     |                                   |
| another one                                                     | a problem                         |
| no id, such as N/A                                              | a problem                         |
| `none`                                                          | no company                        |
| `reopen`                                                        | what stood before people decided, |
|                                                                 | or asked again; what was taken    |
|                                                                 | back before stays so              |
| anything that changes what a person decided                     | a problem, unless that is meant   |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eqcbatch.domain.id_look import NO_LOOK, IdLook
from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import (
    Candidate,
    Choice,
    Decision,
    Held,
    IdSource,
    NameStanding,
    Reason,
    State,
    Verdict,
    VerdictRule,
)
from eqcbatch.domain.names import askable, usable_id, well_formed_id
from eqcbatch.ledger.decision_rows import DecisionRow
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source.cell_values import company_id_in, word_in

NOBODY = "none"  # the decision that no company is the right one
AGAIN = "reopen"  # the decision that people's decisions are forgotten

DEFAULT_RULE = ConfidenceRule()

_REJECTED = NameStanding(State.FAILED, Reason.NO_COMPANY, verdict=VerdictRule.MANUAL)
_PENDING = NameStanding(State.PENDING)
_INVALID = NameStanding(State.FAILED, Reason.INVALID)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a name.

    text: an id, `none` or `reopen`, as a cell shows it. origin: where that is. force: whether ids count that
    EQC did not offer. how: what would say so.
    """

    text: str
    origin: str
    force: bool = False
    how: str = "--force"


@dataclass(frozen=True, slots=True)
class Terms:
    """By what decisions are judged.

    change: whether what a person decided may be changed. force: whether all is said with force. look: what
    ids look like. rule: by which stored answers are judged where a name is opened again.
    """

    change: bool = False
    force: bool = False
    look: IdLook = NO_LOOK
    rule: ConfidenceRule = DEFAULT_RULE


def decide(name: Reviewed, said: Said, earlier: Sequence[DecisionRow], terms: Terms) -> Decision | str | None:
    """Make a decision of what is said; None if it changes nothing, a text that tells the problem.

    earlier: what was decided of the name before.
    """
    said = replace(said, text=meant(name, said.text))
    choice = _choice(said.text)
    found = _problem_of_id(name, said, terms) if choice is Choice.COMPANY else None
    if found:
        return found
    after = _after(name, choice, said.text, earlier, terms.rule)
    if after is None or _same(name.standing, after):
        return None
    if name.standing.by_a_person and not terms.change:
        return _contradiction(name, said, earlier)
    forced = choice is Choice.COMPANY and bool(name.offers) and _offered(name, said.text) is None
    return Decision(name.lookup_key, choice, name.standing, after, said.origin, forced)


def confirms(name: Reviewed, text: str) -> bool:
    """Whether it lets the id of a changed company stand to say what stands already."""
    return name.change is not None and _choice(text) is not Choice.REOPEN


def meant(name: Reviewed, text: str) -> str:
    """An id by its shown form, as sources are read; the very id that is offered, or stands, is itself.

    A number that a spreadsheet has taken the zeros from is the one id that is offered with them.
    """
    if _offered(name, text) or name.standing.company_id == text:
        return text
    shown = company_id_in(text) or text
    with_zeros = {found.company_id for found in name.offers if found.company_id.lstrip("0") == shown}
    return with_zeros.pop() if len(with_zeros) == 1 and _offered(name, shown) is None else shown


def _choice(text: str) -> Choice:
    return {NOBODY: Choice.NONE, AGAIN: Choice.REOPEN}.get(word_in(text), Choice.COMPANY)


def _problem_of_id(name: Reviewed, said: Said, terms: Terms) -> str | None:
    text = said.text
    stands = name.standing.source is IdSource.MANUAL and name.standing.company_id == text
    if stands or (_offered(name, text) and well_formed_id(text)):
        return None
    if usable_id(text) is None:
        return (
            f"{text[:40]!r} is no company id. Write an id, `{NOBODY}` for no company, `{AGAIN}`, or nothing"
        )
    if not terms.look.fits(text):
        return f"{text[:40]!r} does not look like a company id: those that are known have {terms.look}"
    if name.offers and not (said.force or terms.force):
        return (
            f"{text!r} is not among the candidates of {name.lookup_key!r}; {said.how} takes it all the same"
        )
    return None


def _after(
    name: Reviewed, choice: Choice, text: str, earlier: Sequence[DecisionRow], rule: ConfidenceRule
) -> NameStanding | None:
    if choice is Choice.NONE:
        return _REJECTED
    if choice is Choice.REOPEN:
        return _reopened(name, earlier, rule)
    company = _offered(name, text) or Candidate(0, text)
    return _resolved(company, 1.0, VerdictRule.MANUAL, IdSource.MANUAL)


def _reopened(name: Reviewed, earlier: Sequence[DecisionRow], rule: ConfidenceRule) -> NameStanding | None:
    """What a name is without people's decisions, None where there is none and it is not to be asked again."""
    stands = name.standing
    if earlier and earlier[-1].choice is Choice.REOPEN and _same(earlier[-1].after, stands):
        return None  # so that a sheet can be taken twice
    if not stands.by_a_person:
        known = stands.state is State.CACHED or stands.state is State.FAILED
        return _PENDING if known and stands.reason is not Reason.INVALID else None
    before = _before_people(earlier)
    if before and before.state is State.CACHED and before.confidence is not None:
        return before
    asked = Asked(name.lookup_key, name.query, name.variants)
    verdict = judge(asked, name.candidates, rule, name.evidence)
    if verdict:
        harvested = before is not None and before.source is IdSource.HARVEST
        judged = _by_eqc(verdict, IdSource.HARVEST if harvested else IdSource.EQC)
        reverted = before is not None and before.held is Held.REVERTED
        return replace(judged, held=judged.held or Held.REVERTED) if reverted else judged
    return _PENDING if askable(name.lookup_key) else _INVALID


def _before_people(earlier: Sequence[DecisionRow]) -> NameStanding | None:
    """How the name stood before the first of the decisions that hold by now."""
    before = None
    for decision in reversed(earlier):
        if decision.choice is Choice.REOPEN:
            break
        before = decision.before
    return before


def _by_eqc(verdict: Verdict, source: IdSource) -> NameStanding:
    return replace(_resolved(verdict.company, verdict.confidence, verdict.how, source), held=verdict.held)


def _resolved(company: Candidate, confidence: float, how: VerdictRule, source: IdSource) -> NameStanding:
    return NameStanding(
        State.RESOLVED,
        company_id=company.company_id,
        official_name=company.official_name,
        unite_code=company.unite_code,
        match_type=company.match_type,
        confidence=confidence,
        verdict=how,
        source=source,
    )


def _offered(name: Reviewed, company_id: str) -> Candidate | None:
    return next((found for found in name.offers if found.company_id == company_id), None)


def _same(before: NameStanding, after: NameStanding) -> bool:
    told = [(one.state, one.reason, one.company_id, one.verdict, one.source) for one in (before, after)]
    return told[0] == told[1]


def _contradiction(name: Reviewed, said: Said, earlier: Sequence[DecisionRow]) -> str:
    latest = earlier[-1] if earlier else None
    by = f" by {latest.decided_by}" if latest and latest.decided_by else " by hand"
    when = f" on {latest.decided_at[:10]}" if latest and latest.decided_at else ""
    where = f" ({latest.origin})" if latest and latest.origin else ""
    return (
        f"{name.lookup_key!r} was decided{by}{when}{where}: {name.standing}. "
        f"Here it would become {said.text!r}; --change-decisions changes it"
    )
