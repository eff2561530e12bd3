"""The command apply."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.options.source import source_options
from eqcbatch.cli.options.temporary_ids import required_salt
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.cli.terminal.stage_bar import StageBar

if TYPE_CHECKING:
    from eqcbatch.source import SourceSpec


@click.command()
@source_options
@click.option(
    "-o",
    "--output",
    required=True,
    type=OutputFile(),
    metavar="OUT",
    help="The file to write, of the same kind; .xlsx for an .xls.",
)
@click.option("--no-temp-ids", is_flag=True, help="Leave rows without an id empty.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace what SOURCE has in these columns by what the ledger knows.",
)
@click.option("--values-only", is_flag=True, help="Copy an old .xls without its formulas and formats.")
@ledger_option
@output_options
@click.pass_context
def apply(
    ctx: click.Context,
    /,
    spec: SourceSpec,
    output: Path,
    no_temp_ids: bool,
    overwrite: bool,
    values_only: bool,
    ledger: Path,
    as_json: bool,
) -> None:
    """Write SOURCE again, with company_id, company_id_source and company_id_confidence in every row.

    Rows without an id get a temporary one, made with the salt in EQCBATCH_TEMP_ID_SALT; blank names get
    none. All other columns stay as they are. Give the column options that the plan was given.

    An id that SOURCE has in company_id already stays where neither an override, the index nor a review knows
    a better one; one that EQC knew in an earlier apply, where EQC knows none now. What stays and what gives
    way is said. Words in these columns that no apply wrote are not replaced without --overwrite.
    """
    from eqcbatch import render
    from eqcbatch.apply import apply as apply_ids
    from eqcbatch.ledger import open_ledger

    salt = None if no_temp_ids else required_salt(", or leave such rows empty with --no-temp-ids")
    with StageBar(quiet=ctx.params["quiet"]) as stages, open_ledger(ledger) as book:
        applied = apply_ids(
            book, spec, output, salt, overwrite=overwrite, values_only=values_only, stages=stages
        )
    if as_json:
        print_json(render.applied_json(applied, output))
    else:
        show(render.applied_text(applied, spec.title(), output))
