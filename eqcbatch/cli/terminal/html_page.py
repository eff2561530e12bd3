"""The pages of `report --html` and `audit --html`, written in one step to where it is wanted."""

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
    from eqcbatch.audit import AuditReport
    from eqcbatch.domain.sample_standing import SampleStanding
    from eqcbatch.ledger import Ledger
    from eqcbatch.report import Report

html_option = click.option(
    "--html",
    "html_file",
    type=OutputFile(),
    metavar="FILE",
    help="Write the report as a page of its own, for a browser.",
)


def write_audit_page(audited: AuditReport, sample: SampleStanding | None, file: Path) -> str:
    """Write the page of an audit, and return one line that says so. Raises what `write_page` raises."""
    _expect_engine()
    from eqcbatch.render.html.document import audit_page

    return _written(file, audit_page(audited, sample, SYSTEM_CLOCK.now().astimezone()))


def write_page(
    book: Ledger, standing: Report, file: Path, run_id: int | None, clock: Clock = SYSTEM_CLOCK
) -> str:
    """Write the page, and return one line that says so. What stood at `file` is replaced in one step.

    Raises BadInput if jinja2 is not installed, or the file cannot be written.
    """
    _expect_engine()
    from eqcbatch.render.html.document import page
    from eqcbatch.report.timeline import timeline

    return _written(file, page(standing, timeline(book, run_id), clock.now().astimezone(), run_id))


def _written(file: Path, text: str) -> str:
    content = text.encode()
    _replace(file, content)
    return f"Wrote {visible(file)}: {max(1, round(len(content) / 1024)):,} KB. Open it in any browser."


def _expect_engine() -> None:
    try:
        import eqcbatch.render.html.document  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise BadInput("--html needs jinja2. Install it: pip install 'eqcbatch[html]'") from error


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
