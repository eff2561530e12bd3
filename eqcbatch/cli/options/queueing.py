"""The part of the command plan that takes names from a queue in Postgres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from eqcbatch.errors import BadInput

_OF_A_SOURCE = (
    *("source", "sql", "columns", "sheet", "plan_code_column", "id_column", "weight_column", "counted"),
    "rules",
    "profile",
)


def queue_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--queue and --limit."""
    limit = click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="With --queue: requests to take at most.  [default: all that are pending]",
    )
    queue = click.option(
        "--queue",
        is_flag=True,
        help="Take the names from the table enterprise.enrichment_requests, not from a SOURCE.",
    )
    return queue(limit(command))


def check_queue_options(ctx: click.Context) -> None:
    """See that --queue, --limit, SOURCE and its options go together; BadInput if not.

    What stands in the environment or the config file for another day's source does no harm.
    """
    options = ctx.params
    typed = [param for param in ctx.command.params if _typed(ctx, param.name) and param.name in _OF_A_SOURCE]
    if not options["queue"]:
        if _typed(ctx, "limit"):
            raise BadInput("--limit goes with --queue.")
    elif typed:
        name = "SOURCE" if typed[0].name == "source" else typed[0].opts[0]
        raise BadInput(f"--queue takes the place of a SOURCE. Leave out one of --queue and {name}.")
    elif not options["database_url"]:
        raise BadInput("--queue needs a Postgres. Set EQCBATCH_DATABASE_URL, or use --database-url.")


def _typed(ctx: click.Context, name: str | None) -> bool:
    return name is not None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
