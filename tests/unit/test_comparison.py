"""Two names compared, part by part: how close they are, and what may be meant as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.matching.comparison import ABBREVIATED, closeness, contradiction, may_be_meant
from eqcbatch.domain.model import NamePart

CORE = Anatomy((), False, "", "", "", "", (), "长城科技", "")
PLACED = replace(CORE, places=("北京",), province="北京")


def offer(core: str, form: str = "有限公司", **parts: object) -> Anatomy:
    """An offered name."""
    return replace(CORE, core=core, form=form, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "offered", "close"),
    [
        ("黄河实业", "黄河实业发展有限公司", 0),
        ("黄河实业", "黄河实业有限公司", 1),
        ("北京长城科技", "北京长城科技有限公司", 4),
        ("北京长城科技", "长城科技（北京）有限公司", 3),
        ("北京朝阳区长城科技", "北京长城科技有限公司", 2),
        ("长城科技（北京）", "北京朝阳区长城科技有限公司", 1),
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
        (CORE, offer("某地长城科技", places=("北京",)), False),
        (CORE, offer("某地长城贸易"), False),
        (CORE, offer("长城科技发展"), True),
        (CORE, offer("长城科技集团财务"), False),
        (CORE, offer("长城科技发展", branch="深圳"), False),
        (CORE, offer("长城科技发展", numbers=("2",)), False),
        (replace(CORE, form="有限公司"), offer("某地长城科技"), True),
        (replace(CORE, form="有限公司"), offer("某地长城科技", "股份有限公司"), False),
        (replace(CORE, form="有限公司"), offer("长城科技发展"), False),
        (PLACED, offer("长城科技"), True),
        (PLACED, offer("长城科技", province="上海"), False),
        (PLACED, offer("长城科技", places=("某地",)), False),
        (PLACED, offer("长城贸易"), False),
        (replace(PLACED, form="有限公司"), offer("长城科技"), False),
    ],
)
def test_a_name_that_says_too_much_may_be_meant(asked: Anatomy, offered: Anatomy, meant: bool) -> None:
    """A place of two to four signs in front, the end of a trade left out, or no place at all."""
    assert meant == may_be_meant(asked, offered)


@pytest.mark.parametrize("word", ["集团", "股份", "控股"])
def test_a_form_that_was_cut_short_keeps_its_words(word: str) -> None:
    """It may grow, and become no other one."""
    asked = replace(CORE, form=word)
    assert None is contradiction(asked, offer("长城科技", f"{word}有限公司"))
    assert NamePart.FORM is contradiction(asked, offer("长城科技", "有限责任公司"))


def test_a_county_may_go_without_its_rank_on_either_side() -> None:
    """It is the county that the other name says, and the core goes on behind it."""
    ranked, bare = take_apart("北京朝阳区长城科技有限公司"), take_apart("北京朝阳长城科技有限公司")
    assert (None, None) == (contradiction(ranked, bare), contradiction(bare, ranked))
    assert 4 == closeness(ranked, bare) == closeness(bare, ranked)


def test_a_brand_that_sounds_like_a_place_is_none_where_the_other_name_has_it() -> None:
    """The 朝阳 of 北京朝阳药业 is no city, if 朝阳药业 is asked for."""
    asked, offered = take_apart("朝阳药业"), take_apart("北京朝阳药业有限公司")
    assert None is contradiction(asked, offered)
    assert 1 == closeness(asked, offered)


@pytest.mark.parametrize("brand", ["义乌药业", "四平药业", "三河药业二厂"])
def test_a_brand_may_sound_like_a_place_of_any_rank_and_hold_a_number(brand: str) -> None:
    """The number in its place is one of its own then."""
    assert None is contradiction(take_apart(brand), take_apart(f"北京{brand}有限公司"))


@pytest.mark.parametrize("name", ["药业（朝阳）有限公司", "辽宁朝阳药业有限公司"])
def test_a_place_in_brackets_or_beside_another_is_no_brand(name: str) -> None:
    """Who writes it so means the place."""
    assert NamePart.REGION is contradiction(take_apart(name), take_apart("北京朝阳药业有限公司"))
