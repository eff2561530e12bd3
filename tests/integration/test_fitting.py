"""What of a value a column takes: the decision table, line by line."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.postgres.column_types import Column
from eqcbatch.postgres.fitting import fit

DOUBLE = Column("reg_cap", "double precision", "float8")
WHOLE = Column("n", "integer", "int4")
MONEY = Column("n", "numeric", "numeric", digits=(10, 2))
DAY = Column("est_date", "date", "date")
MOMENT = Column("api_fetched_at", "timestamp with time zone", "timestamptz")
JSON, JSONB = Column("raw_data", "json", "json"), Column("raw_data", "jsonb", "jsonb")
STATUS = Column("status", "enterprise.status", "status", labels=("存续", "注销"))
SHORT = Column("name", "character varying", "varchar", length=5)
FORMER = Column("company_former_name", "character varying", "varchar", length=8)


@pytest.mark.parametrize(
    ("column", "value", "fitted"),
    [
        (DOUBLE, "80000.00万元", "80000.0"),
        (DOUBLE, "1000万", "1000.0"),
        (DOUBLE, "5,000.5元", "5000.5"),
        (DOUBLE, " -1.5e3 ", "-1500.0"),
        (DOUBLE, "１２３", "123.0"),
        (DOUBLE, "--", None),
        (DOUBLE, "人民币伍佰万元整", None),
        (DOUBLE, "1,000.5万美元", None),
        (DOUBLE, "3.2亿", None),
        (DOUBLE, "万元", None),
        (DOUBLE, "NaN", None),
        (DOUBLE, "Infinity", None),
        (DOUBLE, "1e999", None),
        (DOUBLE, "1_000", None),
        (DOUBLE, "sNaN", None),
        (Column("n", "numeric", "numeric"), "1e999999", None),
        (Column("n", "real", "float4"), "1e39", None),
        (WHOLE, "80000.00万元", "80000"),
        (WHOLE, "1000.5", "1001"),
        (WHOLE, "2147483648", None),
        (Column("n", "bigint", "int8"), "9" * 20, None),
        (MONEY, "12345678.994", "12345678.99"),
        (MONEY, "123456789", None),
        (MONEY, "99999999.999", None),
        (Column("n", "numeric", "numeric"), "123456789012345678901.5", "123456789012345678901.5"),
        (DAY, "2001-02-03", "2001-02-03"),
        (DAY, "2001年2月3日", "2001-02-03"),
        (DAY, "2001/2/3 10:00:00", "2001-02-03 10:00:00"),
        (DAY, "20010203", "2001-02-03"),
        (DAY, "2001-02-30", None),
        (DAY, "长期", None),
        (MOMENT, "2026-11-23T04:05:06+00:00", "2026-11-23T04:05:06+00:00"),
        (MOMENT, "T", None),
        (STATUS, "存续", "存续"),
        (STATUS, "开业", None),
        (Column("name", "text[]", "_text"), "甲", None),
        (Column("name", "uuid", "uuid"), "甲", None),
        (Column("name"), "很" * 10_000, "很" * 10_000),
        (SHORT, "北京长城科", "北京长城科"),
        (SHORT, "北京长城科技", "北京长城科"),
        (SHORT, "𠮷𠮷𠮷𠮷𠮷𠮷", "𠮷𠮷𠮷𠮷𠮷"),
    ],
)
def test_a_column_takes_of_a_value_what_it_can(column: Column, value: str, fitted: str | None) -> None:
    """A line of the table each."""
    assert fitted == fit(value, column).value


@pytest.mark.parametrize(
    ("value", "fitted"),
    [
        ("甲公司,乙公司", "甲公司,乙公司"),
        ("甲公司，乙公司，丙公司", "甲公司，乙公司"),
        ("甲公司,乙公司甲,丙公司", "甲公司,乙公司甲"),
        ("甲公司,乙公司第二十", "甲公司"),
        ("北京长城科技有限公司", None),
    ],
)
def test_a_list_of_names_is_cut_between_them(value: str, fitted: str | None) -> None:
    """Half a name would be another company's."""
    assert fitted == fit(value, FORMER, ",，").value


@pytest.mark.parametrize(
    ("value", "as_json", "as_jsonb"),
    [
        (r'{"a": "b"}', r'{"a": "b"}', r'{"a": "b"}'),
        (r'{"a": NaN, "b": [-Infinity]}', r'{"a": null, "b": [null]}', r'{"a": null, "b": [null]}'),
        (r'"NaN \" Infinity"', r'"NaN \" Infinity"', r'"NaN \" Infinity"'),
        (r'"\u0000"', r'"\u0000"', r'"\ufffd"'),
        (r'"\\u0000"', r'"\\u0000"', r'"\\u0000"'),
        (r'"\ud842\udfb7"', r'"\ud842\udfb7"', r'"\ud842\udfb7"'),
        (r'"\ud842x\udfb7"', r'"\ud842x\udfb7"', r'"\ufffdx\ufffd"'),
        (r'{"\udfff": 1}', r'{"\udfff": 1}', r'{"\ufffd": 1}'),
    ],
)
def test_json_is_taken_but_for_what_is_none(value: str, as_json: str, as_jsonb: str) -> None:
    """jsonb takes neither NUL nor half a sign; nothing of either takes NaN."""
    assert (as_json, as_jsonb) == (fit(value, JSON).value, fit(value, JSONB).value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)


@given(ANYTHING)
def test_whatever_json_an_answer_has_becomes_json(answer: Any) -> None:
    """As strict as Postgres is, and the same where it was."""
    fitted = json.loads(fit(json.dumps(answer), JSONB).value or "", parse_constant=pytest.fail)
    if "\\u" not in json.dumps(answer) and not any(one in json.dumps(answer) for one in ("NaN", "Infinity")):
        assert answer == fitted


@given(st.text(), st.sampled_from([DOUBLE, WHOLE, MONEY, DAY, MOMENT, STATUS, SHORT]))
def test_no_text_is_too_odd_to_be_judged(text: str, column: Column) -> None:
    """It fits, or is left out with the reason; a number is finite, a text short enough."""
    fitted = fit(text, column)
    assert fitted.problem is not None or fitted.value is not None
    if fitted.value is not None and column in (DOUBLE, WHOLE, MONEY):
        assert math.isfinite(float(fitted.value))
    if fitted.value is not None and column.length:
        assert len(fitted.value) <= column.length
