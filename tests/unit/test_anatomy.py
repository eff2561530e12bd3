"""A name taken apart: what is its place, its legal form, its branch, its numbers, and what is left."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from eqcbatch.domain.matching.anatomy import DIGITS, FEWEST_SIGNS, WHOLE_FORMS, Anatomy, take_apart
from eqcbatch.domain.matching.regions import PREFECTURES, PROVINCE_OF, PROVINCE_OF_COUNTY_CITY

BARE = Anatomy((), False, "", "", "", "", (), "", "")


def check(name: str, core: str, **parts: Any) -> None:
    """Hold all parts of a name; what is not told is not there."""
    assert replace(BARE, core=core, **parts) == take_apart(name)


@pytest.mark.parametrize(
    ("form", "whole"),
    [
        ("集团", False),
        ("股份", False),
        ("控股", False),
        ("公司", False),
        ("有限公司", True),
        ("股份有限公司", True),
        ("集团有限公司", True),
        ("总公司", True),
        ("合伙企业", True),
        ("合作社", True),
        ("专业合作社", True),
    ],
)
def test_a_legal_form_is_told_in_whole(form: str, whole: bool) -> None:
    """It ends the core, and the name where nothing may have been cut off; 责任 says nothing."""
    check(f"长城科技{form}", "长城科技", form=form)
    assert whole == take_apart(f"长城科技{form}").written_in_full
    assert not take_apart(f"长城科技{form}").may_be_cut
    assert ("有限公司", "总公司", "企业", "合作社") == WHOLE_FORMS
    check("长城科技有限责任公司", "长城科技", form="有限公司")


def test_a_name_that_is_only_a_legal_form_or_a_place_is_its_own_core() -> None:
    """Something has to be left to compare."""
    check("集团", "集团", form="集团")
    check("北京", "北京", places=("北京",), province="北京")


@pytest.mark.parametrize("name", ["长城大学", "长城委员会", "长城厂", "长城事业部"])
def test_an_institution_is_written_in_full_without_a_legal_form(name: str) -> None:
    """So nothing was cut off its end, and it is a core that stands alone."""
    anatomy = take_apart(name)
    assert (name, "", True, False) == (
        anatomy.core,
        anatomy.form,
        anatomy.written_in_full,
        anatomy.may_be_cut,
    )


@pytest.mark.parametrize(
    ("name", "cut", "little"),
    [
        ("长城", True, True),
        ("长城科", True, True),
        ("长城科技", True, False),
        ("北京长城", True, False),
        ("长城集团", False, False),
        ("长城银行", False, False),
        ("长城上海分店", False, False),
        ("六厂", False, True),
    ],
)
def test_a_bare_brand_of_two_or_three_says_too_little(name: str, cut: bool, little: bool) -> None:
    """With a place, a form, a branch or a fourth sign it says enough; without a form it may be cut."""
    assert 4 == FEWEST_SIGNS
    assert (cut, little) == (take_apart(name).may_be_cut, take_apart(name).says_too_little)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("中国银行有限公司北京市分行", {"core": "中国银行", "form": "有限公司", "branch": "北京分行"}),
        ("中国银行北京市朝阳区支行", {"core": "中国银行", "branch": "朝阳支行"}),
        ("长城银行分行营业部", {"core": "长城银行", "branch": "分行营业部"}),
        ("银行分行", {"core": "银行", "branch": "分行"}),
        ("银行保洁上海分店", {"core": "银行", "branch": "保洁上海分店"}),
        ("甲银行大厦乙银行支行", {"core": "甲银行大厦乙银行", "branch": "支行"}),
        ("长城大药房上海分店", {"core": "长城大药房", "branch": "上海分店"}),
        ("长上海分店", {"core": "长", "branch": "上海分店"}),
        ("长城深圳大药房广州上海分店", {"core": "长城深圳大药房广州", "branch": "上海分店"}),
        ("上海分店", {"places": ("上海",), "province": "上海", "core": "上海", "branch": "分店"}),
        ("长城加油站", {"core": "长城", "branch": "加油站"}),
        ("长城一分厂", {"core": "长城1", "branch": "分厂", "numbers": ("1",)}),
        ("长城公司二部", {"core": "长城", "form": "公司", "branch": "2部", "numbers": ("2",)}),
        ("长城有限公司乙公司丙", {"core": "长城", "form": "有限公司", "branch": "乙公司丙"}),
        ("长城公司中国业务部", {"core": "长城", "form": "公司", "branch": "中国业务部"}),
        ("公司二部", {"core": "公司", "form": "公司", "branch": "2部", "numbers": ("2",)}),
        ("长城公司集团", {"core": "长城", "form": "公司集团"}),
    ],
)
def test_a_branch_stands_behind_its_head_office(name: str, parts: dict[str, Any]) -> None:
    """Behind the first 公司, else behind the last 银行, else from the last place within on."""
    check(name, **parts)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("广西壮族自治区南宁市长城厂", {"places": ("广西", "南宁"), "province": "广西", "city": "南宁"}),
        ("南宁长城厂", {"places": ("南宁",), "province": "广西", "city": "南宁"}),
        ("香港特别行政区长城厂", {"places": ("香港",), "province": "香港"}),
        ("吉林省吉林市长城厂", {"places": ("吉林", "吉林"), "province": "吉林", "county": "吉林"}),
        ("上海浦东新区长城厂", {"places": ("上海", "浦东"), "province": "上海", "county": "浦东"}),
        ("歙县长城厂", {"places": ("歙",), "county": "歙"}),
        ("长沙县长城厂", {"places": ("长沙县",), "county": "长沙县"}),
        ("江苏长沙区长城厂", {"places": ("江苏", "长沙"), "province": "江苏", "county": "长沙"}),
        ("昆山长城厂", {"places": ("昆山",), "province": "江苏", "county": "昆山"}),
        ("江苏昆山市长城厂", {"places": ("江苏", "昆山"), "province": "江苏", "county": "昆山"}),
        ("浙江昆山市长城厂", {"places": ("浙江", "昆山"), "province": "浙江", "county": "昆山"}),
        (
            "辽宁鞍山海城市长城厂",
            {"places": ("辽宁", "鞍山", "海城"), "province": "辽宁", "city": "鞍山", "county": "海城"},
        ),
        ("中国北京长城厂", {"places": ("北京",), "province": "北京"}),
    ],
)
def test_places_stand_in_front_from_large_to_small(name: str, parts: dict[str, Any]) -> None:
    """Without their rank; the province of a known city is known; 中国 before them says nothing."""
    check(name, "长城厂", **parts)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("北京上海长城厂", {"places": ("北京",), "province": "北京", "core": "上海长城厂"}),
        ("浙江昆山长城厂", {"places": ("浙江",), "province": "浙江", "core": "昆山长城厂"}),
        ("浙江南宁长城厂", {"places": ("浙江",), "province": "浙江", "core": "南宁长城厂"}),
        (
            "广东深圳东莞长城厂",
            {"places": ("广东", "深圳"), "province": "广东", "city": "深圳", "core": "东莞长城厂"},
        ),
        (
            "深圳广东长城厂",
            {"places": ("深圳",), "province": "广东", "city": "深圳", "core": "广东长城厂"},
        ),
    ],
)
def test_a_place_that_another_does_not_hold_is_a_part_of_the_core(name: str, parts: dict[str, Any]) -> None:
    """One of each level, and each within the one before."""
    check(name, **parts)


@pytest.mark.parametrize("name", ["北京城市建设厂", "北京社区服务厂", "北京超市管理厂", "北京开发区建设厂"])
def test_a_word_that_ends_like_a_county_is_none(name: str) -> None:
    """A city, a supermarket, a community: what they are called is left in the core."""
    check(name, name[2:], places=("北京",), province="北京")


@pytest.mark.parametrize("name", ["中国石油", "中国长城厂", "中国北京", "老乡鸡餐饮", "古镇灯饰厂", "昆山厂"])
def test_what_looks_like_a_place_and_is_none_stays_in_the_core(name: str) -> None:
    """中国 belongs to a brand, unless a place and a name follow; a brand may be called like a county city."""
    check(name, name)
    check("中国北京厂", "厂", places=("北京",), province="北京")


def test_no_place_is_called_like_the_beginning_of_another() -> None:
    """So it does not matter which of them is looked for first."""
    for places in ({*PREFECTURES, *PROVINCE_OF}, PROVINCE_OF_COUNTY_CITY):
        assert [] == [pair for pair in permutations(places, 2) if pair[1].startswith(pair[0])]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("长城（北京）厂", {"places": ("北京",), "province": "北京"}),
        ("长城厂（深圳市）", {"places": ("深圳",), "province": "广东", "city": "深圳"}),
        ("长城（北京朝阳）厂", {"places": ("北京", "朝阳"), "province": "北京", "county": "朝阳"}),
        ("长城（中国）厂", {"places": ("中国",)}),
        ("长城（昆山）厂", {"places": ("昆山",), "province": "江苏", "county": "昆山"}),
        ("长城（长沙县）厂", {"places": ("长沙县",), "county": "长沙县"}),
        ("长城（某地）厂", {"places": ("某地",), "county": "某地"}),
    ],
)
def test_a_place_may_stand_in_brackets(name: str, parts: dict[str, Any]) -> None:
    """Within a name any words there are one; at its end only a known place is."""
    check(name, "长城厂", bracketed=True, **parts)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("上海长城（北京朝阳）厂", {"places": ("上海",), "province": "上海", "core": "北京朝阳长城厂"}),
        ("长城（北京）（上海）厂", {"places": ("北京",), "province": "北京", "core": "长城上海厂"}),
    ],
)
def test_a_second_place_is_a_part_of_the_core(name: str, parts: dict[str, Any]) -> None:
    """上海甲（北京）公司 is of 上海."""
    check(name, bracketed="长城（北京）" in name, **parts)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("长城（集团）厂", "长城集团厂"),
        ("长城厂（某地）", "长城厂某地"),
        ("长城（昆山市某地）厂", "长城昆山市某地厂"),
        ("长城（）厂", "长城厂"),
        ("长城厂（有限合伙）", "长城厂"),
        ("长城（筹）厂", "长城厂"),
        ("长城厂（个人独资）", "长城厂"),
    ],
)
def test_what_else_stands_in_brackets_is_of_the_name_unless_it_says_its_kind(name: str, core: str) -> None:
    """A kind of partnership goes, as does that it is being founded."""
    check(name, core)


@pytest.mark.parametrize(
    ("words", "core", "numbers"),
    [
        ("一二三四五六七八九", "123456789", ("123456789",)),
        ("壹贰叁肆伍陆柒捌玖", "123456789", ("123456789",)),
        ("三五〇九", "3509", ("3509",)),
        ("二拾一", "2十1", ("2十1",)),
        ("二百货", "2百货", ("2百",)),
        ("十八冶", "十8冶", ("十8",)),
        ("第十建", "第十建", ("第十",)),
        ("三里五里", "3里5里", ("3", "5")),
        ("十里百货千禧零件两江", "十里百货千禧零件两江", ()),
    ],
)
def test_a_number_is_one_however_it_is_written(words: str, core: str, numbers: tuple[str, ...]) -> None:
    """In their order; 十, 百, 千, 零 and 两 are words where they stand alone."""
    check(f"长城{words}厂", f"长城{core}厂", numbers=numbers)
    assert 20 == len(DIGITS)


def test_numbers_of_the_branch_are_behind_those_of_the_head_office() -> None:
    """Both tell companies apart."""
    assert ("1", "2") == take_apart("长城一厂公司第二车间").numbers
