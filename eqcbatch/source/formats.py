"""The formats of files: which one a file has, by what is inside it, and what opens and copies such files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import nearest
from eqcbatch.source.csv_file import copy_csv, open_csv
from eqcbatch.source.entries import Entries
from eqcbatch.source.file_kinds import FileKind, expect_plain_text, kind_inside
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Tables

_CSV = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_ZIPPED = (".xlsx", ".xlsm")
_PARQUET = (".parquet",)
_ENDINGS = {
    FileKind.TEXT: _CSV,
    FileKind.XLSX: (".xlsx", ".xlsm"),
    FileKind.XLS: (".xls",),
    FileKind.PARQUET: _PARQUET,
}
_URL = re.compile(r"postgres(ql)?(\+\w+)?:|.*password\s*=")


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one format are read, and copied with an entry in every row.

    kind: what they are inside. endings: of which a copy has one, the first if its source has none of them.
    inside: what the file is, where its ending says something else.
    """

    open: Callable[[Path, SourceSpec], AbstractContextManager[Tables]]
    copy: Callable[[Path, SourceSpec, IO[bytes], Entries], Tables]
    kind: FileKind
    endings: tuple[str, ...]
    inside: str = ""


def format_of(path: Path) -> Format:
    """Return the format of a file, by what is inside; its ending decides on texts.

    Raises BadInput if the file cannot be read, or is of no such kind.
    """
    if _URL.match(str(path)):  # no message may quote it
        raise BadInput("SOURCE is a database URL, and no file. To read names there, use `plan --sql QUERY`.")
    with explained(path):
        _look_at(path)
        ending = path.suffix.lower()
        found = _by_content(path, ending)
        honest = ending in _ENDINGS.get(found.kind, (ending,))
        return found if honest else replace(found, inside=found.kind.value)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the errors of opening and reading a file into BadInput."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.{_near_file(path)}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"{path} cannot be read ({reason}). Check the path and its permissions.") from error


def _look_at(path: Path) -> None:
    """Refuse what is no file with content."""
    facts = path.stat()
    if stat.S_ISDIR(facts.st_mode):
        raise BadInput(f"{path} is a directory. Name one file in it.")
    if not stat.S_ISREG(facts.st_mode):
        raise BadInput(f"{path} is no regular file. Save its content to a file first.")
    if facts.st_size == 0:
        raise BadInput(f"{path} is empty (0 bytes): it has no header. Export it again.")


def _by_content(path: Path, ending: str) -> Format:
    """The heavy libraries are imported here, when needed."""
    kind = kind_inside(path)
    if kind in (FileKind.XLSX, FileKind.XLS) or (kind is FileKind.UNKNOWN and ending in _WORKBOOKS):
        from eqcbatch.source.workbook import copy_workbook, open_workbook

        return Format(open_workbook, copy_workbook, kind, (".xlsx",) if kind is FileKind.XLS else _ZIPPED)
    if kind is FileKind.PARQUET or ending in _PARQUET:
        return _parquet(path)
    if ending in _WORKBOOKS:
        expect_plain_text(path)
    elif ending not in _CSV:
        endings = ", ".join(_CSV + _WORKBOOKS + _PARQUET)
        raise BadInput(f"{path} is of no kind that can be read. Give one of: {endings}.")
    return Format(open_csv, copy_csv, FileKind.TEXT, _CSV)


def _parquet(path: Path) -> Format:
    try:
        from eqcbatch.source.parquet import copy_parquet, open_parquet
    except ImportError as error:
        raise BadInput(f"{path} needs pyarrow. Run: pip install 'eqcbatch[scale]'") from error
    return Format(open_parquet, copy_parquet, FileKind.PARQUET, _PARQUET)


def _near_file(path: Path) -> str:
    try:
        return nearest(path.name, os.listdir(path.parent))
    except OSError:
        return f" There is no folder {path.parent} either."
