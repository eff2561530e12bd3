"""Rescoring: after a change of rules, confidences or threshold, stored candidates are judged anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eqcbatch import __version__
from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import Held, RowEvidence, Rulebook, Verdict, VerdictRule
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.reviews import Rescored, Reviewed
from eqcbatch.settings import ConfidenceRule


@dataclass(frozen=True, slots=True)
class Change:
    """A name whose stored candidates amount to something else now.

    company_id, confidence, verdict, held: as the ledger has them. now: the new verdict. written: how the
    sources write the name; evidence: what stands in its rows beside it.
    """

    lookup_key: str
    rows: int
    company_id: str
    confidence: float
    verdict: VerdictRule
    held: Held | None
    now: Verdict
    written: tuple[str, ...] = ()
    evidence: tuple[RowEvidence, ...] = ()

    @property
    def newly_confident(self) -> bool:
        """Whether it was held and may be flushed now."""
        return self.held is not None and self.now.held is None

    @property
    def newly_held(self) -> bool:
        """Whether it could be flushed and is held now."""
        return self.held is None and self.now.held is not None

    @property
    def other_id(self) -> bool:
        """Whether another company is chosen."""
        return self.company_id != self.now.company.company_id


@dataclass(frozen=True, slots=True)
class Rescoring:
    """All changes, heaviest name first. names: how many were judged. unjudged: those without candidates."""

    names: int
    unjudged: int
    changes: tuple[Change, ...]

    @property
    def newly_confident(self) -> tuple[Change, ...]:
        """Names that were held and may be flushed now."""
        return tuple(change for change in self.changes if change.newly_confident)

    @property
    def newly_held(self) -> tuple[Change, ...]:
        """Names that could be flushed and are held now."""
        return tuple(change for change in self.changes if change.newly_held)

    @property
    def changed_id(self) -> tuple[Change, ...]:
        """Names for which another company is chosen, held or not."""
        return tuple(change for change in self.changes if change.other_id)

    @property
    def otherwise(self) -> int:
        """How many names keep company and standing, and change in confidence or verdict alone."""
        return sum(not (one.newly_confident or one.newly_held or one.other_id) for one in self.changes)


def rescore(names: Iterable[Reviewed], rule: ConfidenceRule) -> Rescoring:
    """Judge names by their stored candidates. Pure; without candidates a name stays as it is."""
    judged = unjudged = 0
    changes: list[Change] = []
    for name in names:
        asked = Asked(name.lookup_key, name.query, name.variants)
        verdict = judge(asked, name.candidates, rule, name.evidence)
        if verdict is None:
            unjudged += 1
            continue
        judged += 1
        change = _change(name, verdict)
        if change:
            changes.append(change)
    return Rescoring(judged, unjudged, tuple(changes))


def apply_rescoring(ledger: Ledger, rescoring: Rescoring, rule: ConfidenceRule) -> None:
    """Let the new verdicts hold, all or none; former names follow, where companies were asked for theirs."""
    if rescoring.changes:
        rescored = [Rescored(one.lookup_key, one.now, one.written, one.evidence) for one in rescoring.changes]
        ledger.reviews.record_rescored(rescored, Rulebook(__version__, RULE_SET, rule))
    ledger.companies.reweigh()
    ledger.former_names.refresh(rule.minimum)


def _change(name: Reviewed, now: Verdict) -> Change | None:
    stands = name.standing
    company_id, confidence, verdict = stands.company_id, stands.confidence, stands.verdict
    assert company_id is not None  # so say the ledger's CHECKs of a resolved name
    assert confidence is not None
    assert verdict is not None
    before = (company_id, confidence, verdict, stands.held)
    if before == (now.company.company_id, now.confidence, now.how, now.held):
        return None
    return Change(name.lookup_key, name.rows, *before, now, name.variants, name.evidence)
