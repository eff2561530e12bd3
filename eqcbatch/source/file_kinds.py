"""What a file is inside, whatever its name ends in: exports often bear the ending of another kind."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from pathlib import Path

from eqcbatch.errors import BadInput

_HEAD = 1 << 12
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
_OLDEST = tuple(map(bytes.fromhex, ("09000400", "09020600", "09040600")))  # BIFF2 to BIFF4, without OLE
_OTHERS = (  # what else is found under the ending of a workbook
    (
        re.compile(rb"<(?:!doctype\s+html|html|table|meta|head|body|style|div|script)\b", re.I),
        "a web page (HTML)",
    ),
    (
        re.compile(rb"<\?xml.*urn:schemas-microsoft-com:office:spreadsheet", re.I | re.S),
        "an XML spreadsheet of 2003",
    ),
    (re.compile(rb"<\?xml", re.I), "an XML file"),
    (re.compile(rb"mime-version:", re.I), "a web archive (MHTML)"),
    (re.compile(rb"%PDF-"), "a PDF file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb"ID;P"), "a SYLK file"),
    (re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b"), "a packed file"),
)


class FileKind(Enum):
    """What a file can be."""

    TEXT = "a CSV file"
    XLSX = "an .xlsx workbook"
    XLS = "an .xls workbook"
    PARQUET = "a Parquet file"
    UNKNOWN = "unknown"


def kind_inside(path: Path) -> FileKind:
    """Return what a file is by its first bytes.

    Raises BadInput if it is a workbook of a kind that is not read, or one with a password.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(_OLE):
            if _ENCRYPTED in head + file.read():
                raise BadInput(f"{path} has a password.\nOpen it in Excel and save it as .xlsx without one.")
            return FileKind.XLS
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if _OPEN_DOCUMENT in head[:200]:
            raise _other(path, "an OpenDocument sheet (.ods)")
        return FileKind.XLSX
    if head.startswith(_OLDEST):
        return FileKind.XLS
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return FileKind.UNKNOWN if b"\0" in head and not marked else FileKind.TEXT


def expect_plain_text(path: Path) -> None:
    """Raise BadInput, which says what it is, if a text under the ending of a workbook is no CSV."""
    with path.open("rb") as file:
        begin = file.read(_HEAD).removeprefix(codecs.BOM_UTF8).lstrip()
    for pattern, name in _OTHERS:
        if pattern.match(begin):
            raise _other(path, name)


def _other(path: Path, name: str) -> BadInput:
    return BadInput(f"{path} is {name} inside.\nOpen it in Excel and save it as .xlsx or CSV UTF-8.")
