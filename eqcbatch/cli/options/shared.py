"""The options that commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from eqcbatch.cli.config.precedence import config_option
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.cli.overwriting import expect_nothing_lost
from eqcbatch.cli.parsing import reading
from eqcbatch.cli.terminal.logs import start_logging
from eqcbatch.settings import DEFAULT_LEDGER, Rate

Command = TypeVar("Command", bound=Callable[..., Any])


def in_order(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator; a command's help has them in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


ledger_option = click.option(
    "--ledger",
    type=click.Path(path_type=Path, readable=False),  # what is wrong with it, opening it says
    default=DEFAULT_LEDGER,
    show_default=True,
    envvar="EQCBATCH_LEDGER",
    help="The work ledger, a SQLite file.",
)

rate_option = click.option(
    "--rate",
    callback=reading(Rate.parse),
    metavar="N/TIME",
    default="10/60s",
    show_default=True,
    help="EQC's limit, kept in every window.",
)

_OUTPUT_OPTIONS = in_order(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("--log-file", type=OutputFile(), help="Append the log to this file, too."),
    click.option("-v", "--verbose", is_flag=True, help="Each request with its timing."),
    click.option("-q", "--quiet", is_flag=True, help="Only warnings and the summary."),
    config_option,
)


def output_options(command: Command) -> Callable[..., Any]:
    """--json, and how a command logs: the log is started before it runs, and it is given `as_json` alone.

    No file is written, be it by an option of the command's own, that would cost another one.
    """

    @functools.wraps(command)
    def run(*arguments: Any, verbose: bool, quiet: bool, log_file: Path | None, **options: Any) -> Any:
        expect_nothing_lost(click.get_current_context())
        start_logging(verbose=verbose, quiet=quiet, file=log_file)
        return command(*arguments, **options)

    return _OUTPUT_OPTIONS(run)
