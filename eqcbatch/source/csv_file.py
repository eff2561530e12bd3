"""CSV files: their records; and copies with an entry in each."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import IO

from eqcbatch.domain.model import Group, RemarkKind
from eqcbatch.errors import BadInput
from eqcbatch.source.csv_edit import Amendment, Memory
from eqcbatch.source.csv_form import CsvForm, find_form, records_of
from eqcbatch.source.entries import Entries, entry_header, entry_places
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Groups, Table, Tables, is_empty, no_groups

_AS_WRITTEN = {  # what a file in an encoding begins with, and how what follows is encoded
    "utf-8-sig": ((codecs.BOM_UTF8, "utf-8"), (b"", "utf-8")),
    "gb18030": ((b"", "gb18030"),),
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
}
_LARGE = 1 << 25  # bytes from which on loading pyarrow pays
_TOO_LARGE = 1 << 31  # bytes from which on what is distinct in a column may be too much for it
_BLOCK = 1 << 18  # bytes looked at together


@contextmanager
def open_csv(path: Path, spec: SourceSpec) -> Iterator[Tables]:
    """Open a CSV file whose encoding, delimiter and header are found out."""
    form = find_form(path, spec)
    with path.open(encoding=form.encoding, newline="") as lines:
        records = _Records(path, lines, form)
        is_plain = records.take_header() == 1 and form.encoding == "utf-8-sig"
        counted = partial(_count_plain, path, len(form.header.names), form.delimiter)
        yield Tables((_table(path, form, records, counted if is_plain else no_groups),))


def copy_csv(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> Tables:
    """Copy a CSV file with an entry in every record; all else stays as it is, byte for byte."""
    form = find_form(path, spec)
    names = form.header.names
    with path.open("rb") as file:
        head = file.read(len(codecs.BOM_UTF8))
    mark, codec = next(way for way in _AS_WRITTEN[form.encoding] if head.startswith(way[0]))
    with path.open(encoding=form.encoding, newline="") as file:
        lines = Memory(file)
        records = _Records(path, lines, form)
        out.write(mark + lines.taken().encode(codec))
        records.take_header()
        header = lines.taken()
        amend = Amendment(header, form.delimiter, len(names))
        out.write(amend(header, entry_header(names)).encode(codec))
        places = entry_places(names)
        table = _table(path, form, records)
        for entry in entries(table):
            out.write(amend(lines.taken(), dict(zip(places, entry, strict=True))).encode(codec))
        out.write(lines.taken().encode(codec))
    return Tables((table,))


def _table(path: Path, form: CsvForm, records: _Records, groups: Groups = no_groups) -> Table:
    table = Table(str(path), form.header.names, records.rows, groups, form.header.last_row)
    if found := form.guessed():
        table.remarks.note(RemarkKind.READ_AS, found)
    return table


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


def _has_quote(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(partial(file.read, _BLOCK), b""))


class _Records:
    """The records of a CSV file, quotes respected, the header taken off."""

    def __init__(self, path: Path, lines: Iterable[str], form: CsvForm) -> None:
        """Take the records up to the header, which is the next one."""
        self._path = path
        self._width = len(form.header.names)
        self._reader = records_of(lines, form.delimiter)
        self._sep_lines = int(form.has_sep_line)
        with self._errors():
            for _ in range(self._sep_lines + form.header.last_row - 1):
                next(self._reader)

    def take_header(self) -> int:
        """Take the header, and return how many lines were read until now."""
        with self._errors():
            next(self._reader)
        return self._reader.line_num

    def rows(self, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
        """Give these fields of every record; a record that ends early has "" for the rest."""
        fields = map(itemgetter(*places), self._records())
        return fields if len(places) > 1 else zip(fields, strict=True)

    def _records(self) -> Iterator[list[str]]:
        width = self._width
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
