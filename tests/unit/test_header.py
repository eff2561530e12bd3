"""Where the header of a table stands: the rows that people put on top of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import column_form, places_of
from eqcbatch.source.excel.grid import Merge
from eqcbatch.source.header import Header, expect_columns, find_header, head_of
from eqcbatch.source.spec import SourceSpec

NAMES = ("客户名称", "计划代码", "期初")
DATA = ("甲公司", "P1", "100")
GROUPS = ("客户信息", "", "规模")
OVER_TWO = [Merge(1, 1, 0, 1)]  # 客户信息 over two columns
UNDER_SIZE = [Merge(1, 2, 0, 0), Merge(1, 1, 1, 2)]  # 客户名称 over two rows, 规模 over two columns
TWO_ROWS = [("客户名称", "规模", ""), ("", "期初", "期末"), ("甲公司", "1", "2")]


def header(rows: Sequence[Sequence[Any]], merges: Sequence[Merge] = (), **asked: Any) -> Header:
    """The header of these rows."""
    spec = SourceSpec("x.xlsx", **asked)
    found = find_header(spec, head_of(iter(rows), spec), merges)
    assert found
    return found


def message(rows: Sequence[Sequence[Any]], merges: Sequence[Merge] = (), **asked: Any) -> str:
    """What is told of a table in which a column is missing."""
    spec = SourceSpec("x.xlsx", **asked)
    head = head_of(iter(rows), spec)
    with pytest.raises(BadInput) as caught:
        expect_columns(spec, "x.xlsx", head, header(rows, merges, **asked))
    assert str(caught.value).count("\n") == 1
    return str(caught.value)


TITLES = [("规模明细表",), ("单位：万元", "", "2024年6月")]


@pytest.mark.parametrize(
    ("rows", "merges", "expected"),
    [
        ([NAMES, DATA], [], Header(NAMES, 1)),
        ([("",), NAMES, DATA], [], Header(NAMES, 2)),
        ([*TITLES, NAMES, DATA], [], Header(NAMES, 3)),
        ([*TITLES, (), NAMES, DATA], [Merge(1, 1, 0, 4)], Header(NAMES, 4)),
        ([GROUPS, NAMES, DATA], OVER_TWO, Header(NAMES, 2)),
        ([GROUPS, NAMES, DATA], [], Header(NAMES, 2)),
        (TWO_ROWS, UNDER_SIZE, Header(("客户名称", "期初", "期末"), 2)),
        (
            [*TITLES, *TWO_ROWS],
            [Merge(3, 4, 0, 0), Merge(3, 3, 1, 2)],
            Header(("客户名称", "期初", "期末"), 4),
        ),
        (TWO_ROWS, [Merge(1, 1, 1, 2)], Header(("客户名称", "期初", "期末"), 2)),
        (TWO_ROWS, [Merge(1, 2, 0, 0)], Header(("客户名称", "期初", "期末"), 2)),
        (TWO_ROWS, [], Header(("客户名称", "规模", ""), 1)),
    ],
)
def test_the_header_is_the_first_row_with_the_columns(
    rows: list[tuple[str, ...]], merges: list[Merge], expected: Header
) -> None:
    """Below titles and groups of columns, in one row or in two; what tells of two rows are merged cells."""
    assert expected == header(rows, merges)


WIDE = Header(("", "客户名称", "规模"), 1)


@pytest.mark.parametrize(
    ("data", "row", "expected"),
    [
        (("", "甲公司", "1"), None, WIDE),
        (("", "甲公司", "1"), 1, WIDE),
        (("甲公司", "", "1"), None, Header(("客户名称", "", "规模"), 1)),
    ],
)
def test_a_name_merged_over_columns_is_that_of_the_one_with_data(
    data: tuple[str, ...], row: int | None, expected: Header
) -> None:
    """People make a name wide by merging two columns; the other one is empty."""
    rows = [("客户名称", "", "规模"), data, data]
    assert expected == header(rows, [Merge(1, 1, 0, 1)], header_row=row)


def test_a_name_merged_over_two_columns_with_data_is_not_guessed() -> None:
    """It may be the name of either: the message says what the table has."""
    rows = [("客户名称", "", "规模"), ("K1", "甲公司", "1")]
    assert ("客户名称",) == header(rows, [Merge(1, 1, 0, 1)]).missing


THREE_ROWS = [
    ("地区", "客户名称", "规模", "", "", ""),
    ("", "", "本期", "", "上期", ""),
    ("", "", "期初", "期末", "期初", "期末"),
    ("北京", "甲公司", "1", "2", "3", "4"),
]
OVER_SIZES = [Merge(1, 1, 2, 5), Merge(2, 2, 2, 3), Merge(2, 2, 4, 5)]


@pytest.mark.parametrize("tall", [[], [Merge(1, 3, 1, 1)], [Merge(1, 3, 0, 0), Merge(1, 3, 1, 1)]])
def test_titles_may_stand_over_titles(tall: list[Merge]) -> None:
    """The names are below them all."""
    expected = ("地区", "客户名称", "期初", "期末", "期初", "期末")
    assert Header(expected, 3) == header(THREE_ROWS, [*OVER_SIZES, *tall])
    assert ("期末#3",) == header(THREE_ROWS, [*OVER_SIZES, *tall], weight_column="期末#3").missing


def test_columns_may_be_named_in_two_rows_without_a_merged_cell() -> None:
    """As a CSV file has them: where no row has all asked ones, two together may."""
    assert Header(("客户名称", "期初", "期末"), 2) == header(TWO_ROWS, weight_column="期末")


def test_rows_of_data_are_no_part_of_the_header() -> None:
    """Be they beside a note that is merged over many rows, or below a title that is wide by mistake."""
    blank = [("客户名称", "计划", "备注", ""), ("", "P1", "x", ""), ("", "P2", "", "")]
    assert 1 == header(blank, [Merge(1, 3, 3, 3)]).last_row
    assert 1 == header(blank, [Merge(1, 3, 2, 2)]).last_row
    assert 1 == header(blank, [Merge(1, 1, 2, 3)]).last_row
    numbers = [("客户名称", "规模", ""), ("", "1", "2")]
    assert 1 == header(numbers, [Merge(1, 1, 1, 2)]).last_row


def test_a_name_may_be_shown_wide() -> None:
    """Where the rows below are merged alike it is a column, and no title."""
    rows = [("客户名称", "", "计划"), ("甲公司", "", "P1")]
    assert Header(("客户名称", "", "计划"), 1) == header(rows, [Merge(1, 1, 0, 1), Merge(2, 2, 0, 1)])


def test_a_title_over_several_columns_is_no_column() -> None:
    """Nor is it proposed as one."""
    told = message([GROUPS, NAMES, DATA], OVER_TWO, columns=("客户信息",))
    assert "'客户信息'" not in told.partition("\n")[2].replace("in row 1 '客户信息', '规模'", "")
    assert told.endswith("Did you mean '客户名称'? --header-row N says where the columns are named.")


def test_the_rows_that_were_seen_are_shown() -> None:
    """Where the first row names no columns by its looks; of each a few cells."""
    assert message([*TITLES, NAMES, DATA], columns=("客户",)) == (
        "x.xlsx has no column '客户' in its first 4 rows.\n"
        "It has in row 1 '规模明细表'; in row 2 '单位：万元', '2024年6月'; "
        "in row 3 '客户名称', '计划代码', '期初'; in row 4 '甲公司', 'P1', '100'. Did you mean '客户名称'? "
        "--header-row N says where the columns are named."
    )
    assert message([NAMES, DATA], columns=("客户",)).endswith(
        "Its columns are '客户名称', '计划代码', '期初'. Did you mean '客户名称'?"
    )


def test_twenty_rows_are_looked_at() -> None:
    """Empty ones do not count."""
    notes = [(f"说明{number}",) for number in range(19)]
    assert 30 == header([*notes, *[()] * 10, NAMES]).last_row
    assert ("客户名称",) == header([*notes, ("说明",), NAMES]).missing


@pytest.mark.parametrize(
    ("rows", "merges", "row", "names"),
    [
        ([NAMES, ("客户名称", "x", "y"), DATA], [], 2, ("客户名称", "x", "y")),
        ([GROUPS, NAMES, DATA], OVER_TWO, 2, NAMES),
        (TWO_ROWS, UNDER_SIZE, 2, ("客户名称", "期初", "期末")),
        (TWO_ROWS, UNDER_SIZE, 1, ("客户名称", "期初", "期末")),
        (TWO_ROWS, [], 2, ("客户名称", "期初", "期末")),
        ([*[("x",)] * 40, NAMES, DATA], [], 41, NAMES),
    ],
)
def test_the_row_asked_for_is_the_header(
    rows: list[tuple[str, ...]], merges: list[Merge], row: int, names: tuple[str, ...]
) -> None:
    """With the row above it, where a name stands over both."""
    found = header(rows, merges, header_row=row)
    assert (names, ()) == (found.names, found.missing)


def test_a_row_asked_for_must_have_the_columns() -> None:
    """Else it is shown; beyond the table there is none."""
    assert "has no column '客户名称' in row 1.\nThere it has '规模明细表'." in message(
        [*TITLES, NAMES, DATA], header_row=1
    )
    assert find_header(SourceSpec("x.xlsx", header_row=9), [NAMES, DATA]) is None


def test_an_empty_table_has_no_header() -> None:
    """Whatever is asked."""
    assert find_header(SourceSpec("x.xlsx"), [(), ("",)]) is None


@pytest.mark.parametrize(
    "name",
    [
        "客户\n名称",
        " 客户 名称\u3000",
        "\ufeff客户名称",
        "客\u200b户名称",
        "客户\u00ad名称",
        "客户\u202e名称",
        "客户\r\n名称\xa0",
    ],
)
def test_a_column_is_what_a_person_reads(name: str) -> None:
    """Blanks, line breaks, what nobody sees and signs that look alike make no other name."""
    assert [1] == places_of("客户名称", ("x", name))
    assert [1] == places_of(name, ("x", "客户名称"))


def test_full_width_and_half_width_are_one() -> None:
    """Letters, digits and brackets."""
    assert column_form("规模（万元）ＩＤ１") == column_form("规模(万元)ID1")
    assert [] == places_of("id", ("ID",))


def test_a_column_that_is_written_so_comes_before_one_that_reads_so() -> None:
    """Both may be there."""
    assert [1] == places_of("客户名称", ("客户 名称", "客户名称"))
    assert [0, 2] == places_of("客户名称", ("客户 名称", "x", "客户\n名称"))
