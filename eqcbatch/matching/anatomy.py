"""A company name taken apart: where it sits, whether it is a branch, its numbers, its core.

Rules of thumb over the written form; a part that cannot be told is left in the core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eqcbatch.matching.regions import PREFECTURES, PROVINCE_OF
from eqcbatch.names import written_form

_LEGAL_FORM = re.compile(
    "(?:集团|股份|控股|有限|责任|公司|企业|总公司|总厂|实业公司|合作社|合伙企业|事务所|工厂|厂)+$"
)
_LEGAL_WORDS = ("有限责任公司", "股份有限公司", "有限公司", "集团公司", "总公司", "公司", "银行")
_BRANCH = re.compile(
    "(分公司|支公司|子公司|支行|分行|分理处|营业部|营业厅|办事处|代表处|联络处|分店|门市部|分厂|分社|分校|分院|"
    "分部|分所|分局|分中心|项目部|经营部|加油站)$"
)
_REGION_SUFFIX = "(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|地区|省|市|盟|州)?"
_KNOWN_REGION = re.compile(
    "(" + "|".join(sorted([*PREFECTURES, *PROVINCE_OF], key=len, reverse=True)) + ")" + _REGION_SUFFIX
)
_COUNTY = re.compile("([\u4e00-\u9fff]{1,3}?)(?:市|县|区|旗|镇|乡)(?=[\u4e00-\u9fff])")
_NO_COUNTY = re.compile("(?:[城都超上股夜]市|[社小园特景地校厂矿新库专发]区)$")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_COUNTRY = "中国"
_DIGITS = str.maketrans("零一二三四五六七八九壹贰叁肆伍陆柒捌玖拾〇两", "0123456789123456789十02")
_NUMBER = re.compile("[0-9十百千]+")


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a name.

    province, city, county: of its seat, "" where it does not say. branch: what kind of branch, "" for
    none; place: of the branch. numbers: all numbers and ordinals in their order, 二 as 2. core: what is
    left without region, brackets and legal form.
    """

    province: str
    city: str
    county: str
    branch: str
    place: str
    numbers: tuple[str, ...]
    core: str


@lru_cache(maxsize=4096)
def take_apart(name: str) -> Anatomy:
    """The anatomy of a name."""
    whole = written_form(name)
    bracketed = "".join(_BRACKETS.findall(whole))
    head, branch, place = _split_branch(_BRACKETS.sub("", whole))
    province, city, county, rest = _split_region(head)
    rest = rest or head  # a name that is nothing but a region
    if not province:
        province, city, _county, _rest = _split_region(bracketed)
    core = _LEGAL_FORM.sub("", rest) or rest
    numbers = tuple(_NUMBER.findall((rest + branch).translate(_DIGITS)))
    return Anatomy(province, city, county, branch, place, numbers, core.translate(_DIGITS))


def contradiction(asked: Anatomy, offered: Anatomy) -> str | None:
    """What shows that two names mean different companies: region, branch, number or core; None if nothing."""
    if _regions_differ(asked, offered):
        return "region"
    if (asked.branch, asked.place) != (offered.branch, offered.place):
        return "branch"
    if asked.numbers != offered.numbers:
        return "number"
    shorter, longer = sorted((asked.core, offered.core), key=len)
    return None if shorter and longer.startswith(shorter) else "core"


def _regions_differ(one: Anatomy, other: Anatomy) -> bool:
    pairs = ((one.province, other.province), (one.city, other.city), (one.county, other.county))
    return any(left and right and left != right for left, right in pairs)


def _split_branch(name: str) -> tuple[str, str, str]:
    """Head office, kind of branch and its place; `中国银行股份有限公司北京分行` is a branch in 北京."""
    found = _BRANCH.search(name)
    if not found:
        return name, "", ""
    head = name[: found.start()]
    cut = max(head.rfind(word) + len(word) if word in head else 0 for word in _LEGAL_WORDS)
    if not cut:
        regions = [match for match in _KNOWN_REGION.finditer(head) if match.start() > 0]
        cut = regions[0].start() if regions else len(head)
    place = "".join(part for part in _split_region(head[cut:])[:3] if part) or head[cut:]
    return head[:cut], found[1], place


def _split_region(name: str) -> tuple[str, str, str, str]:
    """Province, city and county at the start of a name, and the rest."""
    province = city = county = ""
    rest = name.removeprefix(_COUNTRY) if name.startswith(_COUNTRY) and len(name) > 4 else name
    if rest is not name and not _KNOWN_REGION.match(rest):
        return "", "", "", name
    while found := _KNOWN_REGION.match(rest):
        known = found[1]
        if known in PREFECTURES and not province:
            province = known
        elif known in PROVINCE_OF and not city and province in ("", PROVINCE_OF[known]):
            province, city = PROVINCE_OF[known], known
        else:
            break
        rest = rest[found.end() :]
    if (found := _COUNTY.match(rest)) and not _NO_COUNTY.search(found[0]):
        county, rest = found[1], rest[found.end() :]
    return province, city, county, rest
