"""The score: what speaks for a candidate, what that comes to, and how weights are learned."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.names import lookup_key, query_for
from eqcbatch.domain.score import NOBODY, NOBODY_FROM, Weights, propose, shipped
from eqcbatch.domain.score.calibration import THRESHOLDS, calibrate, fitted
from eqcbatch.domain.score.chances import chances
from eqcbatch.domain.score.learning import Known, calibrated, learned, loss
from eqcbatch.domain.score.traits import SIGNS, traits_of
from eqcbatch.domain.score.weights import BIAS, CHANCE, table_of, telling
from eqcbatch.tables import lines


def offered(*names: str, **facts: object) -> tuple[Candidate, ...]:
    """What EQC offers, best first."""
    found = (
        Candidate(at, str(600_000_001 + at), name, "模糊匹配", 90.0 - 10 * at)
        for at, name in enumerate(names)
    )
    return tuple(replace(one, **facts) for one in found)  # type: ignore[arg-type]


def asked(raw: str) -> Asked:
    return Asked(lookup_key(raw), query_for([raw]), (raw,))


def traits(raw: str, *names: str, **facts: object) -> list[set[str]]:
    """Which traits each candidate has."""
    return [set(found) for _, found in traits_of(asked(raw), offered(*names, **facts))]


@pytest.mark.parametrize(
    ("raw", "name", "has", "has_not"),
    [
        (
            "杭州青禾贸易有限公司",
            "杭州青禾贸易有限公司",
            "same name, fits, core equal, form equal",
            "one slip",
        ),
        ("杭州青禾贸易", "杭州青禾贸易有限公司", "fits, core equal, place equal", "same name, form equal"),
        ("杭州青禾", "杭州青禾贸易有限公司", "fits, core begins so, cut short", "core equal"),
        ("青禾贸易有限公司", "杭州青禾贸易有限公司", "core equal, place only here", "place equal"),
        ("杭州青禾贸易有限公司", "青禾贸易有限公司", "place only asked, only region against", "fits"),
        ("宁波青禾贸易有限公司", "杭州青禾贸易有限公司", "region against, full name differs", "place equal"),
        ("杭州青禾商场", "杭州青禾商场管理有限公司", "institution differs", "full name differs"),
        ("杭州青禾科枝有限公司", "杭州青禾科技有限公司", "one slip, slip in a word", "fits"),
        ("杭州青禾科机有限公司", "杭州青禾科技有限公司", "one slip, slip by sound", "fits"),
        ("杭州青禾第一工程有限公司", "杭州青禾第二工程有限公司", "number against", "only core against"),
        ("青禾贸易龙岗分公司", "青禾贸易有限公司龙岗分公司", "branch equal", "branch against"),
        ("青禾贸易龙岗分公司", "青禾贸易有限公司", "branch against", "branch equal"),
    ],
)
def test_a_candidate_has_the_traits_that_its_name_has(raw: str, name: str, has: str, has_not: str) -> None:
    """By the parts that the rules compare."""
    (found,) = traits(raw, name)
    assert {*has.split(", ")} <= found
    assert found.isdisjoint(has_not.split(", "))


@pytest.mark.parametrize(
    ("facts", "has"),
    [
        ({"former_names": ("杭州青苗贸易有限公司",)}, "same former name"),
        ({"former_names": ("杭州青苗贸易（集团）有限公司",)}, ""),
        ({"short_name": "杭州青苗贸易有限公司"}, "same short name"),
        ({"registered_status": "注销"}, "not at work"),
        ({"registered_status": "存续"}, ""),
        ({"match_type": "拼音"}, "match by sound"),
        ({"match_type": "全称精确匹配"}, "match exact"),
    ],
)
def test_what_eqc_says_besides_the_name_is_a_trait(facts: dict[str, object], has: str) -> None:
    """Former names, the short one, the kind of match, and whether the company is at work."""
    told = {"same former name", "same short name", "not at work", "match by sound", "match exact"}
    (found,) = traits("杭州青苗贸易有限公司", "杭州远山物流有限公司", **facts)
    assert ({has} - {""}) == found & told


def test_a_seat_in_the_asked_province_speaks_for_a_name_without_a_place() -> None:
    """And one elsewhere against it; the credit code says where it is."""
    for code, has in (("91330100000000000A", "seat there"), ("91440300000000000A", "seat elsewhere")):
        (found,) = traits("杭州青禾银行", "青禾银行股份有限公司", unite_code=code)
        assert {has} == found & {"seat there", "seat elsewhere"}


def test_rivals_are_traits_of_each_other() -> None:
    """Who else fits, has the brand or the very name, and who is nearer."""
    first, twin, other = traits("青禾贸易", "青禾贸易有限公司", "青禾贸易有限公司", "青禾贸易总公司")
    assert {"twin", "rivals of the brand"} <= first & twin
    assert "twin" not in other
    nearer, further = traits("杭州青禾科技", "杭州青禾科技有限公司", "杭州远山科技有限公司")
    assert ("ahead of all" in nearer, "behind another" in further) == (True, True)


def test_every_trait_has_a_sign_and_is_no_more_than_1() -> None:
    """So that no weight means more than it says."""
    names = ("杭州青禾贸易有限公司", "青禾贸易", "上海青禾贸易有限公司宁波分公司", "青禾第一小学", "")
    for raw in ("杭州青禾贸易", "青禾", "青禾贸易有限公司（宁波）", "第一小学"):
        for _, found in traits_of(asked(raw), offered(*names)):
            assert found.keys() <= SIGNS.keys()
            assert all(0 < value <= 1 for value in found.values())


# What it comes to


def test_likeness_is_shared_among_rivals() -> None:
    """Two that are alike have half of it each; none has what is left."""
    assert [0.5] == chances([0.0])
    assert [0.5, 0.5] == pytest.approx(chances([10.0, 10.0]), abs=1e-4)
    assert [] == chances([])
    assert [1.0, 0.0] == pytest.approx(chances([800.0, -800.0]))


def test_a_candidate_is_proposed_or_none() -> None:
    """`none` only where that is sure; without candidates nothing is."""
    likely = propose(
        asked("杭州青禾贸易"), offered("杭州青禾贸易有限公司", "宁波远山物流有限公司"), shipped()
    )
    nobody = propose(asked("杭州青禾贸易有限公司"), offered("宁波远山大学"), shipped())
    unsure = propose(asked("青禾贸易"), offered("上海青禾贸易有限公司", "宁波青禾贸易有限公司"), shipped())
    assert likely
    assert nobody
    assert unsure
    assert ("600000001", True) == (likely.text, likely.sure > 0.6)
    assert (NOBODY, True) == (nobody.text, nobody.sure >= NOBODY_FROM)
    assert unsure.text in ("600000001", "600000002")
    assert unsure.sure < likely.sure
    assert likely.resolvable > max(unsure.resolvable, nobody.resolvable)
    assert propose(asked("青禾"), (), shipped()) is None


def test_nobody_is_proposed_for_a_bare_brand() -> None:
    """However little the candidates look like it: it may be what one of them is called for short."""
    brand, full = (
        propose(asked(raw), offered("宁波远山第二大学"), shipped())
        for raw in ("青禾", "杭州青禾贸易有限公司")
    )
    assert brand
    assert full
    assert ("600000001", NOBODY) == (brand.text, full.text)


# The table


def test_the_table_that_ships_has_every_trait_with_its_sign() -> None:
    """Each once, in the order of the traits, as `scripts/score_fit.py` writes them."""
    table = lines("score")
    assert [BIAS, CHANCE, *SIGNS] == [line.split(maxsplit=2)[2] for line in table]
    assert list(table) == table_of(shipped(), telling())
    for weights in (shipped(), telling()):
        assert all(sign * weights.of[trait] >= 0 for trait, sign in SIGNS.items())
    assert (0, True) == (shipped().of[CHANCE], telling().of[CHANCE] > 0)


# Learning


def made_up(count: int, weights: Weights, seed: int) -> list[Known]:
    """Names whose company is drawn by the chances that these weights give."""
    chance, found = random.Random(seed), []
    for _ in range(count):
        offers = tuple(
            {trait: 1.0 for trait in ("fits", "core equal", "region against") if chance.random() < 0.5}
            for _ in range(3)
        )
        likely = chances([weights.log_odds(one) for one in offers])
        right = chance.choices([0, 1, 2, None], [*likely, 1 - sum(likely)])[0]
        found.append(Known(offers, right))
    return found


TRUE = Weights({"fits": 2.0, "core equal": 1.0, "region against": -2.0}, -2.0)


def test_weights_are_found_again() -> None:
    """From names that were drawn by them."""
    found = learned(made_up(4000, TRUE, 1), Weights({}, 0.0), 1.0)
    for trait, weight in TRUE.of.items():
        assert weight == pytest.approx(found.of[trait], abs=0.3)
    assert TRUE.bias == pytest.approx(found.bias, abs=0.3)


def test_no_trait_takes_the_other_sign() -> None:
    """Whatever a few names say: it weighs nothing, then."""
    against = made_up(200, replace(TRUE, of={"fits": -2.0, "core equal": 1.0}), 2)
    assert 0 == learned(against, Weights({}, 0.0), 1.0).of["fits"]


def test_few_names_move_learned_weights_little() -> None:
    """They are held back at where they start."""
    few = made_up(20, replace(TRUE, bias=1.0), 3)
    moved = learned(few, TRUE, 100.0)
    assert max(abs(moved.of[trait] - TRUE.of[trait]) for trait in TRUE.of) < 0.2


def test_a_calibration_stretches_and_moves() -> None:
    """Weights that are too sure are found to be, and the loss is less."""
    known = made_up(2000, TRUE, 4)
    bold = Weights({trait: 2 * weight for trait, weight in TRUE.of.items()}, 2 * TRUE.bias - 1)
    found = calibrated(known, bold, 1.0)
    assert 0.5 == pytest.approx(found.scale, abs=0.1)
    assert loss(known, found) < loss(known, bold)
    assert math.isclose(loss(known, found), loss(known, TRUE), abs_tol=0.01)


# Calibration


def decided(count: int, weights: Weights, seed: int) -> dict[str, Known]:
    return {f"公司{at}": one for at, one in enumerate(made_up(count, weights, seed))}


def test_a_fit_tells_names_that_it_has_not_seen() -> None:
    """Where a ledger's names are otherwise than the made-up ones, it is better on them."""
    found = calibrate(decided(300, replace(shipped(), bias=shipped().bias + 3), 5))
    assert found.better
    assert (300, 300) == (found.decisions, found.after[0].proposed)
    assert [one.sure for one in found.before] == [one.sure for one in found.after] == [*THRESHOLDS]
    for one in found.after:
        assert 0 <= one.right <= one.proposed
        if one.interval:
            assert one.interval.low <= one.right / one.proposed <= one.interval.high
    assert found == calibrate(decided(300, replace(shipped(), bias=shipped().bias + 3), 5))


def test_few_decisions_move_no_weight_by_itself() -> None:
    """They stretch and move all of them together."""
    few, many = (fitted([*decided(count, TRUE, 6).values()]) for count in (60, 200))
    assert few.of == shipped().of
    assert (1.0, 0.0) != (few.scale, few.shift)
    assert many.of != shipped().of


def test_a_fit_to_what_the_score_says_itself_changes_little() -> None:
    """Drawn by the weights that ship, there is nothing to learn."""
    found = fitted([*decided(180, shipped(), 7).values()])
    assert abs(found.scale - 1) < 0.3
    assert abs(found.shift) < 0.6
