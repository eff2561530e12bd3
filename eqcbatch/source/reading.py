"""One source, read: the file is looked at, opened by its ending, and tallied."""

from __future__ import annotations

import os
import stat
from contextlib import AbstractContextManager
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import locate, nearest
from eqcbatch.source.delimited import open_csv
from eqcbatch.source.spec import SourceSpec, Tally
from eqcbatch.source.table import Table
from eqcbatch.source.tallying import tally

_CSV = (".csv", ".tsv")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_PARQUET = (".parquet",)


def read(spec: SourceSpec) -> Tally:
    """Read a source and count its occurrences; BadInput says why it cannot be read."""
    path = Path(spec.location)
    try:
        _look_at(path)
        with _open(path, spec) as table:
            return tally(table, locate(spec, table))
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


def _open(path: Path, spec: SourceSpec) -> AbstractContextManager[Table]:
    """Open a file as what its ending says. The heavy libraries are imported here, when needed."""
    ending = path.suffix.lower()
    if ending in _CSV:
        return open_csv(path, spec)
    if ending in _WORKBOOKS:
        from eqcbatch.source.workbook import open_workbook

        return open_workbook(path, spec)
    if ending in _PARQUET:
        return _open_parquet(path, spec)
    endings = ", ".join(_CSV + _WORKBOOKS + _PARQUET)
    raise BadInput(f"{path} is of no kind that can be read. Give one of: {endings}.")


def _open_parquet(path: Path, spec: SourceSpec) -> AbstractContextManager[Table]:
    try:
        from eqcbatch.source.parquet import open_parquet
    except ImportError as error:
        raise BadInput(f"{path} needs pyarrow. Run: pip install 'eqcbatch[scale]'") from error
    return open_parquet(path, spec)


def _near_file(path: Path) -> str:
    try:
        return nearest(path.name, os.listdir(path.parent))
    except OSError:
        return f" There is no folder {path.parent} either."
