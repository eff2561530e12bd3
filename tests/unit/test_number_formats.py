"""Number formats: what a number is shown as."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from eqcbatch.source.excel.number_formats import NumberFormat, as_shown, number_format


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("General", NumberFormat()),
        ("0", NumberFormat()),
        ("#,##0.00", NumberFormat()),
        ("0.00E+00", NumberFormat()),
        ("@", NumberFormat()),
        ('0"days"', NumberFormat()),
        ("[Red]0.00", NumberFormat()),
        ("[$¥-804]#,##0", NumberFormat()),
        (r"0\d", NumberFormat()),
        ("_-* #,##0_d", NumberFormat()),
        ('0"元"', NumberFormat()),
        ('"¥"0', NumberFormat()),
        ('0" "000', NumberFormat()),
        ('0!.0,"万"', NumberFormat()),
        ("[<1000]0000;0", NumberFormat()),
        ("#", NumberFormat()),
        ("0/0", NumberFormat()),
        ("0000", NumberFormat(code=("0",) * 4)),
        ("000000000;-000000000", NumberFormat(code=("0",) * 9)),
        ("0000;[Red]0000;0", NumberFormat(code=("0",) * 4)),
        ("[Red][$-804]00_ ", NumberFormat(code=("0",) * 2)),
        ('"P"#', NumberFormat(code=("'P", "#"))),
        ("00-00", NumberFormat(code=("0", "0", "'-", "0", "0"))),
        ("yyyy-mm-dd", NumberFormat(is_time=True)),
        ('yyyy"年"m"月"d"日"', NumberFormat(is_time=True)),
        ("[$-804]yyyy/m/d;@", NumberFormat(is_time=True)),
        ("h:mm AM/PM", NumberFormat(is_time=True)),
        ("[h]:mm:ss", NumberFormat(is_time=True, is_elapsed=True)),
        ("[mm]", NumberFormat(is_time=True, is_elapsed=True)),
    ],
)
def test_a_code_says_what_its_numbers_are(code: str, form: NumberFormat) -> None:
    """Quoted, escaped and bracketed letters are none of a date; zeros alone are leading zeros."""
    assert form == number_format(code)


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (12.0, "0000", "0012"),
        (123456.0, "0000", "123456"),
        (12.5, "0000", 12.5),
        (-12.0, "0000", -12.0),
        (12.0, '"P"0000', "P0012"),
        (123456.0, '"P"0000', "P123456"),
        (0.0, '"P"0000', "P0000"),
        (7.0, r"\J\H0", "JH7"),
        (1234.0, '00"-"00', "12-34"),
        (5.0, '00"-"00', "00-05"),
        (123456.0, "000-00!/0", "123-45/6"),
        (7.0, "#0", 7.0),
        (12.5, "General", 12.5),
        (45322.0, "yyyy-mm-dd", datetime(2024, 1, 31)),
        (45322.5, "yyyy-mm-dd", datetime(2024, 1, 31, 12)),
        (1.0, "yyyy-mm-dd", datetime(1900, 1, 1)),
        (59.0, "yyyy-mm-dd", datetime(1900, 2, 28)),
        (61.0, "yyyy-mm-dd", datetime(1900, 3, 1)),
        (0.25, "h:mm", time(6)),
        (1.25, "[h]:mm", timedelta(hours=30)),
        (1e300, "yyyy-mm-dd", 1e300),
        (1e300, "[h]:mm", 1e300),
    ],
)
def test_a_number_is_what_it_is_shown_as(number: float, code: str, shown: object) -> None:
    """Excel counts days from 1900, and one day that February did not have; what is no day stays a number."""
    assert shown == as_shown(number, number_format(code), since_1904=False)


def test_days_may_be_counted_from_1904() -> None:
    """As workbooks of a Mac do."""
    assert datetime(2024, 1, 31) == as_shown(43860.0, number_format("yyyy-mm-dd"), since_1904=True)
