"""Workbooks as calamine reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from eqcbatch.errors import BadInput
from eqcbatch.humanize import size
from eqcbatch.source.grid import Merge, Row, SheetName
from eqcbatch.source.xlsx_edit import uncomputed

_USUAL_PART = 1 << 28  # bytes of XML that are nothing to look at twice
_MOST_INFLATED = 100  # times as large as packed: tables are ten or twenty times


@contextmanager
def open_book(path: Path) -> Iterator[CalamineBook]:
    """Open a workbook. Raises BadInput if it is none, is damaged, has a password or unpacks to too much."""
    _refuse_inflated(path)
    try:
        # By a path calamine would go by the ending, and not by what is inside.
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as workbook:
            yield CalamineBook(path, workbook)
    except (CalamineError, ValueError) as error:
        raise BadInput(
            f"{path} is no workbook, is damaged or has a password ({' '.join(str(error).split())})."
            "\nOpen it in Excel and save it as .xlsx without a password, or as CSV UTF-8."
        ) from error


class CalamineBook:
    """A Book."""

    def __init__(self, path: Path, workbook: CalamineWorkbook) -> None:
        self._path = path
        self._workbook = workbook
        self.sheets = tuple(
            SheetName(sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        )

    def grid(self, title: str) -> CalamineGrid:
        """Read a sheet."""
        return CalamineGrid(self._path, self._workbook.get_sheet_by_name(title))


@dataclass(frozen=True, slots=True)
class CalamineGrid:
    """A Grid."""

    path: Path
    sheet: CalamineSheet

    def rows(self) -> Iterator[Row]:
        """Give all rows; an empty cell is "". What calamine leaves out are the empty columns in front."""
        rows: Iterator[Row] = self.sheet.iter_rows()
        before = [""] * self.sheet.start[1] if self.sheet.start else []
        return ([*before, *row] for row in rows) if before else rows

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""
        ranges = self.sheet.merged_cell_ranges or []
        return [Merge(top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in ranges]

    def uncomputed(self, columns: Collection[int]) -> list[str]:
        """Return the places of formulas without values; of an .xls file none are known."""
        return uncomputed(self.path, self.sheet.name, columns)


def _refuse_inflated(path: Path) -> None:
    """Refuse a workbook whose parts unpack to far more than a table does: it would take all memory."""
    with suppress(OSError, BadZipFile), ZipFile(path) as parts:
        for part in parts.infolist():
            if part.file_size > max(_USUAL_PART, _MOST_INFLATED * part.compress_size):
                raise BadInput(
                    f"{path} would unpack to {size(part.file_size)} of {part.filename}, out of "
                    f"{size(part.compress_size)}.\nThat is no table: save its rows anew, as .xlsx or CSV."
                )
