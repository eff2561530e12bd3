"""The simulated EQC's rooms one by one, without HTTP."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.errors import BadInput
from eqcbatch.simulate import (
    Company,
    Fault,
    Faults,
    GeneratedRegistry,
    ListedRegistry,
    MatchType,
    Offer,
    SimulatorOptions,
    Span,
    chance,
    describe,
    parse_fault,
    parse_span,
    read_companies,
    wire,
)
from eqcbatch.simulate.faults import spoil
from eqcbatch.simulate.sliding_window import SlidingWindow, retry_after
from eqcbatch.simulate.token_gate import TokenGate, TokenState
from eqcbatch.simulate.wire import Delivery, as_json

NAMES = [f"{city}金龙{number}物流有限公司" for city in ("北京", "上海") for number in range(1500)]
SHORT_NAMES = [f"金龙{number}" for number in range(200)]
TOKEN = "T"  # any text: nothing here is secret


@pytest.fixture(scope="module")
def world() -> GeneratedRegistry:
    return GeneratedRegistry(seed=7)


@pytest.fixture(scope="module")
def answers(world: GeneratedRegistry) -> dict[str, list[Offer]]:
    """What the world says to all NAMES; [] for those it does not know."""
    return {name: world.search(name) for name in NAMES}


@pytest.fixture(scope="module")
def items(answers: dict[str, list[Offer]]) -> list[dict[str, Any]]:
    """All items of all answers, as on the wire."""
    return [item for name in answers for item in wire.search(answers[name], name)["list"] or []]


@pytest.fixture
def city_and_service() -> ListedRegistry:
    """One company is called 峨眉山市殡葬服务中心, another one was (docs/domain.md section 4)."""
    return ListedRegistry(
        [
            describe("峨眉山市殡葬服务中心", company_id="100000001"),
            describe("峨眉山市殡仪馆", company_id="100000002", former_names=("峨眉山市殡葬服务中心",)),
            describe("北京金龙物流有限公司", company_id="100000003"),
            describe("北京金龙物流有限公司上海分公司", company_id="100000004"),
            describe("上海金龙物流有限公司", company_id="100000005"),
            describe("成都锦江贸易有限公司", company_id="100000006"),
        ]
    )


def ids(offers: list[Offer]) -> list[str]:
    return [offer.company.company_id for offer in offers]


# chance and companies


def test_chance_is_the_same_on_every_machine() -> None:
    """The numbers are fixed for good: runs on different machines can be compared."""
    assert (
        chance.number("seed", 1, "名"),
        chance.fraction("seed", 1, "名"),
    ) == (6894822561821508201, 0.3737690800214475)


def test_a_company_has_an_id_of_9_or_10_digits_and_a_code_of_18_signs() -> None:
    """The figures of a company have the shapes of docs/domain.md section 2."""
    for name in NAMES[:200]:
        company = describe(name)
        assert company.company_id.isdecimal()
        assert len(company.company_id) in (9, 10)
        assert len(company.unite_code) == 18


def test_the_check_sign_of_the_code_is_right() -> None:
    """The weighted sum of all 18 signs is divisible by 31 (GB 32100-2015)."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = describe(NAMES[0]).unite_code
    weighted = sum(signs.index(sign) * 3**at for at, sign in enumerate(code[:17]))
    assert (weighted + signs.index(code[17])) % 31 == 0


def test_what_is_given_about_a_company_stands() -> None:
    """Only what is left open is made up."""
    company = describe("某厂", company_id="X1", unite_code="C", status="注销", province="四川省")
    assert (
        company.company_id,
        company.unite_code,
        company.status,
        company.province,
        company.city,
    ) == ("X1", "C", "注销", "四川省", "成都")


# the generated registry


def test_the_shares_of_a_generated_world_are_those_asked_for(
    answers: dict[str, list[Offer]],
) -> None:
    """8 % are unknown; of the others 10 % are exact, 86 % fuzzy and 4 % pinyin."""
    kinds = Counter(offers[0].match_type for offers in answers.values() if offers)
    known = sum(kinds.values())
    assert pytest.approx(1 - known / len(NAMES), abs=0.02) == 0.08
    assert pytest.approx(kinds[MatchType.EXACT] / known, abs=0.02) == 0.10
    assert pytest.approx(kinds[MatchType.FUZZY] / known, abs=0.02) == 0.86
    assert pytest.approx(kinds[MatchType.PINYIN] / known, abs=0.02) == 0.04


def test_the_order_of_questions_does_not_matter() -> None:
    """The same name gets the same answer from every registry of one seed."""
    forth, back = GeneratedRegistry(seed=7), GeneratedRegistry(seed=7)
    answers = {name: forth.search(name) for name in NAMES[:300]}
    assert answers == {name: back.search(name) for name in reversed(NAMES[:300])}


def test_another_seed_is_another_world(world: GeneratedRegistry) -> None:
    """Two seeds do not know the same names."""
    other = GeneratedRegistry(seed=8)
    assert [bool(world.search(name)) for name in NAMES[:200]] != [
        bool(other.search(name)) for name in NAMES[:200]
    ]


def test_ways_of_writing_one_name_share_its_fate(world: GeneratedRegistry) -> None:
    """Width, case and whitespace do not make another company."""
    for number in range(50):
        one, two = f"ABC({number})有限公司", f" ａｂｃ （{number}）有限公司"
        assert bool(world.search(one)) == bool(world.search(two))


def test_an_exact_match_is_first_and_bears_the_name_asked(answers: dict[str, list[Offer]]) -> None:
    """The type 全称精确匹配 stands for the full name, and only for the first item."""
    for name, offers in answers.items():
        if offers and offers[0].match_type is MatchType.EXACT:
            assert name == offers[0].company.official_name
            assert MatchType.EXACT not in [offer.match_type for offer in offers[1:]]


def test_most_exact_names_are_labelled_fuzzy(answers: dict[str, list[Offer]]) -> None:
    """As in reality (docs/domain.md section 3), the label alone does not tell right from wrong."""
    best = [(name, offers[0]) for name, offers in answers.items() if offers]
    labels = Counter(o.match_type for name, o in best if o.company.official_name == name)
    assert labels[MatchType.FUZZY] > 5 * labels[MatchType.EXACT]


def test_a_short_name_is_completed(world: GeneratedRegistry) -> None:
    """A name without a legal form is part of the official one."""
    for name in SHORT_NAMES:
        truth = world.truth(name)
        if truth is not None:
            assert name in truth.official_name
            assert truth.official_name.endswith("公司") or truth.official_name == name


def test_a_pinyin_answer_is_another_name_of_the_same_length(
    world: GeneratedRegistry, answers: dict[str, list[Offer]]
) -> None:
    """It sounds alike and is not the company; so there is no truth behind it."""
    best = {name: offers[0] for name, offers in answers.items() if offers}
    misheard = {name: o for name, o in best.items() if o.match_type is MatchType.PINYIN}
    assert len(misheard) > 50
    for name, offer in misheard.items():
        assert name != offer.company.official_name
        assert len(name) == len(offer.company.official_name)
        assert world.truth(name) is None


def test_near_misses_stand_behind_the_company(answers: dict[str, list[Offer]]) -> None:
    """0 to 4 of them: other cities, branches, numbered siblings, renamed companies."""
    others = [offer.company for offers in answers.values() for offer in offers[1:]]
    assert set(range(6)) == {len(offers) for offers in answers.values()}
    assert any(company.official_name.endswith("分公司") for company in others)
    assert any("第二" in company.official_name for company in others)
    assert any(company.former_names for company in others)
    assert any(company.official_name.startswith("深圳") for company in others)


def test_a_factory_has_a_second_factory(world: GeneratedRegistry) -> None:
    """The sibling of 某某厂 is 某某二厂."""
    offers = [o for number in range(60) for o in world.search(f"张家口{number}机床厂")]
    assert any(offer.company.official_name.endswith("二厂") for offer in offers)


def test_a_near_miss_sometimes_stands_before_the_company(
    world: GeneratedRegistry, answers: dict[str, list[Offer]]
) -> None:
    """In a few fuzzy answers the truth is second: who takes the first blindly is wrong."""
    second = [
        name
        for name, offers in answers.items()
        if (truth := world.truth(name)) and offers[0].company != truth
    ]
    assert 0.01 < len(second) / len(NAMES) < 0.12
    assert all(world.truth(name) == answers[name][1].company for name in second)


def test_a_renamed_company_bears_the_name_asked_as_a_former_one(world: GeneratedRegistry) -> None:
    """Some names asked are names of yesterday."""
    renamed = [name for name in NAMES if _is_former(world, name)]
    assert len(renamed) > 50


def test_scores_fall_from_first_to_last(answers: dict[str, list[Offer]]) -> None:
    """The best match comes first."""
    for offers in answers.values():
        scores = [offer.score for offer in offers]
        assert sorted(scores, reverse=True) == scores


def test_one_company_has_one_id_in_every_answer(answers: dict[str, list[Offer]]) -> None:
    """The id hangs on the official name, and an official name on its id."""
    offers = [offer.company for found in answers.values() for offer in found]
    pairs = {(company.official_name, company.company_id) for company in offers}
    assert len(pairs) == len({name for name, _ in pairs}) == len({number for _, number in pairs})


def test_a_company_is_found_once_it_was_offered(world: GeneratedRegistry) -> None:
    """findDepart knows what a search has named, and nothing else."""
    offer = next(offers[-1] for name in NAMES if (offers := world.search(name)))
    assert offer.company == world.company(offer.company.company_id)
    assert GeneratedRegistry(seed=7).company(offer.company.company_id) is None


def test_a_blank_name_is_unknown(world: GeneratedRegistry) -> None:
    """Nothing asked, nothing offered."""
    assert (world.search("  "), world.truth("")) == ([], None)


def test_a_search_takes_less_than_a_millisecond(world: GeneratedRegistry) -> None:
    """An answer is to cost the simulator well under 1 ms."""
    start = time.process_time()
    for name in NAMES[:1000]:
        world.search(name)
    assert time.process_time() - start < 1.0


def test_impossible_shares_are_refused() -> None:
    """A share beyond 0..1 is a mistake, not a world."""
    with pytest.raises(BadInput, match="shares"):
        GeneratedRegistry(unknown=1.5)


# the listed registry


def test_the_exact_name_comes_before_a_former_name(city_and_service: ListedRegistry) -> None:
    """The company called so today is first, the one that was called so is second."""
    assert ids(city_and_service.search("峨眉山市殡葬服务中心"))[:2] == ["100000001", "100000002"]


def test_similar_names_are_ranked_by_likeness(city_and_service: ListedRegistry) -> None:
    """The name itself, then its branch and its namesake; another trade is not offered."""
    found = ids(city_and_service.search("北京金龙物流有限公司"))
    assert found[0] == "100000003"
    assert {"100000004", "100000005"} == set(found[1:])


def test_a_part_of_a_name_finds_the_company(city_and_service: ListedRegistry) -> None:
    """Without its legal form a name is still closest to its own company, and fuzzy."""
    best = city_and_service.search("北京金龙物流")[0]
    assert (best.company.company_id, best.match_type) == ("100000003", MatchType.FUZZY)


def test_nothing_similar_is_no_offer(city_and_service: ListedRegistry) -> None:
    """Sharing 有限公司 is no likeness."""
    assert city_and_service.search("火星探测有限公司") == []


def test_the_way_of_writing_does_not_hide_a_listed_company() -> None:
    """Brackets of either width and stray blanks find the same company."""
    registry = ListedRegistry([describe("中国（北京）科技", company_id="1")])
    assert ids(registry.search(" 中国(北京) 科技")) == ["1"]


@pytest.mark.parametrize(("share", "label"), [(1.0, MatchType.EXACT), (0.0, MatchType.FUZZY)])
def test_the_share_of_exact_labels_is_a_setting(share: float, label: MatchType) -> None:
    """All or none of the exact-name hits are labelled 全称精确匹配."""
    registry = ListedRegistry([describe("某某有限公司", company_id="1")], labels_exact=share)
    assert label is registry.search("某某有限公司")[0].match_type


def test_one_in_ten_exact_names_is_labelled_exact() -> None:
    """The default follows the 13 in 125 of docs/domain.md section 3."""
    registry = ListedRegistry([describe(name) for name in NAMES[:1500]])
    labels = Counter(registry.search(name)[0].match_type for name in NAMES[:1500:5])
    assert pytest.approx(labels[MatchType.EXACT] / 300, abs=0.05) == 0.1


def test_at_most_ten_companies_are_offered() -> None:
    """A search answers one page."""
    registry = ListedRegistry([describe(name) for name in NAMES[:40]])
    assert len(registry.search("北京金龙物流有限公司")) == 10


def test_fifty_thousand_companies_answer_in_milliseconds() -> None:
    """The index follows rare pairs of characters only (a tenth of that size here)."""
    names = [f"{city}{one}{two}商贸有限公司" for city in "京沪津渝川" for one in _signs() for two in _signs()]
    registry = ListedRegistry([replace(TEMPLATE, official_name=name) for name in names])
    start = time.process_time()
    for name in names[::100]:
        assert name == registry.search(name)[0].company.official_name
    assert (time.process_time() - start) / len(names[::100]) < 0.005


def test_companies_are_read_from_a_file(tmp_path: Path) -> None:
    """Two columns are needed, others may be there; blanks are made up."""
    file = tmp_path / "companies.csv"
    file.write_text(
        "company_id,official_name,former_names,status\n"
        "600000001,某某有限公司,老某某厂; 老老某某厂,注销\n"
        "A-2,另一公司,,\n",
        encoding="utf-8-sig",
    )
    first, second = read_companies(file)
    assert (
        first.company_id,
        first.former_names,
        first.status,
    ) == ("600000001", ("老某某厂", "老老某某厂"), "注销")
    assert (second.company_id, second.former_names, second.status != "") == ("A-2", (), True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("company_id,name\n1,a\n", "official_name"),
        ("company_id,official_name\n1,\n", "line 2"),
        ("company_id,official_name\n1,a\n1,b\n", "line 3: 1 stands here twice"),
    ],
)
def test_a_useless_file_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    """The message says where to look."""
    file = tmp_path / "companies.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=complaint):
        read_companies(file)


@pytest.mark.parametrize("content", [None, b"\xd6\xd0\xb9\xfa"])
def test_an_unreadable_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Neither a missing file nor one in GBK ends in a traceback."""
    file = tmp_path / "companies.csv"
    if content:
        file.write_bytes(content)
    with pytest.raises(BadInput, match="cannot be read"):
        read_companies(file)


# the wire


def test_items_have_the_fields_of_the_domain_and_gaps(items: list[dict[str, Any]]) -> None:
    """Over many items every field is seen, and most are missing or null somewhere."""
    always = {"companyId", "companyFullName", "type", "_score"}
    usual = always | {
        *("unite_code", "rank_score", "company_short_name", "company_former_name", "coname"),
        *("name", "company_en_name", "le_rep", "reg_cap", "est_date", "province"),
        *("organization_code", "is_normal", "is_list", "registeredStatus", "registered_status"),
    }
    assert usual == {field for item in items for field in item}
    for field in usual - always:
        assert any(field not in item for item in items)
        assert any(item.get(field, "") is None for item in items)
    assert all(item[field] is not None for item in items for field in always)


def test_an_id_is_now_a_number_and_now_text(items: list[dict[str, Any]]) -> None:
    """Clients must keep it as text."""
    assert {int, str} == {type(item["companyId"]) for item in items}


@pytest.mark.parametrize("company_id", ["A-2", "007", "٣"])
def test_an_id_that_is_no_plain_number_stays_text(company_id: str) -> None:
    """Writing it as a number would change it."""
    item = wire.search([Offer(describe("某厂", company_id=company_id), MatchType.FUZZY, 1.0)], "某厂")
    assert company_id == item["list"][0]["companyId"]


def test_former_names_are_joined_by_either_comma() -> None:
    """Half-width for some companies, full-width for others."""
    companies = [describe(name, former_names=("旧一", "旧二")) for name in NAMES[:50]]
    joined = {wire.business_info(c)["businessInfodto"]["company_former_name"] for c in companies}
    assert {"旧一,旧二", "旧一，旧二"} == joined


def test_no_match_is_an_empty_list_or_null() -> None:
    """Both are legal."""
    answers = [wire.search([], name)["list"] for name in NAMES[:100]]
    assert [] in answers
    assert None in answers


def test_the_spelling_of_business_keys_varies() -> None:
    """Three spellings of the name, four of the code, the capital in 万元."""
    infos = [wire.business_info(describe(name))["businessInfodto"] for name in NAMES[:200]]
    keys = {key for info in infos for key in info}
    assert {"companyFullName", "company_name", "companyName"} <= keys
    assert {"unite_code", "uniteCode", "credit_code", "creditCode"} <= keys
    assert all(info["registerCaptial"].endswith(".00万元") for info in infos)


def test_labels_have_a_null_id_and_a_shifted_row() -> None:
    """What clients must mend: ids from siblings, 地区分类 one level to the left."""
    groups = wire.labels(describe(NAMES[0]))["labels"]
    rows = [row for group in groups for row in group["labels"]]
    shifted = [row for row in rows if row["lv1Name"] == "地区分类"]
    assert (len(shifted), shifted[0]["companyId"], shifted[0]["lv3Name"]) == (1, None, "北京市")
    assert any(row["companyId"] is not None for row in groups[0]["labels"])


# faults


def test_faults_strike_with_their_shares() -> None:
    """A share is one of all requests."""
    faults = Faults({"500": 0.1, "timeout": 0.2})
    struck = Counter(faults.strike(serial) for serial in range(1, 5001))
    assert pytest.approx(struck[Fault.SERVER_ERROR] / 5000, abs=0.02) == 0.1
    assert pytest.approx(struck[Fault.TIMEOUT] / 5000, abs=0.02) == 0.2
    assert pytest.approx(struck[None] / 5000, abs=0.02) == 0.7


def test_faults_hang_on_seed_and_serial_number_alone() -> None:
    """The same plan strikes the same requests, another seed others."""
    one, same, other = (Faults({"reset": 0.3}, seed=seed) for seed in (1, 1, 2))
    serials = range(1, 200)
    assert [one.strike(n) for n in serials] == [same.strike(n) for n in reversed(serials)][::-1]
    assert [one.strike(n) for n in serials] != [other.strike(n) for n in serials]


def test_a_share_of_one_strikes_always_but_after() -> None:
    """The first requests can be spared."""
    faults = Faults({"html": 1.0}, after=3)
    assert [faults.strike(n) for n in range(1, 6)] == [None, None, None, Fault.HTML, Fault.HTML]


def test_a_span_strikes_for_certain() -> None:
    """Spans come before shares, the first one first, and may have no end."""
    faults = Faults({"html": 1.0}, between=(parse_span("500:2-3"), parse_span("401:3-")))
    assert [str(faults.strike(n)) for n in range(1, 6)] == ["html", "500", "500", "401", "401"]


@pytest.mark.parametrize("shares", [{"500": 0.6, "503": 0.6}, {"500": -0.1}, {"teapot": 0.1}])
def test_impossible_faults_are_refused(shares: dict[Fault | str, float]) -> None:
    """Shares above 1, below 0 or of no known kind."""
    with pytest.raises(BadInput, match=r"shares|kind"):
        Faults(shares)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("500:0.05", (Fault.SERVER_ERROR, 0.05)),
        ("timeout:2%", (Fault.TIMEOUT, 0.02)),
        ("429:1", (Fault.TOO_MANY, 1.0)),
    ],
)
def test_a_fault_is_read(text: str, parsed: tuple[Fault, float]) -> None:
    """KIND:SHARE, as a fraction or in percent."""
    assert parsed == parse_fault(text)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("500:20-60", Span(Fault.SERVER_ERROR, 20, 60)),
        ("401:100-", Span(Fault.UNAUTHORIZED, 100, None)),
    ],
)
def test_a_span_is_read(text: str, parsed: Span) -> None:
    """KIND:FROM-TO, open at the end or not."""
    assert parsed == parse_span(text)


@pytest.mark.parametrize("text", ["500", "500:", "500:x", "500:1.5", "500:nan", "500:-1", "teapot:0.1"])
def test_nonsense_is_no_fault(text: str) -> None:
    """The message shows how to write one, or what kinds there are."""
    with pytest.raises(BadInput, match=r"500:0\.05|There are: 500, 503"):
        parse_fault(text)


@pytest.mark.parametrize("text", ["500", "500:7", "500:a-b", "500:0-3", "500:9-3", "teapot:1-2"])
def test_nonsense_is_no_span(text: str) -> None:
    """The message shows how to write one, or what kinds there are."""
    with pytest.raises(BadInput, match=r"500:20-60|count from 1|There are"):
        parse_span(text)


def test_every_kind_of_fault_spoils_every_answer() -> None:
    """No kind leaves an answer as it was."""
    right = as_json({"list": [{"companyId": 1}]})
    for fault in Fault:
        assert right != spoil(right, fault, 1, wait={}, login="/login")


def test_an_empty_answer_keeps_the_shape_of_its_endpoint() -> None:
    """A sick EQC answers findDepart with an empty object, a search with an empty list."""
    contents: list[tuple[dict[str, object], dict[str, object]]] = [
        ({"list": [1]}, {"list": []}),
        ({"businessInfodto": {"a": 1}}, {"businessInfodto": {}}),
    ]
    for content, empty in contents:
        spoilt = spoil(as_json(content), Fault.EMPTY, 1, wait={}, login="")
        assert empty == json.loads(spoilt.body)


def test_a_cut_answer_comes_in_two_kinds() -> None:
    """Odd requests are promised more than they get, even ones get cut JSON of the right length."""
    right = as_json({"list": [{"companyId": 1}]})
    odd, even = (spoil(right, Fault.TRUNCATED, n, wait={}, login="") for n in (1, 2))
    assert (len(right.body), None) == (odd.claimed_length, even.claimed_length)
    assert odd.body == even.body == right.body[: len(right.body) // 2]
    assert Delivery.WHOLE is odd.delivery


# limit and token


def test_the_window_slides() -> None:
    """A request is one too many when its window holds more than the limit, itself included."""
    window = SlidingWindow(2, 60.0)
    times = (0.0, 30.0, 59.9, 90.1, 150.0, 151.0, 152.0)
    assert [window.arrive(at) for at in times] == [False, False, True, False, False, False, True]
    assert window.most == 3


def test_a_window_ends_before_its_last_instant() -> None:
    """Requests exactly one window apart are not in one window."""
    window = SlidingWindow(1, 60.0)
    assert [window.arrive(0.0), window.arrive(60.0)] == [False, False]


def test_the_wait_is_until_there_is_room_again() -> None:
    """Who waits as long as told is within the limit."""
    window = SlidingWindow(2, 60.0)
    assert window.wait_s(0.0) == 0.0
    for at in (0.0, 10.0, 20.0):
        window.arrive(at)
    assert window.wait_s(20.0) == 50.0
    assert not window.arrive(70.0)


def test_retry_after_comes_in_three_ways() -> None:
    """Whole seconds rounded up, an HTTP date, or nothing."""
    assert retry_after(2.1, "seconds") == {"Retry-After": "3"}
    assert retry_after(2.1, "none") == {}
    date = parsedate_to_datetime(retry_after(30.0, "date")["Retry-After"])
    assert 30 <= date.timestamp() - time.time() < 33


def test_a_token_dies_of_idleness() -> None:
    """Each accepted request gives it a fresh half hour; then it is dead for good."""
    gate = TokenGate(TOKEN, None, 1800.0)
    gate.keep_alive(TOKEN, 0.0)
    gate.keep_alive(TOKEN, 1800.0)
    assert TokenState.GOOD is gate.judge(TOKEN, 3600.0)
    assert [gate.judge(TOKEN, at) for at in (3600.1, 9999.0)] == [TokenState.DEAD] * 2


def test_a_token_is_judged() -> None:
    """Missing, blank, wrong and right ones."""
    gate = TokenGate(TOKEN, None, 1800.0)
    shown = (None, "", "other", TOKEN)
    assert [gate.judge(t, 0.0).name for t in shown] == ["MISSING", "MISSING", "WRONG", "GOOD"]


def test_any_token_will_do_where_none_is_configured() -> None:
    """Each has a life of its own."""
    gate = TokenGate(None, None, 10.0)
    gate.keep_alive("old", 0.0)
    assert [gate.judge(t, 11.0) for t in ("old", "new")] == [TokenState.DEAD, TokenState.GOOD]


def test_a_renewed_token_lives_again() -> None:
    """Even when it is the same text."""
    gate = TokenGate(TOKEN, None, 10.0)
    gate.keep_alive(TOKEN, 0.0)
    gate.accept(TOKEN)
    assert TokenState.GOOD is gate.judge(TOKEN, 11.0)


def test_the_token_file_is_read_at_every_request(tmp_path: Path) -> None:
    """Its content at the time decides; without it no token is right."""
    file = tmp_path / "token"
    gate = TokenGate(None, file, 10.0)
    assert TokenState.WRONG is gate.judge("one", 0.0)
    file.write_text("one\n", encoding="utf-8")
    assert TokenState.GOOD is gate.judge("one", 0.0)
    file.write_text("two\n", encoding="utf-8")
    assert [gate.judge(t, 0.0) for t in ("one", "two")] == [TokenState.WRONG, TokenState.GOOD]


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ({"latency": (5, 1)}, "latency"),
        ({"rate": (0, 60)}, "rate"),
        ({"time_scale": 0}, "time scale"),
        ({"token_idle_s": 0}, "life of a token"),
        ({"retry_after": "later"}, "retry_after"),
        ({"token": TOKEN, "token_file": Path("t")}, "not from both"),
    ],
)
def test_options_that_cannot_be_are_refused(option: dict[str, object], complaint: str) -> None:
    """The message names the option."""
    with pytest.raises(BadInput, match=complaint):
        SimulatorOptions(**option)  # type: ignore[arg-type]


def test_options_do_not_show_the_token() -> None:
    """A traceback that prints the options gives nothing away."""
    assert "s3cret" not in repr(SimulatorOptions(token="s3cret"))


TEMPLATE: Company = describe("某某有限公司")


def _signs() -> str:
    return "".join(chr(0x5000 + 7 * step) for step in range(30))


def _is_former(world: GeneratedRegistry, name: str) -> bool:
    truth = world.truth(name)
    return truth is not None and name in truth.former_names
