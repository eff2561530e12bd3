"""A drain that goes on after a power cut, by its use case: what the command adds takes most of the time."""

from __future__ import annotations

from contextlib import ExitStack

from eqcbatch.cli.exit_codes import code_of_drain
from eqcbatch.cli.terminal.progress import Progress
from eqcbatch.clock import Clock
from eqcbatch.drain import DrainSettings, drain
from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, open_archive
from eqcbatch.ledger import archive_path, open_ledger, writing
from eqcbatch.postgres import open_postgres
from eqcbatch.settings import Rate
from power.workplace import TOKEN, Workplace

_SCALE = 600


def resume_drain(place: Workplace, settings: DrainSettings, *, flush: bool) -> int:
    """Drain what the cut left to the end; the exit code."""
    ledger_file, clock = place.ledger, Clock(_SCALE)
    with ExitStack() as opened:
        opened.enter_context(place.quiet())
        url = place.environment["EQCBATCH_DATABASE_URL"]
        postgres = opened.enter_context(open_postgres(url, place.root)) if flush else None
        ledger = opened.enter_context(open_ledger(ledger_file, clock=clock))
        opened.enter_context(writing(ledger_file, "drain", clock))
        archive = opened.enter_context(open_archive(archive_path(ledger_file), clock))
        token = TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN})
        eqc = opened.enter_context(Eqc(place.eqc.url, token, archive, clock=clock))
        progress = opened.enter_context(Progress(quiet=True))
        rate_limiter = RateLimiter(place.pace, settings.rate, clock)
        drained = drain(ledger, eqc, rate_limiter, postgres, settings, progress, clock)
    return code_of_drain(drained.exit_reason, drained.trouble)


def settings_to_resume(in_flight: int, *, details: bool) -> DrainSettings:
    """Settings that end soon."""
    rate = Rate(10_000, 60.0).faster(_SCALE)
    return DrainSettings(resume=True, budget=None, rate=rate, in_flight=in_flight, details=details)
