"""A world of companies made on demand: any name asked has its company, by chance that repeats."""

from __future__ import annotations

import random
from dataclasses import dataclass

from eqcbatch.errors import BadInput
from eqcbatch.simulate import chance
from eqcbatch.simulate.registry import (
    CITIES,
    Company,
    MatchType,
    Offer,
    describe,
    folded,
    written,
)

LEGAL_FORMS = (
    "集团股份有限公司",
    "集团有限责任公司",
    "集团有限公司",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "集团公司",
    "公司",
)
OTHER_ENDINGS = (
    *("集团", "中心", "医院", "中学", "小学", "大学", "银行", "办公室", "合伙）"),
    *"厂局院所站行社会校店场馆部处队台",
)
ENDINGS = LEGAL_FORMS + OTHER_ENDINGS
PLACES = (
    "中国",
    *(word for city, province in CITIES for word in (province, f"{city}市", city)),
)
SECTORS = ("科技", "贸易", "物业管理", "建筑工程", "投资", "物流", "文化传媒", "环保")
LIKE_SOUNDING = (
    "华骅桦",
    "兴星馨欣新鑫",
    "宏鸿弘泓洪",
    "盛晟圣胜",
    "金今锦津",
    "龙隆",
    "源元园原圆",
    "恒衡",
    "通同桐",
    "联连莲",
    "建健剑",
    "中忠钟",
    "天添",
    "明铭鸣",
    "泰太",
    "和禾合河",
    "利力立丽",
    "东冬",
    "宝保葆",
    "顺舜",
    "瑞锐睿",
    "诚城成程",
    "永咏",
    "佳嘉家",
    "光广",
    "方芳",
    "公工",
    "司思",
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A name taken apart: `place + brand + form` is the name (the form may be empty)."""

    place: str
    brand: str
    form: str


class GeneratedRegistry:
    """A registry that makes up the companies for whatever name is asked.

    unknown: share of all names that EQC does not know. exact, fuzzy, pinyin: what the others get
    as the `type` of their answer, as proportions (docs/domain.md section 3 counted 13 : 107 : 5). The fate
    of a name hangs on `seed` and the folded name alone. Behind the company of the name stand 0-4
    near misses; in some 6 % of the fuzzy answers one stands before it.

    Ids hang on the official name, so one company has one id in every answer; two of a hundred
    thousand companies may share one by accident. `company` knows what this object has offered.
    """

    def __init__(
        self,
        seed: int = 0,
        unknown: float = 0.08,
        exact: float = 0.10,
        fuzzy: float = 0.86,
        pinyin: float = 0.04,
    ) -> None:
        if not 0 <= unknown <= 1 or min(exact, fuzzy, pinyin) < 0 or exact + fuzzy + pinyin <= 0:
            raise BadInput(
                "The shares of a generated registry are impossible: `unknown` is a share of 0..1, "
                "and of exact, fuzzy and pinyin none is negative and one is above 0."
            )
        self._seed = seed
        self._unknown = unknown
        self._weights = (exact, fuzzy, pinyin)
        self._offered: dict[str, Company] = {}

    def search(self, key: str) -> list[Offer]:
        """Offer the company of a name and its near misses, best first; [] where it is unknown."""
        name = written(key)
        fate = self._fate(name)
        if fate is None:
            return []
        draw = chance.dice(self._seed, "answer", folded(name))
        target = _target(name, fate, draw)
        companies = _ranked(target, _near_misses(name, target, draw), fate, draw)
        self._offered.update((company.company_id, company) for company in companies)
        return _offers(companies, fate, draw)

    def company(self, company_id: str) -> Company | None:
        """Find a company that was offered before, None for any other id."""
        return self._offered.get(company_id)

    def truth(self, key: str) -> Company | None:
        """Tell which company a name really means; None where EQC does not know it.

        A pinyin answer never holds the right company, so there is no truth behind it either.
        """
        name = written(key)
        fate = self._fate(name)
        if fate is None or fate is MatchType.PINYIN:
            return None
        return _target(name, fate, chance.dice(self._seed, "answer", folded(name)))

    def _fate(self, name: str) -> MatchType | None:
        draw = chance.dice(self._seed, "fate", folded(name))
        if not name or draw.random() < self._unknown:
            return None
        return draw.choices(tuple(MatchType), self._weights)[0]


def _target(name: str, fate: MatchType, draw: random.Random) -> Company:
    """Make the company that the answer is about (the first draws of an answer are spent here)."""
    if fate is MatchType.EXACT:
        return describe(name)
    if fate is MatchType.PINYIN:
        return describe(_misheard(name, draw))
    if not name.endswith(ENDINGS):
        return describe(_completed(name, draw))
    luck = draw.random()
    if luck < 0.80:
        return describe(name)
    if luck < 0.92:
        return describe(_reworded(name, draw))
    return describe(_rebranded(name, draw), former_names=(name,))


def _near_misses(name: str, target: Company, draw: random.Random) -> list[Company]:
    """Make 0-4 other companies whose names are close to the one asked."""
    makers = [_elsewhere, _branch, _second, _sister]
    names = [make(name, draw) for make in draw.sample(makers, draw.randint(0, 3))]
    found = {other: describe(other) for other in names}
    if draw.random() < 0.25:
        renamed = _rebranded(name, draw)
        before = name if target.official_name == name else _sister(name, draw)
        found[renamed] = describe(renamed, former_names=(_elsewhere(name, draw), before))
    return [company for other, company in found.items() if other not in (name, target.official_name)]


def _ranked(target: Company, others: list[Company], fate: MatchType, draw: random.Random) -> list[Company]:
    if others and fate is MatchType.FUZZY and draw.random() < 0.08:
        return [others[0], target, *others[1:]]
    return [target, *others]


def _offers(companies: list[Company], fate: MatchType, draw: random.Random) -> list[Offer]:
    """Score the companies, falling from first to last; only the first can be an exact match."""
    score = draw.uniform(60, 100)
    offers = []
    for rank, company in enumerate(companies):
        label = MatchType.FUZZY if rank and fate is MatchType.EXACT else fate
        offers.append(Offer(company, label, round(score, 4)))
        score *= draw.uniform(0.6, 0.98)
    return offers


def _parts(name: str) -> _Parts:
    """Take a name apart at the place it begins with and the form it ends with."""
    place = next((word for word in PLACES if name.startswith(word)), "")
    form = next((word for word in ENDINGS if name.endswith(word)), "")
    brand = name[len(place) : len(name) - len(form)]
    return _Parts(place, brand, form) if brand else _Parts("", name, "")


def _completed(name: str, draw: random.Random) -> str:
    """Complete a short name to a full one: a legal form, sometimes the city before it."""
    form = draw.choice(("有限公司", "有限责任公司", "股份有限公司", "集团有限公司"))
    place = draw.choice(CITIES)[0] if draw.random() < 0.25 and not _parts(name).place else ""
    return place + name + form


def _reworded(name: str, draw: random.Random) -> str:
    """Write the full name of the same company a little differently: place or legal form."""
    parts = _parts(name)
    forms = {"有限公司": "有限责任公司", "有限责任公司": "有限公司", "公司": "有限公司"}
    if parts.form in forms and draw.random() < 0.5:
        return parts.place + parts.brand + forms[parts.form]
    if parts.place:
        return f"{parts.brand}（{parts.place}）{parts.form}"
    return f"{draw.choice(CITIES)[0]}{name}"


def _rebranded(name: str, draw: random.Random) -> str:
    """Name a company that was renamed: another brand in the same place."""
    parts = _parts(name)
    brand = "".join(draw.choice(group) for group in draw.sample(LIKE_SOUNDING[:26], 3))
    return f"{parts.place}{brand}{draw.choice(SECTORS)}{parts.form or '有限公司'}"


def _misheard(name: str, draw: random.Random) -> str:
    """Write another name that sounds like this one."""
    spots = [(at, group) for at, sign in enumerate(name) for group in LIKE_SOUNDING if sign in group]
    if not spots:
        return f"{draw.choice(LIKE_SOUNDING)[0]}{name}"
    at, group = draw.choice(spots)
    return name[:at] + draw.choice(group.replace(name[at], "")) + name[at + 1 :]


def _elsewhere(name: str, draw: random.Random) -> str:
    """Name the company of the same brand in another city."""
    parts = _parts(name)
    cities = [city for city, province in CITIES if not parts.place.startswith((city, province))]
    return draw.choice(cities) + parts.brand + (parts.form or "有限公司")


def _branch(name: str, draw: random.Random) -> str:
    """Name a branch of the company."""
    return name + draw.choice(CITIES)[0] + "分公司"


def _second(name: str, draw: random.Random) -> str:
    """Name the numbered sibling: 二厂, 第二..."""
    parts = _parts(name)
    ordinal = "二" if parts.form == "厂" else draw.choice(("第二", "第三", "二"))
    return parts.place + parts.brand + ordinal + (parts.form or "公司")


def _sister(name: str, draw: random.Random) -> str:
    """Name a company of the same brand in another trade."""
    parts = _parts(name)
    return f"{parts.place}{parts.brand[:2]}{draw.choice(SECTORS)}{parts.form or '有限公司'}"
