"""An .xlsx file is a zip of parts: which there are, and how they refer to each other."""

from __future__ import annotations

import posixpath
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from eqcbatch.errors import BadInput
from eqcbatch.humanize import size

_USUAL_PART = 1 << 28  # bytes of XML that are nothing to look at twice
_MOST_INFLATED = 100  # times as large as packed: tables are ten or twenty times
_LARGEST_DIRECTORY = 1 << 24  # bytes; the largest workbooks have some thousand parts of a hundred bytes each
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_LONGEST_ASIDE = 1 << 24  # bytes
_CHUNK = 1 << 20
_IN_MEMORY = 1 << 29  # bytes of a part that is read whole at most


class DamagedPart(ValueError):
    """A part of a workbook is not as its format says."""


# What only a file can be the cause of, and what a file's values can be the cause of where they are read.
_DAMAGES = (
    BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    expat.ExpatError,
    ElementTree.ParseError,
    DamagedPart,
)
_ODD_VALUES = (LookupError, ValueError, ArithmeticError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet and where it stands."""

    title: str
    visible: bool
    part: str


@contextmanager
def damage_explained(path: Path | str, *, only_reading: bool = True) -> Iterator[None]:
    """Turn what reading a damaged workbook comes to into BadInput.

    only_reading: whether nothing else is done meanwhile that an odd value could come from.
    """
    try:
        yield
    except (*_DAMAGES, *_ODD_VALUES) as error:
        if not only_reading and not isinstance(error, _DAMAGES):
            raise
        reason = " ".join(str(error).split()) or "no reason is told"
        raise BadInput(
            f"{path} is no workbook, is damaged or has a password ({reason}).\n"
            "Open it in Excel and save it as .xlsx without a password, or as CSV UTF-8."
        ) from error


class Package:
    """An .xlsx file that is open. Names of its parts are compared without their case, as Excel does."""

    def __init__(self, path: Path | str, content: Path | IO[bytes]) -> None:
        self.path = path
        self._streams: list[IO[bytes]] = []
        with damage_explained(path):
            _refuse_directory(path, content)
            self.zip = ZipFile(content)
            self._parts = {_plain(item.filename): item for item in self.zip.infolist()}
            _refuse_inflated(path, self.zip)
            self._workbook = self._main_part()
            self._related = self.related(self._workbook)
            self._root = self.xml(self._workbook)
            self.sheets = tuple(self._sheets())

    def __contains__(self, part: str) -> bool:
        return _plain(part) in self._parts

    def close(self) -> None:
        """Close the file, and what is still read of it: the zip stays open as long as one of its parts is."""
        for stream in self._streams:
            stream.close()
        self.zip.close()

    def items(self) -> list[ZipInfo]:
        """Return all parts in the order of the file; of several that have one name, the last."""
        return [item for item in self.zip.infolist() if self._parts[_plain(item.filename)] is item]

    def item(self, part: str) -> ZipInfo:
        """Return a part's entry in the zip. Raises KeyError if there is none."""
        return self._parts[_plain(part)]

    def read(self, part: str) -> bytes:
        """Return a part's content."""
        item = self.item(part)
        if item.file_size > _IN_MEMORY:
            raise DamagedPart(f"{part} is larger than {size(_IN_MEMORY)}")
        return self.zip.read(item)

    def chunks(self, item: ZipInfo) -> Iterator[bytes]:
        """Give a part's content piece by piece."""
        content = self.zip.open(item)
        self._streams.append(content)
        with content:
            yield from iter(lambda: content.read(_CHUNK), b"")

    def xml(self, part: str) -> ElementTree.Element:
        """Return a part as a tree."""
        content = self.read(part)
        refuse_entities(content)
        return ElementTree.fromstring(content)

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: kind and part by id."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self:
            return {}
        return {
            rel.attrib["Id"]: (rel.attrib["Type"].rpartition("/")[2], _target(folder, rel.attrib["Target"]))
            for rel in self.xml(rels)
            if rel.get("TargetMode") != "External" and {"Id", "Type", "Target"} <= set(rel.keys())
        }

    def part_of(self, kind: str) -> str | None:
        """Return the part of this kind that the workbook refers to, if it is there."""
        parts = (part for found, part in self._related.values() if found == kind and part in self)
        return next(parts, None)

    @property
    def since_1904(self) -> bool:
        """Whether dates are counted from 1904."""
        return _says(self._root, "workbookPr", "date1904")

    @property
    def to_be_computed(self) -> bool:
        """Whether whoever opens the workbook is to compute all formulas: its maker may have computed none."""
        return _says(self._root, "calcPr", "fullCalcOnLoad")

    def _main_part(self) -> str:
        main = dict(self.related("").values()).get("officeDocument", "xl/workbook.xml")
        if main.lower().endswith(".bin"):
            raise BadInput(f"{self.path} is a binary workbook (.xlsb) inside.\nSave it as .xlsx.")
        if main not in self:
            raise DamagedPart("it is a zip archive without a workbook in it")
        return main

    def _sheets(self) -> Iterator[SheetPart]:
        for element in self._root.iter():
            if element.tag.rpartition("}")[2] != "sheet":
                continue
            ids = (value for name, value in element.items() if name.endswith("}id"))
            kind, part = self._related.get(next(ids, ""), ("", ""))
            title, visible = element.get("name", ""), element.get("state", "visible") == "visible"
            if part not in self:
                raise DamagedPart(f"its sheet {title} is missing")
            if kind == "worksheet":
                yield SheetPart(title, visible, part)


def refuse_entities(xml: bytes) -> None:
    """Refuse what declares entities: no workbook does, and they can unpack to all memory."""
    if b"<!DOCTYPE" in xml[: 1 << 16] or b"<!ENTITY" in xml[: 1 << 16]:
        raise DamagedPart("it declares entities")


def plain_markup(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Give XML without comments, and with CDATA as plain text: both may hold what looks like tags."""
    rest = b""
    for chunk in chunks:
        if not (rest or b"!" in chunk or chunk.endswith(b"<")):
            yield chunk
            continue
        xml = rest + chunk
        if b"<!" in xml:
            refuse_entities(xml)
            xml = _ASIDE.sub(lambda found: escape((found[1] or b"").decode(), quote=False).encode(), xml)
        begun = xml.find(b"<!") if b"<!" in xml else len(xml) - xml.endswith(b"<")
        xml, rest = xml[:begun], xml[begun:]
        if len(rest) > _LONGEST_ASIDE:
            raise DamagedPart("a comment never ends")
        yield xml
    yield rest


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _target(folder: str, target: str) -> str:
    joined = posixpath.join("/", folder, target.replace("\\", "/"))
    return posixpath.normpath(joined).lstrip("/")


def _says(root: ElementTree.Element, tag: str, attribute: str) -> bool:
    found = (element for element in root.iter() if element.tag.rpartition("}")[2] == tag)
    return any(element.get(attribute, "").strip() in ("1", "true", "on") for element in found)


def _refuse_directory(path: Path | str, content: Path | IO[bytes]) -> None:
    """Refuse a zip whose directory of parts is far larger than any workbook's, before it is read."""
    if not isinstance(content, Path):
        return
    with content.open("rb") as file:
        file.seek(max(0, content.stat().st_size - _END_OF_DIRECTORY.size - (1 << 16)))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END_OF_DIRECTORY.size:
        return
    listed, length = _END_OF_DIRECTORY.unpack_from(tail, at)[4:6]
    if length > _LARGEST_DIRECTORY:
        raise BadInput(f"{path} is a zip of {listed:,} parts or more, and no workbook.\nSave its rows anew.")


def _refuse_inflated(path: Path | str, parts: ZipFile) -> None:
    """Refuse a workbook whose parts unpack to far more than tables do: it would take all memory or hours."""
    items = parts.infolist()
    sizes = [(item.filename, item.file_size, item.compress_size) for item in items]
    sizes.append(
        ("all parts", sum(item.file_size for item in items), sum(item.compress_size for item in items))
    )
    for name, inflated, packed in sizes:
        if inflated > max(_USUAL_PART, _MOST_INFLATED * packed):
            raise BadInput(
                f"{path} would unpack to {size(inflated)} of {name}, out of {size(packed)}.\n"
                "That is no table: save its rows anew, as .xlsx or CSV."
            )
