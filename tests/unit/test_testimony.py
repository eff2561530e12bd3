"""What stands in rows beside a name: whom it fits of those that the name may mean, and when it chooses."""

from __future__ import annotations

import pytest

from eqcbatch.domain.matching import Asked, judge, weigh_evidence
from eqcbatch.domain.matching.offer import Offer
from eqcbatch.domain.matching.seat import place_in, sits_in
from eqcbatch.domain.matching.testimony import is_understood
from eqcbatch.domain.model import Candidate, EvidenceKind, Held, RowEvidence, Verdict
from eqcbatch.domain.names import lookup_key
from eqcbatch.settings import ConfidenceRule

RULE = ConfidenceRule()
FUZZY, PINYIN, EXACT = "模糊匹配", "拼音", "全称精确匹配"
IN_SHANGHAI, IN_BEIJING, IN_KUNMING = "91310115MA1K35XY0A", "91110108MA01AB2C3D", "91530102MA6K1B2C3D"


def asked(name: str, *variants: str) -> Asked:
    return Asked(lookup_key(name), name, variants or (name,))


def company(company_id: str, name: str, kind: str = FUZZY, **more: object) -> Candidate:
    return Candidate(0, company_id, name, kind, **more)  # type: ignore[arg-type]  # as EQC sends them


def column(*values: str, name: str = "地区") -> list[RowEvidence]:
    return [RowEvidence(EvidenceKind.COLUMN, value, 3, name) for value in values]


def by_id(kind: EvidenceKind, *ids: str) -> list[RowEvidence]:
    return [RowEvidence(kind, one, 2) for one in ids]


def decided(verdict: Verdict | None) -> tuple[str, float, str, Held | None]:
    assert verdict is not None
    return verdict.company.company_id, verdict.confidence, verdict.how, verdict.held


TWO = [company("1", "上海森讯环保科技有限公司"), company("2", "北京森讯环保科技有限公司")]
NAME = asked("森讯环保科技有限公司")
HELD = ("1", 0.8, "ambiguous", Held.AMBIGUOUS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("上海", ("31",)),
        ("上海市", ("31",)),
        ("浙江省杭州市", ("3301",)),
        ("杭州", ("3301",)),
        ("深圳分公司", ("4403",)),
        ("吉林市分公司", ("2202",)),
        ("广东省分公司本部", ("44",)),
        ("宁波中支", ("3302",)),
        ("北京地区", ("11",)),
        (" 昆 明 ", ("5301",)),
    ],
)
def test_a_place_is_known_whole_with_its_rank_or_without(text: str, codes: tuple[str, ...]) -> None:
    """As the column says it: a place of the table, and nothing else but a unit there."""
    assert codes == place_in(text)


@pytest.mark.parametrize(
    "text", ["", "0", "-", "其他", "总部", "本部", "分公司", "华东", "未知", "上海森讯", "养老", "1101"]
)
def test_what_names_no_place_says_nothing(text: str) -> None:
    """Fillers need no list: only what is a place is one."""
    assert () == place_in(text)
    assert not is_understood(text)


@pytest.mark.parametrize("text", ["总部", "分公司", "营业部", "医院", "银行"])
def test_a_word_of_a_body_is_no_full_name(text: str) -> None:
    """It ends as full names do, and tells nobody from another."""
    (said,) = weigh_evidence(NAME, TWO, RULE, column(text))
    assert said.rule is None
    assert str(said) == f"地区 {text} (3 rows)"


@pytest.mark.parametrize(
    ("name", "code", "place", "sits"),
    [
        ("上海森讯环保有限公司", None, "上海", True),
        ("上海森讯环保有限公司", None, "北京", False),
        ("云南森讯环保有限公司", None, "昆明", None),
        ("云南森讯环保有限公司", IN_KUNMING, "昆明", True),
        ("云南森讯环保有限公司", IN_KUNMING, "曲靖", False),
        ("昆明森讯环保有限公司", IN_SHANGHAI, "云南", True),
        ("森讯环保有限公司", IN_SHANGHAI, "上海", True),
        ("森讯环保有限公司", IN_SHANGHAI, "北京", False),
        ("森讯环保有限公司", None, "上海", None),
        ("上海森讯环保有限公司昆明分公司", None, "昆明", True),
        ("上海森讯环保有限公司昆明分公司", None, "上海", False),
    ],
)
def test_where_a_company_sits_is_told_by_its_name_and_then_its_code(
    name: str, code: str | None, place: str, sits: bool | None
) -> None:
    """Of a branch by the branch's own place; what is known of neither says nothing."""
    assert sits is sits_in(Offer(company("1", name, unite_code=code)), place_in(place))


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        ([], HELD),
        (column("上海"), ("1", 0.8, "evidence:region", None)),
        (column("北京分公司"), ("2", 0.8, "evidence:region", None)),
        (column("北京市", "北京市海淀区"), ("2", 0.8, "evidence:region", None)),
        (column("深圳"), HELD),
        (column("北京", "上海"), HELD),
        (column("北京", "深圳"), HELD),
        (column("北京", "总部", "0"), ("2", 0.8, "evidence:region", None)),
        (column("其他"), HELD),
        (column("北京森讯环保科技有限公司企业年金计划"), ("2", 0.8, "evidence:plan_name", None)),
        (column("北京森讯环保科技企业年金计划"), ("2", 0.8, "evidence:plan_name", None)),
        (column("森讯环保科技有限公司企业年金计划"), HELD),
        (column("金色远山集合企业年金计划"), HELD),
        (column("北京森讯环保科技有限公司"), ("2", 0.8, "evidence:name", None)),
        (column("北京森讯环保科技"), HELD),
        (by_id(EvidenceKind.PLAN_CODE, "2"), ("2", 0.8, "evidence:plan_code", None)),
        (by_id(EvidenceKind.PLAN_CODE, "9"), HELD),
        (by_id(EvidenceKind.PLAN_CODE, "1", "2"), HELD),
        (by_id(EvidenceKind.ROWS, "2"), ("2", 0.8, "evidence:rows", None)),
        (by_id(EvidenceKind.PLAN_CODE, "2") + column("上海"), HELD),
        (by_id(EvidenceKind.PLAN_CODE, "2") + column("深圳"), ("2", 0.8, "evidence:plan_code", None)),
        (by_id(EvidenceKind.PLAN_CODE, "2") + column("北京"), ("2", 0.8, "evidence:plan_code", None)),
    ],
)
def test_the_table_of_evidence(evidence: list[RowEvidence], wanted: tuple[object, ...]) -> None:
    """What fits just one chooses it; what fits different ones, or none, leaves the name held."""
    assert wanted == decided(judge(NAME, TWO, RULE, evidence))


def test_a_credit_code_chooses_its_company() -> None:
    """Of two that bear the very same name; the first of the pieces of evidence in their order."""
    same = [company(i, "森讯环保有限公司", EXACT, registered_status="存续", unite_code=code)
            for i, code in (("1", IN_SHANGHAI), ("2", IN_BEIJING))]  # fmt: skip
    name = asked("森讯环保有限公司")
    assert ("1", 1.0, "ambiguous", Held.AMBIGUOUS) == decided(judge(name, same, RULE))
    by_code = column(IN_BEIJING.lower(), name="税号") + column("北京")
    assert ("2", 1.0, "evidence:unite_code", None) == decided(judge(name, same, RULE, by_code))
    assert ("2", 1.0, "evidence:region", None) == decided(judge(name, same, RULE, column("海淀")))


def test_evidence_never_makes_a_contradiction_right() -> None:
    """Neither where all contradict the name, nor where the rival does that evidence fits."""
    odd = [company("1", "上海森讯贸易有限公司"), company("2", "北京远山环保有限公司")]
    everything = column("上海", "上海森讯贸易有限公司企业年金计划") + by_id(EvidenceKind.PLAN_CODE, "1")
    assert "contradiction:core" == decided(judge(NAME, odd, RULE, everything))[2]
    group = [company("1", "昆明森讯环保科技有限公司"), company("2", "昆明森讯环保科技集团有限公司")]
    name, plan = asked("昆明森讯环保科技"), by_id(EvidenceKind.PLAN_CODE, "2")
    assert "ambiguous" == decided(judge(name, group, RULE))[2]
    assert "ambiguous" == decided(judge(name, group, RULE, plan))[2]
    assert "ambiguous" == decided(judge(name, group, RULE, column("昆明")))[2]
    assert ("1", "evidence:plan_code") == decided(
        judge(name, group, RULE, by_id(EvidenceKind.PLAN_CODE, "1"))
    )[0:3:2]


def test_evidence_lifts_no_match_above_its_type() -> None:
    """A match by sound stays one, and held; of former names there is no more than 0.90."""
    low = [company("1", "上海森讯环保科技有限公司"), company("2", "北京森讯环保科技有限公司", PINYIN)]
    wanted = ("2", 0.6, "evidence:region", Held.LOW_CONFIDENCE)
    assert wanted == decided(judge(NAME, low, RULE, column("北京")))
    before = [company(i, f"{place}远山环保有限公司", EXACT, former_names=("森讯环保有限公司",))
              for i, place in (("1", "上海"), ("2", "北京"))]  # fmt: skip
    name = asked("森讯环保有限公司")
    assert ("1", 0.9, "ambiguous", Held.AMBIGUOUS) == decided(judge(name, before, RULE))
    assert ("2", 0.9, "evidence:region", None) == decided(judge(name, before, RULE, column("北京")))


def test_a_place_does_not_choose_the_closest_if_another_sits_there() -> None:
    """That one's name states a smaller place, and may be meant as well."""
    two = [
        company("1", "广东森讯环保有限公司", unite_code="91440300MA5F0A1B2C"),
        company("2", "广东省森讯环保股份有限公司", unite_code="91440101MA5F0A1B2C"),
    ]
    third, name = company("3", "广东省深圳市森讯环保有限公司"), asked("广东森讯环保")
    assert ("1", "evidence:region") == decided(judge(name, two, RULE, column("深圳")))[0:3:2]
    assert "ambiguous" == decided(judge(name, [*two, third], RULE, column("深圳")))[2]


def test_evidence_chooses_among_those_who_bore_such_a_name() -> None:
    """Nobody is called so today; what every town has is no place's."""
    before = [company(i, f"{place}宏图实业有限公司", former_names=("昆明森讯电器有限公司", "昆明市远山小学"))
              for i, place in (("1", "上海"), ("2", "北京"))]  # fmt: skip
    verdict = decided(judge(asked("昆明森讯电器"), before, RULE, column("北京")))
    assert ("2", "evidence:region", None) == (verdict[0], *verdict[2:])
    assert 0.72 == pytest.approx(verdict[1])
    assert "ambiguous" == decided(judge(asked("昆明远山小学"), before, RULE, column("北京")))[2]


def test_evidence_chooses_among_those_who_are_called_so_for_short() -> None:
    """Though their names are others."""
    called = [company(i, f"{place}森讯环境保护有限公司", short_name="森讯环保")
              for i, place in (("1", "上海"), ("2", "北京"))]  # fmt: skip
    wanted = ("2", 0.8, "evidence:region", None)
    assert wanted == decided(judge(asked("森讯环保"), called, RULE, column("北京")))


def test_a_name_whose_variants_state_several_bodies_is_never_chosen_for() -> None:
    """One id would be wrong for one of them, whatever the rows say."""
    name = asked("森讯小贷", "森讯小贷（上海）", "森讯小贷（北京）")
    offered = [company("1", "上海森讯小贷有限公司"), company("2", "北京森讯小贷有限公司")]
    verdict = judge(name, offered, RULE, column("北京") + by_id(EvidenceKind.PLAN_CODE, "2"))
    assert Held.AMBIGUOUS is decided(verdict)[3]
    each = [company("1", "森讯研究所"), company("2", "森讯研究所（乙）")]
    name = asked("森讯研究所", "森讯研究所", "森讯研究所（乙）")
    assert Held.AMBIGUOUS is decided(judge(name, each, RULE, by_id(EvidenceKind.PLAN_CODE, "2")))[3]


@pytest.mark.parametrize("name", ["环保科技", "第一小学", "森讯"])
def test_a_place_does_not_settle_what_every_town_has(name: str) -> None:
    """Ten candidates are not all there are; an id or a full name is more."""
    offered = [company("1", f"昆明{name}有限公司"), company("2", f"大理{name}有限公司")]
    assert "ambiguous" == decided(judge(asked(name), offered, RULE))[2]
    assert "ambiguous" == decided(judge(asked(name), offered, RULE, column("昆明")))[2]
    plan = by_id(EvidenceKind.PLAN_CODE, "2")
    assert ("2", "evidence:plan_code") == decided(judge(asked(name), offered, RULE, plan))[0:3:2]


def test_a_place_does_not_choose_who_is_gone_over_who_is_at_work() -> None:
    """The customer may have moved to the one that is left."""
    gone = [company("1", "上海森讯环保科技有限公司", registered_status="注销"), TWO[1]]
    assert "ambiguous" == decided(judge(NAME, gone, RULE, column("上海")))[2]
    code = by_id(EvidenceKind.PLAN_CODE, "1")
    assert "evidence:plan_code" == decided(judge(NAME, gone, RULE, code))[2]


def test_where_nobody_is_known_to_sit_nobody_is_chosen() -> None:
    """A company whose place is unknown may be meant as well as one in another place."""
    unknown = [company("1", "森讯环保科技发展有限公司"), company("2", "北京森讯环保科技有限公司")]
    name = asked("森讯环保科技")
    assert "ambiguous" == decided(judge(name, unknown, RULE, column("上海")))[2]
    assert "ambiguous" == decided(judge(name, unknown, RULE, column("北京")))[2]


def test_each_piece_says_whom_it_fits() -> None:
    """What a report shows: which would choose, whom, and which says nothing."""
    plan = "北京森讯环保科技企业年金计划"
    evidence = [*column("上海", "其他", "中国", plan), *by_id(EvidenceKind.PLAN_CODE, "2")]
    told = [(one.rule, one.speaks_for) for one in weigh_evidence(NAME, TWO, RULE, evidence)]
    assert told == [
        ("evidence:region", ("1",)),
        (None, ()),
        (None, ()),
        ("evidence:plan_name", ("2",)),
        ("evidence:plan_code", ("2",)),
    ]
    (nothing,) = weigh_evidence(NAME, [], RULE, evidence[:1])
    assert (evidence[0], None, ()) == (nothing.evidence, nothing.rule, nothing.speaks_for)


def test_a_plan_that_bears_the_name_of_both_says_nothing() -> None:
    """It does not fit none of them."""
    (told,) = weigh_evidence(NAME, TWO, RULE, column("森讯环保科技企业年金计划", name="计划名称"))
    assert "计划名称 森讯环保科技企业年金计划 (3 rows)" == str(told)


def test_a_place_that_several_are_called_chooses_only_if_it_fits_one() -> None:
    """朝阳 is a city of 辽宁 and a district of 北京; with its rank it is one of them."""
    offers = [company("1", "朝阳森讯环保科技有限公司"), company("2", "北京森讯环保科技有限公司")]
    assert HELD == decided(judge(NAME, offers, RULE, column("朝阳")))
    assert ("1", 0.8, "evidence:region", None) == decided(judge(NAME, offers, RULE, column("朝阳市")))
