"""A replay: every verdict once more from EQC's archived answer, held against what the ledger says.

| the archived answer                            | its verdict now     | the name is                        |
|------------------------------------------------|---------------------|------------------------------------|
| the very one that decided the name             | as it stands        | the same                           |
|                                                | another one         | different: a defect, or tampering  |
|                                                | another one, and    | different by rules: those that     |
|                                                | the rules differ    | judged it were others              |
| one that a version before kept no hash of      | as it stands        | the same                           |
|                                                | another one         | different, on unknown grounds      |
| another one: the question was asked anew since |                     | not to be replayed: replaced       |
| none, and the question was asked anew since:   |                     | not to be replayed: replaced       |
| the later answer was doubted, and forgotten    |                     |                                    |
| none                                           |                     | not to be replayed: missing        |

Nothing is changed, and nothing is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eqcbatch.domain.matching import Asked, bearers, judge
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import Candidate, Endpoint, Held, SecondQuestion, StrEnum
from eqcbatch.domain.names import written_form
from eqcbatch.ledger.origins import Amounts, Judged
from eqcbatch.settings import ConfidenceRule

if TYPE_CHECKING:
    from eqcbatch.eqc import Archive
    from eqcbatch.ledger import Ledger


class Replayed(StrEnum):
    """What a replay of one name came to."""

    SAME = "same"
    DIFFERENT = "different"  # from the same answer, by the same rules
    BY_RULES = "by_rules"  # the rules are others now
    ON_UNKNOWN_GROUNDS = "on_unknown_grounds"  # which answer and rules decided it was not kept
    REPLACED = "replaced"  # its answer made room for a later one
    MISSING = "missing"  # its answer is not in the archive

    @property
    def differs(self) -> bool:
        """Whether there is a verdict, and another one than stands."""
        return self in (Replayed.DIFFERENT, Replayed.BY_RULES, Replayed.ON_UNKNOWN_GROUNDS)


@dataclass(frozen=True, slots=True)
class Difference:
    """A name whose verdict is not, or cannot be, made again. now: None where there is no verdict to make."""

    lookup_key: str
    came_to: Replayed
    stands: Amounts
    now: Amounts | None


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay of a whole ledger. names: by what they came to. others: names that EQC did not decide."""

    names: Mapping[str, int]
    others: int
    differences: tuple[Difference, ...]


def replay(ledger: Ledger, archive: Archive, rule: ConfidenceRule) -> Replay:
    """Make every verdict once more. rule: for names of which a version before kept none."""
    names: Counter[str] = Counter()
    differences: list[Difference] = []
    for name in ledger.origins.judged():
        came_to, now = _replayed(name, archive, rule)
        names[came_to] += 1
        if came_to is not Replayed.SAME:
            differences.append(Difference(name.lookup_key, came_to, name.stands, now))
    return Replay(names, ledger.origins.judged_by_others(), tuple(differences))


def judged_again(name: Judged, candidates: Iterable[Candidate], rule: ConfidenceRule) -> Amounts:
    """What candidates amount to for a name, as the drain judges its own answer, or that to another name."""
    offered = tuple(candidates)
    if name.harvested:
        verdict = bearers(offered).get(written_form(name.query))
    else:
        asked = Asked(name.lookup_key, name.query, name.written)
        verdict = judge(asked, offered, rule, name.evidence)
    if verdict is None:
        return Amounts()
    return Amounts(verdict.company.company_id, verdict.confidence, verdict.how, verdict.held)


def _replayed(name: Judged, archive: Archive, rule: ConfidenceRule) -> tuple[Replayed, Amounts | None]:
    from eqcbatch.eqc import read_search_body  # whoever reviews a sheet does not wait for it

    asked: dict[SecondQuestion | None, str] = {None: name.question}
    asked.update(name.seconds.items())
    kept = {kind: archive.find(Endpoint.SEARCH, question) for kind, question in asked.items()}
    answers = {kind: one for kind, one in kept.items() if one is not None}
    if len(answers) < len(asked):
        return (Replayed.REPLACED if name.asked_anew else Replayed.MISSING), None
    if name.answer_sha256 not in (None, *(one.sha256 for one in answers.values())):
        return Replayed.REPLACED, None
    book = name.rulebook
    offered = [
        replace(found, second=kind) for kind, one in answers.items() for found in read_search_body(one.body)
    ]
    now = judged_again(name, offered, book.rule if book else rule)
    if _as_it_stands(name.stands, now):
        return Replayed.SAME, now
    if book is None or name.answer_sha256 is None:
        return Replayed.ON_UNKNOWN_GROUNDS, now
    return (Replayed.DIFFERENT if book.rule_set == RULE_SET else Replayed.BY_RULES), now


def _as_it_stands(stands: Amounts, now: Amounts) -> bool:
    """Whether a verdict is the one that stands; that its session was taken back is none of its business."""
    told = [(one.company_id, one.confidence, one.verdict) for one in (stands, now)]
    return told[0] == told[1] and (stands.held is Held.REVERTED or stands.held is now.held)
