"""The database of a command: how it is named, and opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli.options.environment import DATABASE_VARIABLES, scrub_environment

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres


database_option = click.option(
    "--database-url",
    metavar="URL",
    envvar=list(DATABASE_VARIABLES),
    help="Postgres, or `embedded`; without one results stay in the ledger. "
    "Give it by EQCBATCH_DATABASE_URL: an argument is visible to others.",
)


@contextmanager
def maybe_postgres(database_url: str | None, ledger: Path) -> Iterator[Postgres | None]:
    """The Postgres at the URL, None without one; an embedded one keeps its data beside the ledger."""
    scrub_environment()
    if not database_url:
        yield None
        return
    from eqcbatch.postgres import open_postgres

    with open_postgres(database_url, ledger.parent / "postgres") as postgres:
        yield postgres
