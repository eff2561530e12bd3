"""Two names compared, part by part: how close they are, and what may be meant as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.matching.alignment import aligned
from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.matching.comparison import ABBREVIATED, closeness, contradiction, may_be_meant
from eqcbatch.domain.matching.places import Place
from eqcbatch.domain.model import NamePart

CORE = Anatomy("长城科技", "", (), False, (), "", (), head="长城科技", behind="")
BEIJING = Place("北京", "", ("11",))
PLACED = replace(CORE, places=(BEIJING,))


def offer(core: str, form: str = "有限公司", **parts: object) -> Anatomy:
    """An offered name."""
    return replace(CORE, core=core, form=form, **parts)  # type: ignore[arg-type]


def compared(asked: str, offered: str) -> NamePart | None:
    return contradiction(take_apart(asked), take_apart(offered))


@pytest.mark.parametrize(
    ("asked", "offered", "close"),
    [
        ("黄河实业", "黄河实业发展有限公司", 0),
        ("黄河实业", "黄河实业有限公司", 1),
        ("北京长城科技", "北京长城科技有限公司", 4),
        ("北京长城科技", "长城科技（北京）有限公司", 3),
        ("北京朝阳区长城科技", "北京长城科技有限公司", 2),
        ("长城科技（北京）", "北京朝阳区长城科技有限公司", 1),
        ("长城石油（北京）城东加油站", "长城石油（北京）有限公司城东加油站", 4),
    ],
)
def test_the_same_place_in_the_same_way_is_closest(asked: str, offered: str, close: int) -> None:
    """2 more for the smallest place, 1 more for how it stands; an abbreviation is the least."""
    assert ABBREVIATED == 0
    assert close == closeness(take_apart(asked), take_apart(offered))


@pytest.mark.parametrize(
    ("asked", "offered", "meant"),
    [
        (CORE, offer("某长城科技"), False),
        (CORE, offer("某地长城科技"), True),
        (CORE, offer("某某某地长城科技"), True),
        (CORE, offer("某某某某地长城科技"), False),
        (CORE, offer("某地长城科技", places=(BEIJING,)), False),
        (CORE, offer("某地长城贸易"), False),
        (CORE, offer("长城科技发展"), True),
        (CORE, offer("长城科技集团财务"), False),
        (CORE, offer("长城科技发展", branch="深圳"), False),
        (CORE, offer("长城科技发展", numbers=("2",)), False),
        (replace(CORE, form="有限公司"), offer("某地长城科技"), True),
        (replace(CORE, form="有限公司"), offer("某地长城科技", "股份有限公司"), False),
        (replace(CORE, form="有限公司"), offer("长城科技发展"), False),
        (PLACED, offer("长城科技"), True),
        (PLACED, offer("长城科技", code="310000"), False),
        (PLACED, offer("长城科技", places=(Place("某地", "", ()),)), False),
        (PLACED, offer("长城贸易"), False),
        (PLACED, offer("长城科技", "集团有限公司", places=(BEIJING,)), True),
        (PLACED, offer("长城科技", "集团有限公司", places=(Place("上海", "", ("31",)),)), False),
        (PLACED, offer("长城科技", places=(BEIJING,)), False),
        (replace(PLACED, form="有限公司"), offer("长城科技"), False),
    ],
)
def test_a_name_that_says_too_much_may_be_meant(asked: Anatomy, offered: Anatomy, meant: bool) -> None:
    """A place of two to four signs in front, the end of a trade or the group left out, or no place at all."""
    assert meant == may_be_meant(asked, offered)


@pytest.mark.parametrize("word", ["集团", "股份", "控股"])
def test_a_form_that_was_cut_short_keeps_its_words(word: str) -> None:
    """It may grow, and become no other one."""
    asked = replace(CORE, form=word)
    assert None is contradiction(asked, offer("长城科技", f"{word}有限公司"))
    assert NamePart.FORM is contradiction(asked, offer("长城科技", "有限责任公司"))


@pytest.mark.parametrize("grown", ["总公司", "集团公司", "集团有限公司", "控股有限公司", "集团股份有限公司"])
def test_no_form_grows_into_another_body(grown: str) -> None:
    """甲公司 is not 甲总公司, which has it under it; nor is 甲 the 甲集团."""
    assert NamePart.FORM is compared("成都远山环保公司", f"成都远山环保{grown}")
    assert NamePart.FORM is compared("成都远山环保", f"成都远山环保{grown}")


def test_a_county_may_go_without_its_rank_on_either_side() -> None:
    """It is the county that the other name says, and the core goes on behind it."""
    ranked, bare = take_apart("北京朝阳区长城科技有限公司"), take_apart("北京朝阳长城科技有限公司")
    assert (None, None) == (contradiction(ranked, bare), contradiction(bare, ranked))
    assert 4 == closeness(ranked, bare) == closeness(bare, ranked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("和平县长城厂", "和平长城厂"),
        ("德清县武康镇长城厂", "德清县武康长城厂"),
        ("大理市长城厂", "大理长城厂"),
        ("海城市市政长城厂", "海城市政长城厂"),
    ],
)
def test_a_place_is_read_alike_in_both_names(one: str, other: str) -> None:
    """A word that the other name has as a place; a town; the city in the prefecture of its name."""
    assert (None, None) == (compared(one, other), compared(other, one))


def test_a_brand_that_sounds_like_a_place_is_none_where_the_other_name_has_it() -> None:
    """The 朝阳 of 北京朝阳药业 is no city, if 朝阳药业 is asked for."""
    asked, offered = take_apart("朝阳药业"), take_apart("北京朝阳药业有限公司")
    assert None is contradiction(asked, offered)
    assert 1 == closeness(asked, offered)


def test_a_brand_may_sound_like_a_district_of_another_city() -> None:
    """The 朝阳 of 长春 is no city either; the places in front of it stay."""
    asked, offered = take_apart("朝阳药业有限公司"), take_apart("吉林长春朝阳药业有限公司")
    assert None is contradiction(asked, offered)
    assert ["吉林", "长春"] == [place.stem for place in aligned(asked, offered)[1].places]


@pytest.mark.parametrize("brand", ["义乌药业", "四平药业", "三河药业二厂"])
def test_a_brand_may_sound_like_a_place_of_any_rank_and_hold_a_number(brand: str) -> None:
    """The number in its place is one of its own then."""
    assert None is compared(brand, f"北京{brand}有限公司")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("药业（朝阳）有限公司", "北京朝阳药业有限公司"),
        ("药业（义乌）有限公司", "北京义乌药业有限公司"),
        ("辽宁朝阳药业有限公司", "北京朝阳药业有限公司"),
        ("义乌市药业有限公司", "北京义乌药业有限公司"),
        ("朝阳药业有限公司", "北京朝阳区药业有限公司"),
    ],
)
def test_a_place_in_brackets_with_its_rank_or_beside_another_is_no_brand(name: str, other: str) -> None:
    """Who writes it so means the place."""
    assert NamePart.REGION is compared(name, other)


def test_a_place_that_is_known_is_not_read_once_more() -> None:
    """The brand behind it may be called like it."""
    assert NamePart.CORE is compared("昆明昆明湖药业有限公司", "昆明湖药业有限公司")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("龙山县教育局", "龙山区教育局"),
        ("海南远山商贸有限公司", "海南州远山商贸有限公司"),
        ("吉林远山商贸有限公司", "吉林市远山商贸有限公司"),
        ("上虞市远山商贸有限公司", "上虞区远山商贸有限公司"),
        ("北戴河新区远山商贸有限公司", "北戴河远山商贸有限公司"),
        ("长沙市岳麓区教育局", "永州市岳麓区教育局"),
        ("杭州市西湖区远山小学", "南昌市西湖区远山小学"),
        ("德清县武康镇远山小学", "长兴县武康镇远山小学"),
        ("德清县武康镇远山小学", "湖州市武康镇远山小学"),
    ],
)
def test_places_are_compared_whole_and_with_their_rank(one: str, other: str) -> None:
    """A 县 is no 区, a prefecture no province, and the 西湖区 of 杭州 is not that of 南昌."""
    assert (NamePart.REGION, NamePart.REGION) == (compared(one, other), compared(other, one))


@pytest.mark.parametrize(
    ("asked", "offered", "part"),
    [
        ("浙江省远山集团有限公司", "浙江省德清县远山集团有限公司", NamePart.REGION),
        ("长沙市第七人民医院", "长沙市岳麓区第七人民医院", NamePart.REGION),
        ("德清县远山厂", "德清县武康镇远山厂", NamePart.REGION),
        ("浙江远山", "浙江德清远山有限公司", NamePart.REGION),
        ("浙江远山", "浙江省德清县远山有限公司", None),
        ("德清县远山集团有限公司", "浙江省德清县远山集团有限公司", None),
        ("浙江省湖州市德清县远山厂", "德清县远山厂", None),
        ("浙江省湖州市德清县武康镇远山厂", "浙江省德清县武康镇远山厂", None),
    ],
)
def test_a_full_name_accepts_no_further_place(asked: str, offered: str, part: NamePart | None) -> None:
    """A short one does, where the place says its rank; a larger one may be said or not."""
    assert part is compared(asked, offered)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("天津市和平区支公司", "沈阳市和平区支公司", NamePart.BRANCH),
        ("和平区支公司", "沈阳市和平区支公司", NamePart.BRANCH),
        ("张家口市桥西区支公司", "桥西支公司", NamePart.BRANCH),
        ("龙山县支公司", "龙山区支公司", NamePart.BRANCH),
        ("海南分公司", "海南州分公司", NamePart.BRANCH),
        ("分公司", "沈阳分公司", NamePart.BRANCH),
        ("北戴河新区支行", "北戴河区支行", NamePart.BRANCH),
        ("城南第一营业部", "城南第二营业部", NamePart.BRANCH),
        ("乐陵支公司", "德州市乐陵市支公司", None),
        ("沈阳和平支公司", "沈阳市和平区支公司", None),
        ("青岛市分公司", "青岛分公司", None),
        ("石油市分公司", "石油分公司", None),
    ],
)
def test_a_branch_is_compared_with_all_its_places(one: str, other: str, part: NamePart | None) -> None:
    """和平区 may be that of 天津 or of 沈阳, 桥西 that of another city of 河北; 乐陵 lies in 德州 alone."""
    head = "远山保险股份有限公司"
    assert (part, part) == (compared(head + one, head + other), compared(head + other, head + one))


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("远山石油湖北襄阳南门加油站", "远山石油有限公司湖北襄阳南门加油站"),
        ("远山财产保险乐陵支公司", "远山财产保险股份有限公司乐陵支公司"),
        ("远山烟草（集团）昆明卷烟厂", "远山烟草（集团）有限责任公司昆明卷烟厂"),
        ("远山电信乐陵分公司新铺服务中心", "远山电信股份有限公司乐陵分公司新铺服务中心"),
        ("昆明远山装饰加工厂", "昆明远山装饰有限公司加工厂"),
        ("泰州市姜堰区远山石油城东加油站", "泰州市姜堰区远山石油有限公司城东加油站"),
        ("工商银行乐陵支行", "中国工商银行股份有限公司乐陵支行"),
    ],
)
def test_a_branch_may_go_without_the_form_of_its_head_office(asked: str, offered: str) -> None:
    """It begins where the offered name says that its head office ends."""
    assert None is compared(asked, offered)


def test_a_branch_without_the_form_of_its_head_office_keeps_its_place() -> None:
    """That of another city is another one."""
    part = compared("泰州远山石油城东加油站", "昆明远山石油有限公司城东加油站")
    assert NamePart.REGION is part


@pytest.mark.parametrize(
    ("asked", "offered", "part"),
    [
        ("杭州远山", "杭州远山环保科技有限公司", None),
        ("远山", "远山环保科技有限公司", NamePart.CORE),
        ("远山环保科技", "远山环保科技发展有限公司", None),
        ("远山环保", "杭州远山环保科技有限公司", NamePart.CORE),
        ("杭州山", "杭州山环保科技有限公司", NamePart.CORE),
        ("杭州环保", "杭州环保科技有限公司", NamePart.CORE),
        ("杭州远山色母", "杭州远山色母粒有限公司", NamePart.CORE),
        ("杭州远山电力", "杭州远山电力研究院", NamePart.CORE),
        ("杭州远山电力", "杭州远山电力培训中心有限公司", NamePart.CORE),
        ("杭州远山国际", "杭州远山国际旅行社有限公司", None),
        ("杭州远山电视台", "杭州远山电视台节目制作中心", NamePart.CORE),
        ("晨山资讯（深圳", "晨山资讯（深圳）有限公司", None),
    ],
)
def test_a_trade_may_be_cut_short_behind_a_place_and_a_brand(
    asked: str, offered: str, part: NamePart | None
) -> None:
    """At a word, and not so that it grows into an institution."""
    assert part is compared(asked, offered)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("远山电器（武汉）有限公司", "武汉市远山电器有限公司"),
        ("武汉远山电器有限公司", "远山（武汉）电器有限公司"),
        ("德清远山电器（浙江）有限公司", "浙江德清远山电器有限公司"),
        ("德清县远山电器（湖州）有限公司", "湖州德清县远山电器有限公司"),
    ],
)
def test_a_place_may_stand_in_brackets_or_in_front(asked: str, offered: str) -> None:
    """Where place, core and form agree."""
    assert None is compared(asked, offered)


def test_a_place_in_brackets_is_not_left_out_of_a_full_name() -> None:
    """远山投资有限公司 may be another company than its （中国）."""
    assert NamePart.REGION is compared("远山（中国）投资有限公司", "远山投资有限公司")
