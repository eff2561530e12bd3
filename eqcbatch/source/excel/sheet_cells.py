"""The cells of a row of a worksheet's XML, as values.

Most programs write a cell as `<c r="B7" s="1" t="s"><v>12</v></c>`: such cells are found by a pattern, and
only those that are asked for. A row with any other cell in it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from xml.parsers import expat

from eqcbatch.source.excel.grid import UNCOMPUTED, ErrorCell, Row, column_letters, column_of, is_filled
from eqcbatch.source.excel.number_formats import NumberFormat, as_shown
from eqcbatch.source.excel.shared_strings import SharedStrings, text_in
from eqcbatch.source.excel.sheet_xml import LAST_COLUMN

_REST = (
    rb'(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(<f\b[^<]*(?:</f>|(?<=/>)))?'
    rb'(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
)
_REST_OF_CELL = re.compile(_REST)
_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d+"' + _REST)
_UNUSUAL = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z]{1,3}\d+")|<!')
_TAG = re.compile(rb"<c[\s/>]")
_CONTENT = {("v",), ("is", "t"), ("is", "r", "t")}  # where a cell's content stands in it
_FILLED = re.compile(rb'<c r="\w+"(?: s="\d+")?><v>')

Raw = tuple[
    "bytes | None", "bytes | None", "bytes | None", "bytes | None"
]  # style, type, formula, content as XML


class CellReader:
    """Reads the cells of a workbook's rows.

    formats: of the styles, by their numbers. since_1904: whether days are counted from there.
    computed: whether a formula's zero is to be believed.
    """

    def __init__(
        self, texts: SharedStrings, formats: Sequence[NumberFormat], since_1904: bool, computed: bool
    ) -> None:
        self._texts = texts
        self._formats = formats
        self._since_1904 = since_1904
        self._computed = computed

    def picker(self, columns: Sequence[int]) -> _Picker:
        """Return what reads the cells in these columns of a row."""
        return _Picker(self, columns)

    def row(self, begin: int, xml: bytes) -> Row:
        """Return all cells of a row, up to its last that is not empty."""
        found = _CELL.findall(xml, begin)
        if len(found) == len(_TAG.findall(xml, begin)) and not _UNUSUAL.search(xml, begin):
            cells = {column_of(cell[0].decode()): (*cell[1:4], cell[4] or cell[5]) for cell in found}
        else:
            cells = parsed_cells(xml[begin:])
        values = {column: self.value(*cell) for column, cell in cells.items()}
        last = max((column for column, value in values.items() if value is not None), default=-1)
        return [values.get(column) for column in range(last + 1)]

    def has_value(self, begin: int, xml: bytes) -> bool:
        """Tell whether any cell of a row holds more than whitespace."""
        if xml.find(b"</", begin) < 0:
            return False
        return bool(_FILLED.search(xml, begin)) or any(map(is_filled, self.row(begin, xml)))

    def value(
        self, style: bytes | None, kind: bytes | None, formula: bytes | None, content: bytes | None
    ) -> object:
        """Return a cell's value. kind: the type that its `t` tells. content: that of its `<v>` or `<is>`."""
        if not content:
            return UNCOMPUTED if formula and kind != b"str" else None
        if kind == b"s":
            return self._texts[int(content)] or None
        if kind in (b"inlineStr", b"str"):
            return text_in(content)
        if kind == b"b":
            return content.strip() in (b"1", b"true")
        if kind == b"e":
            return ErrorCell(text_in(content))
        return self._number(style, formula, content)

    def _number(self, style: bytes | None, formula: bytes | None, content: bytes) -> object:
        try:
            number = float(content)
        except ValueError:
            return text_in(content)  # a day by its ISO name, or what no program should write
        if formula and not number and not self._computed:
            return UNCOMPUTED
        place = int(style) if style else 0
        if place >= len(self._formats):
            return number
        return as_shown(number, self._formats[place], self._since_1904)


class _Picker:
    """Reads the cells in some columns of row after row."""

    def __init__(self, reader: CellReader, columns: Sequence[int]) -> None:
        self._value = reader.value
        self._columns = columns
        self._heads = [b'<c r="%b%%d"' % column_letters(column).encode() for column in columns]

    def __call__(self, number: int, begin: int, xml: bytes) -> list[object]:
        cells: list[object] = []
        checked = False
        for head in self._heads:
            name = head % number
            at = xml.find(name, begin)
            found = _REST_OF_CELL.match(xml, at + len(name)) if at >= 0 else None
            if found:
                style, kind, formula, value, text = found.groups()
                cells.append(self._value(style, kind, formula, value or text))
            elif at < 0 and (checked or not _UNUSUAL.search(xml, begin)):
                checked = True
                cells.append(None)
            else:
                return self._parsed(xml[begin:])
        return cells

    def _parsed(self, xml: bytes) -> list[object]:
        cells = parsed_cells(xml)
        return [self._value(*cells[column]) if column in cells else None for column in self._columns]


def last_column(begin: int, xml: bytes) -> int:
    """Return the column of a row's last cell, filled or not; the last there can be if it cannot be told."""
    at = xml.rfind(b'<c r="', begin)
    if at < 0 or xml.find(b"<c", at + 1) > 0:
        return LAST_COLUMN if xml.find(b"<c", begin) > 0 else -1
    return column_of(xml[at + 6 : xml.index(b'"', at + 6)].decode())


def parsed_cells(xml: bytes) -> dict[int, Raw]:
    """Return the cells of a row that is written in an unusual way, by their columns."""
    return _RowParser().cells(xml + b"</row>")


class _RowParser:
    """Parses one row by a real parser of XML."""

    def __init__(self) -> None:
        self._cells: dict[int, Raw] = {}
        self._tags: list[str] = []
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._formula = False
        self._content: list[str] = []

    def cells(self, xml: bytes) -> dict[int, Raw]:
        """Return the cells of a row's whole XML."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.Parse(xml, True)
        return self._cells

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._tags.append(name)
        if name == "c":
            place = attributes.get("r")
            self._column = column_of(place) if place else self._column + 1
            if not 0 <= self._column <= LAST_COLUMN:
                raise ValueError(f"there is no column {place}")
            self._attributes, self._formula, self._content = attributes, False, []
        elif name == "f":
            self._formula = True

    def _end(self, _tag: str) -> None:
        if self._tags.pop() == "c":
            style, kind = (self._attributes.get(name, "").strip().encode() for name in "st")
            content = escape("".join(self._content), quote=False).replace("\r", "&#13;").encode()
            self._cells[self._column] = style, kind, b"f" if self._formula else None, content

    def _data(self, text: str) -> None:
        if tuple(self._tags[self._tags.index("c") + 1 :] if "c" in self._tags else ()) in _CONTENT:
            self._content.append(text)
