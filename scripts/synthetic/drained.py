"""The real drain over a made-up registry: plan, ask a local EQC, and read what the ledger says."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import permutations, product
from pathlib import Path
from typing import cast

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Candidate, Occurrence, RowEvidence
from eqcbatch.drain import DrainSettings, Events, drain
from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, open_archive
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.ledger.name_details import CANDIDATE_COLUMNS, read_candidate
from eqcbatch.plan import plan
from eqcbatch.settings import Rate
from eqcbatch.simulate import Company, ListedRegistry, Simulator, SimulatorOptions, describe
from eqcbatch.source import Tally

UNLIMITED = Rate(1000, 0.001)
_OF_RESOLVED = "SELECT count(*) FROM requests JOIN names USING (lookup_key) WHERE state = 'resolved'"


_SECONDS = """SELECT kind, count(*), sum(settled) FROM second_questions WHERE answered_at IS NOT NULL
              GROUP BY kind"""
Evidence = Mapping[str, tuple[RowEvidence, ...]]
NO_EVIDENCE: Evidence = {}


@dataclass(frozen=True, slots=True)
class Drained:
    """What a ledger says: its names and their candidates by lookup key, and the requests sent.

    seconds: of second questions, by kind, how many were answered and how many names they decided.
    """

    names: dict[str, sqlite3.Row]
    candidates: dict[str, list[Candidate]]
    requests: int
    requests_of_resolved: int
    seconds: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def resolved(self) -> int:
        """How many names EQC named a company for, held or not."""
        return sum(row["state"] == "resolved" for row in self.names.values())


def drained(
    companies: Iterable[Company],
    raws: Sequence[str],
    evidence: Evidence = NO_EVIDENCE,
    *,
    second_question: bool = False,
) -> Drained:
    """Plan the names, earlier ones heavier, and drain them against these companies, in their order.

    evidence: what stands beside names, by lookup key.
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ledger.sqlite"
        _drain(path, ListedRegistry(companies), raws, evidence, second_question=second_question)
        with closing(sqlite3.connect(path)) as ledger:
            return _read(ledger)


def renamed_apart() -> bool:
    """Two companies, one called today as the other was (docs/domain.md section 4): in every order two ids."""
    today, before = "峨眉山市殡葬服务中心", "峨眉山市殡仪馆"
    bearer = describe(today, company_id="600000001", status="存续")
    renamed = describe(before, company_id="600000002", status="存续", former_names=(today,))
    wanted = {today: bearer.company_id, before: renamed.company_id}
    for companies, raws in product(permutations([bearer, renamed]), permutations(wanted)):
        names = drained(companies, raws).names
        if wanted != {key: row["company_id"] for key, row in names.items() if not row["held"]}:
            return False
    return True


class Silence:
    """Hears of a drain and says nothing."""

    def __getattr__(self, event: str) -> Callable[..., None]:
        return lambda *_: None


def _drain(
    path: Path, registry: ListedRegistry, raws: Sequence[str], evidence: Evidence, *, second_question: bool
) -> None:
    occurrences = tuple(Occurrence(raw, weight=float(len(raws) - at)) for at, raw in enumerate(raws))
    with (
        Simulator(SimulatorOptions(latency=(0, 0), rate=None, token="T", registry=registry)) as simulator,
        open_ledger(path, create=True) as ledger,
        open_archive(archive_path(path)) as archive,
        Eqc(simulator.url, TokenSource({"EQCBATCH_EQC_TOKEN": "T"}), archive) as eqc,
    ):
        plan(ledger.runs, replace(Tally.of(occurrences), evidence=evidence), "quality", {}, None)
        settings = DrainSettings(budget=None, in_flight=2, second_question=second_question)
        rate_limiter, silence = RateLimiter(path.with_name("pace.json"), UNLIMITED), cast(Events, Silence())
        report = drain(ledger, eqc, rate_limiter, None, settings, silence, Clock(time_scale=600))
    if report.trouble:
        raise report.trouble


def _read(ledger: sqlite3.Connection) -> Drained:
    ledger.row_factory = sqlite3.Row
    names = {row["lookup_key"]: row for row in ledger.execute("SELECT * FROM names")}
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    every = f"SELECT lookup_key, {CANDIDATE_COLUMNS} FROM candidates ORDER BY lookup_key, rank"
    for key, *columns in ledger.execute(every):
        candidates[key].append(read_candidate(columns))
    (requests,) = ledger.execute("SELECT count(*) FROM requests").fetchone()
    (of_resolved,) = ledger.execute(_OF_RESOLVED).fetchone()
    seconds = {kind: tuple(yields) for kind, *yields in ledger.execute(_SECONDS)}
    return Drained(names, candidates, requests, of_resolved, seconds)
