"""Cells: what their text means as a name, a plan code, a company id and a number."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.names import lookup_key
from eqcbatch.source.cell_values import (
    company_id_in,
    is_error,
    looks_garbled,
    looks_like_none,
    name_in,
    number_in,
    plan_code_in,
    unguarded,
)

any_text = st.text(st.characters(exclude_categories=()))
cell_like = st.lists(st.sampled_from([*"0129.,-+Ee%()（）=\"'￥万元亿#N/A９，x "]))

SIX_HUNDRED_MILLION_AND_FOUR = [
    "600000004",
    "600000004.0",
    "600000004.00",
    "600000004,00",
    "6.00000004E+08",
    "6.00000004e+08",
    "6.00000004E8",  # as Java writes it
    "600.000004E+06",  # as engineers do
    "600,000,004",
    "600,000,004.00",
    "600 000 004",
    "600\u00a0000\u202f004",
    "600'000'004",
    "600’000’004",
    "+600000004",
    "６０００００００４",
    "６００，０００，００４",
    " 600000004\u3000",
    "\t600000004",
    "\u202a600000004\u202c",  # as the clipboard of Windows gives it
    "'600000004",
    "＇600000004",
    "'600000004'",
    '"600000004"',
    '="600000004"',
    '=T("600000004")',
]


@pytest.mark.parametrize("cell", SIX_HUNDRED_MILLION_AND_FOUR)
def test_an_id_in_another_dress_is_the_id_that_is_meant(cell: str) -> None:
    """Floats, thousands, exponents with every digit, widths, blanks and guards."""
    assert company_id_in(cell) == plan_code_in(cell) == "600000004"


@pytest.mark.parametrize(
    "text",
    [
        "0012",
        "C9",
        "12E5",
        "100E10",
        "06E59641803036524",
        "123e",
        "AB-12",
        "a.b_1:2",
        "9" * 100,
        "123456789012345678",
    ],
)
def test_ids_are_text(text: str) -> None:
    """Leading zeros stay, and so does what only resembles a number."""
    assert company_id_in(text) == plan_code_in(text) == text


@pytest.mark.parametrize(
    "cell",
    [
        *("6E+08", "6.0E+08", "1.5900181062945699E+17", "1.23457E+11", "6E-05", "6.5E-01"),  # lost digits
        *("12345678901234568.0", "1.2345678901234568E+16"),  # of a float that may be its neighbour
        *("600000004.5", "-600000004", "(600000004)", "12%", "6,000,00", "600.000.004", "0,012", "1 ,"),
        *("#N/A", "#REF!", "#DIV/0!", "#NAME?", "#SPILL!", "#NV", "#########", "Err:502"),
        *(
            "",
            " ",
            "N/A",
            "NA",
            "null",
            "NaN",
            "<NA>",
            "1.#IND",
            "None",
            "TRUE",
            "-",
            "——",
            "/",
            "无",
            "未知",
        ),
        *("0", "0.0", "000", "INABCDEFGHIJKLMNOP", "IN_ABCDEFGHIJKLMNOP", "9" * 101),
        *("2026-11-01", "2026/1/9", "2026-11-01 00:00:00", "=VLOOKUP(A1,B:C,2,0)", "=600000004"),
        *("600000004/600000005", "600000004;600000005", "600000004 远山", "￥600,000,004", "六亿"),
    ],
)
def test_what_is_no_id_is_none(cell: str) -> None:
    """Lost digits, errors, fillers, dates, temporary ids, and what names several."""
    assert company_id_in(cell) is None


def test_a_formula_is_no_id_behind_an_apostrophe_either() -> None:
    """CSV cells that begin as formulas do are written so."""
    assert company_id_in("'=1+1") is company_id_in("=1+1") is None


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ("Ｐ０００１", "P0001"),
        ("1,234", "1234"),
        ("1.234E+03", "1234"),
        ("001,002", "001,002"),
        ("12.5", "12.5"),
        ("2026-11", "2026-11"),
        ("计划（一）", "计划（一）"),  # other signs than those of codes keep their width
        *((none, "") for none in ("", "#N/A", "#REF!", "N/A", "NULL", "-", "——", "/", "6E+08")),
    ],
)
def test_a_plan_code_is_read_by_its_shown_form(cell: str, code: str) -> None:
    """What is no number in another dress stays as it is; errors and dashes are none."""
    assert plan_code_in(cell) == code


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        *(
            (cell, 9e6)
            for cell in ("9000000", "9,000,000", "9,000,000.00", "9 000 000", "9\u00a0000\u202f000")
        ),
        *(
            (cell, 9e6)
            for cell in ("９，０００，０００", "9'000'000", "9.000.000", "9.000.000,00", "9 000 000,00")
        ),
        *((cell, 9e6) for cell in ("90,00,000", "900,0000", "9E6", "9.0E+06", "'9000000", '="9,000,000"')),
        *(
            (cell, 9e6)
            for cell in ("￥9,000,000", "¥ 9000000.00", "$9,000,000", "RMB 9,000,000", "CNY9000000")
        ),
        *(
            (cell, 9e6)
            for cell in ("人民币9000000元整", "9000000元", "9,000,000 元", "9000000圆", "9,000,000 RMB")
        ),
        *(
            (cell, 9e6)
            for cell in ("900万", "900万元", "９００ 万元", "9百万", "0.09亿", "0.09亿元", "9000千元")
        ),
        *(
            (cell, -9e3)
            for cell in ("-9,000", "(9,000)", "（9,000.00）", "9,000-", "9000.00-", "−9000", "－9000")
        ),
        *(
            (cell, -9e3)
            for cell in ("-￥9,000", "￥-9,000", "(￥9,000)", "'-9000", "–9000", "-0.9万", "(0.9)万元")
        ),
        *(
            ("12.5%", 0.125),
            ("１２．５％", 0.125),
            ("7.5E-2", 0.075),
            (".5", 0.5),
            ("+9", 9.0),
            ("1e3", 1000.0),
        ),
        *(("100,00", 100.0), ("−100,00", -100.0), ("1.299,99", 1299.99), ("1,5", 1.5), ("1.234", 1.234)),
        *(("-", 0.0), (" -   ", 0.0), ("￥ -", 0.0), ("—", 0.0), ("--", 0.0)),  # 0 in accounting formats
    ],
)
def test_a_number_is_read_however_it_is_written(cell: str, number: float) -> None:
    """Thousands, currencies, widths, units that multiply, brackets and minus signs wherever they stand."""
    found = number_in(cell)
    assert found is not None
    assert math.isclose(found, number)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            " ",
            "abc",
            "#N/A",
            "九百万",
            "约900万",
            "9000/月",
            "900万股",
            "2026-11-01",
            "9,000;8,000",
            "无",
        ),
        *("inf", "-inf", "nan", "1e999", "06E59641803036524", "9" * 400 + "万"),
        *("1 ,", "9,00,0", "1,2345,67", "1,234.567,89", "1 234 5", "(9", "9)", "--9", "(-9)", "-9-", "9%%"),
    ],
)
def test_what_is_no_number_is_none(cell: str) -> None:
    """Words, what has no end, and groups that are none: nobody guesses."""
    assert number_in(cell) is None


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('="深圳市远山科技有限公司"', "深圳市远山科技有限公司"),
        ('=T("深圳市远山科技有限公司")', "深圳市远山科技有限公司"),
        ("'深圳市远山科技有限公司", "深圳市远山科技有限公司"),
        ("\t'深圳市远山科技有限公司", "深圳市远山科技有限公司"),
        ('="甲""乙"', '甲"乙'),
        ("'s-Hertogenbosch BV", "'s-Hertogenbosch BV"),
        ("=A1", "=A1"),
        ("（深圳市远山科技有限公司）", "深圳市远山科技有限公司"),
        ("(深圳市远山科技有限公司）", "深圳市远山科技有限公司"),
        ("（（某公司））", "某公司"),
        ("（某公司（北京））", "某公司（北京）"),
        ("（某公司）-已转出", "某公司"),
        ("（某公司）（已转出）", "某公司"),
        ('="（某公司）"', "某公司"),
        ("（集团）某公司", "（集团）某公司"),  # a remark before a name
        ("（某公司", "（某公司"),
        ("#1公司", "#1公司"),
        ("E公司", "E公司"),
        (" 某公司-已转出", " 某公司-已转出"),
        *((error, "") for error in ("#N/A", "#REF!", "#NAME?", "Err:502")),
    ],
)
def test_a_name_is_freed_of_guards_and_of_brackets_around_all_of_it(cell: str, name: str) -> None:
    """Everything else stays as it is written."""
    assert name_in(cell) == name


@pytest.mark.parametrize(
    "cell", ["（已转出）", "（无）", "（空白）", "()", "（（））", "（）（）", '=""', "'"]
)
def test_brackets_and_guards_around_nothing_stay_blank(cell: str) -> None:
    """A marker or a placeholder in brackets names nobody."""
    assert lookup_key(name_in(cell)) == ""


@given(any_text | cell_like.map("".join))
def test_every_text_gives_a_value(cell: str) -> None:
    """Nothing raises; an id, a code and a name that were read are read again as they are."""
    assert is_error(cell) in (True, False)
    assert isinstance(unguarded(cell), str)
    company_id, code, number = company_id_in(cell), plan_code_in(cell), number_in(cell)
    assert number is None or math.isfinite(number)
    assert company_id is None or company_id_in(company_id) == company_id or cell.strip()[0] in "'＇"
    assert code == code.strip()


@given(any_text)
def test_a_name_with_a_key_of_its_own_keeps_it(cell: str) -> None:
    """The index's keys stay as they are: only guards, errors, and brackets around all make a difference."""
    if cell.strip()[:1] not in ("=", "＝", "'", "＇", "(", "（", "#", "E", "e"):
        assert name_in(cell) == cell


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *(
            (name, False)
            for name in ("总计：", "合 计", "制表人：张三   复核：李四", "填表:王五", "注：未经审计")
        ),
        *((name, True) for name in ("注安科技有限公司", "单位信托公司", "日期贸易厂", "联系人科技")),
    ],
)
def test_a_line_below_a_table_hardly_is_a_name(name: str, is_one: bool) -> None:
    """Who made the table, a note, or a sum with a colon; a company may begin with such a word."""
    assert is_one is not looks_like_none(name)


@pytest.mark.parametrize(
    ("name", "garbled"),
    [
        ("深圳第一实业有限公司", False),
        ("臺灣積體電路製造", False),
        ("ABC GmbH", False),
        ("Müller", False),
        ("㑇县𠮷野", False),
        ("", False),
        ("臺灣積體電路股份有限公司".encode("big5").decode("gb18030"), True),
        ("深圳第一实业有限公司".encode().decode("gb18030", errors="replace"), True),
        ("深圳实业".encode().decode("gb18030"), True),
        ("深圳实业".encode().decode("latin-1"), True),
        ("深圳\ufffd业", True),
    ],
)
def test_a_name_of_another_encoding_is_recognised(name: str, garbled: bool) -> None:
    """Signs that no encoding of names has, or bytes that are UTF-8."""
    assert garbled is looks_garbled(name)
