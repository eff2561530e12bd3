"""The database of a command: how it is named and opened, and which variables hold its secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli.parsing import Number
from eqcbatch.settings import TOKEN_VARIABLES

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

SOURCE_VARIABLE = "EQCBATCH_PLAN_SOURCE"  # plan's SOURCE, which may be a database URL
DATABASE_VARIABLES = ("EQCBATCH_DATABASE_URL", "WDH_DATABASE__URI")

database_option = click.option(
    "--database-url",
    metavar="URL",
    envvar=list(DATABASE_VARIABLES),
    help="Postgres, or `embedded`; without one results stay in the ledger. "
    "Give it by EQCBATCH_DATABASE_URL: an argument is visible to others.",
)

gate_option = click.option(
    "--gate",
    type=Number(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Flush nothing more that EQC decided where people's reviews show that less than this share of it is "
    "right: 0.998.  [default: no gate]",
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


def scrub_environment() -> None:
    """Take token and database URLs out of the environment, so that no child process inherits them."""
    for variable in TOKEN_VARIABLES:
        os.environ.pop(variable, None)
    for variable in list(os.environ):
        ours = variable.startswith("EQCBATCH_") and variable.endswith("_DATABASE_URL")
        if ours or variable in (*DATABASE_VARIABLES, SOURCE_VARIABLE):
            del os.environ[variable]
