"""Where an output may go: never onto the ledger or what belongs to it, nor onto what the command reads.

`report --html` is easily taken for "the ledger to report on", and a page would be all that is left of it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from eqcbatch.errors import BadInput
from eqcbatch.humanize import shorten

PACE_VARIABLE = "EQCBATCH_PACE_FILE"
_BESIDE_A_DATABASE = {
    "": "the {}",
    "-wal": "the write-ahead log of the {}",
    "-shm": "the shared memory of the {}",
    "-journal": "the journal of the {}",
}
_BESIDE_A_LEDGER = {".lock": "the lock of the ledger", ".holder.json": "the ledger's note of who writes it"}
_ARCHIVE = ".answers.sqlite"
# How files begin that are ours wherever they stand: another ledger, another one's log, another pace.
_HEADS = {
    b"SQLite format 3\0": "a SQLite database, such as a ledger",
    b"\x37\x7f\x06\x82": "the write-ahead log of a SQLite database",
    b"\x37\x7f\x06\x83": "the write-ahead log of a SQLite database",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "the journal of a SQLite database",
    b'{"sent": [': "a pace file",
}


class OutputFile(click.Path):
    """The type of an option or argument that names a file to be written."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay)


def typed_path(file: Path) -> str:
    """A path as it is typed in this system's shell."""
    return subprocess.list2cmdline([str(file)]) if os.name == "nt" else shlex.quote(str(file))


def expect_nothing_lost(ctx: click.Context, config: Path | None) -> None:
    """Raise BadInput if an output of this run would take the place of what it reads, or of anything of ours.

    config: the config file, where there is one.
    """
    kept = _inputs(ctx, config)
    for param in ctx.command.params:
        output = ctx.params.get(param.name or "")
        if isinstance(param.type, OutputFile) and output:
            _expect_a_name(output)
            what = what_stands_at(output, kept)
            if what:
                raise BadInput(
                    f"{output} is {what}, and would be lost. Name another file for {_named(param)}."
                )
            kept[output] = _what_names(param)


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
    try:
        with output.open("rb") as content:
            head = content.read(16) if output.is_file() else b""
    except OSError:
        return ""  # nothing stands there, or whoever writes it says what is wrong
    return next((what for start, what in _HEADS.items() if head.startswith(start)), "")


def files_of_ledger(ledger: Path) -> dict[Path, str]:
    """A ledger, and all that stands beside it by its name, whether it is there just now or not."""
    real = Path(os.path.realpath(ledger))

    def beside(ending: str) -> Path:
        return real.with_name(real.name + ending)

    return {
        **{beside(ending): what.format("ledger") for ending, what in _BESIDE_A_DATABASE.items()},
        **{beside(ending): what for ending, what in _BESIDE_A_LEDGER.items()},
        **{beside(_ARCHIVE + ending): what.format("archive") for ending, what in _BESIDE_A_DATABASE.items()},
    }


def _inputs(ctx: click.Context, config: Path | None) -> dict[Path, str]:
    """What this run reads, and what it is."""
    kept = files_of_ledger(ctx.params["ledger"]) if ctx.params.get("ledger") else {}
    if config:
        kept[config] = "the config file"
    if pace := os.environ.get(PACE_VARIABLE):
        kept |= {Path(pace): "the pace file", Path(f"{pace}.lock"): "the lock of the pace file"}
    for param in ctx.command.params:
        for file in _files(param, ctx.params.get(param.name or "")):
            kept.setdefault(file, _what_names(param))
    return kept


def _files(param: click.Parameter, value: object) -> Iterable[Path]:
    if isinstance(param.type, OutputFile) or not value:
        return ()
    if isinstance(value, Path):
        return (value,)
    # plan's SOURCE may be a URL, too
    return (Path(value),) if isinstance(value, str) and isinstance(param, click.Argument) else ()


def _what_names(param: click.Parameter) -> str:
    return "the source itself" if param.name == "source" else f"what {_named(param)} names"


def _named(param: click.Parameter) -> str:
    return param.opts[-1] if isinstance(param, click.Option) else str(param.name).upper()


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, be it there or not. What is no file, such as /dev/null, is none."""
    try:
        return os.path.samefile(one, other) and one.is_file()
    except (OSError, ValueError):
        return _place(one) == _place(other)


def _place(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
