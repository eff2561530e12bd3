"""The pace after a power cut (P3): when requests may go again, by what is left of its file.

The worst is taken: the machine is up again at the moment of the cut, with its clock at zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from eqcbatch.clock import Clock
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

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.since_restart_s += seconds


def pace_violation(pace: Path, sent: Sequence[float], cut: float) -> Iterator[str]:
    """Yield it if requests that go as soon as the pace file lets them make a window too full.

    sent: the moments of the requests before the cut, by the clock of the cut.
    """
    rate, clock = Rate.parse(RATE).faster(SCALE), RestartedClock()
    with TemporaryDirectory(dir=pace.parent.parent) as directory:
        copy = Path(directory) / "pace.json"
        if pace.exists():
            copy.write_bytes(pace.read_bytes())
        limiter = RateLimiter(copy, rate, clock)
        later = [_next(limiter, clock) for _ in range(_MORE)]
    moments = sorted([at - cut for at in sent] + later)
    for first, over in zip(moments, moments[rate.limit :], strict=False):
        if over - first < rate.period_s:
            yield f"P3: {rate.limit + 1} requests within {over - first:.3f} s, the last at {over:+.3f}"
            return


def _next(limiter: RateLimiter, clock: RestartedClock) -> float:
    """Take the next turn as soon as there is one; when that is."""
    while True:
        with limiter.turn() as turn:
            if turn.delay_s <= 0:
                return turn.take()
            delay_s = turn.delay_s
        clock.sleep(delay_s)
