"""Controls: who is drawn, what a sample says of the rest, and when a gate is shut."""

from __future__ import annotations

import pytest

from eqcbatch.domain.binomial import fewest_to_prove, lower_limit, upper_limit
from eqcbatch.domain.control_sample import GateVerdict, Reviewed, Sample, is_drawn


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (10, 10, 0.05 ** (1 / 10), 1.0),
        (0, 10, 0.0, 1 - 0.05 ** (1 / 10)),
        (9, 10, 0.6058, 0.9949),
        (95, 100, 0.8977, 0.9801),
        (1999, 2000, 0.9976, 0.99997),
    ],
)
def test_limits_are_those_of_clopper_and_pearson(right: int, of: int, low: float, high: float) -> None:
    """One-sided, 95 %; the middle ones are those of published tables."""
    assert low == pytest.approx(lower_limit(right, of), abs=1e-4)
    assert high == pytest.approx(upper_limit(right, of), abs=1e-4)


def test_a_limit_leaves_5_percent() -> None:
    """So many or more come with just that chance, where the share is the lower limit."""
    share = lower_limit(9, 10)
    assert 0.05 == pytest.approx(10 * share**9 * (1 - share) + share**10)


def test_it_takes_so_many_right_ones_to_prove_a_share() -> None:
    """One fewer does not."""
    assert 1497 == fewest_to_prove(0.998)
    assert lower_limit(1497, 1497) >= 0.998 > lower_limit(1496, 1496)


def test_who_is_drawn_hangs_on_the_seed_and_the_key_alone() -> None:
    """A larger share draws the same and others; another seed draws others; about as many as it says."""
    keys = [f"公司{number}" for number in range(20_000)]
    small, large = ({key for key in keys if is_drawn("a", share, key)} for share in (0.01, 0.05))
    other = {key for key in keys if is_drawn("b", 0.01, key)}
    assert small < large
    assert small != other
    assert 150 < len(small) < 250
    assert {*keys} == {key for key in keys if is_drawn("a", 1.0, key)}


@pytest.mark.parametrize(
    ("sample", "least", "is_open", "proven"),
    [
        (Sample(1000), 0.998, True, False),
        (Sample(1000, Reviewed(12)), 0.998, True, False),
        (Sample(1000, Reviewed(11, 1)), 0.998, False, False),
        (Sample(1000, Reviewed(1, 1)), 0.998, False, False),
        (Sample(1000, Reviewed(29, 1)), 0.998, True, False),
        (Sample(100_000, Reviewed(1497)), 0.998, True, True),
        (Sample(100_000, Reviewed(1496, 1)), 0.998, False, False),
        (Sample(100_000, Reviewed(2400, 1)), 0.998, True, True),
        (Sample(1000, others=Reviewed(0, 2)), 0.998, True, False),
        (Sample(1000, others=Reviewed(0, 3)), 0.998, False, False),
        (Sample(1000, Reviewed(30), Reviewed(0, 3)), 0.9, True, True),
        (Sample(0), 0.998, True, False),
    ],
)
def test_a_gate_is_shut_by_evidence(sample: Sample, least: float, is_open: bool, proven: bool) -> None:
    """Few reviews shut it only if they speak against it; once they could prove it, they must."""
    said = GateVerdict(least, sample)
    assert (is_open, proven) == (said.open, said.proven)


def test_what_people_looked_at_for_another_reason_says_nothing_of_the_rest() -> None:
    """It counts as what it is: 50 of 1,000 that are known to be wrong leave 0.95 at most."""
    sample = Sample(1000, Reviewed(20), Reviewed(0, 50))
    assert 0.95 == pytest.approx(sample.high)
    assert 0.95 * lower_limit(20, 20) == pytest.approx(sample.low)
