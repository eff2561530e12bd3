"""The ledger, its archive and its lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.check.finding import (
    Finding,
    Severity,
    Subject,
    failed,
    failed_by,
    ok,
    warning,
)
from eqcbatch.domain.file_series import look_alike, read_twice
from eqcbatch.domain.forecast import Schedule, forecast
from eqcbatch.domain.model import Written
from eqcbatch.eqc import open_archive
from eqcbatch.errors import EqcbatchError, LedgerUnusable
from eqcbatch.humanize import count, size
from eqcbatch.ledger import LatestReply, Ledger, archive_path, holder_of, open_ledger
from eqcbatch.settings import Rate
from eqcbatch.verification import LATEST


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What the ledger says, and what stands beside it.

    questions: what is left to ask. needed_s: how long that takes. answers: usable ones so far.
    running_reply: what the drain that runs heard last. flushed: the latest results that went to Postgres.
    """

    findings: tuple[Finding, ...]
    questions: int = 0
    needed_s: float = 0.0
    answers: int = 0
    running_reply: LatestReply | None = None
    flushed: tuple[Written, ...] = ()

    @property
    def bookable(self) -> bool:
        """Whether a request can be booked there: all is well, or at least readable and balanced."""
        return all(one.severity is not Severity.FAILED for one in self.findings)


def examine(path: Path, rate: Rate) -> LedgerState:
    """Look at the ledger and at what stands beside it; nothing is made where nothing is."""
    if not path.exists():
        return LedgerState(
            (warning(Subject.LEDGER, f"there is no {path} yet", "Run `eqcbatch plan SOURCE` first."),)
        )
    try:
        holder = holder_of(path)
        with open_ledger(path) as ledger, ledger.snapshot():
            ledger.verify()
            return _read(ledger, holder, rate)
    except EqcbatchError as error:
        return LedgerState((failed_by(Subject.LEDGER, error),))


def _read(ledger: Ledger, holder: str | None, rate: Rate) -> LedgerState:
    questions, schedule = ledger.stats.queries_pending(), Schedule(rate)
    return LedgerState(
        (
            _judge_ledger(ledger, holder),
            *_judge_sources(ledger),
            _judge_archive(archive_path(ledger.path)),
            judge_lock(holder),
        ),
        questions,
        forecast(ledger.forecast_input.prospect(schedule), schedule).hours_p50 * 3600,
        ledger.requests.count_archived(),
        ledger.sessions.latest_reply() if holder else None,
        (*ledger.flushed.latest(LATEST), *ledger.backflow.latest(LATEST)),
    )


def _judge_ledger(ledger: Ledger, holder: str | None) -> Finding:
    if imbalances := ledger.stats.imbalances():
        return failed(
            Subject.LEDGER,
            LedgerUnusable,
            f"{ledger.path}: the accounts do not balance: {imbalances[0]}",
            "Restore a backup; `eqcbatch report --check` shows all of it.",
        )
    if not holder and ledger.sessions.unended():
        return warning(
            Subject.LEDGER,
            f"{ledger.path}: the last drain did not end cleanly",
            "Run `eqcbatch drain --resume`.",
        )
    names, _rows = ledger.stats.names_and_rows()
    return ok(Subject.LEDGER, f"{ledger.path}: {count(names.total, 'name')}, {names.pending:,} pending")


def _judge_sources(ledger: Ledger) -> Iterator[Finding]:
    """What seems to be one source and counts several times, as months do that pile up."""
    for *older, newest in look_alike(ledger.sources.current()):
        numbers = " ".join(str(one.number) for one in older)
        yield warning(
            Subject.SOURCES,
            f"{count(len(older) + 1, 'source')} differ in digits or dates alone, and all count: "
            f"{sum(one.rows for one in older) + newest.rows:,} rows, of which the newest has {newest.rows:,}",
            f"If it replaces the others: eqcbatch sources forget {numbers}; `eqcbatch report` tells more.",
        )
    for group in read_twice(ledger.sources.current()):
        doubled = [str(one.number) for one in group]
        yield warning(
            Subject.SOURCES,
            f"{count(len(group), 'source')} read the same sheet, whose rows count for each: "
            f"{', '.join(doubled)}",
            f"To keep the newest: eqcbatch sources forget {' '.join(doubled[:-1])}",
        )


def _judge_archive(path: Path) -> Finding:
    if not path.exists():
        return ok(Subject.ARCHIVE, "nothing was archived yet")
    try:
        with open_archive(path) as archive:
            archive.verify()
    except EqcbatchError as error:
        return failed_by(Subject.ARCHIVE, error)
    return ok(Subject.ARCHIVE, f"{path}: {size(path.stat().st_size)}")


def judge_lock(holder: str | None) -> Finding:
    """Judge who may write."""
    if holder:
        return warning(Subject.LOCK, f"held by {holder}", "Wait for it to end before you start another.")
    return ok(Subject.LOCK, "nobody writes the ledger just now")
