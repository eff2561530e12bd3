"""The command flush."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.options.database import database_option, gate_option, maybe_postgres
from eqcbatch.cli.options.drain import backflow_option, warn_of_several_ids
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.parsing import MOST_REQUESTS, parse_person, reading
from eqcbatch.cli.terminal.output import complain, print_json, show
from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.ownership import our_name

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres


_BACKFLOW = "backflow"  # in place of a session


def _parse_revert(text: str) -> int | str:
    if text == _BACKFLOW:
        return text
    if text.isdecimal() and 1 <= int(text) <= MOST_REQUESTS:
        return int(text)
    raise BadInput(f"{text!r} is no session. Write its number, or `{_BACKFLOW}`.")


@click.command()
@click.option(
    "--revert",
    "reverted",
    callback=reading(_parse_revert),
    metavar="SESSION|backflow",
    help="Take back what this session sent, and hold its names for review; or all that --backflow sent.",
)
@click.option(
    "--dry-run", is_flag=True, help="With --revert: say what that would take back, and change nothing."
)
@click.option(
    "--verify", is_flag=True, help="Look at all that was ever flushed, and send again what was lost."
)
@backflow_option
@click.option(
    "--by",
    metavar="NAME",
    callback=reading(parse_person),
    help="With --backflow: who vouches.  [default: the user's name]",
)
@gate_option
@ledger_option
@database_option
@output_options
@click.pass_context
def flush(
    ctx: click.Context, /, ledger: Path, database_url: str | None, as_json: bool, **options: Any
) -> None:
    """Send what is resolved, confident and unflushed to Postgres, and nothing else.

    Results that Postgres refused before are tried again; details of companies and former names go along.
    Requests that came from a queue are marked. The latest of what was flushed before is looked at, and all
    of it with --verify or where some was lost: a restored backup may have lost it. A Postgres that cannot be
    reached ends it with 7, though nothing may be due.
    With --revert nothing is sent: what stood in Postgres
    before the session stands there again, save where others have written meanwhile.
    With --backflow the ids of overrides and of the sources' own columns go into the index, too, where nothing
    stands: you vouch for them.
    With --gate nothing goes that EQC decided while people's reviews speak against it, and it ends with 10.
    """
    from eqcbatch.ledger import open_ledger, writing

    reverted = options["reverted"]
    if not database_url:
        raise BadInput("There is no Postgres to flush to. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    if options["by"] and not options["backflow"]:
        raise BadInput("--by goes with --backflow.")
    if options["backflow"] and reverted:
        raise BadInput("Choose one of --backflow and --revert.")
    if options["dry_run"]:
        _preview(reverted, ledger, database_url, as_json)
        return
    with (
        maybe_postgres(database_url, ledger) as postgres,
        open_ledger(ledger) as book,
        writing(ledger, "flush"),
    ):
        assert postgres is not None
        done, text, trouble, shut = _run(book, postgres, options)
    print_json(done) if as_json else show(text)
    if shut:
        complain(shut)
    if trouble:
        raise trouble
    ctx.exit(exit_codes.GATE if shut else 0)


def _run(
    book: Ledger, postgres: Postgres, options: dict[str, Any]
) -> tuple[dict[str, Any], str, PostgresUnavailable | None, str]:
    """Flush or revert; what became of it as JSON and as text, what stopped it, and what the gate says."""
    from eqcbatch import render
    from eqcbatch.flush import Again, revert, revert_backflow
    from eqcbatch.flush import flush as flush_all

    if options["reverted"] == _BACKFLOW:
        left = revert_backflow(book, postgres)
        return render.revert_backflow_json(left), render.revert_backflow_text(left), left.trouble, ""
    if options["reverted"] is not None:
        taken = revert(book, postgres, options["reverted"])
        text = render.revert_text(taken, options["reverted"])
        return render.revert_json(taken), text, taken.sent.trouble, ""
    again = Again.ALL if options["verify"] else Again.LATEST
    if options["backflow"]:
        warn_of_several_ids(book)
        book.backflow.vouch(options["by"] or our_name())
    sent = flush_all(book, postgres, refused=True, look_again=again, reach=True, gate=options["gate"])
    shut = render.gate_text(sent.gate) if sent.gate and not sent.gate.open else ""
    return render.flush_json(sent), render.flush_text(sent), sent.trouble, shut


def _preview(session_id: int | str | None, ledger: Path, database_url: str, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.flush import preview_revert, preview_revert_backflow
    from eqcbatch.ledger import open_ledger

    if session_id is None:
        raise BadInput("--dry-run says what --revert would take back: name its session, too.")
    with maybe_postgres(database_url, ledger) as postgres, open_ledger(ledger) as book, book.snapshot():
        assert postgres is not None
        if isinstance(session_id, str):
            preview = preview_revert_backflow(book, postgres)
        else:
            preview = preview_revert(book, postgres, session_id)
    if as_json:
        print_json(render.revert_preview_json(preview))
    else:
        show(render.revert_preview_text(preview, session_id))
