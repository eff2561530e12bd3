"""Opens a workbook of either kind, by what is inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eqcbatch.source.excel.grid import Book
from eqcbatch.source.file_kinds import FileKind, kind_inside


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open a workbook. Raises BadInput if it is none, is damaged or has a password."""
    if kind_inside(path) is FileKind.XLS:
        from eqcbatch.source.excel.xls_book import open_xls

        with open_xls(path) as old:
            yield old
    else:
        from eqcbatch.source.excel.xlsx_book import open_xlsx

        with open_xlsx(path) as book:
            yield book
