"""The second question: in which other ways a name is asked for, and when that does not pay any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import Candidate, EvidenceKind, Held, RowEvidence, SecondQuestion
from eqcbatch.domain.names import lookup_key
from eqcbatch.domain.second_query import pays, second_queries
from eqcbatch.settings import ConfidenceRule


def beside(*values: str) -> list[RowEvidence]:
    return [RowEvidence(EvidenceKind.COLUMN, value, 1, "a column") for value in values]


@pytest.mark.parametrize(
    ("query", "values", "ways"),
    [
        ("森讯环保有限公司", [], {}),
        ("遠山機械有限公司", [], {"simplified": "远山机械有限公司"}),
        ("森讯（北京）环保有限公司", [], {"without_bracket": "森讯环保有限公司"}),
        ("森讯环保（原远山厂）", [], {"without_bracket": "森讯环保"}),
        ("森讯环保（原远山", [], {"without_bracket": "森讯环保"}),
        ("杭州森讯环保有限公司", [], {"without_place": "森讯环保有限公司"}),
        ("浙江省杭州市森讯环保", ["杭州"], {"without_place": "森讯环保"}),
        ("森讯环保", ["杭州分公司", "总部"], {"with_place": "杭州森讯环保"}),
        ("森讯环保", ["杭州分公司", "宁波分公司"], {}),
        ("森讯环保", ["杭州", "远山森讯环保有限公司企业年金计划"],
         {"plan_name": "远山森讯环保有限公司", "with_place": "杭州森讯环保"}),
        ("森讯环保有限公司", ["森讯环保有限公司企业年金计划"], {}),
        ("森讯环保", ["森讯环保有限公司"], {}),
        ("杭州森讯（原远山厂）环保有限公司", [],
         {"without_bracket": "杭州森讯环保有限公司", "without_place": "森讯环保有限公司"}),
        ("杭州森讯", [], {}),
        ("（北京）", [], {}),
        ("", [], {}),
    ],
)  # fmt: skip
def test_the_ways_of_asking_for_a_name(query: str, values: list[str], ways: dict[str, str]) -> None:
    """Each other than it was asked, and none too short to find anything."""
    assert ways == {str(kind): other for kind, other in second_queries(query, beside(*values))}


@pytest.mark.parametrize(
    ("requests", "settled", "worth"),
    [(0, 0, True), (39, 0, True), (40, 1, False), (40, 2, True), (1000, 49, False), (1000, 50, True)],
)
def test_what_yields_less_than_one_in_twenty_is_not_asked_any_more(
    requests: int, settled: int, worth: bool
) -> None:
    """Once forty requests have shown it."""
    assert worth is pays(requests, settled)


def test_a_second_answer_counts_only_where_it_settles_the_name() -> None:
    """It never holds a name for another reason than the first one does; to settle it, both count together."""
    name = "森讯环保科技有限公司"
    asked = Asked(lookup_key(name), name, (name,))
    rule = ConfidenceRule()
    odd = Candidate(0, "1", "上海森讯贸易有限公司", "模糊匹配")
    right = Candidate(1, "2", name, "模糊匹配", second=SecondQuestion.WITHOUT_PLACE)
    alike = Candidate(2, "3", "昆明森讯环保科技有限公司", "模糊匹配", second=SecondQuestion.WITHOUT_PLACE)
    other = Candidate(3, "4", "大理森讯环保科技有限公司", "模糊匹配", second=SecondQuestion.WITHOUT_PLACE)
    held = judge(asked, [odd], rule)
    assert held == judge(asked, [odd, alike, other], rule)
    assert held is not None
    assert Held.CONTRADICTION is held.held
    settled = judge(asked, [odd, right, alike], rule)
    assert settled is not None
    assert ("2", None) == (settled.company.company_id, settled.held)
    assert judge(asked, [alike, other], rule) is None
    first = replace(alike, second=None)
    assert judge(asked, [first], rule) == judge(asked, [first, right], rule)


def test_a_company_that_was_asked_for_with_the_evidence_is_chosen_by_it() -> None:
    """Such an answer does not tell how rare a name is."""
    name = "森讯环保科技有限公司"
    asked, rule = Asked(lookup_key(name), name, (name,)), ConfidenceRule()
    found = Candidate(0, "1", f"昆明{name}", "模糊匹配", second=SecondQuestion.WITH_PLACE)
    assert judge(asked, [found], rule) is None
    verdict = judge(asked, [found], rule, beside("昆明"))
    assert verdict is not None
    assert ("1", "evidence:region") == (verdict.company.company_id, verdict.how)
    assert judge(asked, [found], rule, beside("大理")) is None
    common = Candidate(0, "1", "昆明环保科技有限公司", "模糊匹配", second=SecondQuestion.WITH_PLACE)
    trade = Asked("环保科技", "环保科技", ("环保科技",))
    assert judge(trade, [common], rule, beside("昆明")) is None
    exact = Candidate(0, "1", name, "模糊匹配", second=SecondQuestion.WITH_PLACE)
    verdict = judge(asked, [exact], rule)
    assert verdict is not None
    assert "exact_name" == verdict.how
