"""A workbook's sheets gain cells; every other byte of their XML, and every other part, is copied.

To load and save a workbook by openpyxl would lose the computed values of all formulas (others then read these
cells as empty), the charts and the pictures, and take many times as long and all its cells in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO
from zipfile import ZipFile, ZipInfo

from eqcbatch.source.excel.sheet_edit import RowCells, with_cells
from eqcbatch.source.excel.xlsx_package import Package, damage_explained

_FORMATS = re.compile(rb"<((?:\w+:)?)cellXfs\b[^>]*>(.*?)(?=</\1cellXfs>)", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b")
_TEXT_FORMAT = 49  # of the built-in number formats, "@"
_NAMES_CALC_CHAIN = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*\bcalcChain\.xml\"[^>]*/>")
_LARGE = 1 << 30  # bytes of a part from which on its size may need more digits in the zip


def set_cells(package: Package, out: IO[bytes], sheets: Mapping[str, Iterable[tuple[int, RowCells]]]) -> None:
    """Copy an .xlsx file with these cells in its sheets, by title and row: `with_cells` says how."""
    formats = package.part_of("styles")
    changed: dict[ZipInfo, Iterable[bytes]] = {}
    number = None
    with damage_explained(package.path):
        if formats:
            styles, number = _with_text_format(package.read(formats))
            changed[package.item(formats)] = [styles]
    for sheet in package.sheets:
        if sheet.title in sheets:
            item = package.item(sheet.part)
            changed[item] = with_cells(package.chunks(item), sheets[sheet.title], number)
    with ZipFile(out, "w") as new, damage_explained(package.path, only_reading=False):
        for item in package.items():
            if not item.filename.lower().endswith("calcchain.xml"):
                _copy(item, changed.get(item) or _content(package, item), new)


def _copy(item: ZipInfo, content: Iterable[bytes], new: ZipFile) -> None:
    like = ZipInfo(item.filename, item.date_time)
    like.compress_type = item.compress_type
    like.external_attr = item.external_attr
    with new.open(like, "w", force_zip64=item.file_size > _LARGE) as part:
        for chunk in content:
            part.write(chunk)


def _content(package: Package, item: ZipInfo) -> Iterator[bytes]:
    if _indexes(item):
        yield _NAMES_CALC_CHAIN.sub(b"", package.zip.read(item))
    else:
        yield from package.chunks(item)


def _indexes(item: ZipInfo) -> bool:
    """Tell whether a part lists others. Excel makes the calculation chain anew where there is none."""
    return item.filename.lower().endswith(("[content_types].xml", ".rels"))


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
