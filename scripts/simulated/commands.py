"""The commands of eqcbatch as their use cases, in simulated processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eqcbatch.domain.model import Occurrence
from eqcbatch.drain import DrainReport, DrainSettings, drain
from eqcbatch.eqc import RateLimiter, TokenSource, open_archive
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.flush import Again, FlushReport, flush, revert, take_back
from eqcbatch.ledger import Ledger, archive_path, open_ledger, writing
from eqcbatch.plan import PlanReport, plan
from eqcbatch.postgres import Postgres
from eqcbatch.review import Known, Terms, apply_rescoring, check_decisions, rescore
from eqcbatch.review.deciding import AGAIN, NOBODY
from eqcbatch.review.sheet import DECISION, KEY
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source import Tally
from eqcbatch.source.sheets import Sheet
from eqcbatch.verification import verify
from simulated.clocks import SimulatedClock
from simulated.eqc_server import HOST
from simulated.homes import Home
from simulated.names import beside
from simulated.postgres_model import ModelledPostgres, Server
from simulated.processes import Process
from simulated.scheduler import Scheduler
from simulated.truth import Asking, NotedArchive, NotedEqc, noted

TOKEN_VARIABLE = "EQCBATCH_EQC_TOKEN"


class Silence:
    """The events of a drain, told to nobody."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_what, **_more: None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process finds: its clock, its home, Postgres, the pace of its user, and maybe a token."""

    scheduler: Scheduler
    process: Process
    home: Home
    server: Server
    pace: Path
    token: str | None
    asked_twice: list[Asking]

    @property
    def clock(self) -> SimulatedClock:
        """The clock of the process."""
        return SimulatedClock(self.scheduler, self.process)

    @property
    def postgres(self) -> Postgres:
        """The Postgres that it connects to."""
        return ModelledPostgres(self.server, self.clock).as_postgres()


def drain_names(at: Surroundings, settings: DrainSettings) -> DrainReport:
    """`eqcbatch drain`."""
    clock, home = at.clock, at.home
    token = (
        TokenSource({}, file=home.token_file) if at.token is None else TokenSource({TOKEN_VARIABLE: at.token})
    )
    with (
        open_ledger(home.ledger, clock=clock) as ledger,
        writing(home.ledger, "drain", clock),
        open_archive(archive_path(home.ledger), clock) as archive,
    ):
        kept: Any = NotedArchive(archive, home.memory, at.process)
        client = NotedEqc(HOST, token, kept, settings.timeouts, None, clock)
        client.memory, client.asked_twice = home.memory, at.asked_twice
        with noted(client) as eqc:
            limiter = RateLimiter(at.pace, settings.rate, clock)
            events: Any = Silence()
            return drain(ledger, eqc, limiter, at.postgres, settings, events, clock, at.process.signals)


def plan_names(at: Surroundings, source: str, seen: Sequence[Occurrence]) -> PlanReport:
    """`eqcbatch plan`."""
    clock, home = at.clock, at.home
    with writing(home.ledger, "plan", clock), open_ledger(home.ledger, create=True, clock=clock) as book:
        with suppress(PostgresUnavailable):
            verify(book, at.postgres)
        tally = replace(Tally.of(seen), evidence=beside(seen))
        planned = plan(book.runs, tally, source, {}, at.postgres, clock=clock)
        take_back(book, at.postgres)
        return planned


@contextmanager
def opened(at: Surroundings, command: str) -> Iterator[Ledger]:
    """A ledger that a command writes."""
    with open_ledger(at.home.ledger, clock=at.clock) as book, writing(at.home.ledger, command, at.clock):
        yield book


def flush_all(at: Surroundings, *, everything: bool) -> FlushReport:
    """`eqcbatch flush`, with `--verify` where everything is looked at."""
    with opened(at, "flush") as book:
        again = Again.ALL if everything else Again.LATEST
        return flush(book, at.postgres, refused=True, look_again=again)


def revert_latest(at: Surroundings) -> FlushReport | None:
    """`eqcbatch flush --revert` of the latest session that has something in Postgres."""
    with opened(at, "flush") as book:
        sessions = book.outbox.sessions()
        return revert(book, at.postgres, max(sessions)).sent if sessions else None


def review_held(at: Surroundings, choices: Sequence[float]) -> int:
    """`eqcbatch review import` of a sheet: held names and some others are decided, as the choices fall."""
    with opened(at, "review import") as book:
        held, others = book.reviews.held(), book.reviews.answered()
        names = [name for name in [*held, *others[::3]] if name.candidates]
        names = list({name.lookup_key: name for name in names}.values())
        lines = []
        for number, (name, choice) in enumerate(zip(names, choices, strict=False), 2):
            offered = name.candidates[int(choice * 97) % len(name.candidates)].company_id
            decision = NOBODY if choice < 0.25 else "" if choice > 0.85 else offered
            decision = AGAIN if 0.7 < choice < 0.75 else decision
            lines.append((number, (name.lookup_key, decision)))
        sheet = Sheet((KEY, DECISION), tuple(lines))
        keys = {name.lookup_key for name in names}
        known = Known(book.reviews.named(keys), book.decisions.of(keys))
        checked = check_decisions(sheet, known, Terms(change=True))
        book.decisions.record(checked.decisions, "reviewer", checked.confirmed)
        flush(book, at.postgres)
        return len(checked.decisions)


def rescore_all(at: Surroundings, rule: ConfidenceRule) -> int:
    """`eqcbatch review rescore --apply`."""
    with opened(at, "review rescore") as book:
        rescoring = rescore(book.reviews.answered(), rule)
        apply_rescoring(book, rescoring, rule)
        flush(book, at.postgres)
        return len(rescoring.changes)


def as_asked(options: dict[str, Any], rule: ConfidenceRule) -> DrainSettings:
    """The settings of a night."""
    return replace(DrainSettings(resume=True, rule=rule), **options)
