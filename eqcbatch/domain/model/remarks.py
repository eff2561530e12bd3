"""What was noticed while a source was read: what was read of it, skipped, guessed and replaced."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model.enums import StrEnum


class RemarkKind(StrEnum):
    """What can be noticed of cells, rows and columns. The texts are those of `render.remarks`."""

    OTHER_KIND = "other_kind"  # the file is of another kind than its name says; `column` is which
    READ_AS = "read_as"  # the encoding and the delimiter of a text, where they had to be found out
    MERGED_CELLS = "merged_cells"  # what a merged cell names stands for all its rows
    REPEATED_HEADERS = "repeated_headers"  # rows amid the data that name the columns again
    REPLACED_IDS = "replaced_ids"  # ids of the source gave way to what is known better
    OVERWRITTEN = "overwritten"  # a column that --overwrite filled anew, whatever stood there
    KEPT_IDS = "kept_ids"  # ids of the source stay, since nothing better is known
    UNREAD_IDS = "unread_ids"  # the source has a column of ids that was not asked for
    ERRORS_FOR_NAMES = "errors_for_names"  # #N/A where a name should stand: names nobody
    FREED_NAMES = "freed_names"  # names in brackets, or behind what keeps a text from being a number
    BLANK_NAMES = "blank_names"  # rows that name nobody by --blank-names
    FILLERS = "fillers"  # names that look like none
    GARBLED_NAMES = "garbled_names"  # names that were read in another encoding than their own
    NO_PLAN_CODES = "no_plan_codes"
    NO_IDS = "no_ids"
    CODES_IN_ANOTHER_FORM = "codes_in_another_form"  # 600000002.0, 6.00000003E+08: ids and plan codes
    NO_NUMBERS = "no_numbers"  # weights
    NEGATIVE_NUMBERS = "negative_numbers"  # weights
    HUGE_NUMBERS = "huge_numbers"  # weights above what is counted


@dataclass(frozen=True, slots=True)
class Remark:
    """What was noticed of one kind in one column.

    column: its name, "" where it is about none. count: how often. first: where it was seen first, as
    people find it (`规模明细!B7`, `row 12`), with what stood there where that helps; at most three.
    """

    kind: RemarkKind
    column: str
    count: int
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table that was read.

    sheet: the sheet of a workbook, None elsewhere. header_row: the number of the header's last row, from
    1; None where no row holds it. rows: its data rows.
    """

    sheet: str | None
    header_row: int | None
    rows: int


@dataclass(frozen=True, slots=True)
class UnreadSheet:
    """A sheet that has the columns of the names, too, and was not read.

    hidden: it does not show. lacks: the first of the other asked columns that it does not have.
    """

    sheet: str
    hidden: bool
    lacks: str | None


@dataclass(frozen=True, slots=True)
class Remarks:
    """What was read of a source, what was not, and what was noticed."""

    read: tuple[TableRead, ...] = ()
    unread: tuple[UnreadSheet, ...] = ()
    noticed: tuple[Remark, ...] = ()


NO_REMARKS = Remarks()
