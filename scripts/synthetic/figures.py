"""What became of the names, held against the truth: precision, recall, and what of it was missed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eqcbatch.domain.model import Candidate
from eqcbatch.settings import ConfidenceRule
from synthetic.drained import Drained
from synthetic.name_variants import Asked
from synthetic.resolvable import is_resolvable
from synthetic.workbook import Entry
from synthetic.world import World

LEAST_PRECISION, LEAST_RECALL, MOST_REQUESTS, LEAST_LEAD = 0.998, 0.95, 1.0, 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """One name: its kind, what was asked, what became of it, and EQC's answer."""

    kind: str
    asked: Asked
    row: sqlite3.Row
    candidates: Sequence[Candidate]
    resolvable: bool

    @property
    def true_id(self) -> str | None:
        """The id it should get, None for none."""
        return self.asked.truth.id if self.asked.truth else None

    @property
    def is_held(self) -> bool:
        """Whether it is held for review."""
        return self.row["held"] is not None


Chooser = Callable[[Case], str | None]


def ours(case: Case) -> str | None:
    """The id that eqcbatch flushes, None for none."""
    return case.row["company_id"] if case.row["state"] == "resolved" and not case.is_held else None


def rivals(case: Case) -> str | None:
    """The first candidate's id, where its type's confidence suffices: from the very same answer."""
    rule = ConfidenceRule()
    first = case.candidates[0] if case.candidates else None
    return first.company_id if first and rule.of(first.match_type) >= rule.minimum else None


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of choosing flushed. precision: of that; recall: of the resolvable names."""

    flushed: int
    wrong: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a run. Of no names every share is perfect."""

    names: int
    resolvable: int
    eqcbatch: Score
    first_candidate: Score
    held_share: float
    requests_per_name: float
    requests_per_resolved_name: float
    seed: int
    renamed_apart: bool
    seconds: float

    @property
    def missed(self) -> list[str]:
        """The thresholds that were missed."""
        lead = self.eqcbatch.precision - self.first_candidate.precision
        checks = {
            f"precision below {LEAST_PRECISION}": self.eqcbatch.precision < LEAST_PRECISION,
            f"recall below {LEAST_RECALL}": self.eqcbatch.recall < LEAST_RECALL,
            f"lead over the first candidate below {LEAST_LEAD}": lead < LEAST_LEAD,
            "more than one request a resolved name": self.requests_per_resolved_name > MOST_REQUESTS,
            "the rename case fails": not self.renamed_apart,
        }
        return [name for name, failed in checks.items() if failed]

    def as_json(self) -> dict[str, Any]:
        """All figures by name, and what was missed."""
        return {**asdict(self), "missed": self.missed}


def cases_of(entries: Sequence[Entry], world: World, ledger: Drained) -> list[Case]:
    """Every name with what became of it."""
    cases = []
    for entry in entries:
        answer = ledger.candidates.get(entry.key, [])
        resolvable = is_resolvable(entry.asked, world, answer)
        cases.append(Case(entry.kind, entry.asked, ledger.names[entry.key], answer, resolvable))
    return cases


def score(cases: Sequence[Case], choose: Chooser) -> Score:
    """The score of one way of choosing."""
    flushed = [case for case in cases if choose(case)]
    right = sum(choose(case) == case.true_id for case in flushed)
    resolvable = [case for case in cases if case.resolvable]
    found = sum(choose(case) == case.true_id for case in resolvable)
    return Score(len(flushed), len(flushed) - right, _share(right, flushed), _share(found, resolvable))


def measured(
    cases: Sequence[Case], ledger: Drained, *, seed: int, renamed_apart: bool, seconds: float
) -> Figures:
    """All figures of a run; the last three as they are."""
    return Figures(
        names=len(cases),
        resolvable=sum(case.resolvable for case in cases),
        eqcbatch=score(cases, ours),
        first_candidate=score(cases, rivals),
        held_share=sum(case.is_held for case in cases) / len(cases),
        requests_per_name=ledger.requests / len(ledger.names),
        requests_per_resolved_name=ledger.requests_of_resolved / max(ledger.resolved, 1),
        seed=seed,
        renamed_apart=renamed_apart,
        seconds=seconds,
    )


def _share(part: int, whole: Sequence[Case]) -> float:
    return part / len(whole) if whole else 1.0
