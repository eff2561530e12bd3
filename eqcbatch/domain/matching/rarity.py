"""Whether a name that says too little means the one company that bears it out.

甲乙科技有限公司 may be 上海甲乙科技有限公司, if no other company is called 甲乙: what a search finds for a
name shows how common its brand is, the more so the more companies there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eqcbatch.domain.matching.alignment import aligned
from eqcbatch.domain.matching.anatomy import FEWEST_SIGNS, Anatomy
from eqcbatch.domain.matching.brand import brand_of
from eqcbatch.domain.matching.numerals import signs_without_numbers
from eqcbatch.domain.matching.offer import Offer

FEWEST_ALONE = 6  # signs of a short name without a place
_KINDS_OF_BRANCHES = "部店站所处社厂"
MOST_OF_A_BRAND = 1  # others that may have it, in another line of business
_NATIONWIDE = re.compile(
    "中[国央铁建冶石海航交粮化核船储材外油煤车电钢科信盐农水色广兵远保移联旅]|国[家网电能机药投海]|全国|"
    "华[北东南中]|东北|西北|西南"
)
_NUMBERED = re.compile("第[一二三四五六七八九十0-9]")  # a number is no brand: every town has a first
_EVERYWHERE = re.compile(
    "(?:小学|中学|高中|初中|一中|二中|学校|学院|大学|幼儿园|医院|卫生院|[局院台]|政府|委员会|中心)$"
)


def has_no_brand(asked: Anatomy) -> bool:
    """Whether a short name says where and what, and not who: 南京百货 may be one of several 百货公司."""
    return asked.may_be_cut and len(asked.core) < FEWEST_SIGNS and not brand_of(asked.core)


def is_everywhere(asked: Anatomy) -> bool:
    """Whether a name is one that many places have a body of, and a place alone does not tell which.

    A nationwide company; what every town has, 第一小学; words for trades alone.
    """
    everywhere = not asked.branch and _EVERYWHERE.search(asked.core)
    return not brand_of(asked.core) or bool(_NATIONWIDE.match(asked.core) or everywhere)


def needs_a_rare_brand(asked: Anatomy, offered: Anatomy) -> bool:
    """Whether an offered name states a place, and the asked one nothing of any, nor a branch with a name."""
    asked, offered = aligned(asked, offered)
    placed = asked.places or asked.branch_places or brand_of(asked.branch.rstrip(_KINDS_OF_BRANCHES))
    return bool(offered.places) and not placed


def is_common(asked: Anatomy, chosen: Offer, offers: Sequence[Offer]) -> bool:
    """Whether a name without a place may mean others than the company that bears it out.

    A nationwide body, which has no place, 中铁甲工程有限公司; what every town has, 第一小学, 第六建筑公司; a
    brand that others elsewhere have as well; a short name of few signs, 甲乙科技, if any other name holds the
    brand.
    """
    brand = brand_of(asked.core)
    if not brand or _NUMBERED.match(asked.head) or _NATIONWIDE.match(asked.core):
        return True
    signs = signs_without_numbers(brand)
    alike = [one.name for one in offers if one is not chosen and signs.issubset(one.form)]
    if not (asked.form or asked.branch):
        if _EVERYWHERE.search(asked.core):
            return True
        if len(asked.core) < FEWEST_ALONE:
            return any(brand in name.core for name in alike)
    elsewhere = (name for name in alike if name.core.startswith(brand) and not _is_near(name, chosen.name))
    cores = {name.core for name in elsewhere if name.form or not _EVERYWHERE.search(name.core)}
    line = asked.core[: len(brand) + 2]
    return len(cores) > MOST_OF_A_BRAND or any(core.startswith(line) for core in cores)


def _is_near(name: Anatomy, other: Anatomy) -> bool:
    """Whether both state a place in common, and so may be of one group."""
    return not {place.stem for place in name.places}.isdisjoint(place.stem for place in other.places)
