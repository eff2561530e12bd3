"""Remarks: what is noticed of a source is counted, and told in a line each."""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import Remark, RemarkKind, Remarks, TableRead, UnreadSheet
from eqcbatch.render.remarks import only_sheet, remark_lines, remarks_json
from eqcbatch.source.remarks import RemarkCounter
from tests.schemas import published

KIND = RemarkKind.UNREAD_IDS


def test_remarks_are_counted_by_kind_and_column() -> None:
    """With the first three places of each."""
    counter = RemarkCounter()
    for number in range(2, 7):
        counter.note(KIND, "规模", f"B{number}")
    counter.note(KIND, "份额", "C2", 4)
    counter.note(KIND, "规模", "B2")

    assert (
        Remark(KIND, "规模", 6, ("B2", "B3", "B4")),
        Remark(KIND, "份额", 4, ("C2",)),
    ) == counter.noticed()


@pytest.mark.parametrize("kind", RemarkKind)
def test_every_kind_of_remark_has_a_line(kind: RemarkKind) -> None:
    """Its first places are shown, and that there are more."""
    (line,) = remark_lines(Remarks(noticed=(Remark(kind, "甲\n列", 1234, ("B7 'x\x1b'",)),)), "m.xlsx")

    assert line.endswith("First: B7 'x␛' and more.")
    assert "\n" not in line


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_the_schemas_name_every_kind(command: str) -> None:
    """What a program may be told is published."""
    kinds = published(command)["properties"]["remarks"]["items"]["properties"]["kind"]["enum"]

    assert list(RemarkKind) == kinds


def test_a_header_that_is_not_the_first_row_is_told() -> None:
    """Where it stands is said of a sheet by its title, of a file by its name."""
    sheets = (TableRead("规模明细", 3, 1200), TableRead("收入明细", 1, 5))

    assert [
        "Header in row 3 of 规模明细. Sheet 规模明细: 1,200 rows.",
        "Sheet 收入明细: 5 rows.",
    ] == remark_lines(Remarks(sheets), "m.xlsx")
    assert ["Header in row 3 of 规模明细."] == remark_lines(Remarks(sheets[:1]), "m.xlsx")
    assert [", sheet 规模明细", ""] == [only_sheet(Remarks(sheets[:1])), only_sheet(Remarks(sheets))]
    assert ["Header in row 2 of m.csv."] == remark_lines(Remarks((TableRead(None, 2, 9),)), "m.csv")
    assert [] == remark_lines(Remarks((TableRead(None, 1, 9),)), "m.csv")


def test_sheets_that_were_not_read_are_named() -> None:
    """With the reason, five at most."""
    unread = tuple(
        UnreadSheet(title, title == "乙", "收入" if title in "乙丙" else None) for title in "甲乙丙丁戊己"
    )

    assert [
        "Not read, though with the column, too: 甲, 乙 (hidden, without 收入), 丙 (without 收入), 丁, 戊 "
        "and 1 more. --sheet NAME reads one, --sheet '*' all that show."
    ] == remark_lines(Remarks(unread=unread), "m.xlsx")
    assert {"sheet": "乙", "hidden": True, "lacks": "收入"} == remarks_json(Remarks(unread=unread))["sheets"][
        "unread"
    ][1]
    (line,) = remark_lines(Remarks(unread=unread[1:3]), "m.xlsx")
    assert line.endswith("丙 (without 收入). --sheet NAME reads one.")


def test_many_sheets_are_summed_up() -> None:
    """A year of daily sheets is no two hundred lines."""
    sheets = tuple(TableRead(f"{day}日", 1, 10) for day in range(1, 201))
    lines = remark_lines(Remarks(sheets), "m.xlsx")
    assert (12, "Sheet 11日: 10 rows.", "189 more sheets: 1,890 rows.") == (len(lines), *lines[-2:])
    assert 12 == len(remark_lines(Remarks(sheets[:12]), "m.xlsx"))
