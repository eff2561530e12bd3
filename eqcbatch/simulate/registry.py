"""The companies a simulated EQC knows, and what a registry of them must answer."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Protocol

from eqcbatch.domain.model import StrEnum
from eqcbatch.simulate import chance

CITIES = (
    ("北京", "北京市"),
    ("上海", "上海市"),
    ("天津", "天津市"),
    ("重庆", "重庆市"),
    ("广州", "广东省"),
    ("深圳", "广东省"),
    ("东莞", "广东省"),
    ("杭州", "浙江省"),
    ("宁波", "浙江省"),
    ("南京", "江苏省"),
    ("苏州", "江苏省"),
    ("成都", "四川省"),
    ("绵阳", "四川省"),
    ("武汉", "湖北省"),
    ("长沙", "湖南省"),
    ("西安", "陕西省"),
    ("济南", "山东省"),
    ("青岛", "山东省"),
    ("郑州", "河南省"),
    ("合肥", "安徽省"),
    ("福州", "福建省"),
    ("厦门", "福建省"),
    ("南昌", "江西省"),
    ("石家庄", "河北省"),
    ("太原", "山西省"),
    ("沈阳", "辽宁省"),
    ("大连", "辽宁省"),
    ("昆明", "云南省"),
    ("贵阳", "贵州省"),
    ("兰州", "甘肃省"),
)
STATUSES = ("存续",) * 14 + ("在业",) * 4 + ("注销", "吊销")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = [pow(3, place, 31) for place in range(17)]


class MatchType(StrEnum):
    """The `type` of a search item (docs/domain.md section 3)."""

    EXACT = "全称精确匹配"
    FUZZY = "模糊匹配"
    PINYIN = "拼音"


@dataclass(frozen=True, slots=True)
class Company:
    """One registered company.

    company_id: 9-10 digits as text (whatever the file says, in a listed registry).
    unite_code: 统一社会信用代码, 18 characters. former_names: oldest first.
    capital: registered capital in 万元; a text stands in answers as it is. established: ISO date.
    short_name: what it is called for short, "" for nothing, None for what its name begins with.
    """

    company_id: str
    official_name: str
    unite_code: str
    former_names: tuple[str, ...]
    status: str
    province: str
    city: str
    legal_person: str
    capital: float | str
    established: str
    short_name: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One company in the answer to a search: how it was found, and EQC's score for it."""

    company: Company
    match_type: MatchType
    score: float


class Registry(Protocol):
    """What a simulated EQC asks for companies. The same question must get the same answer."""

    def search(self, key: str) -> list[Offer]:
        """Offer the companies for a name, best first; none where nothing is similar."""

    def company(self, company_id: str) -> Company | None:
        """Find the company with this id, None where there is none."""


def describe(
    official_name: str,
    *,
    company_id: str = "",
    unite_code: str = "",
    former_names: tuple[str, ...] = (),
    status: str = "",
    province: str = "",
    short_name: str | None = None,
) -> Company:
    """Describe a company by its official name; what is not given follows from that name alone."""
    draw = chance.dice("company", official_name)
    city, home = _seat(official_name, draw.randrange(len(CITIES)), province)
    person = draw.choice(SURNAMES) + "".join(draw.sample(GIVEN_NAMES, draw.randint(1, 2)))
    return Company(
        company_id=company_id or str(100_000_000 + draw.getrandbits(63) % 9_900_000_000),
        official_name=official_name,
        unite_code=unite_code or _unite_code(official_name),
        former_names=former_names,
        status=status or draw.choice(STATUSES),
        province=province or home,
        city=city,
        legal_person=person,
        capital=float(draw.choice((50, 100, 500, 1000, 3000, 10000, 80000))),
        established=f"{draw.randint(1985, 2022)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        short_name=short_name,
    )


def written(name: str) -> str:
    """Write a name as a register does: no whitespace, full-width round brackets."""
    return "".join(name.split()).replace("(", "（").replace(")", "）")


def folded(name: str) -> str:
    """Fold the ways of writing one name into one: width, case and whitespace do not count."""
    return unicodedata.normalize("NFKC", "".join(name.split())).upper()


def _seat(official_name: str, fallback: int, province: str) -> tuple[str, str]:
    """Find the city in the name, else one of `province`, else any: (city, its province)."""
    named = next((place for place in CITIES if place[0] in official_name), None)
    inside = next((place for place in CITIES if place[1] == province), None)
    return named or inside or CITIES[fallback]


def _unite_code(official_name: str) -> str:
    """Make a code of 18 characters with a right check character (GB 32100-2015)."""
    draw = chance.dice("unite_code", official_name)
    kind = "91" if official_name.endswith(("公司", "厂")) else "12"
    body = f"{kind}{draw.randint(110000, 659000)}" + "".join(draw.choices(CODE_SIGNS, k=9))
    total = sum(CODE_SIGNS.index(sign) * weight for sign, weight in zip(body, CODE_WEIGHTS, strict=True))
    return body + CODE_SIGNS[-total % 31]
