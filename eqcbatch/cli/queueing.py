"""The part of the command plan that takes names from a queue in Postgres."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from eqcbatch.errors import BadInput

_OF_A_SOURCE = ("columns", "sheet", "plan_code_column", "id_column", "weight_column", "counted")


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
    """See that --queue, --limit, SOURCE and its options go together; BadInput or a usage error if not.

    What stands in the environment or the config file for another day's source does no harm.
    """
    options = ctx.params
    typed = [param for param in ctx.command.params if _typed(ctx, param.name) and param.name in _OF_A_SOURCE]
    if not options["queue"]:
        if options["source"] is None:
            raise click.UsageError("Missing argument 'SOURCE'. Name a file, or use --queue.", ctx)
        if _typed(ctx, "limit"):
            raise BadInput("--limit goes with --queue.")
    elif options["source"] is not None:
        raise BadInput(
            f"--queue takes the place of SOURCE. Leave out one of --queue and {options['source']}."
        )
    elif typed:
        raise BadInput(f"{typed[0].opts[0]} says how a SOURCE is read. It does not go with --queue.")
    elif not options["database_url"]:
        raise BadInput("--queue needs a Postgres. Set EQCBATCH_DATABASE_URL, or use --database-url.")


def _typed(ctx: click.Context, name: str | None) -> bool:
    return name is not None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
