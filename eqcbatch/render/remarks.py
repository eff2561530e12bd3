"""What was read of a source, and what was noticed: one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from eqcbatch.domain.model import Remark, RemarkKind, Remarks, TableRead, UnreadSheet
from eqcbatch.humanize import count, shorten
from eqcbatch.safe_text import visible

_LONGEST = 60  # characters of a place, or of a column, that a line shows
_LISTED = 5  # sheets that a line lists
_SHEETS = 12  # sheets with a line of their own

# {column}: its name. {cells}, {rows}, {ids}, {merges}: how many. What may be done ends the line.
_TEXTS = {
    RemarkKind.OTHER_KIND: "Inside the file is {column}, whatever its name ends in.",
    RemarkKind.READ_AS: "Read as {column}.",
    RemarkKind.MERGED_CELLS: "In the column {column} {merges}: each means all its rows.",
    RemarkKind.REPEATED_HEADERS: "{column}: {rows} with the header once more, which name nobody.",
    RemarkKind.REPLACED_IDS: "In {column} {ids} gave way to what the ledger knows.",
    RemarkKind.OVERWRITTEN: "{column}: what stood there was replaced unread, as --overwrite asks.",
    RemarkKind.KEPT_IDS: "Kept in {column}: {ids}, of whose rows nothing better is known.",
    RemarkKind.UNREAD_IDS: "The column {column} was not read: --id-column {column} uses its ids, and spares "
    "asking for them.",
    RemarkKind.ERRORS_FOR_NAMES: "{column}: an error in {cells}, which name nobody.",
    RemarkKind.FREED_NAMES: '{column}: {cells} with the name in brackets or as ="…" or \'…, read without.',
    RemarkKind.BLANK_NAMES: "{column}: {rows} without a name by --blank-names.",
    RemarkKind.FILLERS: "{column}: {rows} with what hardly is a name; --blank-names TEXT if it names nobody.",
    RemarkKind.GARBLED_NAMES: "{column}: {cells} garbled, as of another encoding (Big5?). "
    "Make the file anew in UTF-8.",
    RemarkKind.NO_PLAN_CODES: "{column}: no plan code in {cells}.",
    RemarkKind.NO_IDS: "{column}: no id in {cells}.",
    RemarkKind.CODES_IN_ANOTHER_FORM: "{column}: {cells} in another form, read as what is meant.",
    RemarkKind.NO_NUMBERS: "{column}: no number in {cells}, which weigh nothing.",
    RemarkKind.NEGATIVE_NUMBERS: "{column}: {cells} below 0, which weigh nothing.",
    RemarkKind.HUGE_NUMBERS: "{column}: {cells} above 1,000,000,000,000, which weigh no more than that.",
}


def only_sheet(remarks: Remarks) -> str:
    """What a headline adds for a workbook of which one sheet was read, "" for everything else."""
    sheets = [table.sheet for table in remarks.read]
    return f", sheet {_name(sheets[0])}" if len(sheets) == 1 and sheets[0] is not None else ""


def remark_lines(remarks: Remarks, source: str) -> list[str]:
    """What was noticed, and what was read where that is not plain. source: what people call it."""
    lines = [_noticed(remark) for remark in remarks.noticed]
    lines += _tables(remarks.read, source)
    if remarks.unread:
        lines.append(_unread(remarks.unread))
    return lines


def remarks_json(remarks: Remarks) -> dict[str, Any]:
    """The same for programs: the keys `sheets` and `remarks` of plan and apply."""
    return {
        "sheets": {
            "read": [asdict(table) for table in remarks.read],
            "unread": [asdict(sheet) for sheet in remarks.unread],
        },
        "remarks": [{**asdict(remark), "first": list(remark.first)} for remark in remarks.noticed],
    }


def _tables(tables: Sequence[TableRead], source: str) -> Iterator[str]:
    told = [_read(table, source, several=len(tables) > 1) for table in tables]
    most = len(told) if len(told) <= _SHEETS else _SHEETS - 1
    yield from filter(None, told[:most])
    if rest := tables[most:]:
        yield f"{count(len(rest), 'more sheet')}: {count(sum(table.rows for table in rest), 'row')}."


def _read(table: TableRead, source: str, *, several: bool) -> str:
    place = visible(source) if table.sheet is None else _name(table.sheet)
    header = "" if table.header_row in (1, None) else f"Header in row {table.header_row} of {place}."
    rows = f"Sheet {place}: {count(table.rows, 'row')}." if several else ""
    return " ".join(filter(None, (header, rows)))


def _unread(unread: Sequence[UnreadSheet]) -> str:
    named = [_name(sheet.sheet) + _why(sheet) for sheet in unread[:_LISTED]]
    more = f" and {len(unread) - _LISTED} more" if len(unread) > _LISTED else ""
    all_of_them = any(not sheet.hidden and not sheet.lacks for sheet in unread)
    how = "--sheet NAME reads one" + (", --sheet '*' all that show." if all_of_them else ".")
    return f"Not read, though with the column, too: {', '.join(named)}{more}. {how}"


def _why(sheet: UnreadSheet) -> str:
    reasons = ["hidden"] if sheet.hidden else []
    if sheet.lacks:
        reasons.append(f"without {_name(sheet.lacks)}")
    return f" ({', '.join(reasons)})" if reasons else ""


def _noticed(remark: Remark) -> str:
    text = _TEXTS[remark.kind].format(
        column=_name(remark.column),
        cells=count(remark.count, "cell"),
        rows=count(remark.count, "row"),
        ids=count(remark.count, "id"),
        merges=count(remark.count, "cell is merged over rows", "cells are merged over rows"),
    )
    places = ", ".join(visible(shorten(place, _LONGEST)) for place in remark.first)
    more = " and more" if remark.count > len(remark.first) else ""
    return f"{text} First: {places}{more}." if places else text


def _name(text: str) -> str:
    return visible(shorten(text, _LONGEST))
