"""Rules for names: what they make of a cell, and what is said about rules that are none."""

from __future__ import annotations

from typing import Any

import pytest

from eqcbatch.errors import BadInput
from eqcbatch.source import NameRule, SourceSpec, read_rules
from eqcbatch.source.name_rules import as_settings

PLAN = "计划名称"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("中国石油企业年金计划", "中国石油"),
        (" 中国石油 企业年金计划　", "中国石油"),
        ("中国石油企业年金计划企业年金计划", "中国石油企业年金计划"),
        ("中国石油年金", "中国石油"),
        ("企业年金计划", ""),
        (" 中国石油 ", " 中国石油 "),
        ("企业年金计划中国石油", "企业年金计划中国石油"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("suffixes", [("企业年金计划", "年金", "计划"), ("计划", "年金", "企业年金计划")])
def test_the_longest_suffix_is_removed_once(cell: str, name: str, suffixes: tuple[str, ...]) -> None:
    """From the end of the trimmed cell, in whatever order suffixes are named; else a cell stays as it is."""
    assert name == NameRule(PLAN, remove_suffixes=suffixes).name_in(cell)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        (
            {"only-where": {"计划类型": "单一计划"}, "remove-suffix": "企业年金计划"},
            NameRule(PLAN, (("计划类型", ("单一计划",)),), ("企业年金计划",)),
        ),
        (
            {"only-where": {"a": ["1", " 2 "], " b ": "3"}},
            NameRule(PLAN, (("a", ("1", "2")), ("b", ("3",)))),
        ),
        ({"remove-suffix": ["甲", "乙"]}, NameRule(PLAN, (), ("甲", "乙"))),
        ({"blank-names": ["0", "合计"]}, NameRule(PLAN, blank_names=("0", "合计"))),
        ({"blank-names": "/"}, NameRule(PLAN, blank_names=("/",))),
    ],
)
def test_rules_are_read_from_settings_and_written_as_such(settings: Any, rule: NameRule) -> None:
    """One value or a list; what the ledger keeps is read again as the same rule."""
    assert (rule,) == read_rules({f" {PLAN} ": settings})
    assert (rule,) == read_rules(as_settings([rule]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("计划名称", "Name rules are"),
        ([{PLAN: {}}], "Name rules are"),
        ({PLAN: "企业年金计划"}, "must hold one of only-where, remove-suffix, blank-names"),
        ({PLAN: {}}, "must hold one of only-where, remove-suffix, blank-names"),
        ({PLAN: {"only-were": {"a": "1"}}}, "unknown key 'only-were'. Did you mean 'only-where'?"),
        ({PLAN: {"suffix": "x"}}, "unknown key 'suffix'. Did you mean 'remove-suffix'?"),
        ({PLAN: {"only-where": "单一计划"}}, "only-where must hold `column: value` lines"),
        ({PLAN: {"only-where": {"a": {"b": "c"}}}}, "only-where 'a' takes a text"),
        ({PLAN: {"only-where": {"a": ["1", ""]}}}, "none of them empty"),
        ({PLAN: {"remove-suffix": {"a": "b"}}}, "remove-suffix takes a text"),
        ({PLAN: {"remove-suffix": " "}}, "none of them empty"),
        ({PLAN: {"blank-names": [0]}}, "blank-names takes a text"),
        ({PLAN: {"blank-name": "0"}}, "unknown key 'blank-name'. Did you mean 'blank-names'?"),
    ],
)
def test_what_is_no_rule_is_refused_in_one_line(settings: Any, said: str) -> None:
    """The message names the column and the key."""
    with pytest.raises(BadInput) as caught:
        read_rules(settings)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rule_belongs_to_an_asked_column() -> None:
    """A rule that would never be used is a mistake."""
    rule = NameRule("计划名", remove_suffixes=("x",))
    with pytest.raises(BadInput, match="'计划名', which is no asked column"):
        SourceSpec("x.csv", columns=("客户名称", PLAN), rules=(rule,))
    with pytest.raises(BadInput, match="--column"):
        SourceSpec("x.csv", columns=("a",), rules=(rule,))


def test_rules_make_no_other_source() -> None:
    """To plan a file again with a rule replaces the plan without it; the rule is recorded."""
    plain = SourceSpec("x.csv", columns=(PLAN,))
    ruled = SourceSpec("x.csv", columns=(PLAN,), rules=(NameRule(PLAN, (), ("x",)),))
    assert plain.identity() == ruled.identity()
    assert {PLAN: {"only-where": {}, "remove-suffix": ["x"]}} == ruled.record()["name_rules"]


@pytest.mark.parametrize("how", [{"sheets": ("一",)}, {"counted": True}, {"header_row": 2}])
def test_a_query_has_neither_sheets_nor_counts(how: dict[str, Any]) -> None:
    """It counts itself."""
    with pytest.raises(BadInput, match="goes with a file, not with --sql"):
        SourceSpec("", query="SELECT 1", **how)
