"""The page of `report --html`, written in one step to where it is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.atomic_write import atomic_write, make_directory
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.errors import BadInput
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from eqcbatch.ledger import Ledger
    from eqcbatch.report import Report

html_option = click.option(
    "--html",
    "html_file",
    type=OutputFile(),
    metavar="FILE",
    help="Write the report as a page of its own, for a browser.",
)


def write_page(
    book: Ledger, standing: Report, file: Path, run_id: int | None, clock: Clock = SYSTEM_CLOCK
) -> str:
    """Write the page, and return one line that says so. What stood at `file` is replaced in one step.

    Raises BadInput if jinja2 is not installed, or the file cannot be written.
    """
    lay_out = _layout()
    from eqcbatch.report.timeline import timeline

    content = lay_out(standing, timeline(book, run_id), clock.now().astimezone(), run_id).encode()
    _replace(file, content)
    return f"Wrote {visible(file)}: {max(1, round(len(content) / 1024)):,} KB. Open it in any browser."


def _layout() -> Callable[..., str]:
    try:
        from eqcbatch.render.html.document import page
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise BadInput("--html needs jinja2. Install it: pip install 'eqcbatch[html]'") from error
    return page


def _replace(file: Path, content: bytes) -> None:
    if file.is_dir():
        raise BadInput(f"{file} is a directory. Name the page's file, such as {file / 'report.html'}.")
    try:
        make_directory(file.parent)
        with atomic_write(file) as page:
            page.write(content)
    except OSError as error:
        raise BadInput(
            f"{file} cannot be written ({error.strerror or error}). Choose another place for --html."
        ) from error
