"""The verdict, one test a line of its decision table, and what makes two names contradict."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.matching import Asked, bearers, judge
from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.matching.comparison import contradiction
from eqcbatch.domain.matching.offer import Offer
from eqcbatch.domain.model import Candidate, EvidenceKind, Held, RowEvidence, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key
from eqcbatch.settings import ConfidenceRule

RULE = ConfidenceRule()
EXACT, FUZZY, PINYIN = "全称精确匹配", "模糊匹配", "拼音"


def asked(name: str, *variants: str) -> Asked:
    return Asked(lookup_key(name), name, variants or (name,))


def company(company_id: str, name: str, kind: str | None = FUZZY, **more: object) -> Candidate:
    return Candidate(0, company_id, name, kind, **more)  # type: ignore[arg-type]  # as EQC sends them


def decided(verdict: Verdict | None) -> tuple[str, float, str, Held | None]:
    assert verdict is not None
    return verdict.company.company_id, verdict.confidence, verdict.how, verdict.held


def test_the_page_has_the_table_of_the_rules() -> None:
    """docs/matching.md and the docstring of `judge` say the same, line by line."""
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
    rules = _table(judge.__doc__ or "")
    assert rules == _table(
        re.sub(r"\[(.*?)\]\(.*?\)", r"\1", page.partition("## Examples")[0]).replace("`", "")
    )
    assert 17 == len(rules)


def _table(text: str) -> list[list[str]]:
    """The cells of the lines of a table but its heads, the words None and not found as they are read."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return [[cell.removeprefix("None: ") for cell in row] for row in cells if not row[0].startswith("--")]


def test_no_candidates_are_no_verdict() -> None:
    """An empty answer decides for nobody: the name is not found."""
    assert None is judge(asked("北京长城科技有限公司"), [], RULE)


def test_the_bearer_of_the_name_wins_at_any_rank() -> None:
    """Widths and spaces aside, the same name is the same company, whatever EQC ranks first."""
    offered = [
        company("1", "北京长城科技集团有限公司", EXACT),
        company("2", "上海长城科技有限公司"),
        company("3", "北京 长城科技（集团）有限公司", PINYIN),
    ]
    assert ("3", 1.0, "exact_name", None) == decided(
        judge(asked("北京长城科技(集团)有限公司"), offered, RULE)
    )


def test_a_variant_of_the_name_counts_as_the_name() -> None:
    """What a source writes elsewhere, bracket and all, is the name too."""
    name = asked("中国平安", "中国平安（集团）", "中国平安")
    assert ("2", 1.0, "exact_name", None) == decided(
        judge(name, [company("1", "中国平安保险"), company("2", "中国平安（集团）")], RULE)
    )


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"registered_status": "注销"}, {"registered_status": "存续（在营）"}, "2"),
        ({"registered_status": "存续"}, {"registered_status": "吊销"}, "1"),
        ({"registered_status": "存续"}, {"registered_status": "在业", "unite_code": "91"}, "2"),
        ({"unite_code": "92"}, {}, "1"),
    ],
)
def test_of_several_bearers_the_active_then_the_registered_one_wins(
    first: dict[str, str], second: dict[str, str], winner: str
) -> None:
    """The status decides, then the unite_code."""
    offered = [company("1", "甲公司", **first), company("2", "甲公司", **second)]
    assert (winner, 1.0, "exact_name", None) == decided(judge(asked("甲公司"), offered, RULE))


def test_bearers_that_nothing_tells_apart_are_held() -> None:
    """Two active companies of one name: a person decides."""
    offered = [company(i, "甲公司", registered_status="存续", unite_code=i) for i in ("1", "2")]
    assert ("1", 1.0, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked("甲公司"), offered, RULE))


@pytest.mark.parametrize("code", [{}, {"unite_code": "91"}])
def test_a_code_does_not_prefer_a_company_that_is_gone(code: dict[str, str]) -> None:
    """Where the one is gone and nothing is known of the other, the code proves nothing."""
    offered = [company("1", "甲公司"), company("2", "甲公司", registered_status="注销", **code)]
    assert ("1", 1.0, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked("甲公司"), offered, RULE))


def test_one_company_offered_twice_is_one() -> None:
    """The same id at two ranks is no ambiguity."""
    offered = [company("1", "甲公司"), company("1", "甲公司")]
    assert ("1", 1.0, "exact_name", None) == decided(judge(asked("甲公司"), offered, RULE))


@pytest.mark.parametrize("name", ["长城科技有限公司", "北京长城科技有限公司"])
def test_a_name_with_the_same_key_is_the_name_where_none_is_equal(name: str) -> None:
    """The key forgives what a registry writes in brackets at the end."""
    offered = [company("1", "长城科技"), company("2", f"{name}（本部）")]
    assert ("2", 1.0, "exact_name", None) == decided(judge(asked(name), offered, RULE))
    assert ("2", 1.0, "exact_name", None) == decided(judge(Asked("another key", name, ()), offered, RULE))


@pytest.mark.parametrize("name", ["「长城」科技有限公司", "长城及下属子企业科技有限公司"])
def test_a_key_drops_marks_and_remarks_within_a_name(name: str) -> None:
    """Wherever they stand, on either side."""
    assert lookup_key(name) == "长城科技有限公司"
    offered = [company("1", "北京长城科技有限公司"), company("2", name)]
    assert ("2", 1.0, "exact_name", None) == decided(judge(asked("长城科技有限公司"), offered, RULE))


def test_an_equal_name_beats_one_with_the_same_key() -> None:
    """Written form first, key second."""
    offered = [company("1", "长城科技有限公司（本部）"), company("2", "长城科技有限公司")]
    assert ("2", 1.0, "exact_name", None) == decided(judge(asked("长城科技有限公司"), offered, RULE))


def test_a_name_with_the_same_key_in_another_place_is_not_the_name() -> None:
    """The key drops the brackets at the end, and with them the place that tells two companies apart."""
    offered = [company("1", "长城科技(乐山)")]
    assert "contradiction:region" == decided(judge(asked("长城科技（成都）"), offered, RULE))[2]


def test_a_branch_in_brackets_is_not_its_head_office() -> None:
    """The key drops it as it drops a remark: 甲公司（原乙厂） is 甲公司, and 甲公司（龙岗分公司） is not."""
    head, branch = company("1", "远山科技有限公司"), company("2", "远山科技有限公司龙岗分公司")
    name = "远山科技有限公司（龙岗分公司）"
    assert Held.CONTRADICTION is decided(judge(asked(name), [head], RULE))[3]
    assert "2" == decided(judge(asked(name), [head, branch], RULE))[0]
    assert "1" == decided(judge(asked("远山科技有限公司"), [branch, head], RULE))[0]
    assert ("1", 1.0, "exact_name", None) == decided(
        judge(asked("远山科技有限公司（原远山厂）"), [head], RULE)
    )


def test_a_key_behind_which_a_branch_and_its_head_office_stand_is_held() -> None:
    """They have one id in the index, which is right for one of them."""
    offered = [company("1", "远山科技有限公司")]
    names = ("远山科技有限公司", "远山科技有限公司（龙岗分公司）")
    assert ("1", 1.0, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked(names[0], *names), offered, RULE))


@pytest.mark.parametrize(
    ("variants", "wanted"),
    [
        (("东平小贷（深圳市）", "东平小贷（仁怀）"), ("1", 1.0, "ambiguous", Held.AMBIGUOUS)),
        (("东平小贷（深圳市）", "东平小贷(深圳)-已转出"), ("1", 1.0, "exact_name", None)),
        (("东平小贷（深圳市）", "东平小贷"), ("1", 1.0, "exact_name", None)),
    ],
)
def test_a_key_behind_which_several_places_are_named_is_held(
    variants: tuple[str, ...], wanted: tuple[object, ...]
) -> None:
    """The key drops the place, and has one id for all that is behind it."""
    offered = [company("1", "东平小贷（深圳市）")]
    assert wanted == decided(judge(asked("东平小贷（深圳市）", *variants), offered, RULE))


def test_a_former_name_is_worth_nine_tenths() -> None:
    """A company that bore the name before, when nobody bears it today."""
    offered = [company("1", "长城物流有限公司"), company("2", "黄河有限公司", former_names=("长城有限公司",))]
    assert ("2", 0.9, "former_name", None) == decided(judge(asked("长城有限公司"), offered, RULE))


def test_a_former_name_may_have_the_same_key_only_where_none_is_equal() -> None:
    """As for a name of today."""
    by_key = company("1", "黄河有限公司", former_names=("长城有限公司（本部）",))
    equal = company("2", "东海有限公司", former_names=("长城有限公司",))
    assert ("1", 0.9, "former_name", None) == decided(judge(asked("长城有限公司"), [by_key], RULE))
    assert ("2", 0.9, "former_name", None) == decided(judge(asked("长城有限公司"), [by_key, equal], RULE))


def test_a_name_of_today_beats_a_former_name_in_every_order() -> None:
    """docs/domain.md section 4: one company is called so today, another one used to be."""
    today = company("1", "峨眉山市殡葬服务中心")
    before = company("2", "峨眉山市殡仪馆", former_names=("峨眉山市殡葬服务中心",))
    for offered in itertools.permutations([today, before]):
        assert ("1", 1.0, "exact_name", None) == decided(judge(asked("峨眉山市殡葬服务中心"), offered, RULE))
        assert ("2", 1.0, "exact_name", None) == decided(judge(asked("峨眉山市殡仪馆"), offered, RULE))


def test_a_former_name_of_two_companies_is_used_for_neither() -> None:
    """Claimed twice, it proves nothing (docs/domain.md section 4)."""
    offered = [
        company(i, f"{word}有限公司", former_names=("长城有限公司",))
        for i, word in (("1", "黄河"), ("2", "东海"))
    ]
    assert ("1", 0.9, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked("长城有限公司"), offered, RULE))


@pytest.mark.parametrize(
    ("kind", "confidence", "held"),
    [
        (FUZZY, 0.8, None),
        (EXACT, 1.0, None),
        (PINYIN, 0.6, Held.LOW_CONFIDENCE),
        ("新类型", 0.7, None),
        (None, 0.7, None),
    ],
)
def test_the_first_candidate_is_worth_its_type(
    kind: str | None, confidence: float, held: Held | None
) -> None:
    """Where nothing contradicts, the match type gives the confidence, and pinyin is held."""
    offered = [company("1", "北京长城科技股份有限公司", kind), company("2", "北京长城", EXACT)]
    assert ("1", confidence, "first_candidate", held) == decided(judge(asked("北京长城科技"), offered, RULE))


def test_the_one_that_nothing_contradicts_wins_at_any_rank() -> None:
    """What EQC ranks first counts for nothing where its name is another one."""
    offered = [company("1", "长沙小米科技有限公司"), company("2", "北京小米科技有限责任公司")]
    assert ("2", 0.8, "first_candidate", None) == decided(judge(asked("北京小米科技"), offered, RULE))


def test_the_first_tells_why_all_contradict() -> None:
    """With no candidate left, the reviewer sees the best-ranked one and what speaks against it."""
    offered = [company("1", "长沙小米科技有限公司"), company("2", "北京大米科技有限公司")]
    assert ("1", 0.8, "contradiction:region", Held.CONTRADICTION) == decided(
        judge(asked("北京小米科技"), offered, RULE)
    )


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("小米科技", "北京小米科技有限公司", "长沙小米科技有限公司"),
        ("小米科技", "小米科技有限公司", "北京小米科技有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米科技股份有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米科技集团有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米科技发展有限公司"),
        ("北京小米", "北京小米五金制品有限公司", "北京小米科技有限公司"),
        ("小米科技", "小米科技有限公司", "长沙小米科技发展有限公司"),
        ("小米科技有限公司", "北京小米科技有限公司", "乌有市小米科技有限公司"),
        ("小米科技有限公司", "北京小米科技有限公司", "新江口小米科技有限公司"),
        ("浙江杭州长城医药", "杭州长城医药有限公司", "浙江省杭州市长城医药有限公司"),
        ("北京长城科技", "北京长城科技有限公司", "长城科技有限公司"),
    ],
)
def test_another_that_may_be_meant_makes_it_ambiguous(name: str, one: str, other: str) -> None:
    """Several companies bear a short name out as closely: nobody can tell which one is meant."""
    for offered in itertools.permutations([company("1", one), company("2", other)]):
        assert (0.8, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked(name), offered, RULE))[1:]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("广东长城科技", "广东长城科技有限公司", "广东省深圳市长城科技有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "小米科技（北京）有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米第二科技有限公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米科技有限公司长沙分公司"),
        ("北京小米科技", "北京小米科技有限公司", "北京小米科技集团财务有限公司"),
        ("小米科技集团", "北京小米科技集团有限公司", "北京小米科技有限公司"),
        ("北京小米科技有限公司", "北京小米科技有限责任公司", "北京小米科技发展有限公司"),
    ],
)
def test_the_closer_name_is_no_ambiguity(name: str, one: str, other: str) -> None:
    """The same place, standing in the same way, and no more than a legal form added."""
    for offered in itertools.permutations([company("1", one), company("2", other)]):
        assert ("1", 0.8, "first_candidate", None) == decided(judge(asked(name), offered, RULE))


def test_of_several_of_one_name_the_active_one_is_the_first_candidate() -> None:
    """A company that is gone does not make its heir of the same name ambiguous."""
    offered = [
        company(i, "北京甲乙科技有限公司", registered_status=s) for i, s in (("1", "注销"), ("2", "存续"))
    ]
    assert ("2", 0.8, "first_candidate", None) == decided(judge(asked("北京甲乙科技"), offered, RULE))


@pytest.mark.parametrize("name", ["小米", "六必居"])
def test_a_bare_brand_is_ambiguous(name: str) -> None:
    """Without a place, a trade or a legal form a name is borne by many, offered or not."""
    offered = [company("1", f"{name}有限公司")]
    assert (0.8, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked(name), offered, RULE))[1:]


def test_another_name_is_ambiguous_though_its_bearer_is_gone() -> None:
    """Which of both is active tells apart the bearers of one name only."""
    gone = company("1", "北京小米科技股份有限公司", registered_status="注销")
    active = company("2", "北京小米科技有限公司", registered_status="存续")
    held = ("1", 0.8, "ambiguous", Held.AMBIGUOUS)
    assert held == decided(judge(asked("北京小米科技"), [gone, active], RULE))


def test_a_code_of_no_province_bears_out_no_place_and_tells_none_apart() -> None:
    """Who has it may be meant wherever he sits."""
    offered = [
        company("1", "北京小米科技有限公司"),
        company("2", "小米科技有限公司", unite_code="91990108551385082Q"),
    ]
    assert ("1", 0.8, "ambiguous", Held.AMBIGUOUS) == decided(judge(asked("北京小米科技"), offered, RULE))


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("91990108551385082Q", "contradiction:region"),
        ("91110108551385082Q", "first_candidate"),
        ("91430108551385082Q", "contradiction:region"),
        ("91100000551385082Q", "contradiction:region"),
        (None, "contradiction:region"),
    ],
)
def test_a_place_that_the_offered_name_lacks_is_borne_out_by_its_code(code: str | None, how: str) -> None:
    """Signs 3 and 4 of a unite_code are the province; without one, a regional company may be meant."""
    offered = [company("1", "小米科技有限责任公司", unite_code=code)]
    assert how == decided(judge(asked("北京小米科技"), offered, RULE))[2]
    assert "contradiction:region" == decided(judge(asked("北京小米科技有限公司"), offered, RULE))[2]


def test_a_county_is_not_borne_out_by_a_code() -> None:
    """It speaks for a province or a city, and for nothing smaller."""
    offered = [company("1", "小米科技有限责任公司", unite_code="91330521551385082Q")]
    assert "contradiction:region" == decided(judge(asked("德清县小米科技"), offered, RULE))[2]


@pytest.mark.parametrize("status", ["存续", "在业", "开业", "在营", "存续（在营、开业、在册）"])
def test_a_company_at_work_is_called_so_in_several_ways(status: str) -> None:
    """It bears its name for whoever asks, with certainty."""
    found = company("1", "甲有限公司", registered_status=status)
    assert {"甲有限公司": Verdict(found, 1.0, VerdictRule.EXACT_NAME)} == bearers([found])


def test_an_answer_names_its_active_bearers_only() -> None:
    """Who asks for a company that is gone may get its heir: that answer is not in this one."""
    offered = [
        company("1", "甲有限公司", registered_status="存续"),
        company("2", "乙有限公司", registered_status="注销"),
        company("3", "丙有限公司", registered_status="存续"),
        company("4", "丙 有限公司", registered_status="存续"),
    ]
    assert {"甲有限公司": "1"} == {form: found.company.company_id for form, found in bearers(offered).items()}


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("北京小米科技有限责任公司", "长沙小米科技有限责任公司", "region"),
        ("广东长城科技有限公司", "北京长城科技有限公司", "region"),
        ("小米（上海）科技有限公司", "北京小米科技有限公司", "region"),
        ("小米（上海）科技有限公司", "上海市浦东新区小米科技有限公司", "region"),
        ("深圳市南山区长城科技公司", "深圳市福田区长城科技公司", "region"),
        ("义乌长城科技有限公司", "昆山长城科技有限公司", "region"),
        ("长沙县长城科技有限公司", "长沙市长城科技有限公司", "region"),
        ("小米（昆山）科技有限公司", "小米（义乌）科技有限公司", "region"),
        ("中国银行股份有限公司北京分行", "中国银行股份有限公司", "branch"),
        ("中国银行北京分行", "中国银行上海分行", "branch"),
        ("平安养老保险股份有限公司", "平安养老保险股份有限公司上海分公司", "branch"),
        ("国药大药房有限公司人民路店", "国药大药房有限公司", "branch"),
        ("长城电力公司工会委员会", "长城电力公司", "branch"),
        ("国药大药房人民路分店", "国药大药房解放路分店", "core"),
        ("第一机床厂", "第二机床厂", "number"),
        ("长春一厂", "长春二厂", "number"),
        ("贰号食品有限公司", "壹号食品有限公司", "number"),
        ("红星3分厂", "红星4分厂", "number"),
        ("小米科技有限公司", "小米文化传媒有限公司", "core"),
        ("北京小米科技有限公司", "北京小米科技发展有限公司", "core"),
        ("四川大学", "四川大学附属医院", "core"),
        ("中国平安保险（集团）股份有限公司", "中国平安人寿保险股份有限公司", "core"),
        ("北京小米科技有限公司", "北京小米科技股份有限公司", "form"),
        ("北京小米科技有限公司", "北京小米科技集团有限公司", "form"),
    ],
)
def test_names_contradict(one: str, other: str, what: str) -> None:
    """Another region, branch, number, core or legal form is another company, either way round."""
    assert (what, what) == (
        contradiction(take_apart(one), take_apart(other)),
        contradiction(take_apart(other), take_apart(one)),
    )
    assert f"contradiction:{what}" == decided(judge(asked(one), [company("1", other)], RULE))[2]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("广东长城科技有限公司", "深圳长城科技有限公司", "region"),
        ("九江长江电力", "长江电力", "region"),
        ("三星（中国）投资有限公司", "三星投资有限公司", "region"),
        ("三星（中国）投资", "三星投资有限公司", "region"),
        ("深圳市南山区长城科技", "深圳长城科技有限公司", "region"),
        ("北京小", "北京小米科技有限公司", "core"),
        ("小米科技", "北京小米科技发展有限公司", "core"),
        ("北京小米科技", "北京小米科技研究所劳动服务公司", "core"),
        ("北京小米科技发展", "北京小米科技有限公司", "core"),
        ("北京小米科技", "北京小米科技集团财务有限公司", "core"),
        ("北京小米集团", "北京小米有限公司", "form"),
        ("北京小米科技公司", "北京小米科技", "form"),
    ],
)
def test_a_name_that_says_more_or_was_cut_too_short_is_contradicted(one: str, other: str, what: str) -> None:
    """The offered name must bear out every word, and what was left out must be little."""
    assert what == contradiction(take_apart(one), take_apart(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京小米科技", "北京小米科技有限责任公司"),
        ("北京小米科技", "北京小米科技发展有限公司"),
        ("北京小米科技公司", "北京小米科技有限责任公司"),
        ("北京小米科技有限公司", "北京小米科技有限责任公司"),
        ("小米科技有限责任公司", "北京小米科技有限责任公司"),
        ("小米科技有限公司", "小米科技（北京）有限公司"),
        ("北京小米科技", "小米科技（北京）有限公司"),
        ("深圳市长城科技有限公司", "广东省深圳市长城科技有限公司"),
        ("广东省深圳市长城科技有限公司", "深圳市长城科技有限公司"),
        ("深圳长城科技", "深圳市南山区长城科技有限公司"),
        ("昆山长城科技有限公司", "江苏省昆山市长城科技有限公司"),
        ("海城长城科技有限公司", "辽宁省鞍山市海城市长城科技有限公司"),
        ("上海浦东长城科技有限公司", "上海市浦东新区长城科技有限公司"),
        ("朝阳药业有限公司", "北京朝阳药业有限公司"),
        ("北京朝阳长城药业有限公司", "北京市朝阳区长城药业有限公司"),
        ("北京壹号食品有限公司", "北京1号食品有限公司"),
        ("北京长城汽车", "北京长城汽车零部件有限公司"),
        ("中国银行股份有限公司北京市分行", "中国银行股份有限公司北京分行"),
        ("三一重工", "三一重工股份有限公司"),
        ("城市建设集团", "城市建设集团有限公司"),
        ("平安保险集团", "平安保险（集团）股份有限公司"),
    ],
)
def test_names_do_not_contradict(one: str, other: str) -> None:
    """A missing region, another spelling of a number or a place, a legal form cut off: the same company."""
    assert None is contradiction(take_apart(one), take_apart(other))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("远山机械（一厂）", "远山机械（二厂）"),
        ("远山机械有限公司（2）", "远山机械有限公司"),
        ("远山机械有限公司", "远山机械有限公司（城南仓库）"),
        ("远山机械有限公司（龙岗分公司）", "远山机械有限公司（南山分公司）"),
        ("远山小学（南昌县）", "远山小学（南昌市）"),
    ],
)
def test_what_stands_in_brackets_at_the_end_may_be_another_body(name: str, other: str) -> None:
    """The key drops it, so the same key is not the same name."""
    assert lookup_key(name) == lookup_key(other)
    verdict = decided(judge(asked(name), [company("1", other)], RULE))
    assert (True, Held.CONTRADICTION) == (verdict[2].startswith("contradiction"), verdict[3])


def test_the_same_place_in_brackets_at_the_end_may_lack_its_rank() -> None:
    """（南昌） is （南昌市）."""
    offered = [company("1", "远山小学（南昌市）")]
    assert ("1", 1.0, "exact_name", None) == decided(judge(asked("远山小学（南昌）"), offered, RULE))


@pytest.mark.parametrize("other", ["二厂", "北区", "东厂"])
def test_a_key_behind_which_plants_in_brackets_stand_is_held(other: str) -> None:
    """甲（南区） and 甲（北区） have one id in the index, which is right for one of them."""
    names = ("远山机械（南区）", f"远山机械（{other}）-已转出")
    offered = [company("1", names[0])]
    assert Held.AMBIGUOUS is decided(judge(asked(names[0], *names), offered, RULE))[3]


def test_a_shop_in_brackets_is_a_body_and_a_remark_is_none() -> None:
    """What ends as bodies do is one, though no other spelling names another."""
    name, offered = "远山贸易有限公司", [company("1", "远山贸易有限公司")]
    shop, remark = f"{name}（人民路店）", f"{name}（原远山厂）"
    assert Held.AMBIGUOUS is decided(judge(asked(name, name, shop), offered, RULE))[3]
    assert None is decided(judge(asked(name, name, remark), offered, RULE))[3]


def test_a_key_behind_which_two_companies_stand_is_held() -> None:
    """Each is called in one of the ways in which the name is written, a remark aside."""
    offered = [company("1", "远山研究所", registered_status="存续"), company("2", "远山研究所（北区）")]
    names = ("远山研究所（注销）", "远山研究所（北区）（已终止）")
    assert ("1", 1.0, "ambiguous", Held.AMBIGUOUS) == decided(
        judge(asked("远山研究所", *names), offered, RULE)
    )
    assert "exact_name" == decided(judge(asked("远山研究所", *names), offered[:1], RULE))[2]


def test_a_name_with_marks_and_one_without_may_be_two_companies() -> None:
    """The query drops the marks; who is called with them may be meant as well."""
    names = ("远山科技有限公司", "「远山」科技有限公司")
    offered = [company("1", names[0]), company("2", names[1])]
    assert Held.AMBIGUOUS is decided(judge(asked(names[0], *names), offered, RULE))[3]


def test_a_place_and_something_else_in_brackets_are_two_bodies() -> None:
    """Though each alone may be a remark."""
    names, offered = ("远山研究所（昆明）", "远山研究所（甲）"), [company("1", "远山研究所（昆明）")]
    assert Held.AMBIGUOUS is decided(judge(asked(names[0], *names), offered, RULE))[3]
    assert "exact_name" == decided(judge(asked(names[0], names[0], "远山研究所"), offered, RULE))[2]


def test_what_only_one_way_of_writing_has_in_brackets_may_be_a_remark() -> None:
    """Where the key has the place itself."""
    names, offered = ("昆明远山研究所", "昆明远山研究所（甲）"), [company("1", "昆明远山研究所")]
    assert ("1", 1.0, "exact_name", None) == decided(judge(asked(names[0], *names), offered, RULE))


@pytest.mark.parametrize("sign", ["遠山機械製造有限公司", "远山機械制造有限公司"])
def test_traditional_signs_are_compared_in_simplified(sign: str) -> None:
    """On either side."""
    assert "exact_name" == decided(judge(asked(sign), [company("1", "远山机械制造有限公司")], RULE))[2]
    assert "exact_name" == decided(judge(asked("远山机械制造有限公司"), [company("1", sign)], RULE))[2]


@pytest.mark.parametrize(
    ("name", "offered", "others", "how"),
    [
        ("森讯环保科技有限公司", "昆明森讯环保科技有限公司", (), "first_candidate"),
        ("森讯环保科技有限公司", "昆明森讯环保科技有限公司", ("昆明森讯物业有限公司",), "first_candidate"),
        ("森讯环保科技有限公司", "昆明森讯环保科技有限公司", ("大连森讯物业有限公司",), "first_candidate"),
        (
            "森讯环保科技有限公司",
            "昆明森讯环保科技有限公司",
            ("大连市森讯小学", "森讯中学"),
            "first_candidate",
        ),
        (
            "森讯环保科技有限公司",
            "昆明森讯环保科技有限公司",
            ("大连森讯物业有限公司", "西安森讯贸易有限公司"),
            "ambiguous",
        ),
        ("森讯环保科技有限公司", "昆明森讯环保科技有限公司", ("大连森讯环保有限公司",), "ambiguous"),
        ("中铁森讯工程有限公司", "昆明中铁森讯工程有限公司", (), "ambiguous"),
        ("环保科技有限公司", "昆明环保科技有限公司", (), "ambiguous"),
        ("第三中学", "昆明市第三中学", (), "ambiguous"),
        ("森讯中学", "昆明市森讯中学", (), "ambiguous"),
        ("森讯环保科技", "昆明森讯环保科技有限公司", (), "first_candidate"),
        ("森讯环保", "昆明森讯环保有限公司", (), "first_candidate"),
        ("森讯环保", "昆明森讯环保有限公司", ("大连宏森讯物业有限公司",), "ambiguous"),
        ("森讯环保科技", "昆明森讯环保科技有限公司", ("大连宏森讯物业有限公司",), "first_candidate"),
        (
            "森讯环保科技有限公司",
            "昆明森讯环保科技有限公司",
            ("大连森讯化工厂", "西安森讯贸易有限公司"),
            "ambiguous",
        ),
        ("华东森讯工程有限公司", "昆明华东森讯工程有限公司", (), "ambiguous"),
        ("西南森讯工程有限公司", "昆明西南森讯工程有限公司", (), "ambiguous"),
        ("第六建筑工程公司", "昆明第六建筑工程公司", (), "ambiguous"),
        ("第二十九机床厂", "昆明第二十九机床厂", (), "ambiguous"),
        (
            "森讯大药房有限公司乐陵店",
            "昆明森讯大药房有限公司乐陵店",
            ("西安森讯大药房有限公司",),
            "first_candidate",
        ),
        (
            "森讯大药房有限公司长青店",
            "昆明森讯大药房有限公司长青店",
            ("西安森讯大药房有限公司",),
            "first_candidate",
        ),
        (
            "森讯大药房有限公司物业管理部",
            "昆明森讯大药房有限公司物业管理部",
            ("西安森讯大药房有限公司",),
            "ambiguous",
        ),
    ],
)
def test_a_name_without_a_place_needs_a_rare_brand(
    name: str, offered: str, others: tuple[str, ...], how: str
) -> None:
    """The answer shows how rare it is: who else is called so, elsewhere or in the same trade."""
    companies = [company(str(number), one) for number, one in enumerate((offered, *others))]
    assert (0.8, how) == decided(judge(asked(name), companies, RULE))[1:3]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("昆明百货", "ambiguous"),
        ("昆明环保科技", "first_candidate"),
        ("昆明百货有限公司", "first_candidate"),
    ],
)
def test_a_short_name_may_say_where_and_what_and_not_who(name: str, how: str) -> None:
    """昆明百货 may be one of several; with four signs or its legal form it is one."""
    trade = name.removeprefix("昆明").removesuffix("有限公司")
    offered = [company("1", f"昆明{trade}有限责任公司")]
    assert how == decided(judge(asked(name), offered, RULE))[2]


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        ((), ("1", 0.8, "short_name", None)),
        ((company("2", "昆明森讯环保有限公司"),), ("1", 0.8, "short_name", None)),
        (
            (company("2", "昆明森讯环境股份有限公司", short_name="森讯环保", registered_status="注销"),),
            ("1", 0.8, "ambiguous", Held.AMBIGUOUS),
        ),
        ((company("2", "森讯环保有限公司"),), ("1", 0.8, "ambiguous", Held.AMBIGUOUS)),
    ],
)
def test_a_company_may_be_called_so_for_short(
    others: tuple[Candidate, ...], wanted: tuple[object, ...]
) -> None:
    """EQC says so of it, and of no other; whose very name begins so is a rival."""
    short = company("1", "大连森讯环境保护股份有限公司", short_name="森讯环保", registered_status="存续")
    assert wanted == decided(judge(asked("森讯环保"), [short, *others], RULE))


def test_who_has_no_name_is_nobody() -> None:
    """EQC may leave a name out."""
    assert "" == Offer(company("1", "")).form


def test_a_full_name_is_no_short_one() -> None:
    """Whatever EQC says a company is called for short."""
    odd = company("1", "大连森讯环境保护股份有限公司", short_name="森讯环保有限公司")
    assert Held.CONTRADICTION is decided(judge(asked("森讯环保有限公司"), [odd], RULE))[3]


@pytest.mark.parametrize("kind", [FUZZY, PINYIN])
def test_a_slip_of_the_hand_is_seen_through(kind: str) -> None:
    """One candidate has the name but for it; EQC may find it by its sound."""
    offered = [company("1", "昆明森讯科技有限公司", kind), company("2", "昆明森禾科技有限公司")]
    assert ("1", 0.8, "misspelling", None) == decided(judge(asked("昆明森讯科歧有限公司"), offered, RULE))


def test_a_slip_that_may_have_been_made_in_two_names_is_none() -> None:
    """Two names are as near: nobody can tell."""
    offered = [company("1", "昆明森讯科技有限公司"), company("2", "昆明森讯科贸有限公司")]
    assert Held.CONTRADICTION is decided(judge(asked("昆明森讯科歧有限公司"), offered, RULE))[3]


@pytest.mark.parametrize(
    ("former", "how", "confidence"),
    [
        (("昆明森讯电器有限公司",), "former_name", 0.72),
        (("森讯（昆明）电器有限公司",), "former_name", 0.72),
        (("昆明森禾电器有限公司", "昆明市森讯电器有限责任公司"), "former_name", 0.72),
        (("昆明森讯电器股份有限公司",), "contradiction:core", 0.8),
        (("昆明森讯电器研究有限公司",), "contradiction:core", 0.8),
        (("大连森讯电器有限公司",), "contradiction:core", 0.8),
    ],
)
def test_a_former_name_is_compared_like_a_name(former: tuple[str, ...], how: str, confidence: float) -> None:
    """In other brackets, or without a word that says nothing: nine tenths of what the match is worth."""
    renamed = company("1", "昆明宏图实业有限公司", former_names=former)
    verdict = decided(judge(asked("森讯电器（昆明）有限公司"), [renamed], RULE))
    assert ("1", how) == (verdict[0], verdict[2])
    assert confidence == pytest.approx(verdict[1])


def test_a_former_name_without_its_legal_form_is_found() -> None:
    """As a name of today is, if nobody is called so today."""
    renamed = company("1", "昆明宏图实业有限公司", former_names=("昆明森讯电器有限公司",))
    today = company("2", "昆明森讯电器发展有限公司")
    assert "former_name" == decided(judge(asked("昆明森讯电器"), [renamed], RULE))[2]
    assert ("2", "first_candidate") == decided(judge(asked("昆明森讯电器"), [renamed, today], RULE))[0:3:2]


def test_a_bare_brand_is_no_former_name() -> None:
    """As for a name of today, it says too little."""
    renamed = company("1", "宏图实业有限公司", former_names=("六必居有限公司",))
    assert Held.CONTRADICTION is decided(judge(asked("六必居"), [renamed], RULE))[3]


def test_a_former_name_that_two_companies_bore_alike_is_used_for_neither() -> None:
    """As for the very name."""
    offered = [
        company(one, f"昆明{one}实业有限公司", former_names=("昆明森讯电器有限公司",)) for one in ("1", "2")
    ]
    verdict = decided(judge(asked("昆明森讯电器"), offered, RULE))
    assert ("1", "ambiguous", Held.AMBIGUOUS) == (verdict[0], *verdict[2:])
    assert 0.72 == pytest.approx(verdict[1])


def test_evidence_chooses_where_the_names_mean_several() -> None:
    """Only one that nothing contradicts; what else it may do stands in test_testimony."""
    offered = [company("1", "昆明森讯环保有限公司"), company("2", "大连森讯环保有限公司")]
    evidence = [RowEvidence(EvidenceKind.COLUMN, "大连", 1, "地区")]
    name = asked("森讯环保")
    assert ("1", 0.8, "ambiguous", Held.AMBIGUOUS) == decided(judge(name, offered, RULE))
    assert ("2", 0.8, "evidence:region", None) == decided(judge(name, offered, RULE, evidence))
    codes = ("91530102MA6K1B2C3D", "91210202MA0TB2C3D4")
    same = [company(i, "森讯环保", unite_code=code) for i, code in zip("12", codes, strict=True)]
    assert ("2", 0.8, "evidence:region", None) == decided(judge(name, same, RULE, evidence))


@given(st.text(), st.lists(st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=4))
def test_judge_never_fails_and_never_flushes_below_the_minimum(
    name: str, offers: list[tuple[str, str]]
) -> None:
    """Whatever the names, the verdict is one of the candidates, held below the rule's minimum."""
    offered = [company(company_id or "1", official) for company_id, official in offers]
    verdict = judge(asked(name), offered, RULE)
    assert (verdict is None) == (not offered)
    if verdict:
        assert verdict.company in offered
        assert verdict.held or verdict.confidence >= RULE.minimum


@pytest.mark.parametrize(
    "name", ["集团" * 20_000, "北京" + "集团" * 20_000 + "甲", "有限责任公司" * 10_000 + ")"]
)
def test_a_verdict_is_linear_in_the_length_of_a_name(name: str) -> None:
    """Whatever a server sends: these took 17 s of CPU each, and take a hundredth of one."""
    began = time.process_time()
    verdict = judge(
        asked("甲公司"), [company("1", name), company("2", f"{name}甲", former_names=(name,))], RULE
    )
    assert verdict is not None
    assert 1.0 > time.process_time() - began
