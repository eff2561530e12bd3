"""CSV files: their encoding, their delimiter and their records; and copies with an entry in each.

Why: docs/decisions/0012.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import IO

from eqcbatch.domain.model import Group
from eqcbatch.errors import BadInput
from eqcbatch.source.columns import missing_columns
from eqcbatch.source.csv_edit import Amendment, Memory
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import (
    Entries,
    Table,
    entry_header,
    entry_places,
    is_empty,
    take_header,
)

DELIMITERS = (",", "\t", ";")
_ENCODINGS = ("utf-8-sig", "gb18030")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AS_WRITTEN = {  # what a file in an encoding begins with, and how what follows is encoded
    "utf-8-sig": ((codecs.BOM_UTF8, "utf-8"), (b"", "utf-8")),
    "gb18030": ((b"", "gb18030"),),
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
}
_LARGE = 1 << 25  # bytes from which on loading pyarrow pays
_TOO_LARGE = 1 << 31  # bytes from which on what is distinct in a column may be too much for it
_LONGEST_FIELD = 1 << 24  # characters; csv itself gives up at 131,072
_BLOCK = 1 << 18  # characters or bytes looked at together
_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f]")


@contextmanager
def open_csv(path: Path, spec: SourceSpec) -> Iterator[Table]:
    """Open a CSV file whose encoding and delimiter are found out."""
    encoding = find_encoding(path)
    delimiter = _find_delimiter(path, encoding, spec)
    with path.open(encoding=encoding, newline="") as lines:
        records = _Records(path, lines, delimiter)
        is_plain = encoding == "utf-8-sig" and records.header_lines == 1
        groups = partial(_count_plain, path, len(records.header), delimiter) if is_plain else _count_nothing
        yield Table(str(path), records.header, records.rows, groups)


def copy_csv(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> None:
    """Copy a CSV file with an entry in every record; all else stays as it is, byte for byte."""
    encoding = find_encoding(path)
    delimiter = _find_delimiter(path, encoding, spec)
    with path.open("rb") as file:
        head = file.read(len(codecs.BOM_UTF8))
    mark, codec = next(way for way in _AS_WRITTEN[encoding] if head.startswith(way[0]))
    with path.open(encoding=encoding, newline="") as file:
        lines = Memory(file)
        records = _Records(path, lines, delimiter)
        header = lines.taken()
        amend = Amendment(header, delimiter, len(records.header))
        out.write(mark + amend(header, entry_header(records.header)).encode(codec))
        places = entry_places(records.header)
        for entry in entries(Table(str(path), records.header, records.rows)):
            out.write(amend(lines.taken(), dict(zip(places, entry, strict=True))).encode(codec))
        out.write(lines.taken().encode(codec))


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


def _find_delimiter(path: Path, encoding: str, spec: SourceSpec) -> str:
    """Return the delimiter that yields the most asked columns, then the most columns."""

    def fitness(delimiter: str) -> tuple[int, int]:
        with path.open(encoding=encoding, newline="") as lines:
            header = _Records(path, lines, delimiter).header
        return -len(missing_columns(spec, header)), len(header)

    return max(DELIMITERS, key=fitness)


def _count_plain(path: Path, width: int, delimiter: str, places: Sequence[int]) -> Iterator[Group] | None:
    """Count the rows of a large file without quotes at once; None where they must be read one by one.

    That is so for a row that is too short or too long, too: whoever reads it finds out which.
    """
    size = path.stat().st_size
    if len({*places}) < len(places) or not _LARGE <= size < _TOO_LARGE or _has_quote(path):
        return None
    try:
        from eqcbatch.source.arrow_groups import count_plain_csv
    except ImportError:
        return None
    try:
        return count_plain_csv(path, width, delimiter, places)
    except ValueError:  # pyarrow's ArrowInvalid is one
        return None


def _count_nothing(_places: Sequence[int]) -> None:
    return None


def _has_quote(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(partial(file.read, _BLOCK), b""))


class _Records:
    """The records of a CSV file, quotes respected, the header taken off."""

    def __init__(self, path: Path, lines: Iterable[str], delimiter: str) -> None:
        self._path = path
        csv.field_size_limit(_LONGEST_FIELD)
        # The line added at the end is a record without fields, unless a quote is still open.
        self._reader = csv.reader(chain(lines, ("",)), delimiter=delimiter)
        with self._errors():
            self.header = take_header(self._reader, str(path))
        self.header_lines = self._reader.line_num

    def rows(self, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """Give these fields of every record; a record that ends early has "" for the rest."""
        fields = map(itemgetter(*places), self._records())
        return fields if len(places) > 1 else zip(fields, strict=True)

    def _records(self) -> Iterator[list[str]]:
        width = len(self.header)
        record: list[str] = []
        with self._errors():
            for record in self._reader:
                if len(record) == width:
                    yield record
                elif not is_empty(record[width:]):
                    raise self._refusal(f"{len(record)} fields where the header has {width}")
                elif record:
                    yield [*record, *[""] * width][:width]
        if record:
            raise self._open_quote(record[-1])

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except csv.Error as error:
            raise self._refusal(f"{error}; a quote before it may never be closed") from error

    def _open_quote(self, field: str) -> BadInput:
        lines = field.count("\n") + (not field.endswith("\n"))
        return self._refusal("a quote opens here and is never closed", lines)

    def _refusal(self, what: str, lines_back: int = 0) -> BadInput:
        return BadInput(
            f"{self._path}, line {self._reader.line_num - lines_back}: {what}.\n"
            "A name that holds the delimiter or a quote must be put in quotes. Mend that line."
        )
