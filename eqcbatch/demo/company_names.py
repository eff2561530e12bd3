"""Companies that do not exist, and the ways in which a workbook writes them (docs/domain.md section 5.1)."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator

from eqcbatch.domain.names import lookup_key

_PLACES = (
    *("北京", "上海", "天津", "重庆", "广州", "深圳", "东莞", "杭州", "宁波", "南京", "苏州", "成都"),
    *("绵阳", "武汉", "长沙", "西安", "济南", "青岛", "郑州", "合肥", "福州", "厦门", "南昌", "石家庄"),
    *("太原", "沈阳", "大连", "昆明", "贵阳", "兰州"),
)
_SYLLABLES = "华兴宏盛金龙源恒通联建中天明泰和利东宝顺瑞诚永佳光方达信安康鼎汇创新科远博雅海江河山峰岳"
_TRADES = (
    *("科技", "贸易", "建筑工程", "物业管理", "投资", "物流", "文化传媒", "环保", "电力", "化工"),
    *("机械制造", "食品", "医药", "纺织", "能源", "汽车零部件", "信息技术", "农业发展", "商贸"),
    *("装饰工程", "水务", "矿业", "电子", "港务"),
)
_FORMS = ("有限公司",) * 6 + ("有限责任公司",) * 2 + ("股份有限公司", "集团有限公司")
_INSTITUTIONS = ("第一人民医院", "设计研究院", "供电局", "职业技术学院", "机械厂", "公路管理处")

_STATUSES = ("已转出", "转出", "待转出", "终止", "已终止", "保留", "存量", "注销")
_SUFFIXES = ("-养老", "-福利", "(团托)", "（团托）", "及下属子企业", "-01")
_BLANKS = (" ", "  ", "\u3000")
_FULL_WIDTH = {code: code + 0xFEE0 for code in map(ord, string.ascii_letters + string.digits)}


def company_names(dice: random.Random) -> Iterator[str]:
    """Make up full names without end, no two with one lookup key."""
    seen: set[str] = set()
    while True:
        name = _company_name(dice)
        key = lookup_key(name)
        if key not in seen:
            seen.add(key)
            yield name


def written_forms(name: str, count: int, dice: random.Random) -> tuple[str, ...]:
    """Write a name in `count` different ways that share its lookup key, mostly as it is first."""
    forms = [name if dice.random() < 0.88 else _noisy(name, dice)]
    while len(forms) < count:
        form = _noisy(name, dice)
        if form not in forms:
            forms.append(form)
    return tuple(forms)


def _company_name(dice: random.Random) -> str:
    place, trade = dice.choice(_PLACES), dice.choice(_TRADES)
    brand = "".join(dice.sample(_SYLLABLES, 2))
    luck = dice.random()
    if luck < 0.06:
        return f"{brand}（{place}）{trade}{dice.choice(_FORMS)}"
    if luck < 0.12:
        letters = "".join(dice.sample(string.ascii_uppercase, 3))
        return f"{letters}{trade}（{place}）{dice.choice(_FORMS)}"
    if luck < 0.17:
        return f"{place}市{brand}{dice.choice(_INSTITUTIONS)}"
    if luck < 0.19:
        return f"{place}{brand}会计师事务所（特殊普通合伙）"
    return f"{place}{brand}{trade}{dice.choice(_FORMS)}"


def _noisy(name: str, dice: random.Random) -> str:
    return dice.choice(_NOISE)(name, dice)


def _marked_last(name: str, dice: random.Random) -> str:
    status = dice.choice(_STATUSES)
    return name + dice.choice((f"-{status}", f"—{status}", f"（{status}）", f"({status})"))


def _marked_first(name: str, dice: random.Random) -> str:
    status = dice.choice(_STATUSES)
    return dice.choice((f"（{status}）", f"({status})")) + name


def _decorated(name: str, dice: random.Random) -> str:
    return name + dice.choice(_SUFFIXES)


def _spaced(name: str, dice: random.Random) -> str:
    at = dice.randrange(len(name) + 1)
    return name[:at] + dice.choice(_BLANKS) + name[at:]


def _other_width(name: str, dice: random.Random) -> str:
    """Full-width letters, half-width brackets; a space where the name has neither."""
    other = name.translate(_FULL_WIDTH).replace("（", "(").replace("）", ")")
    return other if other != name else _spaced(name, dice)


def _quoted(name: str, _dice: random.Random) -> str:
    return f"「{name}」"


_NOISE: tuple[Callable[[str, random.Random], str], ...] = (
    *(_marked_last,) * 8,
    *(_spaced,) * 4,
    *(_other_width,) * 4,
    *(_marked_first,) * 2,
    *(_decorated,) * 2,
    _quoted,
)
