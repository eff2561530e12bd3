"""The stages of plan and apply as a bar on a terminal, once a command takes two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any

from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.stages import Item, Stages

SHOWN_AFTER_S = 2.0
_EVERY_S = 0.2
_KNOWN = "{desc}: {percentage:3.0f}%|{bar:16}| {n:,} of {total:,} [{elapsed}]"
_COUNTED = "{desc}: {n:,} [{elapsed}]"
_BARE = "{desc} [{elapsed}]"


@dataclass(slots=True)
class _Stage:
    what: str
    total: int | None
    began: float
    done: int = 0


class StageBar(Stages):
    """Counts what passes while the block runs; a thread beside it draws.

    Where stderr is no terminal, or is to be quiet, there is neither thread nor count.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._stage = _Stage("Starting", None, SYSTEM_CLOCK.monotonic())
        self._over = Event()
        self._drawing = None if quiet or not sys.stderr.isatty() else Thread(target=self._draw, daemon=True)

    def __enter__(self) -> StageBar:
        if self._drawing:
            self._drawing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._drawing:
            self._drawing.join()

    def begin(self, what: str, total: int | None = None) -> None:
        """Count from 0 again."""
        self._stage = _Stage(what, total, SYSTEM_CLOCK.monotonic())

    def counted(self, items: Iterable[Item], what: str = "") -> Iterable[Item]:
        """Count for the stage that has begun, or begins with the first item."""
        return self._counting(items, self._stage, what) if self._drawing else items

    def _counting(self, items: Iterable[Item], stage: _Stage, what: str) -> Iterator[Item]:
        for item in items:
            if what:
                self.begin(what)
                stage, what = self._stage, ""
            stage.done += 1
            yield item

    def _draw(self) -> None:
        if self._over.wait(SHOWN_AFTER_S):
            return
        with suppress(OSError):  # nobody looks any more
            while not self._over.is_set():
                self._draw_stage(self._stage)

    def _draw_stage(self, stage: _Stage) -> None:
        """Draw one stage until the next one begins, and take its bar away."""
        with _bar_of(stage) as bar:
            while stage is self._stage and not self._over.is_set():
                bar.n = stage.done
                bar.bar_format = _KNOWN if bar.n <= (stage.total or -1) else _COUNTED if bar.n else _BARE
                bar.refresh()
                self._over.wait(_EVERY_S)


def _bar_of(stage: _Stage) -> Any:
    from tqdm import tqdm

    bar: Any = tqdm(
        desc=stage.what,
        total=stage.total,
        leave=False,
        file=sys.stderr,
        dynamic_ncols=True,
        delay=0.001,  # not before its first figures
    )
    bar.start_t -= SYSTEM_CLOCK.monotonic() - stage.began
    return bar
