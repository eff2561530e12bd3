"""A CSV record as it is written: some of its fields are set, the others keep every character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from eqcbatch.safe_text import safe_cell

Cell = str | float | None

_LINE_BREAKS = "\r\n"


class Memory:
    """Lines that remember how those read since the last time were written."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            yield line

    def taken(self) -> str:
        """Return the text read since the last call."""
        text = "".join(self._taken)
        self._taken.clear()
        return text


class Amendment:
    """Sets fields in the texts of records, quoted as the header is, and no formulas.

    header: the header's text. width: how many fields it has, and every record is given.
    """

    def __init__(self, header: str, delimiter: str, width: int) -> None:
        self._delimiter = delimiter
        self._width = width
        # As csv.reader sees it: a quote counts at the start of a field only, and what follows the
        # closing one belongs to the field.
        sign = re.escape(delimiter)
        field = rf'(?:"[^"]*(?:""[^"]*)*")?[^{sign}{_LINE_BREAKS}]*'
        self._field = re.compile(f"{sign}({field})")
        self._special = re.compile(f'[{sign}"{_LINE_BREAKS}]')
        self._quote_all = all(name.startswith('"') for name in self._fields(header.strip(_LINE_BREAKS)))

    def __call__(self, text: str, cells: Mapping[int, Cell]) -> str:
        """Return a record's text with these fields, by position; empty lines around it stay."""
        record = text.lstrip(_LINE_BREAKS)
        body = record.rstrip(_LINE_BREAKS)
        before, after = text[: len(text) - len(record)], record[len(body) :]
        fields = self._fields(body)[: self._width]
        width = max(self._width, *(place + 1 for place in cells), 0)
        fields += [""] * (width - len(fields))
        for place, cell in cells.items():
            fields[place] = self._written(cell)
        return before + self._delimiter.join(fields) + after

    def _fields(self, body: str) -> list[str]:
        return self._field.findall(self._delimiter + body)

    def _written(self, cell: Cell) -> str:
        text = f"{cell:g}" if isinstance(cell, float) else str(safe_cell(cell))
        if self._quote_all or self._special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text
