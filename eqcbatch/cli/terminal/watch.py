"""`report --watch`: the report again and again, until the drain that runs has ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqcbatch.cli.parsing import reading
from eqcbatch.cli.terminal.output import note, show
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.settings import parse_duration

if TYPE_CHECKING:
    from eqcbatch.ledger import Ledger
    from eqcbatch.ledger.history import Since
    from eqcbatch.report import Report

_SLICE_S = 0.5  # between looks whether the drain has ended
_LEAST_S = 0.1

watch_option = click.option(
    "--watch",
    "watch_s",
    is_flag=False,
    flag_value="5s",
    callback=reading(parse_duration),
    metavar="[SECONDS]",
    help="Again every so many seconds, 5 by default, until the drain that runs has ended.",
)


def watch(
    ledger: Path, every_s: float, show: Callable[[Ledger, str], None], clock: Clock = SYSTEM_CLOCK
) -> None:
    """Let `show` show what it reads, with who writes the ledger, until nobody does; then once more."""
    from eqcbatch.ledger import holder_of, open_ledger

    holder = holder_of(ledger)
    ran = holder is not None
    while True:
        with open_ledger(ledger) as book, book.snapshot():
            show(book, holder or "no drain runs")
        if holder is None:
            break
        _wait(ledger, max(_LEAST_S, every_s), clock)
        holder = holder_of(ledger)
    note("The drain has ended." if ran else "No drain runs: nothing to watch.")


def show_watched(
    book: Ledger, standing: Report, since: Since | None, holder: str, clock: Clock = SYSTEM_CLOCK
) -> None:
    """A fresh screen on a terminal, a plain line elsewhere."""
    from eqcbatch.render.watch import watched_line, watched_screen

    now, a_minute = clock.now().astimezone(), book.sessions.requests_a_minute()
    if sys.stdout.isatty():
        click.clear()
        show(watched_screen(standing, since, now, a_minute, holder))
    else:
        show(watched_line(standing, now, a_minute))
        with suppress(OSError):
            sys.stdout.flush()


def _wait(ledger: Path, seconds: float, clock: Clock) -> None:
    """Wait so long, or until the drain has ended."""
    from eqcbatch.ledger import holder_of

    until = clock.monotonic() + seconds
    while (left_s := until - clock.monotonic()) > 0 and holder_of(ledger):
        clock.sleep(min(left_s, _SLICE_S))  # the lock tells no one that it is free; Ctrl-C ends it
