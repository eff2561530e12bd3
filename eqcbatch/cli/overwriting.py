"""Where an output may go: never onto the ledger or what belongs to it, nor onto what any command reads.

`report --html` is easily taken for "the ledger to report on", and a page would be all that is left of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import click

from eqcbatch.cli.kept_files import kept_files, named, what_names
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.errors import BadInput
from eqcbatch.humanize import shorten

# How files begin that are ours wherever they stand: another ledger, another one's log, another pace.
_HEADS = {
    b"SQLite format 3\0": "a SQLite database, such as a ledger",
    b"\x37\x7f\x06\x82": "the write-ahead log of a SQLite database",
    b"\x37\x7f\x06\x83": "the write-ahead log of a SQLite database",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "the journal of a SQLite database",
    b'{"sent": [': "a pace file",
}
_LOCK_OF_A_PACE = re.compile(r"pace-[0-9a-f]{16}\.json\.lock")  # it is empty: nothing but its name tells it


def expect_nothing_lost(ctx: click.Context) -> None:
    """Raise BadInput if an output of this run would take the place of what is read, or is ours."""
    outputs = [
        (param, ctx.params[param.name])
        for param in ctx.command.params
        if isinstance(param.type, OutputFile) and param.name and ctx.params.get(param.name)
    ]
    kept = kept_files(ctx) if outputs else {}
    for param, output in outputs:
        _expect_a_name(output)
        if what := what_stands_at(output, kept):
            raise BadInput(f"{output} is {what}, and would be lost. Name another file for {named(param)}.")
        kept[output] = what_names(param)


def _expect_a_name(output: Path) -> None:
    """Raise BadInput if no file may be called so: its name is too long, or holds what none may."""
    try:
        output.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(
            f"{shorten(str(output), 80)} cannot be written ({reason}). Name another file."
        ) from None


def what_stands_at(output: Path, kept: Mapping[Path, str]) -> str:
    """Say what of ours would be lost at `output`; "" for nothing. kept: what each of these files is."""
    for file, what in kept.items():
        if _same(output, file):
            return what
    if _LOCK_OF_A_PACE.fullmatch(os.path.basename(_place(output))):
        return "the lock of a pace file"
    try:
        with output.open("rb") as content:
            head = content.read(16) if output.is_file() else b""
    except OSError:
        return ""  # nothing stands there, or whoever writes it says what is wrong
    return next((what for start, what in _HEADS.items() if head.startswith(start)), "")


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, be it there or not. What is no file, such as /dev/null, is none."""
    try:
        return os.path.samefile(one, other) and one.is_file()
    except (OSError, ValueError):
        return _place(one) == _place(other)


def _place(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
