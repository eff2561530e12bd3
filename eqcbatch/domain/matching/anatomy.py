"""A company name taken apart: its places, its legal form, its branch, its numbers, its core.

Rules of thumb over the written form; a part that cannot be told is left in the core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from eqcbatch.domain.matching.regions import PREFECTURES, PROVINCE_OF, PROVINCE_OF_COUNTY_CITY
from eqcbatch.domain.names import written_form

# At the end of a name these say what kind of company it is: no part of its core. 责任 says nothing.
_FORM_WORDS = "集团|股份|控股|有限|责任|总公司|公司|合伙企业|专业合作社|合作社"
WHOLE_FORMS = ("有限公司", "总公司", "企业", "合作社")
_FORM_ENDINGS = {
    sign: tuple(sorted((word for word in _FORM_WORDS.split("|") if word[-1] == sign), key=len, reverse=True))
    for sign in {word[-1] for word in _FORM_WORDS.split("|")}
}
_ONLY_FORM = re.compile(f"(?:{_FORM_WORDS})*$")
_KIND_IN_BRACKETS = re.compile("合伙|独资|所有制|股份合作|个体工商户|筹")
# What names an institution in full, though it has no legal form behind it.
_INSTITUTION = re.compile(
    "(?:大学|学院|学校|中学|小学|幼儿园|医院|银行|中心|委员会|政府|办公室|协会|学会|[院局所站厂社店馆队处部])$"
)
_BRANCH = re.compile(
    "(?:分行营业部|分公司|支公司|子公司|支行|分行|分理处|营业部|营业厅|办事处|代表处|联络处|分店|门市部|分厂|分社|"
    "分校|分院|分部|分所|分局|分中心|项目部|经营部|加油站)$"
)
_REGION_RANK = "(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|地区|省|市|盟|州)?"
_KNOWN_REGION = re.compile(f"({'|'.join([*PREFECTURES, *PROVINCE_OF])}){_REGION_RANK}(?!县)")
# A single sign before its rank is a county (歙县); before 区, 镇, 乡 it is a word (老乡, 古镇).
_COUNTY = re.compile("([\u4e00-\u9fff](?=县)|[\u4e00-\u9fff]{2,3}?)(?:新区|[市县区旗镇乡])(?=.)")
_COUNTY_CITY = re.compile(f"({'|'.join(PROVINCE_OF_COUNTY_CITY)})(?:市(?=.)|(?![市县区])(?=..))")
_NO_COUNTY = re.compile("(?:[城都超上股夜]市|[社小园特景地校厂矿库专发]区)$")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_COUNTRY = "中国"
# 零 and 两 are words more often than numbers (零部件, 零售, 两江); so are 十, 百 and 千 alone (百货).
DIGITS = str.maketrans("一二三四五六七八九壹贰叁肆伍陆柒捌玖拾〇", "123456789123456789十0")
_NUMBER = re.compile("[0-9][0-9十百千]*|十[0-9]|第十")
FEWEST_SIGNS = 4  # of a core that stands alone: a brand of two or three is borne by many


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a name.

    places: as stated, from large to small, without their rank (绵阳, not 绵阳市). bracketed: whether they
    stand in brackets. province, city, county: of these places, the province of a known city too.
    branch: what stands behind the head office's name, its place without rank; "" for none. numbers: all
    numbers and ordinals in their order, 二 as 2. core: what is left, brand and trade. form: the legal
    form, 责任 aside.
    """

    places: tuple[str, ...]
    bracketed: bool
    province: str
    city: str
    county: str
    branch: str
    numbers: tuple[str, ...]
    core: str
    form: str

    @property
    def written_in_full(self) -> bool:
        """Whether the name ends as registered names do: in a whole legal form, or as institutions do."""
        return self.form.endswith(WHOLE_FORMS) or bool(_INSTITUTION.search(self.core))

    @property
    def office(self) -> str:
        """The branch, if it is called one (龙岗分公司): no remark such as 原某厂, which may stand there."""
        return self.branch if _BRANCH.search(self.branch) else ""

    @property
    def may_be_cut(self) -> bool:
        """Whether something may have been cut off its end."""
        return not (self.form or self.branch or self.written_in_full)

    @property
    def says_too_little(self) -> bool:
        """Whether it is a bare brand, without a place, a trade or a legal form."""
        return not (self.places or self.form or self.branch) and len(self.core) < FEWEST_SIGNS


@dataclass(frozen=True, slots=True)
class _Region:
    """Where a name says it sits. places: as stated; rest: the name behind them."""

    places: tuple[str, ...]
    province: str
    city: str
    county: str
    rest: str


_BEHIND = "之之"  # a county is known by its rank and by a name that goes on behind it


@lru_cache(maxsize=4096)
def take_apart(name: str) -> Anatomy:
    """The anatomy of a name."""
    whole, bracketed = _without_brackets(written_form(name))
    head, branch = _split_branch(whole)
    region = _split_region(head)
    rest = region.rest or head  # a name that is nothing but a region
    if bracketed and region.places:  # 上海甲(北京)公司 is of 上海; 北京 is a part of what it is called
        rest = "".join(bracketed.places) + rest
    elif bracketed:
        region = bracketed
    form = rest[_form_start(rest) :]
    core = rest.removesuffix(form) or rest
    return Anatomy(
        region.places,
        region is bracketed,
        region.province,
        region.city,
        region.county,
        branch.translate(DIGITS),
        numbers_in((rest + branch).translate(DIGITS)),
        core.translate(DIGITS),
        form.replace("责任", ""),
    )


def numbers_in(words: str) -> tuple[str, ...]:
    """The numbers and ordinals among words in which 二 is 2 already."""
    return tuple(_NUMBER.findall(words))


def _form_start(name: str) -> int:
    """Where the words of a legal form begin at its end: read from there, in time linear in its length."""
    start = len(name)
    while endings := _FORM_ENDINGS.get(name[start - 1 : start]):
        word = next((word for word in endings if name.endswith(word, 0, start)), None)
        if word is None:
            break
        start -= len(word)
    return start


def _without_brackets(name: str) -> tuple[str, _Region | None]:
    """A name without its brackets, and the region that stands in them, if one does.

    A place may stand in brackets behind the brand or before the legal form, and hardly anything else
    does; so within a name any words there are one, save those of a legal form, which are a part of the
    name (集团). At its end only a known place is. What kind of partnership it is goes.
    """
    region: _Region | None = None

    def reread(group: re.Match[str]) -> str:
        nonlocal region
        found = _bracketed_region(group[1], within=group.end() < len(name))
        if found and not region:
            region = found
            return ""
        return "" if _KIND_IN_BRACKETS.search(group[1]) else group[1]

    return _BRACKETED.sub(reread, name), region


def _bracketed_region(words: str, *, within: bool) -> _Region | None:
    if not words or re.search(f"{_FORM_WORDS}|{_KIND_IN_BRACKETS.pattern}", words):
        return None
    if words == _COUNTRY:
        return _Region((_COUNTRY,), "", "", "", "")
    known = _split_region(f"{words}{_BEHIND}")
    rest = known.rest.removesuffix(_BEHIND)
    if not rest:
        return known
    if within and not known.county:
        return replace(known, places=(*known.places, rest), county=rest)
    return None


def _split_branch(name: str) -> tuple[str, str]:
    """Head office and branch; `中国银行股份有限公司北京市分行` is the branch `北京分行` of a bank.

    Behind 公司 there is no more of a company's name: what follows is a part of it, whatever it is
    called (a branch, a shop, its trade union).
    """
    cut = name.find("公司") + 2
    if cut > 1 and not _ONLY_FORM.match(name[cut:]):
        return name[:cut], _branch(name[cut:])
    found = _BRANCH.search(name)
    if not found:
        return name, ""
    head = name[: found.start()]
    cut = head.rfind("银行") + 2
    if cut < 2:
        regions = [match for match in _KNOWN_REGION.finditer(head) if match.start() > 0]
        cut = regions[-1].start() if regions else len(head)
    return name[:cut], _branch(name[cut:])


def _branch(words: str) -> str:
    region = _split_region(words)
    return "".join(region.places[-1:]) + region.rest


def _split_region(name: str) -> _Region:
    """The places at the start of a name, and the rest."""
    places: list[str] = []
    province = city = county = ""
    rest = name.removeprefix(_COUNTRY) if len(name) > 4 else name
    if rest is not name and not _KNOWN_REGION.match(rest):
        return _Region((), "", "", "", name)
    while found := _KNOWN_REGION.match(rest):
        known = found[1]
        if known in PREFECTURES and not province:
            province = known
        elif known in PROVINCE_OF and not city and province in ("", PROVINCE_OF[known]):
            province, city = PROVINCE_OF[known], known
        else:
            break
        places.append(known)
        rest = rest[found.end() :]
    found = _COUNTY_CITY.match(rest)
    if found and province in ("", PROVINCE_OF_COUNTY_CITY[found[1]]):
        province = PROVINCE_OF_COUNTY_CITY[found[1]]
    elif (found := _COUNTY.match(rest)) and _NO_COUNTY.search(found[0]):
        found = None
    if found:
        ranked = found[0].endswith("县") and found[1] in PROVINCE_OF
        county = found[0] if ranked else found[1]  # 长沙县 is not 长沙
        places.append(county)
        rest = rest[found.end() :]
    return _Region(tuple(places), province, city, county, rest)
