"""The command audit."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.options.audit import file_options, sample_options
from eqcbatch.cli.options.database import database_option, maybe_postgres
from eqcbatch.cli.options.drain import warn_of_too_little_time
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.output_files import typed_path
from eqcbatch.cli.parsing import MOST_REQUESTS, Number
from eqcbatch.cli.terminal.output import complain, note, print_json, show
from eqcbatch.clock import Clock
from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.humanize import count
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.audit import AuditReport
    from eqcbatch.domain.sample_standing import SampleStanding
    from eqcbatch.drain import DrainReport
    from eqcbatch.eqc import TokenSource
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


@click.command()
@click.option(
    "--top",
    type=click.IntRange(0, MOST_REQUESTS),
    default=20,
    show_default=True,
    metavar="N",
    help="Show so many of the rows that are worth a look.",
)
@click.option(
    "--fail-over",
    "limit",
    type=Number(0, 1),
    metavar="SHARE",
    help="Exit 10 if more than this share (0.005 is half a percent) of the rows that could be judged are "
    "suspicious; with --budget, if the estimated share of wrong rows is more than this. Also if no row could "
    "be judged, or decided.",
)
@file_options
@sample_options
@ledger_option
@database_option
@output_options
@click.pass_context
def audit(ctx: click.Context, /, **options: Any) -> None:
    """Say which ids in the index are wrong, without asking EQC, or by a sample that is asked.

    Each row of enterprise.enrichment_index is held against what is stored of its company: in base_info and,
    where there is a ledger, in EQC's answers. Rows are ranked by their weight in the current sources times
    how likely their id is wrong. The index is only read.

    With --budget so many rows are drawn by chance, and EQC is asked for their names: what share of the index
    is wrong follows, with a 95 % interval. A fifth of them are the most suspicious ones. A sample that is
    not asked to its end goes on at the next --budget. Settings of drain hold here, too.
    """
    if not options["database_url"]:
        raise BadInput("There is no Postgres to audit. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    if options["sheet_file"] and not options["ledger"].exists():
        raise BadInput("--sheet needs a ledger: it keeps what is decided. Run `eqcbatch plan SOURCE` first.")
    from eqcbatch.eqc import TokenSource

    token = TokenSource(os.environ, options["token_file"], options["token_command"])
    with maybe_postgres(options["database_url"], options["ledger"]) as postgres:
        assert postgres is not None
        if options["budget"] is None:
            audited, sample = _without_requests(postgres, options["ledger"])
            drained = None
        else:
            audited, sample, drained = _with_requests(postgres, token, options, quiet=ctx.params["quiet"])
    _print(audited, sample, drained, options)
    for wrote in _files(audited, sample, options):
        note(wrote) if options["as_json"] else show(wrote)
    ctx.exit(_code(drained, _refusal(audited, sample if drained else None, options["limit"])))


def _without_requests(postgres: Postgres, path: Path) -> tuple[AuditReport, SampleStanding | None]:
    from eqcbatch.audit import audit as run_audit

    with _ledger_if_any(path) as book:
        return run_audit(postgres, book), book.audits.latest() if book else None


@contextmanager
def _ledger_if_any(path: Path) -> Iterator[Ledger | None]:
    """The ledger as it stands at one moment; None where there is none: an index can be audited by itself."""
    from loguru import logger

    from eqcbatch.ledger import open_ledger

    if not path.exists():
        logger.info(f"There is no ledger at {path}: no row has a weight.")
        yield None
        return
    with open_ledger(path) as book, book.snapshot():
        yield book


def _with_requests(
    postgres: Postgres, token: TokenSource, options: dict[str, Any], *, quiet: bool
) -> tuple[AuditReport, SampleStanding | None, DrainReport]:
    from eqcbatch.audit import audit_with_sample
    from eqcbatch.cli.terminal.progress import Progress
    from eqcbatch.drain import drain
    from eqcbatch.eqc import Eqc, RateLimiter, default_pace_file, open_archive
    from eqcbatch.ledger import archive_path, open_ledger, writing

    path, settings = options["ledger"], options["settings"]
    clock = Clock(options["time_scale"])
    with (
        open_ledger(path, clock=clock) as ledger,
        writing(path, "audit", clock),
        open_archive(archive_path(path), clock) as archive,
        Eqc(options["eqc_url"], token, archive, settings.timeouts, options["ca_bundle"], clock) as eqc,
    ):
        warn_of_too_little_time(settings)
        seed = secrets.randbits(31)
        audited = audit_with_sample(
            postgres, ledger, options["budget"], seed, new=options["new"], clock=clock
        )
        rate_limiter = RateLimiter(default_pace_file(options["eqc_url"]), settings.rate, clock)
        with Progress(quiet=quiet) as progress:
            drained = drain(ledger, eqc, rate_limiter, postgres, settings, progress, clock)
        if drained.counts.usable or drained.counts.replays:
            audited = _by_the_answers(postgres, ledger, audited)
        return audited, ledger.audits.latest(), drained


def _by_the_answers(postgres: Postgres, ledger: Ledger, before: AuditReport) -> AuditReport:
    """The audit once more, with what EQC told; as it was before that, where Postgres is away now."""
    from loguru import logger

    from eqcbatch.audit import audit as run_audit

    try:
        return run_audit(postgres, ledger)
    except PostgresUnavailable as error:
        logger.warning(f"{error} The rows are ranked without what EQC said just now.")
        return before


def _files(audited: AuditReport, sample: SampleStanding | None, options: dict[str, Any]) -> Iterator[str]:
    """Write page and sheet where they are wanted, and say so."""
    if options["html_file"]:
        from eqcbatch.cli.terminal.html_page import write_audit_page

        yield write_audit_page(audited, sample, options["html_file"])
    if options["sheet_file"]:
        yield _write_sheet(audited, options["sheet_file"], options["ledger"])


def _write_sheet(audited: AuditReport, file: Path, path: Path) -> str:
    from eqcbatch.audit import write_audit_sheet
    from eqcbatch.ledger import open_ledger, writing

    with open_ledger(path) as ledger, writing(path, "audit"):
        names = write_audit_sheet(ledger, audited.ranked, file)
    return f"Wrote {visible(file)}: {count(names, 'name')}.\nNext: eqcbatch review import {typed_path(file)}"


def _print(
    audited: AuditReport,
    sample: SampleStanding | None,
    drained: DrainReport | None,
    options: dict[str, Any],
) -> None:
    from eqcbatch.render.audit import audit_json, audit_text

    if options["as_json"]:
        print_json(audit_json(audited, sample, drained))
    else:
        show(audit_text(audited, sample, drained, options["top"]))
    if drained and drained.trouble:
        complain(drained.trouble)


def _refusal(audited: AuditReport, sample: SampleStanding | None, limit: float | None) -> str:
    """Why --fail-over says no; "" if it does not. sample: the one that was asked now, if one was."""
    if limit is None or not audited.rows:
        return ""
    if sample is None:
        share, what = audited.suspicious_share, "of the rows judged are suspicious"
        unknown = "no row could be judged, so none is known to be right"
    else:
        found = sample.estimate
        share, what = found.wrong.share if found else None, "of the rows are estimated to be wrong"
        unknown = "no row was decided, so none is known to be right"
    if share is None:
        return f"--fail-over: {unknown}."
    if share <= limit:
        return ""
    return f"--fail-over: {100 * share:.2f} % {what}, more than {100 * limit:g} %."


def _code(drained: DrainReport | None, refusal: str) -> int:
    """The exit code: what ended the requests counts more than the gate, which then lacks its figures."""
    code = exit_codes.code_of_drain(drained.exit_reason, drained.trouble) if drained else 0
    if refusal:
        complain(refusal)
    return code or (exit_codes.GATE if refusal else 0)
