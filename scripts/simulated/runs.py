"""One run: a story in a world of its own, to its end or to the first promise that is broken."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulated.steps import Steps
from simulated.story import NIGHTS, Step, draw_story
from simulated.world import Figures, World

_MEMORY = Path("/dev/shm")  # a file system in memory, where the system has one


@dataclass(slots=True)
class Run:
    """What a run came to. broken: promises, one line each, empty if all held; at: the step that broke them.

    trace: a digest of all that happened. cpu_s: how long it took.
    """

    seed: object
    trace: str
    figures: Figures
    broken: list[str] = field(default_factory=list)
    at: int = 0
    cpu_s: float = 0.0


def run_seed(seed: object, months: int, nights: int = NIGHTS) -> Run:
    """Run the story of a seed."""
    return run_story(seed, draw_story(seed, months, nights))


def run_story(seed: object, story: Sequence[Step]) -> Run:
    """Run a story in the world of a seed."""
    began = time.process_time()
    broken: list[str] = []
    step_number = 0
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None, prefix="simulated-") as place:
        world = World(seed, Path(place))
        steps = Steps(world)
        with world.living():
            for step_number, step in enumerate(story):  # noqa: B007
                if broken := _taken(steps, step):
                    break
    return Run(seed, world.scheduler.trace, world.figures, broken, step_number, time.process_time() - began)


def _taken(steps: Steps, step: Step) -> list[str]:
    try:
        return steps.take(step)
    except Exception as error:  # a step that breaks the world itself is told as the seed's finding
        return [f"simulation: {''.join(traceback.format_exception(error)[-4:])}"]
