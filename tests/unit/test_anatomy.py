"""A name taken apart: what is its place, its legal form, its branch, its numbers, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from eqcbatch.domain.matching.anatomy import FEWEST_SIGNS, Anatomy, take_apart
from eqcbatch.domain.matching.places import Place, Places
from eqcbatch.domain.matching.words import WHOLE_FORMS

PARTS = ("core", "form", "places", "bracketed", "branch_places", "branch", "numbers")
NONE = {"form": "", "places": "", "bracketed": False, "branch_places": "", "branch": "", "numbers": ()}


def check(name: str, core: str, **parts: Any) -> None:
    """Hold all parts of a name, its places without their rank; what is not told is not there."""
    assert {**NONE, "core": core, **parts} == told(take_apart(name))


def told(anatomy: Anatomy) -> dict[str, Any]:
    """The parts of an anatomy."""
    parts = {part: getattr(anatomy, part) for part in PARTS}
    return {**parts, "places": stems(anatomy.places), "branch_places": stems(anatomy.branch_places)}


def stems(places: Places) -> str:
    return " ".join(place.stem for place in places)


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
    check("北京", "北京", places="北京")


@pytest.mark.parametrize(
    "name",
    ["长城大学", "长城委员会", "长城厂", "长城事业部", "长城电视台", "长城教育厅", "长城大厦", "长城工会"],
)
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
        (
            "中国银行有限公司北京市分行",
            {"core": "中国银行", "form": "有限公司", "branch_places": "北京", "branch": "分行"},
        ),
        ("中国银行北京市朝阳区支行", {"core": "中国银行", "branch_places": "北京 朝阳", "branch": "支行"}),
        ("长城银行分行营业部", {"core": "长城银行", "branch": "分行营业部"}),
        ("银行分行", {"core": "银行", "branch": "分行"}),
        ("银行保洁上海分店", {"core": "银行", "branch": "保洁上海分店"}),
        ("甲银行大厦乙银行支行", {"core": "甲银行大厦乙银行", "branch": "支行"}),
        ("长城大药房上海分店", {"core": "长城大药房", "branch_places": "上海", "branch": "分店"}),
        ("长上海分店", {"core": "长上海", "branch": "分店"}),
        (
            "长城深圳大药房广州上海分店",
            {"core": "长城深圳大药房广州", "branch_places": "上海", "branch": "分店"},
        ),
        ("上海分店", {"places": "上海", "core": "上海", "branch": "分店"}),
        ("长城加油站", {"core": "长城", "branch": "加油站"}),
        ("长城一分厂", {"core": "长城1", "branch": "分厂", "numbers": ("1",)}),
        ("长城公司二部", {"core": "长城", "form": "公司", "branch": "2部", "numbers": ("2",)}),
        ("长城有限公司乙公司丙", {"core": "长城", "form": "有限公司", "branch": "乙公司丙"}),
        ("长城公司中国业务部", {"core": "长城", "form": "公司", "branch": "中国业务部"}),
        ("公司二部", {"core": "公司", "form": "公司", "branch": "2部", "numbers": ("2",)}),
        ("长城公司集团", {"core": "长城", "form": "公司集团"}),
        ("长城乐陵支公司", {"core": "长城", "branch_places": "乐陵", "branch": "支公司"}),
        ("长城电信乐陵分公司新铺中心", {"core": "长城电信乐陵分公司新铺中心"}),
        ("长城电子公司", {"core": "长城电子", "form": "公司"}),
        ("长城种子公司", {"core": "长城种子", "form": "公司"}),
        ("长城公司子公司", {"core": "长城", "form": "公司", "branch": "子公司"}),
    ],
)
def test_a_branch_stands_behind_its_head_office(name: str, parts: dict[str, Any]) -> None:
    """Behind the first 公司, else behind the last 银行, else from the last place within on.

    The 公司 of 分公司 and 支公司 ends no head office, that of 电子公司 and 种子公司 does.
    """
    check(name, **parts)


@pytest.mark.parametrize(
    ("words", "branch"),
    [
        ("石油市分公司", "石油分公司"),
        ("红旗市支行", "支行"),
        ("乐陵市支行", "支行"),
        ("市南市场部", "市场部"),
    ],
)
def test_a_branch_is_no_city_for_being_called_one(words: str, branch: str) -> None:
    """The 市 before the word for its kind is a slip, if there is no such city."""
    assert branch == take_apart(f"长城公司{words}").branch


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("中国工商银行", "工商银行"),
        ("中国邮政储蓄银行", "邮政储蓄银行"),
        ("中国银行", "中国银行"),
        ("中国长城电力", "中国长城电力"),
    ],
)
def test_a_bank_of_the_country_is_called_without_it(name: str, core: str) -> None:
    """工商银行 is 中国工商银行; but 中国银行 is nothing without it."""
    check(name, core)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("长城（北京）厂", {"places": "北京"}),
        ("长城厂（深圳市）", {"places": "深圳"}),
        ("长城（北京朝阳）厂", {"places": "北京 朝阳"}),
        ("长城（中国）厂", {"places": "中国"}),
        ("长城（昆山）厂", {"places": "昆山"}),
        ("长城（长沙县）厂", {"places": "长沙"}),
        ("长城（和平）厂", {"places": "和平"}),
        ("长城（某地）厂", {"places": "某地"}),
        ("长城厂（和平）", {"places": "和平"}),
        ("长城厂（北京", {"places": "北京"}),
    ],
)
def test_a_place_may_stand_in_brackets(name: str, parts: dict[str, Any]) -> None:
    """Within a name any words there are one; at its end only a known place is, cut off or not."""
    check(name, "长城厂", bracketed=True, **parts)


@pytest.mark.parametrize("words", ["中国", "某地"])
def test_a_place_in_brackets_need_be_no_division(words: str) -> None:
    """It has no rank, and no table tells where it lies."""
    assert (Place(words, "", ()),) == take_apart(f"长城（{words}）厂").places


def test_a_place_in_brackets_holds_the_one_in_front() -> None:
    """德清长城（浙江）厂 is of 浙江省德清县; where a town lies no table tells."""
    check("德清长城（浙江）厂", "长城厂", places="浙江 德清")
    check("武康镇长城（浙江）厂", "长城厂", places="浙江 武康")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("上海长城（北京朝阳）厂", {"places": "上海", "core": "北京朝阳长城厂"}),
        ("长城（北京）（上海）厂", {"places": "北京", "core": "长城上海厂"}),
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
        ("长城（武康镇某地）厂", "长城武康镇某地厂"),
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
        ("二拾一", "21", ("21",)),
        ("二十", "20", ("20",)),
        ("第二十九", "29", ("29",)),
        ("二百货", "2百货", ("2百",)),
        ("十八冶", "18冶", ("18",)),
        ("第十建", "10建", ("10",)),
        ("第十一建", "11建", ("11",)),
        ("第三建", "3建", ("3",)),
        ("三里五里", "3里5里", ("3", "5")),
        ("十里百货千禧零件两江次第", "十里百货千禧零件两江次第", ()),
    ],
)
def test_a_number_is_one_however_it_is_written(words: str, core: str, numbers: tuple[str, ...]) -> None:
    """In their order; with 第 or without; 十, 百, 千, 零 and 两 are words where they stand alone."""
    check(f"长城{words}厂", f"长城{core}厂", numbers=numbers)


def test_numbers_of_the_branch_are_behind_those_of_the_head_office() -> None:
    """Both tell companies apart; those of a place are none."""
    assert ("1", "2") == take_apart("三原县长城一厂公司五河县第二车间").numbers
