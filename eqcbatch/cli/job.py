"""The commands of the daily job beside drain: plan, report, flush."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli.logs import start_logging
from eqcbatch.cli.options import (
    SOURCE_VARIABLE,
    database_option,
    ledger_option,
    output_options,
    parse_budget,
    rate_option,
    reading,
    scrub_environment,
)
from eqcbatch.cli.queueing import check_queue_options, queue_options
from eqcbatch.cli.sources import reading_options
from eqcbatch.errors import BadInput
from eqcbatch.settings import DEFAULT_BUDGET, Rate

if TYPE_CHECKING:
    from eqcbatch.index import Postgres
    from eqcbatch.source import SourceSpec, Tally


@contextmanager
def maybe_postgres(database_url: str | None, ledger: Path) -> Iterator[Postgres | None]:
    """The Postgres at the URL, None without one; an embedded one keeps its data beside the ledger."""
    from eqcbatch.index import open_postgres

    scrub_environment()
    with (
        open_postgres(database_url, ledger.parent / "postgres") if database_url else nullcontext() as postgres
    ):
        yield postgres


def print_json(content: Any) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(content, ensure_ascii=False))


@click.command()
@click.argument("source", required=False, envvar=SOURCE_VARIABLE)
@click.option("--sql", metavar="QUERY", help="What to read from Postgres; SOURCE is its URL.")
@queue_options
@reading_options
@click.option(
    "--overrides",
    "overrides_file",
    type=click.Path(path_type=Path),
    help="A YAML file of ids set by hand, by name or under `plan_code:`.",
)
@click.option("--no-index", is_flag=True, help="Do not look names up in Postgres.")
@ledger_option
@database_option
@rate_option
@output_options
@click.pass_context
def plan(
    ctx: click.Context,
    source: str | None,
    sql: str | None,
    queue: bool,
    limit: int | None,
    spec_of: Callable[..., SourceSpec],
    overrides_file: Path | None,
    no_index: bool,
    ledger: Path,
    database_url: str | None,
    rate: Rate,
    as_json: bool,
    log_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Read the names of SOURCE into the ledger, after one batch lookup of all of them in Postgres.

    SOURCE is a CSV, Excel or Parquet file. With --sql it is a database URL, or left out where the
    --database-url is meant; Postgres itself groups and counts the rows of the query, and changes nothing.
    Give the URL by EQCBATCH_PLAN_SOURCE: an argument is visible to others. With --queue the names come
    from the table enterprise.enrichment_requests, and are marked there as they are decided; several
    machines, each with a ledger of its own, may share it.
    """
    from eqcbatch.cli import render
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.plan import NO_OVERRIDES, plan_queue
    from eqcbatch.plan import plan as plan_names
    from eqcbatch.report import report as read_report
    from eqcbatch.source import read_overrides

    start_logging(verbose=verbose, quiet=quiet, file=log_file)
    check_queue_options(ctx)
    overrides = read_overrides(overrides_file) if overrides_file else NO_OVERRIDES
    read = None if queue else _read(source, sql, spec_of, database_url, ledger)
    with (
        maybe_postgres(None if no_index and not queue else database_url, ledger) as postgres,
        writing(ledger, "plan"),
        open_ledger(ledger, create=True) as book,
    ):
        if read:
            spec, tally = read
            planned = plan_names(book.planning, tally, spec.identity(), spec.record(), postgres, overrides)
            headline, title = "", spec.title()
        else:
            assert postgres is not None
            of_queue = plan_queue(book, postgres, limit, overrides, index=not no_index)
            planned, title = of_queue.plan, of_queue.source
            headline = f"Took {render.count(of_queue.taken, 'request')} from the queue.\n"
        standing = read_report(book, rate, None)
    if as_json:
        content = render.report_json(standing)
        print_json({key: content[key] for key in ("run", "names", "rows", "hit_rate", "forecast")})
    else:
        click.echo(headline + render.plan_text(planned, standing, title))


def _read(
    source: str | None,
    sql: str | None,
    spec_of: Callable[..., SourceSpec],
    database_url: str | None,
    ledger: Path,
) -> tuple[SourceSpec, Tally]:
    """Read a file, or the query of a database."""
    if sql is not None:
        return _read_query(source or database_url, spec_of("", query=sql), ledger)
    from eqcbatch.source import read

    if not source:
        raise BadInput("There is no SOURCE. Name a file, write a query with --sql, or use --queue.")
    spec = spec_of(Path(source))
    return spec, read(spec)


def _read_query(url: str | None, spec: SourceSpec, ledger: Path) -> tuple[SourceSpec, Tally]:
    from eqcbatch.plan import read_query

    if not url:
        raise BadInput("--sql needs a database. Set EQCBATCH_PLAN_SOURCE or EQCBATCH_DATABASE_URL.")
    with maybe_postgres(url, ledger) as postgres:
        assert postgres is not None
        return read_query(postgres, spec)


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="All names with their states, as CSV.")
@click.option("--run", "run_id", type=int, metavar="N", help="Only this current run.")
@click.option("--name", "raw_name", metavar="某公司", help="Explain one name.")
@click.option(
    "--check", is_flag=True, help="Exit 9 if the ledger is damaged, or its accounts do not balance."
)
@click.option(
    "--budget",
    callback=reading(parse_budget),
    metavar="N|all",
    default=str(DEFAULT_BUDGET),
    show_default=True,
    help="Budget the forecast assumes.",
)
@ledger_option
@rate_option
@output_options
@click.pass_context
def report(
    ctx: click.Context,
    as_csv: bool,
    run_id: int | None,
    raw_name: str | None,
    check: bool,
    budget: int | None,
    ledger: Path,
    rate: Rate,
    as_json: bool,
    log_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Show where things stand."""
    from dataclasses import asdict

    from eqcbatch.cli import render
    from eqcbatch.ledger import open_ledger
    from eqcbatch.report import explain
    from eqcbatch.report import report as read_report

    start_logging(verbose=verbose, quiet=quiet, file=log_file)
    if sum((as_csv, raw_name is not None, check)) > 1:
        raise BadInput("Choose one of --csv, --name and --check.")
    if as_csv and as_json:
        raise BadInput("Choose one of --csv and --json.")
    if run_id is not None and (as_csv or raw_name is not None):
        raise BadInput("--run goes with the report itself, not with --csv or --name.")
    with open_ledger(ledger) as book:
        if raw_name is not None:
            story = explain(book.stories, raw_name)
            print_json(asdict(story)) if as_json else click.echo(render.story_text(story))
        elif as_csv:
            for line in render.names_csv(book.stories.names()):
                click.echo(line, nl=False)
        else:
            standing = read_report(book, rate, budget, run_id)
            print_json(render.report_json(standing)) if as_json else click.echo(render.report_text(standing))
        if check:
            book.verify()
        if check and (imbalances := book.accounts.imbalances()):
            for line in imbalances:
                click.echo(f"eqcbatch: {line}", err=True)
            ctx.exit(9)


@click.command()
@click.option(
    "--revert",
    "session_id",
    type=click.IntRange(min=1),
    metavar="SESSION",
    help="Take back what this session sent, and hold its names for review.",
)
@ledger_option
@database_option
@output_options
def flush(
    session_id: int | None,
    ledger: Path,
    database_url: str | None,
    as_json: bool,
    log_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Send what is resolved, confident and unflushed to Postgres, and nothing else.

    Results that Postgres refused before are tried again; details of companies and former names go along.
    Requests that came from a queue are marked. With --revert nothing is sent: what stood in Postgres
    before the session stands there again, save where others have written meanwhile.
    """

    from eqcbatch.cli import render
    from eqcbatch.flush import flush as flush_all
    from eqcbatch.flush import revert
    from eqcbatch.ledger import open_ledger, writing

    start_logging(verbose=verbose, quiet=quiet, file=log_file)
    if not database_url:
        raise BadInput("There is no Postgres to flush to. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    with (
        maybe_postgres(database_url, ledger) as postgres,
        open_ledger(ledger) as book,
        writing(ledger, "flush"),
    ):
        assert postgres is not None
        if session_id is None:
            sent = flush_all(book, postgres, refused=True)
            done, text = render.flush_json(sent), render.flush_text(sent)
        else:
            reverted = revert(book, postgres, session_id)
            sent = reverted.sent
            done, text = render.revert_json(reverted), render.revert_text(reverted, session_id)
    print_json(done) if as_json else click.echo(text)
    if sent.trouble:
        raise sent.trouble
