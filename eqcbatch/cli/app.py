"""The `eqcbatch` command: its group of commands, and what becomes of errors."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.commands.apply import apply
from eqcbatch.cli.commands.audit import audit
from eqcbatch.cli.commands.check import check
from eqcbatch.cli.commands.config import config
from eqcbatch.cli.commands.demo import demo
from eqcbatch.cli.commands.drain import drain
from eqcbatch.cli.commands.flush import flush
from eqcbatch.cli.commands.init_db import init_db
from eqcbatch.cli.commands.plan import plan
from eqcbatch.cli.commands.report import report
from eqcbatch.cli.commands.review import review
from eqcbatch.cli.commands.simulate import simulate
from eqcbatch.cli.commands.sources import sources
from eqcbatch.cli.config.precedence import place_of
from eqcbatch.cli.config.variables import name_variables
from eqcbatch.cli.terminal.output import complain, flushed, open_streams, show_defect, silence, unwritten
from eqcbatch.cli.versions import version_option
from eqcbatch.errors import EqcbatchError


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; that a reader has gone, as `head` does, is no failure of ours."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            silence(sys.stdout)
            ctx.exit(0)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=exit_codes.EPILOG
)
@version_option
@click.pass_context
def app(ctx: click.Context) -> None:
    """Give every company name of a dataset its company_id, from EQC, as a batch job that can stop anywhere.

    \b
    The daily three:
      eqcbatch plan month.xlsx
      eqcbatch drain --resume --budget 600
      eqcbatch report
    """
    if os.environ.get("NO_COLOR"):  # no-color.org: any value but none
        ctx.color = False


COMMANDS = (plan, drain, report, flush, review, apply, audit, sources, check, config, init_db, simulate, demo)
for command in COMMANDS:
    name_variables(command)
    app.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: the one place where errors become exit codes."""
    open_streams()
    if arguments is None:
        sys.excepthook = show_defect
    code = flushed(_run(arguments))
    if arguments is None:  # the process is ours, and all is done: a late Ctrl-C changes nothing any more
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Python remembers a KeyboardInterrupt that passed through any exec of a text, such as dataclasses have,
    # and ends with -2 for that, handled or not. The next exec makes it forget.
    exec("")
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        return int(app.main(arguments, prog_name="eqcbatch", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return exit_codes.USAGE
    except click.ClickException as error:
        complain(_in_two_lines(error))
        return exit_codes.USAGE
    except EqcbatchError as error:
        complain(error)
        return exit_codes.code_of(error)
    except (KeyboardInterrupt, click.Abort):
        return exit_codes.INTERRUPTED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return unwritten(error)


def _in_two_lines(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    if isinstance(error, click.BadParameter) and error.ctx and error.param:
        place = place_of(error.ctx, error.param)
        message += f" It comes from {place}." if place else ""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message}\nTry `{context.command_path} --help`." if context else message
