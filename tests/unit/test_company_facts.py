"""What EQC says of one company (docs/domain.md section 2): every spelling, and anything but a scalar."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.model.companies import CompanyFacts
from eqcbatch.eqc import merged_facts, read_business_info, read_search_item

ITEM = {
    "companyId": 600000001,
    "companyFullName": "北京金龙物流有限公司",
    "unite_code": "91110000100000000X",
    "type": "模糊匹配",
    "_score": 88.5,
    "rank_score": "8.85",
    "company_former_name": "北京旧龙公司，北京老龙公司",
    "le_rep": "王伟",
    "est_date": "2001-02-03",
    "province": "北京市",
    "registeredStatus": "存续",
    "organization_code": "10000000-0",
    "company_en_name": "Golden Dragon",
    "reg_cap": 500.0,
    "name": "王伟",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("name", ["companyFullName", "company_name", "companyName"])
@pytest.mark.parametrize("code", ["unite_code", "uniteCode", "credit_code", "creditCode"])
def test_business_info_is_read_in_every_spelling(name: str, code: str) -> None:
    """The keys vary from company to company; the facts do not."""
    info = {
        name: "甲公司",
        code: "91110000100000000X",
        "registerCaptial": "80000.00万元",
        "registered_date": "2001-02-03",
        "registered_status": "存续",
        "legal_person_name": "王伟",
        "company_former_name": "乙公司,丙公司",
        "address": "北京市",
    }
    expected = CompanyFacts(
        company_full_name="甲公司",
        unite_code="91110000100000000X",
        reg_cap="80000.00万元",
        est_date="2001-02-03",
        registered_status="存续",
        le_rep="王伟",
        company_former_name="乙公司,丙公司",
    )
    assert expected == read_business_info({"businessInfodto": info})


def test_a_spelling_without_a_value_gives_way_to_the_next() -> None:
    """A null, a blank or an array under the usual key hides nothing."""
    info: dict[str, Any] = {
        "companyFullName": None,
        "company_name": " ",
        "companyName": "甲",
        "unite_code": [],
        "creditCode": 7,
    }
    assert CompanyFacts(company_full_name="甲", unite_code="7") == read_business_info(
        {"businessInfodto": info}
    )


@pytest.mark.parametrize("value", [["甲"], {"name": "甲"}, True, None, ""])
def test_what_is_no_scalar_is_dropped(value: Any) -> None:
    """Neither an array nor an object, a boolean nor a blank becomes a text."""
    assert CompanyFacts() == read_business_info({"businessInfodto": {"companyFullName": value}})


@pytest.mark.parametrize("value", ["-", "12345", 12345, "（）", "0.5"])
def test_what_has_no_letter_is_no_name(value: Any) -> None:
    """Another spelling may have it."""
    assert CompanyFacts() == read_business_info({"businessInfodto": {"companyFullName": value}})
    assert CompanyFacts(company_full_name="甲") == read_business_info(
        {"businessInfodto": {"companyFullName": value, "companyName": "甲"}}
    )


def test_an_item_is_found_by_its_id_however_it_is_written() -> None:
    """A number or a text; numbers stay numbers only where base_info has them."""
    expected = CompanyFacts(
        company_full_name="北京金龙物流有限公司",
        unite_code="91110000100000000X",
        type="模糊匹配",
        _score=88.5,
        rank_score=8.85,
        company_former_name="北京旧龙公司，北京老龙公司",
        le_rep="王伟",
        est_date="2001-02-03",
        province="北京市",
        registered_status="存续",
        organization_code="10000000-0",
        company_en_name="Golden Dragon",
        reg_cap="500",
        name="王伟",
    )
    content = {"list": [{"companyId": "600000009"}, "stray", ITEM]}
    assert expected == read_search_item(content, "600000001")


@pytest.mark.parametrize("content", [{}, {"list": None}, {"list": [{"companyId": "2"}]}, {"list": {"a": 1}}])
def test_an_answer_without_the_company_says_nothing_of_it(content: dict[str, Any]) -> None:
    """No facts, no error."""
    assert CompanyFacts() == read_search_item(content, "1")


def test_the_second_facts_fill_the_gaps_of_the_first() -> None:
    """Zero is a value, no gap."""
    first = CompanyFacts(company_full_name="甲", _score=0.0)
    second = CompanyFacts(company_full_name="乙", _score=5.0, le_rep="王伟")
    assert CompanyFacts(company_full_name="甲", _score=0.0, le_rep="王伟") == merged_facts(first, second)


@given(JSON)
def test_no_json_breaks_the_readers(value: Any) -> None:
    """Whatever stands where an object should, the facts are texts that Postgres takes, or none."""
    keys = ("companyFullName", "unite_code", "registered_date", "_score", "rank_score", "type")
    item = {"companyId": "1"} | dict.fromkeys(keys, value)
    for facts in (
        read_business_info({"businessInfodto": value}),
        read_business_info({"businessInfodto": item}),
        read_search_item({"list": [item, value]}, "1"),
    ):
        said = [text for text in (facts.company_full_name, facts.unite_code, facts.type) if text is not None]
        assert all(text.strip() and "\0" not in text and text.encode() for text in said)
