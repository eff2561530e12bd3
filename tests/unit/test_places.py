"""The places at the start of a name: divisions by the table, zones and towns by their shape."""

from __future__ import annotations

import pytest

from eqcbatch.domain.matching.divisions import Codes, divisions
from eqcbatch.domain.matching.places import Place, places_within, read_as, same_place, split_places


def read(words: str, **how: bool) -> str:
    """The places as `stem:rank` with a blank between, then a bar and the rest."""
    places, rest = split_places(words, **how)
    return " ".join(f"{place.stem}:{place.rank}" for place in places) + f"|{rest}"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("浙江省湖州市德清县远山厂", "浙江:省 湖州:市 德清:县|远山厂"),
        ("浙江湖州德清远山厂", "浙江: 湖州: 德清:|远山厂"),
        ("德清远山厂", "德清:|远山厂"),
        ("歙县远山厂", "歙:县|远山厂"),
        ("广西壮族自治区南宁市远山厂", "广西:自治区 南宁:市|远山厂"),
        ("香港特别行政区远山厂", "香港:特别行政区|远山厂"),
        ("吉林省吉林市远山厂", "吉林:省 吉林:市|远山厂"),
        ("上海市浦东新区远山厂", "上海:市 浦东:新区|远山厂"),
        ("云南省金平苗族瑶族傣族自治县远山厂", "云南:省 金平:县|远山厂"),
        ("云南金平县远山厂", "云南: 金平:县|远山厂"),
        ("云南金平自治县远山厂", "云南: 金平:县|远山厂"),
        ("海南藏族自治州远山厂", "海南:州|远山厂"),
        ("海南州远山厂", "海南:州|远山厂"),
        ("鄂温克族自治旗远山厂", "鄂温克:旗|远山厂"),
        ("喀什地区莎车县远山厂", "喀什:地区 莎车:县|远山厂"),
        ("湖北襄樊市襄阳县远山厂", "湖北: 襄樊:市 襄阳:县|远山厂"),
        ("中国北京远山厂", "北京:|远山厂"),
        ("晋城市城区远山厂", "晋城:市 城:区|远山厂"),
    ],
)
def test_divisions_are_known_with_and_without_their_rank(words: str, parts: str) -> None:
    """From large to small, in all their ways of being written, and by names of the past."""
    assert parts == read(words)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("昆明经济技术开发区远山厂", "昆明: 经济技术:开发区|远山厂"),
        ("昆明开发区远山厂", "昆明:开发区|远山厂"),
        ("北戴河新区远山厂", "北戴河:新区|远山厂"),
        ("湖州市德清县武康镇远山厂", "湖州:市 德清:县 武康:镇|远山厂"),
        ("武康镇远山厂", "武康:镇|远山厂"),
        ("湖州市武康街道远山厂", "湖州:市 武康:街道|远山厂"),
    ],
)
def test_zones_and_towns_are_known_by_their_shape(words: str, parts: str) -> None:
    """No table has them all; nothing smaller is looked for behind them."""
    assert parts == read(words)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("厦门市政工程公司", "厦门:|市政工程公司"),
        ("昆明市场管理公司", "昆明:|市场管理公司"),
        ("昆明市容环卫公司", "昆明:|市容环卫公司"),
        ("厦门市政府服务中心", "厦门:市|政府服务中心"),
        ("兴山市政工程公司", "|兴山市政工程公司"),
        ("红旗药业", "|红旗药业"),
        ("和平药业", "|和平药业"),
        ("鼓楼药业", "|鼓楼药业"),
        ("城区药业", "|城区药业"),
        ("老乡餐饮公司", "|老乡餐饮公司"),
        ("古镇灯饰厂", "|古镇灯饰厂"),
        ("开发区药业", "|开发区药业"),
        ("中国石油", "|中国石油"),
        ("中国远山厂", "|中国远山厂"),
        ("浙江南宁远山厂", "浙江:|南宁远山厂"),
        ("北京上海远山厂", "北京:|上海远山厂"),
        ("湖州社区服务厂", "湖州:|社区服务厂"),
    ],
)
def test_what_looks_like_a_place_and_is_none_is_a_word(words: str, parts: str) -> None:
    """市政, 市场, a brand; and each place lies within the one before it."""
    assert parts == read(words)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("北京朝阳药业", "北京: 朝阳:|药业"),
        ("新乡红旗药业", "新乡: 红旗:|药业"),
        ("武汉红旗药业", "武汉:|红旗药业"),
        ("甘肃清水河药业", "甘肃: 清水:|河药业"),
    ],
)
def test_a_word_is_a_place_within_the_one_it_lies_in(words: str, parts: str) -> None:
    """新乡 has a 红旗区, and 武汉 none; 清水 is in 甘肃, and 清水河 is not."""
    assert parts == read(words)


def test_in_a_branch_and_in_brackets_a_word_is_a_place() -> None:
    """和平支公司 is called by its place."""
    assert "和平:|支公司" == read("和平支公司", any_word=True)
    assert "和平:|支公司" == read("中国和平支公司", any_word=True)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("乐陵市市支公司", "乐陵:市|市支公司"),
        ("喀什市支公司", "喀什:市|支公司"),
        ("博山市支公司", "博山:|支公司"),
    ],
)
def test_a_rank_that_no_division_has_is_a_slip(words: str, parts: str) -> None:
    """There is a 博山区, and no 博山市."""
    assert parts == read(words, any_word=True)


def test_one_name_may_be_that_of_several_divisions() -> None:
    """A place before it tells which."""
    bare, told = split_places("和平区远山厂")[0], split_places("沈阳市和平区远山厂")[0]
    assert ({"120101", "210102"}, False) == ({*bare[0].codes}, bare[0].is_in_one_city)
    assert (("210102",), True) == (told[1].codes, told[1].is_in_one_city)


def test_a_name_without_rank_is_that_of_the_largest() -> None:
    """长沙 is the city, not its county; but 大理 may be the city in the prefecture that is called so."""
    assert ("4301",) == split_places("长沙远山厂")[0][0].codes
    assert ("5329", "532901") == split_places("大理远山厂")[0][0].codes
    assert ("46",) == split_places("海南远山厂")[0][0].codes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("襄城", "区", ("411003",)), ("襄城", "县", ("411025",)), False),
        (("襄城", "", ("411003", "411025")), ("襄城", "县", ("411025",)), True),
        (("和平", "区", ("120101",)), ("和平", "区", ("210102",)), False),
        (("远山", "", ()), ("远山", "区", ("411003",)), True),
        (("远山", "镇", ()), ("远山", "镇", ()), True),
        (("远山", "镇", ()), ("远水", "镇", ()), False),
    ],
)
def test_two_names_of_places_may_be_those_of_one(
    one: tuple[str, str, Codes], other: tuple[str, str, Codes], same: bool
) -> None:
    """As far as rank and table tell; of what no table has only the name counts."""
    assert (same, same) == (
        same_place(Place(*one), Place(*other)),
        same_place(Place(*other), Place(*one)),
    )


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (Place("北戴河", "新区", ("130304",)), True),
        (Place("浦东", "新区", ("310115",)), False),
        (Place("北戴河", "区", ("130304",)), False),
        (Place("远山", "新区", ()), False),
    ],
)
def test_a_zone_may_be_called_like_the_division_it_lies_in(place: Place, zone: bool) -> None:
    """北戴河新区 is not 北戴河区."""
    assert zone == place.is_zone


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("远山保险乐陵", 4),
        ("远山药房湖北襄阳宜城南门", 4),
        ("远山深圳大药房广州上海", 9),
        ("昆明远山乐陵", 4),
        ("泰州市姜堰区远山", 0),
        ("山西省芮城县西陌远山", 0),
        ("远山石油和平", 0),
        ("远山", 0),
    ],
)
def test_the_last_places_within_words_are_found(words: str, at: int) -> None:
    """Those that lie in each other are one; those at the start are not within."""
    assert at == places_within(words)


@pytest.mark.parametrize(
    ("words", "rank", "end"),
    [
        ("和平县远山厂", "县", 3),
        ("和平县", "", 2),
        ("和平远山厂", "", 2),
        ("和平", None, None),
        ("远山厂", None, None),
    ],
)
def test_words_may_begin_with_a_place_that_is_known(words: str, rank: str | None, end: int | None) -> None:
    """With its rank or without, if anything is left behind it."""
    read = read_as(words, Place("和平", "县", ()))
    assert (rank, end) == ((read[0].rank, read[1]) if read else (None, None))


def test_the_table_knows_what_is_a_province() -> None:
    """By a code of any length."""
    assert [True, True, False, False] == [
        divisions().is_province(code) for code in ("33", "330521", "99", "")
    ]
