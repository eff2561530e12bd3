"""Short stories of the simulated world: what it found once, made short, stays mended."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from simulated.runs import run_story
from simulated.story import Step

from eqcbatch.domain.model import Occurrence

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it puts back files that are open")
NAMES = tuple(Occurrence(f"深圳第{number}机械有限公司") for number in range(6))
PLAN = Step("plan", "plan", options={"source": "month.xlsx", "seen": NAMES})
NIGHT = Step("night", "night", options={"budget": None})


def broken(*steps: Step) -> list[str]:
    """The promises that a story breaks."""
    return run_story("story", [PLAN, *steps]).broken


def test_nothing_is_sent_by_a_machine_that_slept_past_the_window() -> None:
    """Not even what had its turn, and a connection, when the machine was suspended."""
    options = {"budget": None, "max_minutes": 3.0}
    for moment in (1.0, 2.0, 3.0):
        asleep = replace(
            NIGHT,
            options=options,
            weather={"connect_s": (3.0, 4.0)},
            blows=(("suspended", moment, 5000.0),),
        )
        assert [] == broken(asleep)


def test_a_drain_amid_an_outage_ends_with_its_window() -> None:
    """It does not rest for a minute where no request may follow."""
    outage = {"spell": ("no connection in time", 0.0, 300.0, False)}
    for minutes in (2.0, 2.5, 3.0, 3.5):
        options = {"budget": None, "in_flight": 3, "max_minutes": minutes}
        assert [] == broken(replace(NIGHT, options=options, weather=outage))


def test_a_postgres_that_hangs_is_not_awaited_beyond_the_hour_of_until() -> None:
    """Though the session has nothing else to do any more."""
    hung = replace(
        NIGHT,
        options={"budget": 2, "until_in": 1},
        postgres={"spell": ("Postgres hangs", 0.0, 1_000_000.0)},
    )
    assert [] == broken(hung)
