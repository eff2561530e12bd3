"""The steps of the demo, through the very use cases that the commands call."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.demo.defaults import ROWS, SEED, TIME_SCALE
from eqcbatch.demo.demo_directory import DemoDirectory
from eqcbatch.demo.month import COVERAGE, INDEX_SIZES, Month, index_rows, make_month, write_month
from eqcbatch.demo.outcome import DemoResult, measure
from eqcbatch.domain.forecast import Schedule
from eqcbatch.domain.model import ExitReason
from eqcbatch.drain import DrainSettings, Events, drain
from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, open_archive
from eqcbatch.ledger import Ledger, archive_path, open_ledger, writing
from eqcbatch.plan import PlanReport, plan
from eqcbatch.postgres import EMBEDDED, Postgres, open_postgres
from eqcbatch.postgres.schema import seed_afresh
from eqcbatch.report import Report, report
from eqcbatch.settings import DEFAULT_LATENCY_S, Rate
from eqcbatch.simulate import GeneratedRegistry, Simulator, SimulatorOptions, Totals
from eqcbatch.source import SourceSpec, read

_TOKEN_LIFE_S = 1800.0


class DemoStopped(KeyboardInterrupt):
    """The demo was asked to stop. reason: by which signal."""

    def __init__(self, reason: ExitReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def run_demo(
    directory: Path,
    events: Events,
    *,
    seed: int = SEED,
    rows: int = ROWS,
    time_scale: float = TIME_SCALE,
    say: Callable[[str], None],
    clock: Clock = SYSTEM_CLOCK,
) -> DemoResult:
    """Do the whole job in `directory`, which keeps the outcome until the next demo removes it.

    events: hears of the drain. say: takes the headline of each step, with the command lines that do
    the same below it. Raises BadInput if the directory is not a demo's, DemoStopped if the drain was
    interrupted, and any trouble of the drain.
    """
    started = clock.monotonic()
    home = DemoDirectory(directory)
    home.claim()
    with writing(home.ledger, "demo"):
        home.clear()
        standing, totals = _Walkthrough(home, events, seed, rows, time_scale, say).run()
    return measure(
        standing,
        totals,
        directory=str(directory),
        seconds=clock.monotonic() - started,
        time_scale=time_scale,
        coverage=COVERAGE,
    )


@dataclass(frozen=True, slots=True)
class _Walkthrough:
    """One demo; each step says what happens before it does."""

    home: DemoDirectory
    events: Events
    seed: int
    rows: int
    time_scale: float
    say: Callable[[str], None]

    def run(self) -> tuple[Report, Totals]:
        """Take all steps; return the last report, and what the simulated EQC counted."""
        month = self._make_month()
        self._announce_index()
        with (
            open_postgres(EMBEDDED, self.home.postgres) as postgres,
            open_ledger(self.home.ledger, create=True) as ledger,
        ):
            with postgres.connect() as connection:
                seed_afresh(connection, index_rows(month))
            planned = self._plan(ledger, postgres)
            totals = self._drain(ledger, postgres, planned)
            return self._report(ledger), totals

    def _make_month(self) -> Month:
        self._announce(
            1, f"The month: {self.rows:,} rows of annuity_performance, made up in {self.home.month}"
        )
        month = make_month(self.seed, self.rows)
        write_month(month, self.home.month)
        return month

    def _announce_index(self) -> None:
        size = sum(INDEX_SIZES.values())
        headline = f"The index: a PostgreSQL of our own, filled with {size:,} rows as in production"
        self._announce(2, headline, f"eqcbatch init-db {self._where}")

    def _plan(self, ledger: Ledger, postgres: Postgres) -> PlanReport:
        source = shlex.quote(str(self.home.month))
        headline = "Plan: every name once into the ledger, all looked up in the index at one go"
        self._announce(3, headline, f"eqcbatch plan {source} {self._where}")
        spec = SourceSpec(self.home.month)
        return plan(ledger.runs, read(spec), spec.identity(), {**spec.record(), "demo": True}, postgres)

    def _drain(self, ledger: Ledger, postgres: Postgres, planned: PlanReport) -> Totals:
        self._announce_drain(planned.run.distinct_names, planned.run.hits)
        token = secrets.token_hex(16)
        with (
            Simulator(self._simulated(token)) as simulator,
            open_archive(archive_path(self.home.ledger)) as archive,
            Eqc(simulator.url, TokenSource({"EQCBATCH_EQC_TOKEN": token}), archive) as eqc,
        ):
            clock, rate_limiter = Clock(self.time_scale), RateLimiter(self.home.pace, self._rate)
            settings = DrainSettings(budget=None, rate=self._rate)
            drained = drain(ledger, eqc, rate_limiter, postgres, settings, self.events, clock)
            totals = simulator.totals
        if drained.trouble:
            raise drained.trouble
        if drained.exit_reason is not ExitReason.QUEUE_EMPTY:
            raise DemoStopped(drained.exit_reason)
        return totals

    def _announce_drain(self, names: int, hits: int) -> None:
        self._announce(
            4,
            f"Drain: the index knows {hits:,} of {names:,} names; a simulated EQC, {self.time_scale:g} times "
            f"as fast, is asked for the other {names - hits:,}",
            f"eqcbatch simulate --time-scale {self.time_scale:g} &",
            "EQCBATCH_EQC_TOKEN=any eqcbatch drain --budget all --eqc-url http://127.0.0.1:8765 \\\n"
            f"         --time-scale {self.time_scale:g} {self._where}",
        )

    def _report(self, ledger: Ledger) -> Report:
        self._announce(5, "Report: what became of them", f"eqcbatch report {self._place}")
        return report(ledger, Schedule(self._rate))

    def _announce(self, number: int, headline: str, *commands: str) -> None:
        self.say("\n".join([f"{number}/5  {headline}", *(f"     $ {command}" for command in commands)]))

    def _simulated(self, token: str) -> SimulatorOptions:
        """EQC as docs/domain.md section 1 has it, and sped up; but a slow machine's pauses kill no token."""
        return SimulatorOptions(
            latency=DEFAULT_LATENCY_S,
            rate=(Rate().limit, Rate().period_s),
            token=token,
            token_idle_s=_TOKEN_LIFE_S * self.time_scale,
            time_scale=self.time_scale,
            registry=GeneratedRegistry(self.seed),
            seed=self.seed,
        )

    @property
    def _rate(self) -> Rate:
        return Rate().faster(self.time_scale)

    @property
    def _place(self) -> str:
        return f"--ledger {shlex.quote(str(self.home.ledger))}"

    @property
    def _where(self) -> str:
        return f"{self._place} --database-url {EMBEDDED}"
