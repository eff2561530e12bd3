"""The pace after a power cut (P3): when requests may go again, by what is left of its file.

The worst is taken: the machine is up again at the moment of the cut, with its clock at zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from eqcbatch.clock import UTC, Clock
from eqcbatch.eqc import RateLimiter
from eqcbatch.settings import Rate
from power.scenarios import RATE, SCALE

_MORE = 12  # requests that are to go after the cut


class RestartedClock(Clock):
    """A machine's clock since its restart, which stands still unless somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.since_restart_s = 0.0

    def monotonic(self) -> float:
        """Seconds since the restart."""
        return self.since_restart_s

    def now(self) -> datetime:
        """The same by the clock on the wall, which was set back to its epoch."""
        return datetime.fromtimestamp(self.since_restart_s, UTC)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.since_restart_s += seconds


def pace_violation(pace: Path, sent: Sequence[float], cut: float) -> Iterator[str]:
    """Yield it if requests that go as soon as the pace file lets them make a window too full.

    sent: the moments of the requests before the cut, by the clock of the cut.
    """
    rate = Rate.parse(RATE).faster(SCALE)
    later = turns_after(pace.read_bytes() if pace.exists() else None)
    moments = sorted([at - cut for at in sent] + later)
    for first, over in zip(moments, moments[rate.limit :], strict=False):
        if over - first < rate.period_s:
            yield f"P3: {rate.limit + 1} requests within {over - first:.3f} s, the last at {over:+.3f}"
            return


@lru_cache(maxsize=1000)  # many states share a file
def turns_after(content: bytes | None) -> list[float]:
    """When requests go as soon as may be after a restart, by a pace file with this content; None for none."""
    clock = RestartedClock()
    with TemporaryDirectory() as directory:
        file = Path(directory) / "pace.json"
        if content is not None:
            file.write_bytes(content)
        limiter = RateLimiter(file, Rate.parse(RATE).faster(SCALE), clock)
        return [_next(limiter, clock) for _ in range(_MORE)]


def _next(limiter: RateLimiter, clock: RestartedClock) -> float:
    """Take the next turn as soon as there is one; when that is."""
    while True:
        with limiter.turn() as turn:
            if turn.delay_s <= 0:
                return turn.take()
            delay_s = turn.delay_s
        clock.sleep(delay_s)
