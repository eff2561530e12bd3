"""The rows that are worth a look, those first whose weight is likeliest wrong; so many and no more."""

from __future__ import annotations

import heapq
from itertools import count

from eqcbatch.domain.index_audit import Judged, RowVerdict

MOST_RANKED = 10_000
_AT_EASE = (RowVerdict.DECIDED, RowVerdict.AGREES, RowVerdict.RENAMED, RowVerdict.NO_ID)


class Ranking:
    """The first of all rows that it was shown. left_out: how many more there were."""

    def __init__(self, most: int = MOST_RANKED) -> None:
        self.left_out = 0
        self._most = most
        self._number = count()
        self._first: list[tuple[tuple[float, float], int, Judged]] = []

    def add(self, judged: Judged) -> None:
        """Show it a row."""
        if judged.verdict in _AT_EASE:
            return
        item = (judged.priority, -next(self._number), judged)  # of two alike the first
        if len(self._first) < self._most:
            heapq.heappush(self._first, item)
        else:
            heapq.heappushpop(self._first, item)
            self.left_out += 1

    def in_order(self) -> tuple[Judged, ...]:
        """The rows, the first first."""
        return tuple(judged for _, _, judged in sorted(self._first, reverse=True))
