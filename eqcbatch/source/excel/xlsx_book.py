"""Workbooks of Excel 2007 and later, read row by row: no sheet is ever whole in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import repeat
from pathlib import Path

from eqcbatch.source.excel.grid import Merge, Row, SheetName, column_of, is_filled
from eqcbatch.source.excel.number_formats import BUILTIN_FORMATS, NumberFormat, number_format
from eqcbatch.source.excel.shared_strings import SharedStrings
from eqcbatch.source.excel.sheet_cells import CellReader, last_column
from eqcbatch.source.excel.sheet_xml import LAST_ROW, behind_rows, plain_chunks, plain_rows
from eqcbatch.source.excel.xlsx_package import Package, damage_explained

_KEPT = 1 << 26  # bytes of a sheet's XML that are kept, instead of being unpacked for every look
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")


@contextmanager
def open_xlsx(path: Path) -> Iterator[XlsxBook]:
    """Open an .xlsx file. Raises BadInput if it is none, is damaged or unpacks to too much."""
    package = Package(path, path)
    with closing(package):
        yield XlsxBook(package)


class XlsxBook:
    """A Book."""

    guessed = ""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._parts = {sheet.title: _Part(package, sheet.part) for sheet in package.sheets}
        self.sheets = tuple(SheetName(sheet.title, sheet.visible) for sheet in package.sheets)

    def grid(self, title: str) -> XlsxGrid:
        """Return the cells of a sheet."""
        return XlsxGrid(self._package, self._parts[title], self._reader)

    @cached_property
    def _reader(self) -> CellReader:
        texts = self._package.part_of("sharedStrings")
        with damage_explained(self._package.path):
            return CellReader(
                SharedStrings(self._package.read(texts)) if texts else SharedStrings(),
                _formats(self._package),
                self._package.since_1904,
                computed=not self._package.to_be_computed,
            )


class XlsxGrid:
    """A Grid."""

    def __init__(self, package: Package, part: _Part, reader: CellReader) -> None:
        self._package = package
        self._part = part
        self._reader = reader

    def rows(self) -> Iterator[Row]:
        """Give all rows, to the last that is not empty; each ends with its last cell that is not empty."""
        below = 0
        with damage_explained(self._package.path):
            for number, begin, xml in plain_rows(self._part.chunks()):
                if self._reader.has_value(begin, xml):
                    yield from repeat((), number - below - 1)
                    yield self._reader.row(begin, xml)
                    below = number

    def cells(self, columns: Sequence[int], below: int) -> Iterator[Row]:
        """Give the cells in these columns of all rows below one, to the last row that is not empty."""
        pick = self._reader.picker(columns)
        nothing = [None] * len(columns)
        with damage_explained(self._package.path):
            for number, begin, xml in plain_rows(self._part.chunks()):
                if number <= below:
                    continue
                cells = pick(number, begin, xml)
                if any(map(is_filled, cells)) or self._reader.has_value(begin, xml):
                    if number > below + 1:
                        yield from repeat(nothing, number - below - 1)
                    yield cells
                    below = number

    def filled_columns(self, first: int, below: int) -> set[int]:
        """Return the columns, from the first to be looked at on, that hold something below a row."""
        columns: set[int] = set()
        with damage_explained(self._package.path):
            for number, begin, xml in plain_rows(self._part.chunks()):
                if number > below and last_column(begin, xml) >= first:
                    row = self._reader.row(begin, xml)
                    columns |= {place for place in range(first, len(row)) if is_filled(row[place])}
        return columns

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""
        with damage_explained(self._package.path):
            return [
                Merge(
                    int(top), min(int(bottom), LAST_ROW), column_of(left.decode()), column_of(right.decode())
                )
                for left, top, right, bottom in _MERGE.findall(behind_rows(self._part.chunks()))
            ]


class _Part:
    """A sheet's XML, kept plain if it is small: its header, merges and cells are looked for one by one."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part
        self._kept: list[bytes] = []

    def chunks(self) -> Iterator[bytes]:
        """Give the XML from its begin on."""
        if self._kept:
            return iter(self._kept)
        item = self._package.item(self._part)
        plain = plain_chunks(self._package.chunks(item))
        if item.file_size > _KEPT:
            return plain
        self._kept = list(plain)
        return iter(self._kept)


def _formats(package: Package) -> list[NumberFormat]:
    """Return the number formats of the workbook's styles, by the styles' numbers."""
    part = package.part_of("styles")
    if part is None:
        return []
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    for element in package.xml(part):
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmts":
            codes |= {int(each.get("numFmtId", 0)): each.get("formatCode", "") for each in element}
        elif tag == "cellXfs":
            styles = [int(each.get("numFmtId", 0)) for each in element]
    known = {number: number_format(code) for number, code in codes.items()}
    return [known.get(number, NumberFormat()) for number in styles]
