"""What a name means in the synthetic registry: the labels against which verdicts are measured."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from synthetic.cases import Case
from synthetic.figures import LEAST_PRECISION, Session, measured
from synthetic.fit import BORNE_OUT, ITS_VERY_NAME, MAY_BE_MEANT, fit
from synthetic.name_variants import KINDS, Asked, NameWriter
from synthetic.name_variants.typing_errors import edits
from synthetic.names import Firm, Name
from synthetic.places import Seat, alike, bare, namesakes, seats
from synthetic.workbook import of_each
from synthetic.world import World

SEAT = Seat("浙江省", "湖州市", "德清县", "330521")
FIRM = Firm(Name(("湖州",), "远山", trade="环保科技", form="有限公司"), SEAT, id="600000001")


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ({}, ITS_VERY_NAME),
        ({"form": ""}, True),
        ({"places": ()}, True),
        ({"places": ("湖州市",)}, True),
        ({"places": ("浙江省", "湖州")}, True),
        ({"style": "tail"}, True),
        ({"form": "有限责任公司"}, True),
        ({"form": "", "trade": "环保"}, True),
        ({"trade": "环保"}, False),
        ({"form": "股份有限公司"}, False),
        ({"form": "集团有限公司"}, False),
        ({"places": ("江苏", "湖州")}, False),
        ({"places": ("浙江",)}, False),
        ({"number": "第二"}, False),
        ({"plant": "二厂"}, False),
        ({"sub": "分公司"}, False),
    ],
)
def test_a_company_is_what_a_name_says_or_not(told: dict[str, object], fits: object) -> None:
    """Every word must be borne out; what is left out must be little."""
    found = fit(replace(FIRM.name, **told), FIRM)  # type: ignore[arg-type]  # parts of a name
    assert fits in (found, (found or ()) >= BORNE_OUT)


def test_a_group_may_be_meant_by_what_says_no_form() -> None:
    """甲公司 is not 甲集团有限公司, and 甲 may be."""
    group = replace(FIRM, name=replace(FIRM.name, form="集团有限公司"))
    assert fit(replace(FIRM.name, form="公司"), group) is None
    assert MAY_BE_MEANT == fit(replace(FIRM.name, form=""), group)


def test_a_full_name_tells_the_smallest_place() -> None:
    """浙江省甲公司 is not 浙江省德清县甲公司; the larger one may be left out."""
    county = replace(FIRM, name=replace(FIRM.name, places=("浙江省", "德清县")))
    assert fit(replace(FIRM.name, places=("浙江省",)), county) is None
    assert (fit(replace(FIRM.name, places=("德清",)), county) or ()) >= BORNE_OUT


def test_places_are_alike_where_their_ranks_agree() -> None:
    """襄城区 is not 襄城县, and 襄城 may be either."""
    assert (False, True, True) == (
        alike("襄城区", "襄城县"),
        alike("襄城", "襄城县"),
        alike("金平县", "金平"),
    )
    assert ("金平", ["襄城县"]) == (bare("金平苗族瑶族傣族自治县"), namesakes("襄城区"))
    assert {"天津市", "沈阳市"} == {seat.city for seat in seats().called("和平区")}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("", "甲", 1), ("甲乙丙", "甲丙乙", 1), ("甲乙", "甲甲乙丙", 2), ("甲", "甲", 0)],
)
def test_edits_are_counted(one: str, other: str, apart: int) -> None:
    """Signs put in, taken out, replaced, or turned round with their neighbour."""
    assert (apart, apart) == (edits(one, other), edits(other, one))


def test_every_kind_of_name_is_written() -> None:
    """Their shares are those of all names."""
    world = World(random.Random(1), 2000)
    assert list(KINDS) == [entry.kind for entry in of_each(NameWriter(world, random.Random(2)), 1)]
    assert pytest.approx(1.0) == sum(kind.share for kind in KINDS.values())


def test_a_denser_registry_has_more_namesakes() -> None:
    """Without near misses hardly any two companies share brand and trade."""
    none, many = (World(random.Random(1), 500, density).namesakes for density in (0.0, 8.0))
    assert none < 0.5 < 5 < many


def test_precision_is_told_with_its_interval_and_missed() -> None:
    """One wrong id in ten is too many; ten right ones alone show little."""
    figures = [measured([_session(wrong)], density=4.0, renamed_apart=True, seconds=1.0) for wrong in (0, 1)]
    assert [1.0, 0.9] == [one.eqcbatch.precision for one in figures]
    assert 0.7 < figures[0].eqcbatch.low < 0.75
    assert [False, True] == [f"precision below {LEAST_PRECISION}" in one.missed for one in figures]
    assert (10, 9, 1) == (figures[1].kinds["exact"].n, figures[1].kinds["exact"].right, 1)


def _session(wrong: int) -> Session:
    asked = Asked(FIRM.name.text, FIRM.name, FIRM)
    ids = ["600000002"] * wrong + [FIRM.id] * (10 - wrong)
    cases = [Case("exact", asked.raw, asked, one, "exact_name", False, (), True) for one in ids]
    return Session(7, cases, (), keys=10, resolved=10, requests=5, requests_of_resolved=5, namesakes=4.0)
