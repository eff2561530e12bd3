"""The command flush."""

from __future__ import annotations

from pathlib import Path

import click

from eqcbatch.cli.options.database import database_option, maybe_postgres
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.parsing import MOST_REQUESTS
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.errors import BadInput


@click.command()
@click.option(
    "--revert",
    "session_id",
    type=click.IntRange(1, MOST_REQUESTS),
    metavar="SESSION",
    help="Take back what this session sent, and hold its names for review.",
)
@click.option(
    "--dry-run", is_flag=True, help="With --revert: say what that would take back, and change nothing."
)
@click.option(
    "--verify", is_flag=True, help="Look at all that was ever flushed, and send again what was lost."
)
@ledger_option
@database_option
@output_options
def flush(
    session_id: int | None,
    dry_run: bool,
    verify: bool,
    ledger: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Send what is resolved, confident and unflushed to Postgres, and nothing else.

    Results that Postgres refused before are tried again; details of companies and former names go along.
    Requests that came from a queue are marked. The latest of what was flushed before is looked at, and all
    of it with --verify or where some was lost: a restored backup may have lost it. A Postgres that cannot be
    reached ends it with 7, though nothing may be due.
    With --revert nothing is sent: what stood in Postgres
    before the session stands there again, save where others have written meanwhile.
    """
    from eqcbatch import render
    from eqcbatch.flush import Again, revert
    from eqcbatch.flush import flush as flush_all
    from eqcbatch.ledger import open_ledger, writing

    if not database_url:
        raise BadInput("There is no Postgres to flush to. Set EQCBATCH_DATABASE_URL, or use --database-url.")
    if dry_run:
        _preview(session_id, ledger, database_url, as_json)
        return
    with (
        maybe_postgres(database_url, ledger) as postgres,
        open_ledger(ledger) as book,
        writing(ledger, "flush"),
    ):
        assert postgres is not None
        if session_id is None:
            again = Again.ALL if verify else Again.LATEST
            sent = flush_all(book, postgres, refused=True, look_again=again, reach=True)
            done, text = render.flush_json(sent), render.flush_text(sent)
        else:
            reverted = revert(book, postgres, session_id)
            sent = reverted.sent
            done, text = render.revert_json(reverted), render.revert_text(reverted, session_id)
    print_json(done) if as_json else show(text)
    if sent.trouble:
        raise sent.trouble


def _preview(session_id: int | None, ledger: Path, database_url: str, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.flush import preview_revert
    from eqcbatch.ledger import open_ledger

    if session_id is None:
        raise BadInput("--dry-run says what --revert would take back: name its session, too.")
    with maybe_postgres(database_url, ledger) as postgres, open_ledger(ledger) as book, book.snapshot():
        assert postgres is not None
        preview = preview_revert(book, postgres, session_id)
    if as_json:
        print_json(render.revert_preview_json(preview))
    else:
        show(render.revert_preview_text(preview, session_id))
