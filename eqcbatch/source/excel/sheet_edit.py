"""A worksheet's XML gains cells, row by row; all else in it is copied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from operator import itemgetter
from xml.parsers import expat

from eqcbatch.source.excel.grid import column_letters, column_of
from eqcbatch.source.excel.sheet_cells import last_column
from eqcbatch.source.excel.sheet_xml import LAST_ROW, SheetXml, plain_chunks

RowCells = Mapping[int, "str | float | None"]  # by column, from 0; None for an empty cell

_NO_ROW: tuple[int, RowCells] = (LAST_ROW + 1, {})
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_DIMENSION = re.compile(rb'(<(?:\w+:)?dimension\b[^>]*\bref=")([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(?=")')
_SPANS = re.compile(rb'\s+spans="[^"]*"')


def with_cells(
    chunks: Iterator[bytes], rows: Iterable[tuple[int, RowCells]], text_format: int | None
) -> Iterator[bytes]:
    """Give a sheet's XML with these cells in its rows: texts as text. Rows that are not there yet are made.

    rows: by their numbers, in order, the first of them with all columns; all are taken. text_format: the
    number of the format of texts, None if there is none.
    """
    sheet = SheetXml(plain_chunks(chunks))
    edit = _RowEdit(sheet.prefix.decode(), sheet.end, text_format)
    waiting = _Waiting(rows)
    widest = max(waiting.cells, default=0)
    before, is_head = 0, True
    for number, begin, xml in sheet.rows:
        missing = waiting.take_below(number)
        if missing:
            head = edit.with_rows(xml[:begin], before, missing)
            begin, xml = len(head), head + xml[begin:]
        row = edit.row(number, begin, xml, waiting.take(number))
        yield _with_dimension(row, widest) if is_head else row
        yield sheet.end
        before, is_head = number, False
    missing = waiting.take_below(LAST_ROW + 1)
    end = sheet.tail.find(b"</%bsheetData>" % edit.prefix.encode())
    yield edit.with_rows(sheet.tail[:end], before, missing) + sheet.tail[end:] if missing else sheet.tail


class _Waiting:
    """Rows that wait for their turn. number, cells: of the first of them."""

    def __init__(self, rows: Iterable[tuple[int, RowCells]]) -> None:
        self._rest = iter(rows)
        self.number, self.cells = next(self._rest, _NO_ROW)

    def take_below(self, number: int) -> list[tuple[int, RowCells]]:
        """Take the rows before this one, and return those that have a value."""
        taken: list[tuple[int, RowCells]] = []
        while self.number < number:
            if any(value is not None for value in self.cells.values()):
                taken.append((self.number, self.cells))
            self.number, self.cells = next(self._rest, _NO_ROW)
        return taken

    def take(self, number: int) -> RowCells:
        """Take this row, if it is the first that waits."""
        if self.number != number:
            return {}
        cells = self.cells
        self.number, self.cells = next(self._rest, _NO_ROW)
        return cells


def _with_dimension(head: bytes, widest: int) -> bytes:
    """Return the XML with where its cells stand: readers that trust it would miss new ones else."""

    def dimension(found: re.Match[bytes]) -> bytes:
        begin, column, row, last_column, last_row = found.groups()
        last = max(column_of((last_column or column).decode()), widest)
        return b"%b%b%b:%b%b" % (begin, column, row, column_letters(last).encode(), last_row or row)

    return _DIMENSION.sub(dimension, head, count=1)


class _RowEdit:
    """Puts cells into rows and takes those out whose place they need. prefix: of the XML's tags."""

    def __init__(self, prefix: str, end: bytes, text_format: int | None) -> None:
        self.prefix = prefix
        self._empty_row = re.compile(rb"<%brow(?:\s[^>]*?\br=[\"'](\d+)[\"'])?[^>]*/>" % prefix.encode())
        self._end = end
        self._format = "" if text_format is None else f' s="{text_format}"'
        self._letters: dict[int, str] = {}

    def row(self, number: int, begin: int, xml: bytes, cells: RowCells) -> bytes:
        """Return a row's XML with these cells."""
        if not cells:
            return xml
        begins = [] if self._is_behind(begin, xml, cells) else self._begins(xml[begin:])
        start = xml.index(b">", begin) + 1
        head = xml[:begin] + _SPANS.sub(b"", xml[begin:start])
        new = self._cells(number, cells)
        if not begins:
            return b"".join((head, xml[start:], *map(itemgetter(1), new)))
        places = [begin + place for _, place in begins]
        extents = zip(begins, places, [*places[1:], len(xml)], strict=True)
        old = [(column, xml[place:stop]) for (column, _), place, stop in extents if column not in cells]
        row = sorted(old + new, key=itemgetter(0))
        return b"".join((head, xml[start : places[0]], *map(itemgetter(1), row)))

    def with_rows(self, xml: bytes, before: int, rows: Iterable[tuple[int, RowCells]]) -> bytes:
        """Return the XML between two rows with more of them. before: the number of the first of the two."""
        empty: list[tuple[int, int, int]] = []  # rows without cells: number, begin, end
        for found in self._empty_row.finditer(xml):
            before = int(found[1]) if found[1] else before + 1
            empty.append((before, *found.span()))
        pieces: list[bytes] = []
        copied = 0
        for number, cells in rows:
            follows = next((row for row in empty if row[0] >= number), (0, len(xml), len(xml)))
            pieces.append(xml[copied : follows[1]])
            tag = xml[follows[1] : follows[2]]
            if follows[0] == number:
                pieces.append(_SPANS.sub(b"", tag).rstrip(b"/> \t\r\n") + b">")
            else:
                pieces.append(b'<%brow r="%d">' % (self.prefix.encode(), number))
            pieces += [*map(itemgetter(1), self._cells(number, cells)), self._end]
            copied = follows[2] if follows[0] == number else follows[1]
        return b"".join((*pieces, xml[copied:]))

    def _cells(self, number: int, cells: RowCells) -> list[tuple[int, bytes]]:
        return [
            (column, self._cell(f"{self._name(column)}{number}", value))
            for column, value in sorted(cells.items(), key=itemgetter(0))
            if value is not None
        ]

    def _is_behind(self, begin: int, xml: bytes, cells: RowCells) -> bool:
        """Whether all cells come behind those that are there, as mostly."""
        if self.prefix or b"<!" in xml:
            return False
        return -1 < last_column(begin, xml) < min(cells)

    def _begins(self, xml: bytes) -> list[tuple[int, int]]:
        """Return the cells of a row: column, and where in its XML each begins."""
        found: list[tuple[int, int]] = []
        tag = f"{self.prefix}c"
        parser = expat.ParserCreate()

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == tag:
                place = attributes.get("r")
                column = column_of(place) if place else found[-1][0] + 1 if found else 0
                found.append((column, parser.CurrentByteIndex))

        parser.StartElementHandler = start
        parser.Parse(xml + self._end, True)
        return found

    def _name(self, column: int) -> str:
        if column not in self._letters:
            self._letters[column] = column_letters(column)
        return self._letters[column]

    def _cell(self, place: str, value: str | float) -> bytes:
        tag = self.prefix
        if isinstance(value, str):
            text = escape(_NO_XML.sub("", value), quote=False)
            cell = (
                f'<{tag}c r="{place}"{self._format} t="inlineStr">'
                f'<{tag}is><{tag}t xml:space="preserve">{text}</{tag}t></{tag}is></{tag}c>'
            )
        else:
            cell = f'<{tag}c r="{place}"><{tag}v>{value:.12g}</{tag}v></{tag}c>'
        return cell.encode("ascii", "xmlcharrefreplace")
