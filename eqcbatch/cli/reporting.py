"""The command report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli import exits
from eqcbatch.cli.forecast_options import forecast_options
from eqcbatch.cli.logs import start_logging
from eqcbatch.cli.options import ledger_option, output_options
from eqcbatch.cli.page import html_option, write_page
from eqcbatch.cli.printing import print_json
from eqcbatch.errors import BadInput
from eqcbatch.forecast import Routine

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger, Stories
    from eqcbatch.report import Report


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="All names with their states, as CSV.")
@html_option
@click.option("--run", "run_id", type=int, metavar="N", help="Only this current run.")
@click.option("--name", "raw_name", metavar="某公司", help="Explain one name.")
@click.option(
    "--check", is_flag=True, help="Exit 9 if the ledger is damaged, or its accounts do not balance."
)
@forecast_options
@ledger_option
@output_options
@click.pass_context
def report(
    ctx: click.Context,
    as_csv: bool,
    html_file: Path | None,
    run_id: int | None,
    raw_name: str | None,
    check: bool,
    routine: Routine,
    ledger: Path,
    as_json: bool,
    log_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Show where things stand, how long the rest takes, and what would make it faster.

    The forecast goes by the settings of drain, where there are none for report.
    """
    from eqcbatch.ledger import open_ledger
    from eqcbatch.report import report as read_report

    start_logging(verbose=verbose, quiet=quiet, file=log_file)
    _check_choice(as_csv=as_csv, as_json=as_json, named=raw_name is not None, check=check, run_id=run_id)
    if html_file and (as_csv or raw_name is not None):
        raise BadInput("--html goes with the report itself, not with --csv or --name.")
    with open_ledger(ledger) as book:
        if raw_name is not None:
            _explain(book.stories, raw_name, as_json)
        elif as_csv:
            _list(book.stories)
        else:
            standing = read_report(book, routine, run_id)
            wrote = write_page(book, standing, html_file, run_id) if html_file else ""
            _show(standing, as_json, wrote)
        if check and not _sound(book):
            ctx.exit(exits.LEDGER)


def _check_choice(*, as_csv: bool, as_json: bool, named: bool, check: bool, run_id: int | None) -> None:
    """BadInput for options that do not go together."""
    if as_csv + named + check > 1:
        raise BadInput("Choose one of --csv, --name and --check.")
    if as_csv and as_json:
        raise BadInput("Choose one of --csv and --json.")
    if run_id is not None and (as_csv or named):
        raise BadInput("--run goes with the report itself, not with --csv or --name.")


def _explain(stories: Stories, raw_name: str, as_json: bool) -> None:
    from eqcbatch.cli import render
    from eqcbatch.report import explain

    story = explain(stories, raw_name)
    print_json(asdict(story)) if as_json else click.echo(render.story_text(story))


def _list(stories: Stories) -> None:
    from eqcbatch.cli import render

    for line in render.names_csv(stories.names()):
        click.echo(line, nl=False)


def _show(standing: Report, as_json: bool, wrote: str) -> None:
    """Print the report; wrote: the line about its page, which stands for the text, "" without one."""
    from eqcbatch.cli import render

    text = wrote or render.report_text(standing)
    print_json(render.report_json(standing)) if as_json else click.echo(text)


def _sound(book: Ledger) -> bool:
    """Read all of the ledger, and say what of its accounts does not balance; whether all does."""
    book.verify()
    imbalances = book.accounts.imbalances()
    for line in imbalances:
        click.echo(f"eqcbatch: {line}", err=True)
    return not imbalances
