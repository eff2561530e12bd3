"""How rare a name is: whether a place, or nothing at all, tells whom it means."""

from __future__ import annotations

import pytest

from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.matching.rarity import has_no_brand, is_everywhere, needs_a_rare_brand


@pytest.mark.parametrize(
    ("name", "everywhere"),
    [
        ("环保科技", True),
        ("环保科技有限公司", True),
        ("中铁远山工程", True),
        ("第一小学", True),
        ("远山小学", True),
        ("远山小学食堂服务部", False),
        ("远山银行医院支行", False),
        ("远山环保科技", False),
    ],
)
def test_a_name_may_be_borne_everywhere(name: str, everywhere: bool) -> None:
    """Words for trades alone, a nationwide company, what every town has; not a branch at one."""
    assert everywhere == is_everywhere(take_apart(name))


@pytest.mark.parametrize(
    ("name", "none"),
    [("百货", True), ("环保科技", False), ("百货有限公司", False), ("远山", False), ("昆明百货", True)],
)
def test_a_short_name_of_less_than_four_signs_may_have_no_brand(name: str, none: bool) -> None:
    """It says what, and not who."""
    assert none == has_no_brand(take_apart(name))


@pytest.mark.parametrize(
    ("asked", "offered", "needed"),
    [
        ("远山药房", "昆明远山药房", True),
        ("昆明远山药房", "昆明远山药房", False),
        ("远山药房", "远山药房", False),
        ("远山药房有限公司昆明店", "昆明远山药房有限公司昆明店", False),
        ("远山药房有限公司城南店", "昆明远山药房有限公司城南店", False),
        ("远山药房有限公司食品店", "昆明远山药房有限公司食品店", True),
        ("远山药房有限公司食品部", "昆明远山药房有限公司食品部", True),
    ],
)
def test_a_name_without_a_place_needs_a_brand_that_is_rare(asked: str, offered: str, needed: bool) -> None:
    """Unless it is that of a branch, which has a place or a name of its own."""
    assert needed == needs_a_rare_brand(take_apart(asked), take_apart(offered))
