"""The command init-db."""

from __future__ import annotations

from pathlib import Path

import click

from eqcbatch.cli.options.database import database_option, maybe_postgres
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.errors import BadInput


@click.command("init-db")
@ledger_option
@database_option
@output_options
def init_db(
    ledger: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Create the schema `enterprise` and its tables where they are missing; what exists stays as it is."""
    from eqcbatch.postgres import create_missing

    if not database_url:
        raise BadInput("There is no Postgres to set up. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    with maybe_postgres(database_url, ledger) as postgres:
        assert postgres is not None
        with postgres.connect() as connection:
            created = create_missing(connection)
    if as_json:
        print_json({"created": created})
    else:
        show(f"Created {', '.join(created)}." if created else "All tables exist; nothing was changed.")
