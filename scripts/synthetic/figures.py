"""What became of the names, held against the truth: precision, recall, and what of it was missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eqcbatch.domain.estimate import wilson
from synthetic.cases import Case, ours, rivals
from synthetic.name_variants import KINDS

LEAST_PRECISION, LEAST_RECALL, MOST_HELD, MOST_REQUESTS, LEAST_LEAD = 0.9995, 0.97, 0.12, 0.75, 0.05
MOST_REQUESTS_RESOLVED = 1.0

Chooser = Callable[[Case], str | None]


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of choosing flushed.

    precision: of that, with its 95 % interval (Wilson). recall: of the resolvable names.
    """

    flushed: int
    wrong: int
    precision: float
    low: float
    high: float
    recall: float


@dataclass(frozen=True, slots=True)
class KindFigures:
    """What became of the names of a kind.

    share: of all names, by the table of kinds. found: of the resolvable ones.
    """

    share: float
    n: int
    right: int
    wrong: int
    held: int
    resolvable: int
    found: int


@dataclass(frozen=True, slots=True)
class Session:
    """The workbook of one seed: its names with what became of them, and others of each kind, judged.

    keys, resolved: its names by lookup key, and those that EQC named a company for. namesakes: how many
    companies share a company's brand and trade.
    """

    seed: int
    workbook: Sequence[Case]
    of_each_kind: Sequence[Case]
    keys: int
    resolved: int
    requests: int
    requests_of_resolved: int
    namesakes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of some seeds: of their workbooks, but `kinds` and what is by the shares of these.

    Of no names every share is perfect.
    """

    names: int
    resolvable: int
    eqcbatch: Score
    first_candidate: Score
    held_share: float
    requests_per_name: float
    requests_per_resolved_name: float
    kinds: Mapping[str, KindFigures]
    precision_by_shares: float
    recall_by_shares: float
    held_by_shares: float
    seeds: Sequence[int]
    density: float
    namesakes: float
    renamed_apart: bool
    seconds: float

    @property
    def missed(self) -> list[str]:
        """The thresholds that were missed."""
        lead = self.eqcbatch.precision - self.first_candidate.precision
        checks = {
            f"precision below {LEAST_PRECISION}": self.eqcbatch.precision < LEAST_PRECISION,
            f"recall below {LEAST_RECALL}": self.eqcbatch.recall < LEAST_RECALL,
            f"more than {MOST_HELD} held": self.held_share > MOST_HELD,
            f"more than {MOST_REQUESTS} requests a name": self.requests_per_name > MOST_REQUESTS,
            f"lead over the first candidate below {LEAST_LEAD}": lead < LEAST_LEAD,
            "more than one request a resolved name": self.requests_per_resolved_name > MOST_REQUESTS_RESOLVED,
            "the rename case fails": not self.renamed_apart,
        }
        return [name for name, failed in checks.items() if failed]

    def as_json(self) -> dict[str, Any]:
        """All figures by name, and what was missed."""
        return {**asdict(self), "missed": self.missed}


def score(cases: Sequence[Case], choose: Chooser) -> Score:
    """The score of one way of choosing."""
    flushed = [case for case in cases if choose(case)]
    right = sum(choose(case) == case.true_id for case in flushed)
    resolvable = [case for case in cases if case.resolvable]
    found = sum(choose(case) == case.true_id for case in resolvable)
    low, high = wilson(right, len(flushed)) if flushed else (0.0, 1.0)
    wrong, precision = len(flushed) - right, _share(right, len(flushed))
    return Score(len(flushed), wrong, precision, low, high, _share(found, len(resolvable)))


def measured(sessions: Sequence[Session], *, density: float, renamed_apart: bool, seconds: float) -> Figures:
    """All figures of some sessions; the last three as they are."""
    cases = [case for session in sessions for case in session.workbook]
    kinds = _by_kind(case for session in sessions for case in (*session.workbook, *session.of_each_kind))
    resolved = sum(session.resolved for session in sessions)
    return Figures(
        names=len(cases),
        resolvable=sum(case.resolvable for case in cases),
        eqcbatch=score(cases, ours),
        first_candidate=score(cases, rivals),
        held_share=sum(case.is_held for case in cases) / len(cases),
        requests_per_name=_sum(sessions, "requests") / _sum(sessions, "keys"),
        requests_per_resolved_name=_sum(sessions, "requests_of_resolved") / max(resolved, 1),
        kinds=kinds,
        **_by_shares(kinds),
        seeds=[session.seed for session in sessions],
        density=density,
        namesakes=round(_sum(sessions, "namesakes") / len(sessions), 2),
        renamed_apart=renamed_apart,
        seconds=seconds,
    )


def _by_kind(cases: Iterable[Case]) -> dict[str, KindFigures]:
    alike: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        alike[case.kind].append(case)
    return {kind: _of_a_kind(of.share, alike[kind]) for kind, of in KINDS.items()}


def _of_a_kind(share: float, cases: Sequence[Case]) -> KindFigures:
    resolvable = [case for case in cases if case.resolvable]
    return KindFigures(
        share=round(share, 6),
        n=len(cases),
        right=sum(ours(case) is not None and ours(case) == case.true_id for case in cases),
        wrong=sum(ours(case) is not None and ours(case) != case.true_id for case in cases),
        held=sum(case.is_held for case in cases),
        resolvable=len(resolvable),
        found=sum(ours(case) == case.true_id for case in resolvable),
    )


def _by_shares(kinds: Mapping[str, KindFigures]) -> dict[str, float]:
    """The figures that kinds would come to in their shares; those without names are left out."""

    def weighed(part: str) -> float:
        return float(sum(kind.share * getattr(kind, part) / kind.n for kind in kinds.values() if kind.n))

    of_all = sum(kind.share for kind in kinds.values() if kind.n)
    right, wrong = weighed("right"), weighed("wrong")
    return {
        "precision_by_shares": _share(right, right + wrong),
        "recall_by_shares": _share(weighed("found"), weighed("resolvable")),
        "held_by_shares": weighed("held") / of_all,
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _sum(sessions: Sequence[Session], what: str) -> float:
    return float(sum(getattr(session, what) for session in sessions))
