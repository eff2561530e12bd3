"""A planted index in a real Postgres, audited: what is said of each row, held against the truth."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from eqcbatch.audit import audit
from eqcbatch.domain.estimate import StratumCount, estimate
from eqcbatch.domain.index_audit import Judged, RowVerdict, SamplePool, judge_answer
from eqcbatch.domain.model import Occurrence, RowAnswer
from eqcbatch.ledger import open_ledger
from eqcbatch.plan import plan
from eqcbatch.postgres import Postgres, create_missing
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source import Tally
from synthetic.index import PlantedIndex

MOST_SECONDS, LEAST_FOUND, MOST_FALSE, LEAST_COVERED = 10.0, 0.90, 0.01, 0.93
_PLANNED = 5_000  # names in the sources of the ledger, at most
_RULE = ConfidenceRule()

Key = tuple[str, str]  # lookup type and key


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows have a verdict, by the truth."""

    verdict: RowVerdict
    right: int
    wrong: int

    @property
    def likelihood(self) -> float:
        """How many of a hundred are wrong, as a share."""
        return self.wrong / (self.right + self.wrong)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the intervals held the truth.

    of_decided, of_all: the interval of the rows that can be decided, and the range over all. width: of the
    first, in the mean. truth, undecided: the shares that they are held against.
    """

    seeds: int
    budget: int
    of_decided: float
    of_all: float
    width: float
    truth: float
    truth_of_all: float
    undecided: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What an audit came to. found: of the wrong rows whose name says so; false: of the right ones."""

    rows: int
    companies: int
    wrong: int
    seconds: float
    processor_s: float
    contradicting: int
    found: float
    found_of_all_wrong_names: float
    false: float
    verdicts: tuple[Found, ...]
    coverage: Coverage | None

    @property
    def missed(self) -> list[str]:
        """The thresholds that were missed."""
        covered = self.coverage
        checks = {
            f"{self.seconds:.1f} s, {MOST_SECONDS:g} at most": self.seconds > MOST_SECONDS,
            f"fewer than {LEAST_FOUND:.0%} of the contradicting ones found": self.found < LEAST_FOUND,
            f"more than {MOST_FALSE:.0%} of the right rows suspicious": self.false > MOST_FALSE,
            f"fewer than {LEAST_COVERED:.0%} of the intervals hold the truth": covered is not None
            and min(covered.of_decided, covered.of_all) < LEAST_COVERED,
        }
        return [name for name, failed in checks.items() if failed]

    def as_json(self) -> dict[str, Any]:
        """All figures by name, and what was missed."""
        return {**asdict(self), "missed": self.missed}


def fill(url: str, planted: PlantedIndex) -> None:
    """Put the index and base_info into a database."""
    with Postgres(url).connect() as connection:
        create_missing(connection)
    with psycopg.connect(url) as direct, direct.cursor() as cursor:
        with cursor.copy(
            """COPY enterprise.enrichment_index
               (lookup_type, lookup_key, company_id, confidence, source, source_domain) FROM STDIN"""
        ) as rows:
            for one in planted.rows:
                rows.write_row(one.row)
        with cursor.copy(
            """COPY enterprise.base_info
                   (company_id, company_full_name, unite_code, registered_status, company_former_name)
               FROM STDIN"""
        ) as companies:
            for company in planted.stored:
                companies.write_row(company)


def plan_some(path: Path, url: str, planted: PlantedIndex) -> None:
    """Plan a source in which some of the customers stand, and all plans, so that rows have weights."""
    told = [(one.row, one.told.raw) for one in planted.rows if one.told]
    named = [Occurrence(raw) for row, raw in told if row.lookup_type == "customer_name"]
    plans = [Occurrence(raw, row.lookup_key) for row, raw in told if row.lookup_type == "plan_code"]
    occurrences = [
        seen._replace(rows=1 + number % 30, weight=float(1 + number % 30))
        for number, seen in enumerate(named[:_PLANNED] + plans)
    ]
    with open_ledger(path, create=True) as ledger:
        plan(ledger.runs, Tally.of(occurrences), "month", {}, Postgres(url))


def timed(url: str, ledger: Path) -> tuple[float, float]:
    """Seconds that the command takes from its start to its end, and those of a processor; 0 on Windows."""
    began, used = time.monotonic(), os.times()
    command = [sys.executable, "-m", "eqcbatch", "audit", "--json", "--ledger", str(ledger), "-q"]
    ran = subprocess.run([*command, "--database-url", url], capture_output=True, text=True, check=True)
    seconds, now = time.monotonic() - began, os.times()
    json.loads(ran.stdout)
    return seconds, now.children_user + now.children_system - used.children_user - used.children_system


def judged_rows(url: str, ledger: Path) -> dict[Key, Judged]:
    """Every row with its verdict."""
    rows: dict[Key, Judged] = {}

    def note(judged: Judged) -> None:
        rows[judged.seen.row[:2]] = judged

    with open_ledger(ledger) as book:
        audit(Postgres(url), book, note)
    return rows


def measured(
    planted: PlantedIndex,
    rows: Mapping[Key, Judged],
    took: tuple[float, float],
    coverage: Coverage | None,
) -> Figures:
    """Hold the verdicts against the truth."""
    pairs = [(one, rows[one.row[:2]]) for one in planted.rows]
    by_verdict: dict[RowVerdict, list[bool]] = defaultdict(list)
    for one, judged in pairs:
        by_verdict[judged.verdict].append(one.wrong)
    known = [(one, judged) for one, judged in pairs if judged.company is not None]
    return Figures(
        *(len(pairs), len(planted.stored), sum(one.wrong for one in planted.rows), *took),
        contradicting=sum(one.contradicts for one, _ in known),
        found=_suspicious(judged for one, judged in known if one.contradicts),
        found_of_all_wrong_names=_suspicious(judged for one, judged in pairs if one.wrong and one.told),
        false=_suspicious(judged for one, judged in pairs if not one.wrong),
        verdicts=tuple(
            Found(verdict, len(wrong) - sum(wrong), sum(wrong))
            for verdict, wrong in sorted(by_verdict.items())
        ),
        coverage=coverage,
    )


def _suspicious(rows: Any) -> float:
    found = [judged.verdict.suspicious for judged in rows]
    return sum(found) / len(found) if found else 1.0


def covered(planted: PlantedIndex, rows: Mapping[Key, Judged], seeds: int, budget: int) -> Coverage:
    """Draw samples of so many rows, by so many seeds, and see how often their interval holds the truth."""
    truth = {one.row[:2]: one.wrong for one in planted.rows}
    askable = [judged for judged in rows.values() if judged.seen.asked]
    answers = {judged.seen.row[:2]: _answer(planted, judged) for judged in askable}
    decided = [key for key, answer in answers.items() if answer in (RowAnswer.RIGHT, RowAnswer.WRONG)]
    of_decided = sum(truth[key] for key in decided) / len(decided)
    of_all = sum(truth[key] for key in answers) / len(answers)
    held, held_all, width = 0, 0, 0.0
    for seed in range(seeds):
        drawn = estimate(_sampled(askable, answers, budget, seed))
        assert drawn is not None
        held += drawn.wrong.low <= of_decided <= drawn.wrong.high
        held_all += drawn.if_right.low <= of_all <= drawn.if_wrong.high
        width += (drawn.wrong.high - drawn.wrong.low) / seeds
    undecided = 1 - len(decided) / len(answers)
    return Coverage(seeds, budget, held / seeds, held_all / seeds, width, of_decided, of_all, undecided)


def _answer(planted: PlantedIndex, judged: Judged) -> RowAnswer:
    asked = judged.seen.asked
    assert asked is not None
    offers = planted.answer(asked.query)
    contradicted = judged.verdict.contradicts
    return judge_answer(asked, judged.seen.row.company_id, offers, _RULE, contradicted=contradicted).answer


def _sampled(
    askable: Sequence[Judged], answers: Mapping[Key, RowAnswer], budget: int, seed: int
) -> list[StratumCount]:
    pool = SamplePool(budget, random.Random(seed))
    for judged in askable:
        pool.offer(judged)
    strata = []
    for stratum in pool.draw():
        said = [answers[judged.seen.row[:2]] for judged in stratum.sample]
        right, wrong = said.count(RowAnswer.RIGHT), said.count(RowAnswer.WRONG)
        strata.append(StratumCount(stratum.rows, right, wrong, len(said) - right - wrong))
    return strata
