"""The command check."""

from __future__ import annotations

import os
import signal
from typing import Any

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.config.precedence import commands_of
from eqcbatch.cli.config.variables import stray_variables
from eqcbatch.cli.options.database import database_option, scrub_environment
from eqcbatch.cli.options.drain import (
    daily_budget_option,
    server_options,
    timeout_options,
)
from eqcbatch.cli.options.shared import ledger_option, output_options, rate_option
from eqcbatch.cli.terminal.output import print_json, show_styled
from eqcbatch.settings import Timeouts
from eqcbatch.signals import terminating


@click.command()
@click.option("--no-request", is_flag=True, help="Do not ask EQC; the token is looked at, and not tried.")
@server_options
@timeout_options
@daily_budget_option
@ledger_option
@database_option
@rate_option
@output_options
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> None:
    """See whether a drain would find all it needs: one line each, ok, or with what to do about it.

    EQC is sent one light request, in its turn and booked in the ledger; a second one, with bare headers,
    if it answers 403. Postgres is only read. While a drain runs, nothing is sent: what it heard last is
    told instead. Settings of drain hold here, too, where there are none for check.

    The exit code is that of the first line that is failed: 5 token, 4 or 6 EQC, 7 Postgres, 9 ledger,
    archive or disk, 2 a setting that cannot be used. Warnings end with 0.
    """
    from eqcbatch import render
    from eqcbatch.check import CheckOptions
    from eqcbatch.check import check as run_check
    from eqcbatch.eqc import TokenSource

    for number in terminating():
        signal.signal(
            number, lambda _number, _frame: ctx.exit(exit_codes.TERMINATED)
        )  # the request is settled
    strays = stray_variables(commands_of(ctx).values(), os.environ)
    token = TokenSource(os.environ, options["token_file"], options["token_command"])
    scrub_environment()
    asked = CheckOptions(
        ledger=options["ledger"],
        database_url=options["database_url"],
        eqc_url=options["eqc_url"],
        rate=options["rate"],
        timeouts=Timeouts(options["connect_timeout"], options["timeout"]),
        ca_bundle=options["ca_bundle"],
        daily_budget=options["daily_budget"],
        request=not options["no_request"],
    )
    done = run_check(asked, token, os.environ, strays, _tell_of_waiting)
    code = exit_codes.code_of(done.failure()) if done.failure else 0
    print_json(render.checkup_json(done, code)) if options["as_json"] else show_styled(
        _coloured(done, quiet=ctx.params["quiet"])
    )
    ctx.exit(code)


def _tell_of_waiting(seconds: float) -> None:
    from loguru import logger

    logger.info(f"Waiting {seconds:.0f} s for our turn to ask EQC.")


def _coloured(done: Any, *, quiet: bool) -> str:
    from eqcbatch import render

    return render.checkup_text(done, quiet=quiet, paint=lambda word, colour: click.style(word, fg=colour))
