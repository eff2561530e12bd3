"""Rivals by turns: in each round everyone runs once, and the next round begins with another."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")


def by_turns(runs: int, rivals: Mapping[str, Callable[[], Found]]) -> dict[str, list[Found]]:
    """Run all rivals `runs` times, one after the other; what each found, round by round."""
    found: dict[str, list[Found]] = {name: [] for name in rivals}
    for turn in range(runs):
        first = turn % len(rivals)
        names = list(rivals)
        for name in names[first:] + names[:first]:
            found[name].append(rivals[name]())
    return found


def side_by_side(runs: int, rivals: Mapping[str, Callable[[], Found]]) -> dict[str, list[Found]]:
    """Run all rivals `runs` times, all of them at once: for rivals that wait nearly all the time."""
    found: dict[str, list[Found]] = {name: [] for name in rivals}
    for _ in range(runs):
        with ThreadPoolExecutor(len(rivals)) as pool:
            running = {name: pool.submit(rival) for name, rival in rivals.items()}
        for name, future in running.items():
            found[name].append(future.result())
    return found


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes, without garbage collection, as in `timeit` and in a plan."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started
    finally:
        gc.enable()


def each(values: Iterable[Found], figure: Callable[[Found], float | None]) -> list[float]:
    """One figure of every round, rounds without it left out."""
    return [number for value in values if (number := figure(value)) is not None]
