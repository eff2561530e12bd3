"""What goes to stdout: one JSON object for programs, and all of it before the process ends."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

import click

from eqcbatch.cli import exit_codes


def print_json(content: Any) -> None:
    """Print one JSON object on stdout."""
    click.echo(json.dumps(content, ensure_ascii=False))


def flushed(code: int) -> int:
    """The exit code, once what was printed is out."""
    try:
        print(end="", flush=True)  # to nowhere, where there is no stdout
    except OSError as error:
        if not code:
            return unwritten(error)
        silence(sys.stdout)
    try:
        print(end="", flush=True, file=sys.stderr)
    except OSError:
        silence(sys.stderr)
    return code


def unwritten(error: OSError) -> int:
    """Say that the disk is full, as far as even that can be written; the exit code of it."""
    try:
        click.echo(f"eqcbatch: the output cannot be written: {error.strerror or error}.", err=True)
    except OSError:
        silence(sys.stderr)
    silence(sys.stdout)
    return exit_codes.LEDGER


def silence(stream: TextIO) -> None:
    """Let what is still to be written to a stream go nowhere: Python tries again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
