"""The command plan."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from eqcbatch.cli.options.database import SOURCE_VARIABLE, database_option, maybe_postgres
from eqcbatch.cli.options.drain import forecast_options
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.options.source import check_queue_options, queue_options, reading_options
from eqcbatch.cli.parsing import parse_source_name, reading
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.cli.terminal.stage_bar import StageBar
from eqcbatch.domain.forecast import Schedule
from eqcbatch.errors import BadInput

if TYPE_CHECKING:
    from eqcbatch.domain.coverage import Overrides
    from eqcbatch.ledger import Ledger
    from eqcbatch.plan import PlanReport
    from eqcbatch.postgres import Postgres
    from eqcbatch.report import Report
    from eqcbatch.source import SourceSpec, Tally
    from eqcbatch.stages import Stages


def _files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a file's name: SOURCE is one more often than a URL."""
    return [CompletionItem(incomplete, type="file")]


@click.command()
@click.argument("source", required=False, envvar=SOURCE_VARIABLE, shell_complete=_files)
@reading_options
@click.option(
    "--as",
    "as_name",
    metavar="NAME",
    callback=reading(parse_source_name),
    help="What the source is called: the next one of this name takes its place.  [default: the profile's]",
)
@click.option(
    "--evidence-column",
    "evidence_columns",
    multiple=True,
    metavar="NAME",
    help="What may tell which of several companies is meant: a region, a plan's name; may be repeated.",
)
@click.option("--sql", metavar="QUERY", help="What to read from Postgres; SOURCE is its URL.")
@queue_options
@click.option(
    "--overrides",
    "overrides_file",
    type=click.Path(path_type=Path),
    help="A YAML file of ids set by hand, by name or under `plan_code:`.",
)
@click.option("--no-index", is_flag=True, help="Do not look names up in Postgres.")
@forecast_options
@ledger_option
@database_option
@output_options
@click.pass_context
def plan(
    ctx: click.Context, /, spec_of: Callable[..., SourceSpec], schedule: Schedule, **options: Any
) -> None:
    """Read the names of SOURCE into the ledger, after one batch lookup of all of them in Postgres.

    SOURCE is a CSV, Excel or Parquet file. With --sql it is a database URL, or left out where the
    --database-url is meant; Postgres itself groups and counts the rows of the query, and changes nothing.
    Give the URL by EQCBATCH_PLAN_SOURCE: an argument is visible to others. With --queue the names come
    from the table enterprise.enrichment_requests, and are marked there as they are decided; several
    machines, each with a ledger of its own, may share it.

    A source is known by its file, sheet and columns, or by its name (--as): planned again, it takes the
    place of what it was. `eqcbatch sources` lists all that count.

    The forecast goes by the settings of drain, where there are none for plan.
    """
    from eqcbatch import render
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.report import report as read_report

    check_queue_options(ctx)
    ctx.with_resource(_without_garbage_collection())
    overrides = _read_overrides(options["overrides_file"])
    ledger, url, index = options["ledger"], options["database_url"], not options["no_index"]
    with StageBar(quiet=ctx.params["quiet"]) as stages:
        read = None if options["queue"] else _read(options, spec_of, stages)
        with (
            maybe_postgres(url if index or options["queue"] else None, ledger) as postgres,
            writing(ledger, "plan"),
            open_ledger(ledger, create=True) as book,
        ):
            if read:
                planned, text = _plan_source(book, options["as_name"], *read, postgres, overrides, stages)
            else:
                planned, text = _plan_queue(book, postgres, options["limit"], overrides, stages, index=index)
            taken_back = _take_back(book, postgres)
            stages.begin("Counting")
            standing = read_report(book, schedule)
    if read:
        _warn_of_idle(*read, overrides)
    if options["as_json"]:
        print_json(render.plan_json(planned, standing, taken_back))
    else:
        show(text(standing) + (f"\n{render.taken_back_text(taken_back)}" if taken_back else ""))


def _look_again(book: Ledger, postgres: Postgres | None) -> None:
    """Make due again what Postgres lost of what was flushed, and look at what people decided.

    That Postgres is away the plan itself says.
    """
    from loguru import logger

    from eqcbatch.errors import PostgresUnavailable
    from eqcbatch.verification import look_at_decisions, verify

    if postgres is None:
        return
    with suppress(PostgresUnavailable):
        look_at_decisions(book, postgres)
        if lost := verify(book, postgres):
            logger.warning(
                f"Postgres lost {lost:,} rows that had been flushed. Next: eqcbatch flush sends them again."
            )


def _take_back(book: Ledger, postgres: Postgres | None) -> int:
    """Take back what was flushed and gave way to a stronger word; how many rows of Postgres that changed."""
    if postgres is None or not book.outbox.to_take_back():
        return 0
    from loguru import logger

    from eqcbatch.flush import take_back

    report = take_back(book, postgres)
    if report.trouble:
        logger.warning(f"{report.trouble} What is to be taken back waits. Next: eqcbatch flush")
    return report.results.taken_back


def _warn_of_idle(spec: SourceSpec, tally: Tally, overrides: Overrides) -> None:
    """Warn where weights are none, so that no name would be asked before another, and of what is idle."""
    from loguru import logger

    from eqcbatch.source.columns import evidence_columns

    if spec.weight_column and tally.occurrences and not any(seen.weight for seen in tally.occurrences):
        logger.warning(
            f"No row has a weight: the column {spec.weight_column!r} holds no number above 0. "
            "Name another --weight-column."
        )
    for column in evidence_columns(spec) if tally.occurrences else ():
        _warn_of_no_evidence(column, tally.values_of(column))
    if overrides.by_plan_code and spec.plan_code_column is None:
        logger.warning(
            f"The overrides of {len(overrides.by_plan_code):,} plan codes have no effect: the source was "
            "read without a --plan-code-column."
        )


def _warn_of_no_evidence(column: str, values: Iterable[str]) -> None:
    """Warn where a column that was asked for says neither where anybody sits nor who is meant."""
    from loguru import logger

    from eqcbatch.domain.matching.testimony import is_understood

    if not any(map(is_understood, values)):
        logger.warning(
            f"The column {column!r} is no evidence: it holds no place, no company's full name, no plan's "
            "and no credit code. Name another --evidence-column."
        )


def _read_overrides(file: Path | None) -> Overrides:
    from eqcbatch.plan import NO_OVERRIDES

    if not file:
        return NO_OVERRIDES
    from eqcbatch.source.overrides import read_overrides

    return read_overrides(file)


def _plan_source(
    book: Ledger,
    as_name: str | None,
    spec: SourceSpec,
    tally: Tally,
    postgres: Postgres | None,
    overrides: Overrides,
    stages: Stages,
) -> tuple[PlanReport, Callable[[Report], str]]:
    """Plan what was read; what it came to, and what makes a text of it and of how things stand then."""
    from eqcbatch import render
    from eqcbatch.plan import plan as plan_names

    _look_again(book, postgres)
    name = as_name or spec.profile
    sheets = [table.sheet for table in tally.remarks.read if table.sheet is not None]
    how = (spec.identity(), {**spec.record(), "sheets_read": sheets}, postgres, overrides)
    planned = plan_names(book.runs, tally, *how, name=name, stages=stages)
    return planned, partial(render.plan_text, planned, spec.title())


def _plan_queue(
    book: Ledger,
    postgres: Postgres | None,
    limit: int | None,
    overrides: Overrides,
    stages: Stages,
    *,
    index: bool,
) -> tuple[PlanReport, Callable[[Report], str]]:
    """The same of what the queue has."""
    from eqcbatch import render
    from eqcbatch.plan import plan_queue

    assert postgres is not None
    _look_again(book, postgres if index else None)
    taken = plan_queue(book, postgres, limit, overrides, index=index, stages=stages)
    return taken.plan, partial(render.queue_plan_text, taken)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Look for no circles of values: a plan makes millions of values, and none of them is in one."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(
    options: Mapping[str, Any], spec_of: Callable[..., SourceSpec], stages: Stages
) -> tuple[SourceSpec, Tally]:
    """Read a file, or the query of a database."""
    source, url = options["source"], options["database_url"]
    spec_of = partial(spec_of, evidence_columns=options["evidence_columns"])
    if options["sql"] is not None:
        return _read_query(source or url, spec_of("", query=options["sql"]), options["ledger"], stages)
    from eqcbatch.source import read

    if not source:
        raise BadInput("There is no SOURCE. Name a file, write a query with --sql, or use --queue.")
    spec = spec_of(Path(source))
    return spec, read(spec, stages)


def _read_query(url: str | None, spec: SourceSpec, ledger: Path, stages: Stages) -> tuple[SourceSpec, Tally]:
    from eqcbatch.plan import read_query

    if not url:
        raise BadInput("--sql needs a database. Set EQCBATCH_PLAN_SOURCE or EQCBATCH_DATABASE_URL.")
    with maybe_postgres(url, ledger) as postgres:
        assert postgres is not None
        return read_query(postgres, spec, stages)
