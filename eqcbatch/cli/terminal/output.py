"""What goes to stdout and stderr: texts that are safe to show, one JSON object for programs, all in time.

Commands print by this room alone. A stream may be closed, or its reader gone: what happened counts more than
that nobody reads of it.
"""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Any, TextIO

import click

from eqcbatch.cli import exit_codes
from eqcbatch.cli.terminal.next_command import with_options_kept
from eqcbatch.safe_text import json_line, message_lines, visible_lines


def show(text: str) -> None:
    """Print a text for people on stdout; what to type next has the options that were typed."""
    click.echo(visible_lines(with_options_kept(text)))


def show_styled(text: str) -> None:
    """Print a text that has colours of ours in it, and is safe besides."""
    click.echo(text)


def print_data(text: str) -> None:
    """Print a part of what a program is to read, as it is; on a terminal, where somebody looks, made safe."""
    click.echo(visible_lines(text) if sys.stdout.isatty() else text, nl=False)


def print_json(content: Any) -> None:
    """Print one JSON object on stdout."""
    click.echo(json_line(content))


def complain(message: object) -> None:
    """Say on stderr what is wrong."""
    note_styled(f"eqcbatch: {message_lines(message)}")


def note(text: object) -> None:
    """Print a text for people on stderr."""
    note_styled(visible_lines(text))


def note_styled(text: str) -> None:
    """Print a text on stderr that has colours of ours in it; as far as anybody listens."""
    try:
        click.echo(text, err=True)
    except OSError:
        silence(sys.stderr)


def open_streams() -> None:
    """See that there are streams to write to, in UTF-8: cron may start us with closed ones, in a C locale."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(number))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def show_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of a defect, what others wrote into it made safe."""
    note("".join(traceback.format_exception(kind, error, trace)).rstrip())


def flushed(code: int) -> int:
    """The exit code, once what was printed is out."""
    try:
        sys.stdout.flush()
    except OSError as error:
        if not code:
            return unwritten(error)
        silence(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)
    return code


def unwritten(error: OSError) -> int:
    """Say that the disk is full, as far as even that can be written; the exit code of it."""
    complain(f"the output cannot be written: {error.strerror or error}.")
    silence(sys.stdout)
    return exit_codes.LEDGER


def silence(stream: TextIO) -> None:
    """Let what is still to be written to a stream go nowhere: Python tries again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _nowhere(number: int) -> TextIO:
    """A stream to nowhere; by its own number, where that is free: the next file must not be taken for it."""
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
    return open(os.devnull, "r" if number == 0 else "w", encoding="utf-8")
