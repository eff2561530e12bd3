"""The command audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.options.database import database_option, maybe_postgres
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.parsing import MOST_REQUESTS, Number
from eqcbatch.cli.terminal.output import complain, print_json, show
from eqcbatch.errors import BadInput

if TYPE_CHECKING:
    from eqcbatch.audit import AuditReport
    from eqcbatch.ledger import Ledger


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
    help="Exit 10 if the share of suspicious rows, among those that could be judged, is over this "
    "(0.005 is half a percent), or if none could be judged.",
)
@ledger_option
@database_option
@output_options
@click.pass_context
def audit(
    ctx: click.Context, top: int, limit: float | None, ledger: Path, database_url: str | None, as_json: bool
) -> None:
    """Say which ids in the index are wrong, as far as that can be told without asking EQC.

    Each row of enterprise.enrichment_index is held against what is stored of its company: in base_info and,
    where there is a ledger, in EQC's answers. Rows are ranked by their weight in the current sources times
    how likely their id is wrong. Nothing is written.
    """
    from eqcbatch import render
    from eqcbatch.audit import audit as run_audit

    if not database_url:
        raise BadInput("There is no Postgres to audit. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    with maybe_postgres(database_url, ledger) as postgres, _ledger_if_any(ledger) as book:
        assert postgres is not None
        audited = run_audit(postgres, book)
    refused = _refusal(audited, limit)
    print_json(render.audit_json(audited)) if as_json else show(render.audit_text(audited, top))
    if refused:
        complain(refused)
        ctx.exit(exit_codes.GATE)


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


def _refusal(audited: AuditReport, limit: float | None) -> str:
    """Why --fail-over says no; "" if it does not."""
    if limit is None or not audited.rows:
        return ""
    share = audited.suspicious_share
    if share is None:
        return "--fail-over: no row could be judged, so none is known to be right."
    if share <= limit:
        return ""
    return f"--fail-over: {100 * share:.2f} % of the rows judged are suspicious, more than {100 * limit:g} %."
