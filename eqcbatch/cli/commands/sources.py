"""The command sources."""

from __future__ import annotations

from pathlib import Path

import click

from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean

_FORGET = "forget"


@click.command()
@click.argument("action", required=False, metavar="[forget")
@click.argument("names", nargs=-1, metavar="NAME...]")
@ledger_option
@output_options
def sources(action: str | None, names: tuple[str, ...], ledger: Path, as_json: bool) -> None:
    """List the sources whose rows count, each with the share of its rows that have an id.

    With `forget`, take one out: by its name, its number, or its file. Names in no other source are retired:
    they are asked no more, and what is decided of them stays, in the ledger and in Postgres.
    """
    if action is None:
        _list(ledger, as_json=as_json)
    elif action != _FORGET:
        raise BadInput(
            f"`sources` knows no {action!r}. {did_you_mean(action, [_FORGET], 'It knows `forget`.')}"
        )
    elif not names:
        raise BadInput("Forget which? `eqcbatch sources` lists them: eqcbatch sources forget NAME")
    else:
        _forget(ledger, names, as_json=as_json)


def _list(ledger: Path, *, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.ledger import open_ledger
    from eqcbatch.sources import list_sources

    with open_ledger(ledger) as book, book.snapshot():
        listing = list_sources(book)
    print_json(render.listing_json(listing)) if as_json else show(render.sources_text(listing))


def _forget(ledger: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    from eqcbatch import render
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.sources import forget

    with writing(ledger, "sources forget"), open_ledger(ledger) as book:
        report = forget(book, names)
    print_json(render.forgotten_json(report)) if as_json else show(render.forgotten_text(report))
