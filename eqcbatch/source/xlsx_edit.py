"""A sheet inside an .xlsx file gains cells; every other byte of its XML, and every other part, is copied.

An .xlsx file is a zip of XML parts. To load and save it by openpyxl would lose the computed values of all
formulas (others then read these cells as empty), the charts and the pictures, and take many times as
long. So the cells are put into the sheet's XML where they belong.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import escape
from zipfile import BadZipFile, ZipFile, ZipInfo

from eqcbatch.errors import BadInput
from eqcbatch.source.grid import column_letters, column_of

_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
# A cell with a formula and no value of it. A value that is an empty text has the type `str`.
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*\br="(\w+)"[^>]*>\s*'
    rb"<((?:\w+:)?)f\b(?:[^>]*/>|[^>]*>[^<]*</\2f>)\s*(?:<\2v\s*/>|<\2v>\s*</\2v>)?\s*</(?:\w+:)?c>"
)

Cells = Mapping[int, Mapping[int, str | float | None]]  # by row, from 1, and by column, from 0

_DIMENSION = re.compile(rb'(<(?:\w+:)?dimension\b[^>]*\bref=")([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(?=")')
_FORMATS = re.compile(rb"<((?:\w+:)?)cellXfs\b[^>]*>(.*?)(?=</\1cellXfs>)", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b")
_SPANS = re.compile(rb'(<(?:\w+:)?row\b[^>]*?)\s+spans="[^"]*"')
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_TEXT_FORMAT = 49  # of the built-in number formats, "@"
_NAMES_CALC_CHAIN = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*\bcalcChain\.xml\"[^>]*/>")


def set_cells(content: Path | IO[bytes], out: IO[bytes], sheets: Mapping[str, Cells]) -> None:
    """Copy an .xlsx file with these cells in its sheets, by title: texts as text, None for an empty cell.

    Raises BadInput if the file is of another kind inside.
    """
    try:
        with ZipFile(content) as old, ZipFile(out, "w") as new:
            changed = _changed_parts(old, sheets)
            for item in old.infolist():
                data = changed.get(item.filename) or old.read(item)
                if not item.filename.endswith("/calcChain.xml"):
                    new.writestr(_like(item), _NAMES_CALC_CHAIN.sub(b"", data) if _indexes(item) else data)
    except (BadZipFile, KeyError, ElementTree.ParseError, expat.ExpatError) as error:
        raise BadInput(
            f"{content} has the ending of an Excel workbook, but is none inside ({error}).\n"
            "Open it in Excel and save it as .xlsx."
        ) from error


def uncomputed(path: Path, title: str, columns: Collection[int]) -> list[str]:
    """Places, such as B7, of formulas in these columns of a sheet whose values the file does not hold.

    columns: from 0. What is no .xlsx file inside has none.
    """
    try:
        with ZipFile(path) as book:
            xml = book.read(_find_parts(book, title)[0])
    except (BadZipFile, KeyError, ElementTree.ParseError):
        return []
    if not _FORMULA.search(xml):  # most have none, and the other pattern takes three times as long
        return []
    places = (found[1].decode() for found in _UNCOMPUTED.finditer(xml))
    return [place for place in places if column_of(place) in columns]


def _like(item: ZipInfo) -> ZipInfo:
    like = ZipInfo(item.filename, item.date_time)
    like.compress_type = item.compress_type
    like.external_attr = item.external_attr
    return like


def _indexes(item: ZipInfo) -> bool:
    """Tell whether a part lists others. Excel makes the calculation chain anew where there is none."""
    return item.filename == "[Content_Types].xml" or item.filename.endswith(".rels")


def _changed_parts(book: ZipFile, sheets: Mapping[str, Cells]) -> dict[str, bytes]:
    changed: dict[str, bytes] = {}
    number = None
    for title, cells in sheets.items():
        sheet, formats = _find_parts(book, title)
        if formats and formats not in changed:
            changed[formats], number = _with_text_format(book.read(formats))
        changed[sheet] = _Splice(book.read(sheet), cells, number).result()
    return changed


def _find_parts(book: ZipFile, title: str) -> tuple[str, str | None]:
    """Return where the sheet and the formats stand."""
    workbook = dict(_related(book, "").values())["officeDocument"]
    related = _related(book, workbook)
    sheets = {
        element.get("name"): value
        for element in ElementTree.fromstring(book.read(workbook)).iter()
        if element.tag.endswith("}sheet")
        for name, value in element.items()
        if name.endswith("}id")
    }
    return related[sheets[title]][1], dict(related.values()).get("styles")


def _related(book: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to: kind and part by id."""
    folder, name = posixpath.split(part)
    rels = ElementTree.fromstring(book.read(posixpath.join(folder, "_rels", f"{name}.rels")))
    return {
        rel.attrib["Id"]: (
            rel.attrib["Type"].rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, rel.attrib["Target"]))[1:],
        )
        for rel in rels
    }


def _with_text_format(formats: bytes) -> tuple[bytes, int | None]:
    """Return the formats with one more, that of text (`@`), and its number."""
    found = _FORMATS.search(formats)
    if not found:
        return formats, None
    prefix, before = found[1], found[2]
    number = len(_FORMAT.findall(before))
    block = b'<%bcellXfs count="%d">%b' % (prefix, number + 1, before)
    block += b'<%bxf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" ' % (prefix, _TEXT_FORMAT)
    block += b'applyNumberFormat="1"/>'
    return formats[: found.start()] + block + formats[found.end() :], number


class _Splice:
    """One pass over a sheet's XML that puts cells in and takes those out whose place they need."""

    def __init__(self, xml: bytes, cells: Cells, text_format: int | None) -> None:
        self._xml = xml
        self._cells = cells
        self._format = "" if text_format is None else f' s="{text_format}"'
        self._prefix, self._row_tag, self._cell_tag = "", "", ""
        self._row = self._row_begin = 0  # the number of the row at hand, and where in the XML it begins
        self._found: list[tuple[int, int]] = []  # its cells: column, where in the XML it begins
        self._pieces: list[bytes] = []
        self._copied = 0
        filled = (number for number, values in cells.items() if any(map(_is_value, values.values())))
        self._missing = deque(sorted(filled))  # rows that are to have a cell, and were not met yet
        self._last = self._missing[-1] if self._missing else 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def result(self) -> bytes:
        """Return the sheet's new XML."""
        self._parser.Parse(self._xml, True)
        xml = b"".join([*self._pieces, self._xml[self._copied :]])
        return _DIMENSION.sub(self._dimension, xml, count=1)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._cell_tag:
            place = attributes.get("r")
            column = column_of(place) if place else self._found[-1][0] + 1 if self._found else 0
            self._found.append((column, self._parser.CurrentByteIndex))
        elif tag == self._row_tag:
            self._begin_row(int(attributes.get("r", self._row + 1)), self._parser.CurrentByteIndex)
        elif tag.rpartition(":")[2] == "sheetData":
            self._prefix = tag.removesuffix("sheetData")
            self._row_tag, self._cell_tag = f"{self._prefix}row", f"{self._prefix}c"

    def _end(self, tag: str) -> None:
        if tag == self._row_tag:
            if cells := self._cells.get(self._row):
                set_row = self._set if self._found else self._fill
                set_row(cells, self._parser.CurrentByteIndex)
        elif self._row_tag and tag.rpartition(":")[2] == "sheetData":
            self._insert_rows(self._last + 1, self._parser.CurrentByteIndex)
            self._row_tag = self._cell_tag = ""

    def _set(self, cells: Mapping[int, str | float | None], end: int) -> None:
        begins = [begin for _, begin in self._found]
        extents = zip(self._found, [*begins[1:], end], strict=True)
        row = [(column, self._xml[begin:stop]) for (column, begin), stop in extents if column not in cells]
        row += [(column, self._cell(column, value)) for column, value in cells.items() if value is not None]
        self._pieces.append(_SPANS.sub(rb"\1", self._xml[self._copied : begins[0]]))
        self._pieces += map(itemgetter(1), sorted(row, key=itemgetter(0)))
        self._copied = end

    def _begin_row(self, number: int, begin: int) -> None:
        self._insert_rows(number, begin)
        if self._missing and self._missing[0] == number:
            self._missing.popleft()
        self._row, self._row_begin, self._found = number, begin, []

    def _insert_rows(self, before: int, at: int) -> None:
        """Write the rows that the sheet has not, though merged cells reach into them."""
        while self._missing and self._missing[0] < before:
            self._row = self._missing.popleft()
            row = f'<{self._prefix}row r="{self._row}">'.encode(), *self._written(), self._end_tag()
            self._pieces += [self._xml[self._copied : at], *row]
            self._copied = at

    def _fill(self, cells: Mapping[int, str | float | None], end: int) -> None:
        """Put cells into a row that has none, and may be an empty tag."""
        written = self._written()
        if not written:
            return
        stop = self._xml.index(b">", self._row_begin)
        if self._xml[stop - 1 : stop] == b"/":
            begin = _SPANS.sub(rb"\1", self._xml[self._copied : stop - 1])
            self._pieces += [begin, b">", *written, self._end_tag()]
            self._copied = stop + 1
        else:
            self._pieces += [_SPANS.sub(rb"\1", self._xml[self._copied : end]), *written]
            self._copied = end

    def _written(self) -> list[bytes]:
        """Return what the row at hand gains, column by column."""
        cells = sorted(self._cells[self._row].items(), key=itemgetter(0))
        return [self._cell(column, value) for column, value in cells if value is not None]

    def _end_tag(self) -> bytes:
        return f"</{self._prefix}row>".encode()

    def _cell(self, column: int, value: str | float) -> bytes:
        tag, place = self._prefix, f"{column_letters(column)}{self._row}"
        if isinstance(value, str):
            text = escape(_NO_XML.sub("", value))
            cell = (
                f'<{tag}c r="{place}"{self._format} t="inlineStr">'
                f'<{tag}is><{tag}t xml:space="preserve">{text}</{tag}t></{tag}is></{tag}c>'
            )
        else:
            cell = f'<{tag}c r="{place}"><{tag}v>{value:.12g}</{tag}v></{tag}c>'
        return cell.encode("ascii", "xmlcharrefreplace")

    def _dimension(self, found: re.Match[bytes]) -> bytes:
        """Return where the sheet's cells stand: readers that trust it would miss new ones else."""
        head, column, row, last_column, last_row = found.groups()
        widest = max(column_of((last_column or column).decode()), *self._columns())
        lowest = max(int(last_row or row), self._last)
        return b"%b%b%b:%b%b" % (head, column, row, column_letters(widest).encode(), b"%d" % lowest)

    def _columns(self) -> Iterator[int]:
        return (column for cells in self._cells.values() for column in cells)


def _is_value(value: object) -> bool:
    return value is not None
