"""The command drain."""

from __future__ import annotations

import math
import os
import re
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli import exits
from eqcbatch.cli.job import maybe_postgres, print_json
from eqcbatch.cli.logs import start_logging
from eqcbatch.cli.options import (
    database_option,
    ledger_option,
    output_options,
    parse_budget,
    rate_option,
    reading,
)
from eqcbatch.errors import BadInput, TokenUnusable
from eqcbatch.forecast import MOST_LANES
from eqcbatch.records import Reason
from eqcbatch.settings import (
    DEFAULT_BUDGET,
    DEFAULT_EQC_URL,
    DEFAULT_NOT_FOUND_AGE,
    ConfidenceRule,
    Rate,
    Timeouts,
    parse_duration,
)

if TYPE_CHECKING:
    from eqcbatch.drain import Again, DrainReport, SessionOptions
    from eqcbatch.eqc import TokenSource
    from eqcbatch.ledger import Ledger
    from eqcbatch.report import Report

_REASONS = [str(reason) for reason in Reason if reason is not Reason.INVALID]


def parse_in_flight(text: str) -> int | None:
    """Read a number of requests from 1 to 8, or `auto` as None; BadInput for anything else."""
    text = text.strip().lower()
    if text == "auto":
        return None
    if text.isdecimal() and 1 <= int(text) <= MOST_LANES:
        return int(text)
    raise BadInput(f"{text!r} is not a number in flight. Write 1 to {MOST_LANES}, or `auto`.")


def parse_time_of_day(text: str) -> tuple[int, int]:
    """Read `06:30` as hour and minute; BadInput for anything else."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if not match:
        raise BadInput(f"{text!r} is not a time of day. Write 06:30.")
    return int(match[1]), int(match[2])


def seconds_until_time(now: datetime, hour: int, minute: int) -> float:
    """Seconds from `now` until it is next `hour:minute` on the same clock."""
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return ((then if then > now else then + timedelta(days=1)) - now).total_seconds()


@click.command()
@click.option("--resume", is_flag=True, help="Go on after whatever happened to the last drain; always right.")
@click.option("--dry-run", is_flag=True, help="Show the next names and what they would cost.")
@click.option(
    "--budget",
    callback=reading(parse_budget),
    metavar="N|all",
    default=str(DEFAULT_BUDGET),
    show_default=True,
    help="Requests at most, retries and checks included.",
)
@click.option(
    "--daily-budget",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests at most in any 24 hours, over all sessions of the ledger.",
)
@click.option(
    "--until",
    callback=reading(parse_time_of_day),
    metavar="HH:MM",
    help="Start no request that could not end by this local time.",
)
@click.option(
    "--max-minutes", type=click.FloatRange(min=0, min_open=True), help="The same, so long from now."
)
@click.option("--retry-failed", is_flag=True, help="Ask again for failed names, given up or not.")
@click.option(
    "--reason",
    type=click.Choice(_REASONS),
    help="With --retry-failed: only this reason.  [default: any but not_found]",
)
@click.option(
    "--retry-not-found-after",
    callback=reading(parse_duration),
    metavar="TIME",
    default=DEFAULT_NOT_FOUND_AGE,
    show_default=True,
    help="Ask again for names that EQC did not know so long ago.",
)
@click.option(
    "--connect-timeout",
    callback=reading(parse_duration),
    metavar="TIME",
    default="5s",
    show_default=True,
    help="To connect.",
)
@click.option(
    "--timeout",
    callback=reading(parse_duration),
    metavar="TIME",
    default="30s",
    show_default=True,
    help="For the whole request.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 10),
    default=2,
    show_default=True,
    help="Further attempts for a failed request.",
)
@click.option(
    "--in-flight",
    callback=reading(parse_in_flight),
    metavar="N|auto",
    default="1",
    show_default=True,
    help="Requests at a time; more than 1 use the rate while answers are slow, and never exceed it.",
)
@click.option(
    "--details",
    type=click.Choice(("none", "deferred")),
    default="none",
    show_default=True,
    help="`deferred`: once no name is pending, ask findDepart and findLabels of each company found, once.",
)
@click.option("--no-flush", is_flag=True, help="Leave results in the ledger.")
@click.option("--eqc-url", default=DEFAULT_EQC_URL, show_default=True, help="EQC's base URL.")
@click.option(
    "--ca-bundle",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificates to trust, PEM.",
)
@click.option("--token-file", type=click.Path(path_type=Path), help="A file whose first line is EQC's token.")
@click.option("--token-command", help="A command that prints EQC's token.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.70,
    show_default=True,
    help="The least that goes to Postgres.",
)
@click.option(
    "--time-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    help="Rate and waits run so many times faster: for a simulator that does, too.",
)
@ledger_option
@database_option
@rate_option
@output_options
@click.pass_context
def drain(ctx: click.Context, /, **options: Any) -> None:
    """Ask EQC for pending names, heaviest first, and flush confident results to Postgres.

    EQC's token comes from EQCBATCH_EQC_TOKEN (else WDH_EQC_TOKEN), --token-file or --token-command;
    the last two are asked again when EQC does not accept the token any more.
    """
    start_logging(verbose=options["verbose"], quiet=options["quiet"], file=options["log_file"])
    if options["reason"] and not options["retry_failed"]:
        raise BadInput("--reason goes with --retry-failed.")
    ctx.exit(_preview(options) if options["dry_run"] else _drain(options))


def _preview(options: dict[str, Any]) -> int:
    from eqcbatch.cli import render
    from eqcbatch.drain import preview
    from eqcbatch.ledger import open_ledger

    with open_ledger(options["ledger"]) as ledger:
        found = preview(ledger, options["budget"], most=20)
    if options["as_json"]:
        print_json(asdict(found))
    else:
        click.echo(render.preview_text(found))
    return 0


def _drain(options: dict[str, Any]) -> int:
    from eqcbatch.cli.progress import Progress
    from eqcbatch.drain import drain as run_drain
    from eqcbatch.eqc import Eqc, PaceFile, TokenSource, default_pace_file, open_archive
    from eqcbatch.ledger import archive_path, open_ledger, writing
    from eqcbatch.report import report as read_report

    path = options["ledger"]
    rate = Rate(options["rate"].limit, options["rate"].period_s / options["time_scale"])
    timeouts = Timeouts(options["connect_timeout"], options["timeout"])
    token = TokenSource(os.environ, options["token_file"], options["token_command"])
    with (
        maybe_postgres(None if options["no_flush"] else options["database_url"], path) as postgres,
        open_ledger(path) as ledger,
        writing(path, "drain"),
        open_archive(archive_path(path)) as archive,
        Eqc(options["eqc_url"], token, archive, timeouts, options["ca_bundle"]) as eqc,
        Progress(quiet=options["quiet"]) as progress,
    ):
        _warn_of_expiry(token, ledger, rate, options["budget"])
        drained = run_drain(
            ledger,
            eqc,
            PaceFile(default_pace_file(options["eqc_url"]), rate),
            postgres,
            _session_options(options, timeouts),
            progress,
            resume=options["resume"],
            daily_budget=options["daily_budget"],
            again=_again(options),
        )
        standing = read_report(ledger, rate, options["budget"])
    _print(drained, standing, options)
    return exits.code_of_drain(drained.exit_reason, drained.trouble)


def _warn_of_expiry(token: TokenSource, ledger: Ledger, rate: Rate, budget: int | None) -> None:
    """Warn when the token says that it expires before the session can be done."""
    from loguru import logger

    from eqcbatch.cli.render import duration
    from eqcbatch.report import session_forecast

    try:
        expires_at = token.expires_at
    except TokenUnusable:
        return  # the session says so itself, if it needs one
    if expires_at is None:
        return
    left_s = expires_at - time.time()
    needed_s = session_forecast(ledger.accounts, rate, budget).hours_p50 * 3600
    if left_s < needed_s:
        state = f"expires in {duration(left_s)}" if left_s > 0 else f"expired {duration(-left_s)} ago"
        logger.warning(f"The token {state}; this session needs about {duration(needed_s)}.")


def _session_options(options: dict[str, Any], timeouts: Timeouts) -> SessionOptions:
    from loguru import logger

    from eqcbatch.drain import Limits, SessionOptions

    seconds = [math.inf]
    if options["until"]:
        now = datetime.now()
        seconds.append(seconds_until_time(now, *options["until"]))
        logger.info(f"To end by {now + timedelta(seconds=seconds[-1]):%A %H:%M}.")
    if options["max_minutes"]:
        seconds.append(options["max_minutes"] * 60)
    return SessionOptions(
        Limits(options["budget"], deadline=time.monotonic() + min(seconds), timeout_s=timeouts.total_s),
        options["retries"],
        options["in_flight"],
        details=options["details"] == "deferred",
        rule=ConfidenceRule(minimum=options["min_confidence"]),
        minute_s=60 / options["time_scale"],
    )


def _again(options: dict[str, Any]) -> Again:
    from eqcbatch.drain import Again

    reason = Reason(options["reason"]) if options["reason"] else None
    return Again(options["retry_failed"], reason, options["retry_not_found_after"])


def _print(drained: DrainReport, standing: Report, options: dict[str, Any]) -> None:
    from eqcbatch.cli import render

    unflushed = "" if options["database_url"] else "no database URL"
    if options["no_flush"]:
        unflushed = "as --no-flush asks"

    if options["as_json"]:
        print_json(render.drain_json(drained, standing))
    else:
        click.echo(render.drain_text(drained, standing, options["budget"], unflushed))
    if drained.trouble:
        click.echo(f"eqcbatch: {drained.trouble}", err=True)
