"""A worksheet's XML, row by row, as bytes: sheets may be larger than memory.

Between two `</row>` stand one row's cells, and before them empty rows written as `<row .../>`. Only the head
of the XML, the places of tags and the number of a row are looked at here: `sheet_cells` reads the cells.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain

from eqcbatch.source.excel.xlsx_package import DamagedPart, plain_markup, refuse_entities

LAST_ROW = 1 << 20
LAST_COLUMN = (1 << 14) - 1  # XFD, from 0

_LONGEST_HEAD = 1 << 24  # bytes; all 16,384 columns with a width of their own are a tenth of that
_LONGEST_ROW = 1 << 26  # bytes; only long texts in thousands of cells of one row are more, and no table
_DATA = re.compile(rb"<((?:\w+:)?)sheetData\s*(/?)>")
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARED = re.compile(rb"""^(\W{0,3}<\?xml[^>]*?encoding\s*=\s*["'])[\w.-]+""")
_SLASH = ord("/")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")


RowXml = tuple[int, int, bytes]  # its number from 1, where `<row` begins, and the XML before `</row>`


def plain_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give a worksheet's XML in UTF-8, without comments, and with CDATA as plain text."""
    return plain_markup(_in_utf8(chunks))


class SheetXml:
    """A worksheet's plain XML. prefix: of its tags, such as `x:`, mostly none. rows: to be taken once.

    What the rows' XML and `end` come to, each behind the other, is the whole XML up to `tail`, which stands
    when all rows are taken.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._head, prefix = _head(self._chunks)
        self.prefix = prefix or b""
        self.end = b"</%brow>" % self.prefix
        self.tail = b""
        self.rows = iter(()) if prefix is None else self._rows()
        if prefix is None:
            self.tail = self._head

    def _rows(self) -> Iterator[RowXml]:
        """Give the rows. Raises DamagedPart if one is out of its order, or beyond the last there can be."""
        tag = b"<%brow" % self.prefix
        ends = re.compile(rb"</%brow\s*>" % re.escape(self.prefix))
        number = 0
        for chunk in chain((self._head,), self._chunks):
            pieces = ends.split(self.tail + chunk)
            self.tail = pieces.pop()
            if len(self.tail) > _LONGEST_ROW:
                raise DamagedPart(f"row {number + 1} never ends")
            for piece in pieces:
                begin, number = _row_in(piece, tag, number)
                yield number, begin, piece


def behind_rows(chunks: Iterator[bytes]) -> bytes:
    """Return the plain XML behind a worksheet's rows, which are passed over."""
    head, prefix = _head(chunks)
    if prefix is None:
        return head
    end, window = b"</%bsheetData>" % prefix, b""
    for chunk in chain((head,), chunks):
        window = window[-len(end) :] + chunk
        at = window.find(end)
        if at >= 0:
            return window[at:] + b"".join(chunks)
    return b""


def plain_rows(chunks: Iterator[bytes]) -> Iterator[RowXml]:
    """Give the rows of a worksheet's plain XML without prefixes of tags."""
    sheet = SheetXml(chunks)
    return _without_prefix(sheet.rows, sheet.prefix) if sheet.prefix else sheet.rows


def _without_prefix(rows: Iterator[RowXml], prefix: bytes) -> Iterator[RowXml]:
    for number, begin, xml in rows:
        yield number, 0, xml[begin:].replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")


def _in_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give the XML in UTF-8, whatever it is written in."""
    first = next(chunks, b"")
    declared = _ENCODING.match(first.removeprefix(codecs.BOM_UTF8))
    encoding = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    if encoding in ("utf-8", "ascii"):
        return chain((first,), chunks)
    decode = codecs.getincrementaldecoder(encoding)().decode
    texts = (decode(chunk).encode() for chunk in chain((first,), chunks))
    return chain((_DECLARED.sub(rb"\1UTF-8", next(texts), count=1),), texts)


def _head(chunks: Iterator[bytes]) -> tuple[bytes, bytes | None]:
    """Return the XML to where rows begin, or more, and the prefix of its tags; all and None without rows."""
    head = b""
    for chunk in chunks:
        head += chunk
        refuse_entities(head)
        found = _DATA.search(head)
        if found and not found[2]:
            return head, found[1]
        if found:
            break
        if len(head) > _LONGEST_HEAD:
            raise DamagedPart("its rows never begin")
    return head + b"".join(chunks), None


def _row_in(piece: bytes, tag: bytes, before: int) -> tuple[int, int]:
    """Return where the row begins that ends with this piece, and its number. before: the last row's."""
    # Mostly there is no empty row before it, and what is behind its tag need not be looked at.
    alone = piece.startswith(tag) and piece[piece.find(b">") - 1] != _SLASH
    begin = 0 if alone else piece.rfind(tag)
    if piece.startswith(b' r="', begin + len(tag)):
        at = begin + len(tag) + 4
        number = int(piece[at : piece.index(b'"', at)])
    else:
        number = before
        for start in piece.split(tag)[1:]:
            said = _NUMBER.search(start[: start.find(b">") + 1])
            number = int(said[1]) if said else number + 1
    if not before < number <= LAST_ROW:
        raise DamagedPart(f"row {number} stands behind row {before}")
    return begin, number
