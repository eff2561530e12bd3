"""EQC's rate limit: so many requests in any window, on a clock that is passed in (seconds)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from email.utils import formatdate

from eqcbatch.clock import SYSTEM_CLOCK, Clock


class SlidingWindow:
    """At most `requests` arrivals in any `window_s` seconds; refused arrivals count as well.

    most: the most arrivals that any one window has held so far.
    """

    def __init__(self, requests: int, window_s: float) -> None:
        self._requests = requests
        self._window_s = window_s
        self._arrivals: deque[float] = deque()
        self.most = 0

    def arrive(self, at: float) -> bool:
        """Note an arrival and tell whether it is one too many. `at` never falls."""
        while self._arrivals and self._arrivals[0] <= at - self._window_s:
            self._arrivals.popleft()
        self._arrivals.append(at)
        self.most = max(self.most, len(self._arrivals))
        return len(self._arrivals) > self._requests

    def wait_s(self, at: float) -> float:
        """Tell after how many seconds the next arrival is within the limit again."""
        if len(self._arrivals) < self._requests:
            return 0.0
        return max(0.0, self._arrivals[-self._requests] + self._window_s - at)


def retry_after(wait_s: float, style: str, clock: Clock = SYSTEM_CLOCK) -> Mapping[str, str]:
    """Write the header in whole `seconds`, as an HTTP `date`, or `none` of it."""
    seconds = max(1, math.ceil(wait_s))
    if style == "none":
        return {}
    if style == "date":
        return {"Retry-After": formatdate(math.ceil(clock.now().timestamp()) + seconds, usegmt=True)}
    return {"Retry-After": str(seconds)}
