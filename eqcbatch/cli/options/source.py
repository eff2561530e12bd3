"""What plan and apply read: SOURCE and the options that say how, or the queue in its place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from eqcbatch.cli.config.file import CONFIG_FILE, STRUCTURE, reading_yaml
from eqcbatch.cli.config.precedence import profile_option
from eqcbatch.cli.options.shared import in_order
from eqcbatch.cli.parsing import LINE, MOST_REQUESTS, parse_header_row, reading
from eqcbatch.errors import BadInput
from eqcbatch.settings import DEFAULT_COLUMN

if TYPE_CHECKING:
    from eqcbatch.source import NameRule

_OF_A_SOURCE = (
    *(
        "source",
        "sql",
        "columns",
        "sheets",
        "header_row",
        "plan_code_column",
        "id_column",
        "weight_column",
        "evidence_columns",
        "counted",
    ),
    "blank_names",
    "rules",
    "profile",
    "as_name",
)


def _name_rules(settings: Any) -> tuple[NameRule, ...]:
    from eqcbatch.source import read_rules

    return read_rules(settings)


_READING = in_order(
    profile_option,
    click.option(
        "--column",
        "columns",
        multiple=True,
        default=[DEFAULT_COLUMN],
        show_default=True,
        help="Where the name stands; of several, the first that is not blank.",
    ),
    click.option(
        "--sheet",
        "sheets",
        type=LINE,
        multiple=True,
        help="A workbook's sheet, or several; '*': all that show and have the columns.  [default: the first "
        "of these]",
    ),
    click.option(
        "--header-row",
        default="auto",
        show_default=True,
        callback=reading(parse_header_row),
        metavar="auto|N",
        help="Which row names the columns; auto: the first of 20 that has all asked ones.",
    ),
    click.option("--plan-code-column", help="Where the row's plan code stands."),
    click.option("--id-column", help="Where a company id stands that the row has already."),
    click.option("--weight-column", help="What makes a name heavy: asked first.  [default: its rows]"),
    click.option("--counted", is_flag=True, help="SOURCE is already name,count."),
    click.option(
        "--blank-names",
        multiple=True,
        metavar="TEXT",
        help="What names nobody, too, such as 0 or 合计; may be repeated.",
    ),
    click.option(
        "--name-rules",
        "rules",
        type=STRUCTURE,
        callback=reading_yaml(_name_rules),
        metavar="YAML",
        help="By column: in which rows it names anybody, what is cut from the name's end, what names nobody. "
        f"Best written in {CONFIG_FILE}.",
    ),
)


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """SOURCE, a file, and how it is read: the command is given them as one `spec`."""

    @functools.wraps(command)
    def run(*arguments: Any, source: Path, spec_of: Callable[..., Any], **others: Any) -> Any:
        return command(*arguments, spec=spec_of(source), **others)

    return click.argument("source", type=click.Path(path_type=Path, readable=False))(reading_options(run))


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--profile, --column and what else says how a source is read: the command is given `spec_of`.

    It makes a SourceSpec of a location, and of a query if there is one.
    """

    @functools.wraps(command)
    def run(
        *arguments: Any,
        profile: str | None,
        columns: tuple[str, ...],
        sheets: tuple[str, ...],
        header_row: int | None,
        plan_code_column: str | None,
        id_column: str | None,
        weight_column: str | None,
        counted: bool,
        blank_names: tuple[str, ...],
        rules: tuple[NameRule, ...] | None,
        **others: Any,
    ) -> Any:
        from eqcbatch.source import SourceSpec

        spec_of = functools.partial(
            SourceSpec,
            columns=columns,
            sheets=sheets,
            header_row=header_row,
            plan_code_column=plan_code_column,
            id_column=id_column,
            weight_column=weight_column,
            counted=counted,
            rules=rules or (),
            blank_names=blank_names,
            profile=profile,
        )
        return command(*arguments, spec_of=spec_of, **others)

    return _READING(run)


def queue_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--queue and --limit."""
    limit = click.option(
        "--limit",
        type=click.IntRange(1, MOST_REQUESTS),
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
    """See that --queue, --limit, SOURCE and its options go together. Raises BadInput if they do not.

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
