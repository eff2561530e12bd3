"""What a long command is at, told to whoever shows it; nobody listens, unless a command line does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


class Stages:
    """Told of each stage as it begins, and handed what it goes through; this one costs nothing."""

    def begin(self, what: str, total: int | None = None) -> None:
        """A stage begins. total: how many rows or names it has, where that is known."""

    def counted(self, items: Iterable[Item], what: str = "") -> Iterable[Item]:
        """The same items, counted as they pass. what: a stage that the first one begins."""
        return items


NO_STAGES = Stages()
