"""The judge of the index's rows, a test a line of its table; what an answer says; sample and interval."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.domain.estimate import Interval, StratumCount, estimate, wilson
from eqcbatch.domain.index_audit import (
    LIKELIHOOD,
    Judged,
    KnownCompanies,
    RowJudge,
    RowVerdict,
    SamplePool,
    Seen,
    Stratum,
    judge_answer,
    name_in,
)
from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import SOURCE_DOMAIN, Candidate, IndexRow, RowAnswer
from eqcbatch.settings import ConfidenceRule

MANUAL, EQC = "manual", "eqc_api"


def company(company_id: str, name: str | None, *former: str, status: str | None = None) -> Candidate:
    return Candidate(0, company_id, name, registered_status=status, former_names=former)


STORED = (
    company("1", "北京市远山科技有限公司", "北京市近山科技有限公司"),
    company("2", "上海市远山科技有限公司", status="存续"),
    company("3", "深圳市远山科技有限公司龙岗分公司"),
    company("4", "成都白鹭环保有限公司", status="注销"),
    company("5", "成都白鹭环保有限公司", status="存续"),
    company("6", "郑州青禾贸易有限公司"),
    company("7", "原平市青禾水务有限公司"),
    company("8", "杭州青苗商贸有限公司", "杭州青苗贸易有限公司", status="吊销，未注销"),
    company("9", "兰州黄河水务有限公司", "杭州青苗贸易有限公司"),
    company("10", "西安第一机床厂"),
    company("11", None),
    company("12", "大连第二机床厂", status="注销"),
)


def seen(key: str, company_id: str, kind: str = "customer_name", *customers: str) -> Seen:
    row = IndexRow(kind, key, company_id, 1.0, EQC)
    name = name_in(row)
    asked = Asked(name, name, ()) if name else None
    return Seen(row, asked, customers=tuple(Asked(one, one, ()) for one in customers))


def judged(*rows: Seen, **several_ids: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Verdict, and the ids that may be meant instead, of the rows of one company."""
    found = RowJudge(KnownCompanies(STORED), several_ids).judge_company(rows)
    return [(str(one.verdict), [other.company_id for other in one.instead]) for one in found]


@pytest.mark.parametrize(
    ("row", "verdict", "instead"),
    [
        (seen("北京市远山科技有限公司", "N/A"), "no_id", []),
        (seen("北京市远山科技有限公司", "IN" + "A" * 16), "no_id", []),
        (seen("北京市远山科技有限公司", "1"), "agrees", []),
        (seen("北京市远山科技有限公司", " 1 "), "agrees", []),
        (seen("北京远山科技", "1"), "agrees", []),
        (seen("北京市近山科技有限公司", "1"), "renamed", []),
        (seen("北京市近山科技有限公司", "1", "former_name"), "agrees", []),
        (seen("北京市远山科技有限公司", "1", "former_name"), "agrees", []),
        (seen("上海市近山科技有限公司", "1", "former_name"), "contradiction:region", []),
        (seen("上海市近山科技有限公司", "2", "former_name"), "unproven", []),
        (seen("上海市远山科技有限公司", "1"), "contradiction:region", ["2"]),
        (seen("深圳市远山科技有限公司龙岗分公司", "2"), "contradiction:region", ["3"]),
        (seen("上海市远山科技有限公司", "3"), "contradiction:region", ["2"]),
        (seen("深圳市远山科技有限公司", "3"), "contradiction:branch", []),
        (seen("西安第二机床厂", "10"), "contradiction:number", []),
        (seen("郑州青禾水泥有限公司", "6"), "contradiction:core", []),
        (seen("郑州青禾贸易股份有限公司", "6"), "contradiction:form", []),
        (seen("郑州青禾", "6"), "agrees", []),  # a place and a brand, and nobody else is called so
        (seen("远山科技", "1"), "ambiguous", ["2", "3"]),
        (seen("成都白鹭环保有限公司", "4"), "another_company", ["5"]),
        (seen("成都白鹭环保有限公司", "5"), "agrees", []),
        (seen("大连第二机床厂", "12"), "gone", []),
        (seen("杭州青苗商贸", "8"), "gone", []),
        (seen("杭州青苗贸易有限公司", "8"), "ambiguous", ["9"]),
        (seen("平市青禾水务有限公司", "7"), "agrees", []),  # the key of 原平市…
        (seen("平青禾水务", "7"), "agrees", []),
        (seen("郑州青禾贸易有限公司", "404"), "another_company", ["6"]),
        (seen("郑州青禾贸易有限公司", "11"), "another_company", ["6"]),
        (seen("从未听说有限公司", "404"), "unknown_company", []),
        (seen("6222000000000001", "1", "account_number"), "unproven", []),
        (seen("6222000000000001", "12", "account_number"), "gone", []),
        (seen("6222000000000001", "404", "account_number"), "unknown_company", []),
        (seen("郑州青禾贸易有限公司企业年金计划", "6", "account_name"), "agrees", []),
        (seen("P1|郑州青禾贸易有限公司", "6", "plan_customer"), "agrees", []),
        (seen("P1|上海市远山科技有限公司", "6", "plan_customer"), "contradiction:region", ["2"]),
        (seen("P1", "6", "plan_code"), "unproven", []),
        (seen("P1", "6", "plan_code", "郑州青禾贸易有限公司"), "agrees", []),
        (seen("P1", "6", "plan_code", "上海某某有限公司", "郑州青禾贸易"), "agrees", []),
        (seen("P1", "6", "plan_code", "上海某某有限公司", "深圳某某厂"), "contradiction:region", []),
        (seen("什么", "6", "something_new"), "unproven", []),
    ],
)
def test_the_table_of_the_judge(row: Seen, verdict: str, instead: list[str]) -> None:
    """What is stored decides, the first line that applies."""
    assert [(verdict, instead)] == judged(row)


def test_a_key_with_two_ids_is_told_where_no_name_tells_more() -> None:
    """Not of a company that bears the very name, nor of a plan's customer, whom the plan tells apart."""
    assert [("two_ids", ["1"])] == judged(seen("远山科技", "2"), 远山科技=("1", "2"))
    assert [("two_ids", ["405"])] == judged(seen("未闻厂", "404"), 未闻厂=("404", "405"))
    assert [("agrees", [])] == judged(seen("北京市远山科技有限公司", "1"), 北京市远山科技有限公司=("1", "2"))
    assert [("renamed", [])] == judged(seen("北京市近山科技有限公司", "1"), 北京市近山科技有限公司=("1", "2"))
    plan = seen("P1|远山科技", "2", "plan_customer")
    assert [("ambiguous", ["1", "3"])] == judged(plan, 远山科技=("1", "2"))


def test_the_names_of_an_unknown_company_tell_by_themselves() -> None:
    """Those that most others contradict; a former name is another one by its nature."""
    rows = [seen(name, "404") for name in ("北京甲甲科技有限公司", "北京甲甲科技", "上海乙乙贸易有限公司")]
    assert ["unknown_company", "unknown_company", "unlike_names"] == [verdict for verdict, _ in judged(*rows)]
    former = seen("上海乙乙贸易有限公司", "404", "former_name")
    assert ["unknown_company"] * 2 == [verdict for verdict, _ in judged(rows[0], former)]


def test_a_name_that_a_former_name_of_the_same_id_explains_is_not_unlike() -> None:
    """The index itself knows that its company was renamed."""
    today, before = seen("北京甲甲科技有限公司", "404"), seen("上海乙乙贸易有限公司", "404")
    former = seen("上海乙乙贸易有限公司", "404", "former_name")
    assert ["unknown_company"] * 3 == [verdict for verdict, _ in judged(today, before, former)]


def test_a_company_is_called_as_it_was_told_last() -> None:
    """What it was called in an earlier record it bore before; nothing that was told is forgotten."""
    records = [
        Candidate(0, "1", "甲甲有限公司", unite_code="91", registered_status="存续"),
        Candidate(0, "1", "乙乙有限公司", former_names=("丙丙有限公司",)),
        Candidate(0, "1", None, registered_status="注销"),
    ]
    (known,) = [KnownCompanies(records).get("1")]
    assert known is not None
    assert ("乙乙有限公司", "91", "注销") == (
        known.official_name,
        known.unite_code,
        known.registered_status,
    )
    assert {"甲甲有限公司", "丙丙有限公司"} == set(known.former_names)


def test_every_verdict_has_a_likelihood_and_the_suspicious_ones_are_those_that_contradict() -> None:
    """Documented in docs/audit.md."""
    assert set(RowVerdict) == set(LIKELIHOOD)
    suspicious = {verdict for verdict in RowVerdict if verdict.suspicious}
    assert {verdict for verdict in RowVerdict if verdict.contradicts} <= suspicious
    assert not suspicious & {RowVerdict.AGREES, RowVerdict.RENAMED, RowVerdict.GONE, RowVerdict.AMBIGUOUS}
    assert {"unknown_company", "unproven", "no_id"} == {one for one in RowVerdict if not one.judged}


@given(st.text(), st.text(), st.sampled_from(["customer_name", "plan_customer", "plan_code", "account_name"]))
def test_any_text_is_judged(key: str, company_id: str, kind: str) -> None:
    """Whatever stands in the index."""
    assert 1 == len(judged(seen(key, company_id, kind, key)))
    assert 1 == len(judged(seen(key, "1", kind, key)))


# what an answer says

NAME = Asked("北京市远山科技有限公司", "北京市远山科技有限公司", ())


@pytest.mark.parametrize(
    ("company_id", "offered", "contradicted", "answer"),
    [
        ("1", (), False, RowAnswer.NOT_FOUND),
        ("1", (STORED[0], STORED[1]), False, RowAnswer.RIGHT),
        ("2", (STORED[0], STORED[1]), False, RowAnswer.WRONG),
        ("404", (STORED[0],), False, RowAnswer.WRONG),
        ("2", (STORED[1],), False, RowAnswer.WRONG),
        ("404", (STORED[1],), False, RowAnswer.HELD),
        ("404", (STORED[1],), True, RowAnswer.WRONG),
        (
            "4",
            (company("4", NAME.query, status="注销"), company("5", NAME.query, status="存续")),
            False,
            RowAnswer.WRONG,
        ),
        ("4", (company("4", NAME.query), company("5", NAME.query)), False, RowAnswer.HELD),
        ("2", (company("4", NAME.query), company("5", NAME.query), STORED[1]), False, RowAnswer.WRONG),
    ],
)
def test_the_table_of_answers(
    company_id: str, offered: tuple[Candidate, ...], contradicted: bool, answer: RowAnswer
) -> None:
    """By the drain's own verdict; a held answer decides only against a company that contradicts."""
    said = judge_answer(NAME, company_id, offered, ConfidenceRule(), contradicted=contradicted)
    assert answer is said.answer


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("青禾股份", "郑州青禾贸易股份有限公司"),
        ("郑州青禾分厂", "郑州青禾集团有限公司分厂"),
        ("郑州青禾贸易龙岗分公司", "郑州青禾贸易集团有限公司龙岗分公司"),
        ("郑州青禾养殖场", "郑州青禾养殖场（南区）"),
        ("金水区青禾机械厂", "郑州市金水区青禾机械厂（二厂）"),
        ("郑州青禾十机械厂", "郑州青禾第十机械厂"),
    ],
)
def test_what_people_leave_out_and_keys_drop_makes_no_id_wrong(name: str, official: str) -> None:
    """A short name of a listed company, whose branch it is, end brackets, the 第 of 第十: held at most."""
    told = Asked(name, name, (name,))
    said = judge_answer(told, "1", (company("1", official),), ConfidenceRule(), contradicted=False)
    assert said.answer in (RowAnswer.HELD, RowAnswer.RIGHT)


def test_two_companies_of_one_key_leave_open_which_is_right() -> None:
    """One bears the very name, the other with what the key drops."""
    name = "郑州青禾养殖场"
    offered = (company("1", name), company("2", f"{name}（南区）"))
    told = Asked(name, name, (name,))
    for company_id, answer in (("1", RowAnswer.RIGHT), ("2", RowAnswer.HELD)):
        said = judge_answer(told, company_id, offered, ConfidenceRule(), contradicted=False)
        assert answer is said.answer


def test_a_branch_in_brackets_is_not_its_head_office() -> None:
    """Though the key of both is one: its id is wrong for that name."""
    name = "郑州青禾贸易有限公司"
    offered = (company("1", name), company("2", f"{name}（龙岗分公司）"))
    told = Asked(name, name, (name,))
    for candidates in (offered, offered[1:]):
        said = judge_answer(told, "2", candidates, ConfidenceRule(), contradicted=False)
        assert RowAnswer.WRONG is said.answer


# the interval


@pytest.mark.parametrize(
    ("wrong", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_the_literature(wrong: int, of: int, low: float, high: float) -> None:
    """The examples of R. G. Newcombe, Statistics in Medicine 17 (1998), method 3."""
    assert (low, high) == tuple(round(limit, 4) for limit in wilson(wrong, of))


def test_one_stratum_is_wilsons_interval() -> None:
    """Of a population so large that it is hardly touched."""
    found = estimate([StratumCount(10**9, right=182, wrong=81)])
    assert found is not None
    assert (0.3080, 0.2553, 0.3662) == tuple(
        round(one, 4) for one in (found.wrong.share, found.wrong.low, found.wrong.high)
    )


def test_a_stratum_that_was_asked_whole_is_known() -> None:
    """And the others are put together with it by their rows."""
    whole = StratumCount(40, right=10, wrong=30)
    assert Interval(0.75, 0.75, 0.75) == getattr(estimate([whole]), "wrong", None)
    both = estimate([whole, StratumCount(360, right=90, wrong=0)])
    assert both is not None
    assert (0.075, 0.075) == (round(both.wrong.share, 6), round(both.wrong.low, 6))
    _, alone = wilson(0, 90, 90 * 359 / 270)
    assert round(both.wrong.high, 6) == round(0.075 + 0.9 * alone, 6)


def test_undecided_rows_are_told_apart() -> None:
    """The share is of the rows that can be decided; the range of all says what the others may make of it."""
    found = estimate([StratumCount(100, right=72, wrong=18, undecided=10)])
    assert found is not None
    assert (0.2, 0.1, 0.18, 0.28) == (
        round(found.wrong.share, 6),
        round(found.undecided, 6),
        round(found.if_right.share, 6),
        round(found.if_wrong.share, 6),
    )


def test_nothing_decided_is_no_estimate() -> None:
    """Before the first answer, and where no answer decides anything."""
    assert None is estimate([])
    assert None is estimate([StratumCount(100)])
    assert None is estimate([StratumCount(100, undecided=5)])


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)), max_size=6
    )
)
def test_any_sample_gives_limits_around_its_share(strata: list[tuple[int, int, int, int]]) -> None:
    """Between 0 and 1, the share between the limits."""
    found = estimate(
        [StratumCount(right + wrong + held + more, right, wrong, held) for more, right, wrong, held in strata]
    )
    if found:
        for one in (found.wrong, found.if_right, found.if_wrong):
            assert 0 <= one.low <= one.share + 1e-9
            assert one.share - 1e-9 <= one.high <= 1


# the sample


def rows(count: int, verdict: RowVerdict, source: str = EQC, weight: float = 0.0) -> list[Judged]:
    numbers = itertools.count()
    return [
        Judged(
            Seen(
                IndexRow("customer_name", f"{verdict} {source} {next(numbers)}", "1", 1.0, source),
                NAME,
                weight,
            ),
            verdict,
        )
        for _ in range(count)
    ]


def drawn(budget: int, *offered: Judged, seed: int = 1) -> list[Stratum]:
    pool = SamplePool(budget, random.Random(seed))
    for judged_row in offered:
        pool.offer(judged_row)
    return pool.draw()


MANY = [
    *rows(4000, RowVerdict.AGREES),
    *rows(900, RowVerdict.AGREES, MANUAL),
    *rows(300, RowVerdict.AMBIGUOUS),
    *rows(200, RowVerdict.CONTRADICTING_CORE),
    *rows(70, RowVerdict.CONTRADICTING_CORE, MANUAL),
]


def test_the_strata_have_all_rows_and_as_many_are_asked_as_the_budget_allows() -> None:
    """None twice."""
    strata = drawn(300, *MANY)
    assert len(MANY) == sum(stratum.rows for stratum in strata)
    keys = [one.seen.row.lookup_key for stratum in strata for one in stratum.sample]
    assert (300, 300) == (len(keys), len(set(keys)))


def test_the_most_suspicious_are_asked_whole_and_are_a_stratum_of_their_own() -> None:
    """A fifth of the budget, the heaviest first; they bias nothing, for nobody else stands for them."""
    heavy = rows(30, RowVerdict.CONTRADICTING_BRANCH, weight=5.0)
    first, *others = drawn(300, *MANY, *heavy)
    assert (60, True, 60) == (first.rows, first.whole, len(first.sample))
    assert {one.seen.row.lookup_key for one in heavy} <= {one.seen.row.lookup_key for one in first.sample}
    assert not any(stratum.whole for stratum in others)


def test_verdicts_of_a_kind_are_asked_apart_and_sources_where_the_budget_suffices() -> None:
    """A small stratum is put to another source of its kind."""
    assert {
        (("agrees",), (EQC,)),
        (("agrees",), (MANUAL,)),
        (("ambiguous",), (EQC,)),
        (("contradiction:core",), (EQC, MANUAL)),
    } == {(stratum.verdicts, stratum.sources) for stratum in drawn(300, *MANY)[1:]}
    assert 1 == len(drawn(5, *MANY)[1:])


def test_our_own_rows_are_a_source_of_their_own() -> None:
    """Both are eqc_api; ours were not taken because EQC had them first."""
    ours = [
        Judged(
            Seen(one.seen.row._replace(source_domain=SOURCE_DOMAIN, lookup_key=f"our {number}"), NAME),
            one.verdict,
        )
        for number, one in enumerate(rows(2000, RowVerdict.AGREES))
    ]
    assert {("eqc_api",), ("eqcbatch",)} == {stratum.sources for stratum in drawn(300, *MANY[:4000], *ours)}


def test_every_row_of_a_stratum_is_as_likely_to_be_asked() -> None:
    """Over many seeds, those at the head of the index as often as those at its end."""
    few = [*rows(100, RowVerdict.AGREES), *rows(100, RowVerdict.AGREES, MANUAL)]
    times: Counter[str] = Counter()
    for seed in range(400):
        for stratum in drawn(40, *few, seed=seed):
            times.update(one.seen.row.lookup_key for one in stratum.sample)
    assert 16_000 == sum(times.values())
    assert 45 < min(times.values()) <= max(times.values()) < 120  # of 80 in the mean, 8 the deviation


def test_what_cannot_be_asked_is_not_drawn() -> None:
    """Rows without a name, without an id, or decided; of fewer rows than the budget all are asked."""
    number = Judged(Seen(IndexRow("account_number", "6222", "1", 1.0, EQC)), RowVerdict.UNPROVEN)
    (none,) = rows(1, RowVerdict.NO_ID)
    (decided,) = rows(1, RowVerdict.DECIDED)
    assert [] == drawn(300, number, none, decided)
    (stratum,) = drawn(300, number, none, *rows(7, RowVerdict.AGREES))
    assert (7, 7) == (stratum.rows, len(stratum.sample))
