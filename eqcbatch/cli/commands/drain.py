"""The command drain."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.config.precedence import commands_of
from eqcbatch.cli.config.variables import stray_variables
from eqcbatch.cli.options.confidence import confidence_options
from eqcbatch.cli.options.database import database_option, gate_option, maybe_postgres
from eqcbatch.cli.options.drain import (
    as_settings,
    backflow_option,
    details_option,
    limit_options,
    request_options,
    retry_options,
    reverify_option,
    second_question_option,
    server_options,
    time_scale_option,
    warn_of_idle_gate,
    warn_of_several_ids,
    warn_of_too_little_time,
)
from eqcbatch.cli.options.shared import ledger_option, output_options, rate_option
from eqcbatch.cli.terminal.output import complain, print_json, show
from eqcbatch.clock import Clock
from eqcbatch.domain.forecast import seconds_until_time
from eqcbatch.errors import TokenUnusable

if TYPE_CHECKING:
    from eqcbatch.drain import DrainReport, DrainSettings
    from eqcbatch.eqc import TokenSource
    from eqcbatch.ledger import Ledger
    from eqcbatch.report import Report


@click.command()
@click.option("--resume", is_flag=True, help="Go on after whatever happened to the last drain; always right.")
@click.option("--dry-run", is_flag=True, help="Show the next names and what they would cost.")
@limit_options
@retry_options
@request_options
@second_question_option
@details_option
@reverify_option
@backflow_option
@gate_option
@click.option("--no-flush", is_flag=True, help="Leave results in the ledger.")
@server_options
@confidence_options
@time_scale_option
@ledger_option
@database_option
@rate_option
@output_options
@as_settings
@click.pass_context
def drain(ctx: click.Context, /, **options: Any) -> None:
    """Ask EQC for pending names, heaviest first, and flush confident results to Postgres.

    EQC's token comes from EQCBATCH_EQC_TOKEN (else WDH_EQC_TOKEN), --token-file or --token-command;
    the last two are asked again when EQC does not accept the token any more.
    """
    _warn_of_strays(ctx)
    ctx.exit(_preview(options) if options["dry_run"] else _drain(options, quiet=ctx.params["quiet"]))


def _warn_of_strays(ctx: click.Context) -> None:
    """A misspelled variable may have been meant to limit the drain, or to send it elsewhere."""
    from loguru import logger

    for stray in stray_variables(commands_of(ctx).values(), os.environ):
        logger.warning(stray)


def _preview(options: dict[str, Any]) -> int:
    from eqcbatch import render
    from eqcbatch.drain import preview
    from eqcbatch.ledger import open_ledger

    budget = options["settings"].budget
    with open_ledger(options["ledger"]) as ledger:
        found = preview(ledger, budget, most=20)
    if options["as_json"]:
        print_json(asdict(found))
    else:
        show(render.preview_text(found, budget))
    return 0


def _drain(options: dict[str, Any], *, quiet: bool) -> int:
    from eqcbatch.cli.terminal.progress import Progress
    from eqcbatch.drain import drain as run_drain
    from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, default_pace_file, open_archive
    from eqcbatch.ledger import archive_path, open_ledger, writing
    from eqcbatch.report import report as read_report

    path, settings = options["ledger"], options["settings"]
    clock = Clock(options["time_scale"])
    token = TokenSource(os.environ, options["token_file"], options["token_command"])
    with (
        maybe_postgres(None if options["no_flush"] else options["database_url"], path) as postgres,
        open_ledger(path, clock=clock) as ledger,
        writing(path, "drain", clock),
        open_archive(archive_path(path), clock) as archive,
        Eqc(options["eqc_url"], token, archive, settings.timeouts, options["ca_bundle"], clock) as eqc,
        Progress(quiet=quiet) as progress,
    ):
        _warn_of_expiry(token, ledger, settings, clock)
        rate_limiter = RateLimiter(default_pace_file(options["eqc_url"]), settings.rate, clock)
        warn_of_too_little_time(settings)
        warn_of_idle_gate(settings, _unflushed(options))
        if settings.backflow_by:
            warn_of_several_ids(ledger)
        _tell_the_end(settings, clock)
        drained = run_drain(ledger, eqc, rate_limiter, postgres, settings, progress, clock)
        standing = read_report(ledger, settings.schedule)
    shut = drained.gate is not None and not drained.gate.open
    code = exit_codes.code_of_drain(drained.exit_reason, drained.trouble, shut=shut)
    try:
        _print(drained, standing, options)
    except OSError:
        if not code:  # why the drain ended counts more than that nobody can read of it
            raise
    return code


def _warn_of_expiry(token: TokenSource, ledger: Ledger, settings: DrainSettings, clock: Clock) -> None:
    """Warn when the token says that it expires before the session can be done."""
    from loguru import logger

    from eqcbatch.humanize import duration
    from eqcbatch.report import session_s

    try:
        expires_at = token.expires_at
    except TokenUnusable:
        return  # the session says so itself, if it needs one
    if expires_at is None:
        return
    left_s = expires_at - clock.now().timestamp()
    needed_s = session_s(ledger, settings.schedule, clock.local_now())
    if left_s < needed_s:
        state = f"expires in {duration(left_s)}" if left_s > 0 else f"expired {duration(-left_s)} ago"
        logger.warning(f"The token {state}; this session needs about {duration(needed_s)}.")


def _tell_the_end(settings: DrainSettings, clock: Clock) -> None:
    """Say on which day `--until` ends the drain."""
    from loguru import logger

    if settings.until is not None:
        now = clock.local_now()
        until = now + timedelta(seconds=seconds_until_time(now, *settings.until))
        logger.info(f"To end by {until:%A %H:%M}.")


def _unflushed(options: dict[str, Any]) -> str:
    """Why nothing is flushed, "" where it is."""
    if options["no_flush"]:
        return "as --no-flush asks"
    return "" if options["database_url"] else "no database URL"


def _print(drained: DrainReport, standing: Report, options: dict[str, Any]) -> None:
    from eqcbatch import render

    if options["as_json"]:
        print_json(render.drain_json(drained, standing))
    else:
        show(render.drain_text(drained, standing, options["settings"].budget, _unflushed(options)))
    if drained.trouble:
        complain(drained.trouble)
    if drained.gate and not drained.gate.open:
        complain(render.gate_text(drained.gate))
