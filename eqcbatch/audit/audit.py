"""The use case: the index is read whole and judged, row by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.audit.evidence import Evidence, known_companies
from eqcbatch.audit.ranking import Ranking
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.index_audit import Judged, RowJudge, RowVerdict
from eqcbatch.domain.names import is_odd

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many rows of one type have one verdict, and what they weigh in the current sources."""

    lookup_type: str
    verdict: RowVerdict
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the audit of an index came to.

    index: the database. read_at: UTC ISO-8601. companies: those of which something is stored; has_base_info:
    whether there is such a table. ranked: the rows worth a look, the first first; left_out: how many more.
    odd_rows: those whose id looks like none (`undefined`, `0`), and counts all the same; odd_ids: the ten of
    most rows, with how many have each.
    """

    index: str
    read_at: str
    companies: int
    has_base_info: bool
    counts: tuple[VerdictCount, ...]
    ranked: tuple[Judged, ...]
    left_out: int
    odd_rows: int = 0
    odd_ids: tuple[tuple[str, int], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the index has."""
        return sum(one.rows for one in self.counts)

    @property
    def judged(self) -> int:
        """How many of them anything stored speaks for or against."""
        return sum(one.rows for one in self.counts if one.verdict.judged)

    @property
    def suspicious(self) -> int:
        """How many of these are rather wrong than right."""
        return sum(one.rows for one in self.counts if one.verdict.suspicious)

    @property
    def suspicious_share(self) -> float | None:
        """The share of suspicious rows among those judged; None where none was."""
        return self.suspicious / self.judged if self.judged else None


def audit(
    postgres: Postgres,
    ledger: Ledger | None,
    also: Callable[[Judged], None] = lambda _judged: None,
    clock: Clock = SYSTEM_CLOCK,
) -> AuditReport:
    """Judge all rows of the index by base_info and by what the ledger knows; nothing is sent or written.

    ledger: None where there is none: then no row has a weight. also: told of each row as it is judged.
    Raises PostgresUnavailable.
    """
    knows = ledger.audit_evidence if ledger else None
    rows: Counter[tuple[str, RowVerdict]] = Counter()
    weights: defaultdict[tuple[str, RowVerdict], float] = defaultdict(float)
    ranking, odd_ids, read_at = Ranking(), Counter[str](), clock.utc_now()
    with postgres.index_reading() as reading:
        companies = known_companies(reading, knows)
        judge = RowJudge(companies, reading.several_ids())
        for of_one_company in Evidence(knows).of(reading.rows()):
            for judged in judge.judge_company(of_one_company):
                kind = judged.seen.row.lookup_type, judged.verdict
                rows[kind] += 1
                weights[kind] += judged.seen.weight
                odd_ids.update(filter(is_odd, (judged.seen.row.company_id,)))
                ranking.add(judged)
                also(judged)
        has_base_info = reading.has_companies
    return AuditReport(
        *(postgres.name, read_at, len(companies), has_base_info),
        tuple(VerdictCount(*kind, count, weights[kind]) for kind, count in sorted(rows.items())),
        *(ranking.in_order(), ranking.left_out, odd_ids.total(), tuple(odd_ids.most_common(10))),
    )
