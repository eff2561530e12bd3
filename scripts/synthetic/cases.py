"""Names of known truth with what became of them: in a drain, or judged by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eqcbatch.domain.matching import judge
from eqcbatch.domain.model import Candidate
from eqcbatch.settings import ConfidenceRule
from synthetic.drained import Drained
from synthetic.labelled import labelled
from synthetic.name_variants import Asked
from synthetic.resolvable import is_resolvable
from synthetic.workbook import Entry, of_one_company
from synthetic.world import World


@dataclass(frozen=True, slots=True)
class Case:
    """One name: its kind and lookup key, what was asked, what became of it, and EQC's answer.

    company_id: whom it was found to mean, held or not; None for nobody.
    """

    kind: str
    key: str
    asked: Asked
    company_id: str | None
    verdict: str | None
    is_held: bool
    candidates: Sequence[Candidate]
    resolvable: bool

    @property
    def true_id(self) -> str | None:
        """The id it should get, None for none."""
        return self.asked.truth.id if self.asked.truth else None


def ours(case: Case) -> str | None:
    """The id that eqcbatch flushes, None for none."""
    return None if case.is_held else case.company_id


def rivals(case: Case) -> str | None:
    """The first candidate's id, where its type's confidence suffices: from the very same answer."""
    rule = ConfidenceRule()
    first = case.candidates[0] if case.candidates else None
    return first.company_id if first and rule.of(first.match_type) >= rule.minimum else None


def drained_cases(entries: Sequence[Entry], world: World, ledger: Drained) -> Iterator[Case]:
    """Every name with what its ledger says."""
    telling = of_one_company(entries)
    for entry in entries:
        row, answer = ledger.names[entry.key], ledger.candidates.get(entry.key, [])
        resolvable = entry.key in telling and is_resolvable(entry.asked, world, answer)
        found = row["company_id"] if row["state"] == "resolved" else None
        is_held = row["held"] is not None
        yield Case(entry.kind, entry.key, entry.asked, found, row["verdict"], is_held, answer, resolvable)


def judged_cases(entries: Sequence[Entry], world: World) -> Iterator[Case]:
    """Every name with the verdict on its answer."""
    for entry, one in labelled(entries, world):
        verdict = judge(one.asked, one.candidates, ConfidenceRule())
        found = verdict.company.company_id if verdict else None
        how = str(verdict.how) if verdict else None
        is_held = verdict is not None and verdict.held is not None
        yield Case(entry.kind, entry.key, entry.asked, found, how, is_held, one.candidates, one.resolvable)
