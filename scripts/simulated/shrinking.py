"""A failing story made short: steps, and what goes wrong in them, are taken away while it still fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from simulated.runs import Run, run_story
from simulated.story import Step

MOST_RUNS = 150


def shrunk(failed: Run, story: Sequence[Step]) -> tuple[list[Step], Run]:
    """The shortest story found in which the same promise breaks, and its run."""
    kept, run = list(story[: failed.at + 1]), failed
    promise = _promise(failed)
    tries = 0
    while tries < MOST_RUNS:
        for shorter in _shorter(kept):
            tries += 1
            tried = run_story(failed.seed, shorter)
            if promise == _promise(tried):
                kept, run = shorter[: tried.at + 1], tried
                break
            if tries >= MOST_RUNS:
                break
        else:
            break
    return kept, run


def _promise(run: Run) -> str:
    """Which promise was broken first."""
    return run.broken[0].split(":")[0] if run.broken else ""


def _shorter(story: list[Step]) -> Iterator[list[Step]]:
    """Stories with less in them, those with much less first."""
    size = len(story) // 2
    while size:
        for at in range(0, len(story) - 1, size):
            yield story[:at] + story[at + size :]
        size //= 2
    for number, step in enumerate(story):
        for calmer in _calmer(step):
            yield [*story[:number], calmer, *story[number + 1 :]]


def _calmer(step: Step) -> Iterator[Step]:
    """The step with one thing less that goes wrong."""
    for blow in step.blows:
        yield replace(step, blows=tuple(one for one in step.blows if one is not blow))
    for name in step.weather:
        yield replace(step, weather=_without(step.weather, name))
    for name in step.postgres:
        yield replace(step, postgres=_without(step.postgres, name))
    for name in step.options if "night" in step.kind else ():
        yield replace(step, options=_without(step.options, name))


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {one: value for one, value in values.items() if one != name}
