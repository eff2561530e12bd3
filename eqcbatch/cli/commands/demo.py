"""The command demo."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.options.database import scrub_environment
from eqcbatch.cli.options.shared import output_options
from eqcbatch.cli.parsing import Number
from eqcbatch.cli.terminal.output import complain, note, note_styled, print_json, show
from eqcbatch.demo.defaults import LEAST_ROWS, MOST_ROWS, ROWS, SEED, TIME_SCALE
from eqcbatch.domain.model import ExitReason
from eqcbatch.safe_text import visible
from eqcbatch.signals import terminating

if TYPE_CHECKING:
    from eqcbatch.demo.outcome import DemoResult


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default="ledgers/demo",
    show_default=True,
    help="Where it plays: a new directory, or that of an earlier demo, which is removed.",
)
@click.option(
    "--seed",
    type=int,
    default=SEED,
    show_default=True,
    help="What the month, the index and EQC are made from.",
)
@click.option(
    "--rows",
    type=click.IntRange(LEAST_ROWS, MOST_ROWS),
    default=ROWS,
    show_default=True,
    help="Rows of the month.",
)
@click.option(
    "--time-scale",
    type=Number(1e-3, 1e9),
    default=TIME_SCALE,
    show_default=True,
    help="The simulated EQC is so many times as fast as EQC.",
)
@output_options
@click.pass_context
def demo(
    ctx: click.Context,
    directory: Path,
    seed: int,
    rows: int,
    time_scale: float,
    as_json: bool,
) -> None:
    """See the whole job in about a minute: a month made up, a PostgreSQL of its own, a simulated EQC.

    Plan, drain and report run as their commands do. Nothing outside the directory is touched.
    """
    from eqcbatch import render
    from eqcbatch.render.demo import demo_text

    scrub_environment()
    for number in terminating():
        signal.signal(number, _leave)
    quiet = ctx.params["quiet"]
    result = _run(ctx, quiet, directory, seed=seed, rows=rows, time_scale=time_scale)
    if not quiet:
        note("")
    if as_json:
        print_json(asdict(result) | {"report": render.report_json(result.report)})
    else:
        show(f"{render.report_text(result.report)}\n\n{demo_text(result)}")


def _run(ctx: click.Context, quiet: bool, directory: Path, **options: Any) -> DemoResult:
    """Run the demo below a progress bar; a signal ends the command."""
    from eqcbatch.cli.terminal.progress import Progress
    from eqcbatch.demo.walkthrough import DemoStopped, run_demo

    progress = Progress(quiet=quiet)
    try:
        return run_demo(directory, progress, say=(lambda step: None) if quiet else _show_step, **options)
    except KeyboardInterrupt as stopped:
        complain("the demo was stopped; the next one starts afresh.")
        reason = stopped.reason if isinstance(stopped, DemoStopped) else ExitReason.INTERRUPTED
        ctx.exit(exit_codes.code_of_drain(reason, None))
    finally:
        progress.close()


def _show_step(step: str) -> None:
    headline, *commands = step.split("\n")
    note_styled("\n".join(["", click.style(headline, bold=True), *map(visible, commands)]))


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    from eqcbatch.demo.walkthrough import DemoStopped

    raise DemoStopped(ExitReason.TERMINATED)
