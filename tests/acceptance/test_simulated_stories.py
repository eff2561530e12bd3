"""Short stories of the simulated world: what it found once, made short, stays mended."""

from __future__ import annotations

from dataclasses import replace

from simulated.runs import run_story
from simulated.story import Step

from eqcbatch.domain.model import Occurrence

NAMES = tuple(Occurrence(f"深圳第{number}机械有限公司") for number in range(6))
PLAN = Step("plan", "plan", options={"source": "month.xlsx", "seen": NAMES})
NIGHT = Step("night", "night", options={"budget": None})


def broken(*steps: Step) -> list[str]:
    """The promises that a story breaks."""
    return run_story("story", [PLAN, *steps]).broken


def test_a_drain_amid_an_outage_ends_with_its_window() -> None:
    """It does not rest for a minute where no request may follow."""
    outage = {"spell": ("no connection in time", 0.0, 300.0, False)}
    for minutes in (2.0, 2.5, 3.0, 3.5):
        options = {"budget": None, "in_flight": 3, "max_minutes": minutes}
        assert [] == broken(replace(NIGHT, options=options, weather=outage))
