"""How a CSV file is written: its encoding, its delimiter and where its columns are named.

Why: docs/decisions/0012.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import shown
from eqcbatch.source.header import LOOKED_AT, Cells, Header, expect_columns, find_header, head_of
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import no_header

DELIMITERS = (",", "\t", ";", "|")
_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLOCK = 1 << 18  # characters or bytes looked at together
_LONGEST_FIELD = 1 << 24  # characters; csv itself gives up at 131,072
_LINES_A_ROW = 50  # lines that a row above the header has at most
_EMPTY = "".join(DELIMITERS) + "\"' \t\r\n\u3000\ufeff"  # of which no column is named
_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f]")
_SEP_LINE = re.compile(r'"?sep=(\\t|[^"\r\n])"?[;,\t ]*[\r\n]*', re.IGNORECASE)
# What may part columns, and stands in no name of one.
_MAYBE_DELIMITER = re.compile(r"(?<=[^\W_])\s*([\^~:：，；、¦!&+*\\]+)\s*(?=[^\W_])")


class Records(Protocol):
    """A reader of records. line_num: how many lines it has read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a CSV file is written.

    has_sep_line: its first line, such as `sep=;`, says its delimiter; spreadsheets do not show it, and
    no row is counted for it.
    """

    encoding: str
    delimiter: str
    has_sep_line: bool
    header: Header

    def guessed(self) -> str:
        """Return what is not as a CSV file in UTF-8 and parted by commas or tabs is, "" if nothing is."""
        encoding = "" if self.encoding == "utf-8-sig" else self.encoding.upper()
        parted = "" if self.delimiter in ",\t" or self.has_sep_line else f"parted by {self.delimiter}"
        return ", ".join(filter(None, (encoding, parted)))


def find_form(path: Path, spec: SourceSpec) -> CsvForm:
    """Find out how a CSV file is written. Raises BadInput if it cannot be read, or lacks an asked column."""
    if spec.sheets:
        raise BadInput(f"{path} has no sheets: it is no workbook. Leave --sheet out.")
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as lines:
        first_lines = list(islice(lines, _LINES_A_ROW * (LOOKED_AT + (spec.header_row or 0))))
    said = _SEP_LINE.fullmatch(first_lines[0]) if first_lines else None
    delimiters = (said[1].replace("\\t", "\t"),) if said else DELIMITERS
    heads = {
        delimiter: head_of(_readable(records_of(first_lines[bool(said) :], delimiter)), spec)
        for delimiter in delimiters
    }
    headers = {delimiter: find_header(spec, head) for delimiter, head in heads.items()}
    found = {delimiter: header for delimiter, header in headers.items() if header}
    if not found or not "".join(first_lines).strip(_EMPTY):
        raise no_header(str(path), spec.header_row)
    delimiter = max(found, key=lambda one: _fitness(found[one]))
    header, head = found[delimiter], heads[delimiter]
    _expect_delimiter(path, header, first_lines)
    expect_columns(spec, str(path), head, header)
    _expect_one_delimiter(path, head, header, delimiter)
    return CsvForm(encoding, delimiter, bool(said), header)


def records_of(lines: Iterable[str], delimiter: str) -> Records:
    """Return a reader of records. Behind them stands one without fields, unless a quote is still open."""
    csv.field_size_limit(_LONGEST_FIELD)
    return csv.reader(chain(lines, ("",)), delimiter=delimiter)


def _readable(records: Iterable[list[str]]) -> Iterator[list[str]]:
    """Give records as far as they can be read: who reads them all says what is wrong."""
    with suppress(csv.Error):
        yield from records


def _fitness(header: Header) -> tuple[int, int]:
    """What a delimiter is chosen by: the most asked columns, then the most columns."""
    return -len(header.missing), len(header.names)


def _expect_one_delimiter(path: Path, head: Sequence[Cells], header: Header, delimiter: str) -> None:
    """Refuse a file whose rows are parted by another sign than its header is."""
    rows = [row for row in head[header.last_row :] if any(row)]
    for other in DELIMITERS:
        apart = [len(row) == 1 and row[0].count(other) == len(header.names) - 1 for row in rows]
        if apart and all(apart) and len(header.names) > 1:
            raise BadInput(
                f"{path} parts its columns by {delimiter!r} in the header, and by {other!r} below it.\n"
                f"Write the header anew, with {other!r}."
            )


def _expect_delimiter(path: Path, header: Header, first_lines: Iterable[str]) -> None:
    """Refuse a file whose columns seem to be parted by another sign than the one that was found."""
    named = [name for name in header.names if name]
    if len(named) == 1 and named[0] in map(str.strip, first_lines):
        for delimiter in DELIMITERS:
            names = [shown(name.strip()) for name in named[0].split(delimiter)]
            if len(names) > 1 and "''" not in names:
                raise BadInput(
                    f"{path} has no column {shown(named[0])}: {delimiter!r} parts {', '.join(names)}.\n"
                    "Ask for one of these columns. If all is one, put its name in quotes."
                )
    found = _MAYBE_DELIMITER.search(named[0]) if len(named) == 1 else None
    if header.missing and found:
        raise BadInput(
            f"{path} has no column {shown(header.missing[0])}: all of row {header.last_row} is one, "
            f"{shown(named[0])}.\nIf {found[1][0]} parts its columns, put a line `sep={found[1][0]}` on top; "
            "comma, tab, semicolon and | are known without."
        )


def find_encoding(path: Path) -> str:
    """Return the encoding in which all of a file can be read: UTF-8, GB18030 or marked UTF-16."""
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    marked = head.startswith(_UTF16_MARKS)
    # Read as Latin-1, a byte that is a control character in UTF-8 or GB18030 still is one.
    _refuse_binary(path, head.decode("utf-16" if marked else "latin-1", errors="ignore"))
    for encoding in ("utf-16",) if marked else _ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    raise BadInput(f"{path} is neither UTF-8 nor GB18030 nor UTF-16. Save it as CSV UTF-8.")


def _refuse_binary(path: Path, text: str) -> None:
    found = _NO_TEXT.search(text)
    if found:
        raise BadInput(
            f"{path} is binary, no CSV: it holds the character {found[0]!r}. Save it as CSV UTF-8, "
            "or if it is a workbook, give it the ending .xlsx or .xls."
        )


def _decodes(path: Path, encoding: str) -> bool:
    """Tell whether a file can be decoded to its end; a NUL, which would cut a name, is refused."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for block in iter(partial(file.read, _BLOCK), b""):
                if "\0" in decoder.decode(block):
                    _refuse_binary(path, "\0")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
