"""The command report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.options.drain import forecast_options
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.options.temporary_ids import required_salt, salt_if_any
from eqcbatch.cli.parsing import MOST_REQUESTS, parse_moment, reading
from eqcbatch.cli.terminal.html_page import html_option, write_page
from eqcbatch.cli.terminal.output import complain, print_data, print_json, show
from eqcbatch.cli.terminal.watch import show_watched, watch, watch_option
from eqcbatch.errors import BadInput

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger, NameDetails

_MOST_MISSING = 10  # in Markdown


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="All names with their states, as CSV.")
@click.option("--markdown", "as_markdown", is_flag=True, help="The report as Markdown, for mail and chat.")
@html_option
@watch_option
@click.option(
    "--since",
    callback=reading(parse_moment),
    metavar="WHEN",
    help="Also what happened since: 2026-11-01, 2026-11-01T22:00, yesterday, 24h, 7d.",
)
@click.option(
    "--run", "run_id", type=click.IntRange(max=MOST_REQUESTS), metavar="N", help="Only this current run."
)
@click.option("--name", "raw_name", metavar="NAME", help="Explain one name, and where its id comes from.")
@click.option("--id", "company_id", metavar="ID", help="Where an id comes from: all names that have it.")
@click.option(
    "--resolved-temp-ids",
    "temp_ids",
    is_flag=True,
    help="Temporary ids with the ids that their names have now; --csv for a file.",
)
@click.option(
    "--check", is_flag=True, help="Exit 9 if the ledger is damaged, or its accounts do not balance."
)
@forecast_options
@ledger_option
@output_options
@click.pass_context
def report(ctx: click.Context, /, **options: Any) -> None:
    """Show where things stand, how long the rest takes, and what would make it faster.

    The forecast goes by the settings of drain, where there are none for report. With --watch a screen is
    shown on a terminal, a plain line elsewhere, and with --json one object a line.
    """
    from eqcbatch.ledger import open_ledger

    _check_choice(options)
    if options["watch_s"] is not None:
        watch(options["ledger"], options["watch_s"], lambda book, holder: _show(book, options, holder))
        return
    with open_ledger(options["ledger"]) as book:
        if options["raw_name"] is not None:
            _explain(book, options["raw_name"], options["as_json"])
        elif options["company_id"] is not None:
            _trace(book, options["company_id"], options["as_json"])
        elif options["temp_ids"]:
            _resolve_temporary(book.name_details, options["as_csv"], options["as_json"])
        elif options["as_csv"]:
            _list(book.name_details)
        else:
            with book.snapshot():
                _show(book, options)
                sound = not options["check"] or _sound(book)
            ctx.exit(0 if sound else exit_codes.LEDGER)


def _check_choice(options: dict[str, Any]) -> None:
    """Raise BadInput if options do not go together."""
    chosen = [
        name
        for name, given in (
            ("--csv", options["as_csv"] and not options["temp_ids"]),
            ("--resolved-temp-ids", options["temp_ids"]),
            ("--markdown", options["as_markdown"]),
            ("--html", options["html_file"] is not None),
            ("--watch", options["watch_s"] is not None),
            ("--name", options["raw_name"] is not None),
            ("--id", options["company_id"] is not None),
            ("--check", options["check"]),
        )
        if given
    ]
    one = options["raw_name"] is not None or options["company_id"] is not None or options["temp_ids"]
    if options["html_file"] and (options["as_csv"] or one):
        raise BadInput("--html goes with the report itself, not with --csv, --name or --id.")
    if len(chosen) > 1 and set(chosen) != {"--html", "--check"} and set(chosen) != {"--markdown", "--check"}:
        raise BadInput(f"Choose one of {' and '.join(chosen)}.")
    if options["as_json"] and (options["as_csv"] or options["as_markdown"]):
        raise BadInput(f"Choose one of {chosen[0]} and --json.")
    if options["html_file"] and options["since"]:
        raise BadInput("--since goes with text, --markdown and --json; the page shows every night.")
    for asked, option in (("run_id", "--run"), ("since", "--since")):
        if options[asked] is not None and (options["as_csv"] or one):
            raise BadInput(f"{option} goes with the report itself, not with --csv, --name or --id.")


def _show(book: Ledger, options: dict[str, Any], holder: str = "") -> None:
    """Print the report in the form that is asked for. holder: who writes, where it is watched."""
    from eqcbatch import render
    from eqcbatch.clock import utc_text
    from eqcbatch.report import report as read_report

    run_id = options["run_id"]
    standing = read_report(book, options["schedule"], run_id)
    since = book.history.since(utc_text(options["since"])) if options["since"] else None
    wrote = write_page(book, standing, options["html_file"], run_id) if options["html_file"] else ""
    if options["as_json"]:
        print_json(render.report_json(standing, since))
    elif holder:
        show_watched(book, standing, since, holder)
    elif options["as_markdown"]:
        show(render.report_markdown(standing, book.history.missing(_MOST_MISSING, run_id), since))
    else:
        show(wrote or render.report_text(standing, since))


def _explain(book: Ledger, raw_name: str, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.eqc import archive_to_read
    from eqcbatch.ledger import archive_path
    from eqcbatch.report import chain, explain

    detail = explain(book.name_details, raw_name)
    with archive_to_read(archive_path(book.path)) as archive:
        traced = chain(book, archive, detail.name.lookup_key)
    assert traced is not None  # the ledger has the name
    if as_json:
        print_json(render.name_detail_json(detail) | {"provenance": render.chain_json(traced)})
    else:
        show(f"{render.name_detail_text(detail)}\n\n{render.chain_text(traced)}")


def _trace(book: Ledger, company_id: str, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.eqc import archive_to_read
    from eqcbatch.ledger import archive_path
    from eqcbatch.report import trace_id

    with archive_to_read(archive_path(book.path)) as archive:
        traced = trace_id(book, archive, company_id, salt_if_any())
    print_json(render.id_json(traced)) if as_json else show(render.id_text(traced))


def _resolve_temporary(name_details: NameDetails, as_csv: bool, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.report import resolved_temporary_ids

    resolved = resolved_temporary_ids(name_details, required_salt(""))
    if as_json:
        print_json(render.resolved_json(resolved))
    elif as_csv:
        for line in render.resolved_csv(resolved):
            print_data(line)
    else:
        show(render.resolved_text(resolved))


def _list(name_details: NameDetails) -> None:
    from eqcbatch import render

    for line in render.names_csv(name_details.names()):
        print_data(line)


def _sound(book: Ledger) -> bool:
    """Read all of the ledger, and say what of its accounts does not balance; whether all does."""
    book.verify()
    imbalances = book.stats.imbalances()
    for line in imbalances:
        complain(line)
    return not imbalances
