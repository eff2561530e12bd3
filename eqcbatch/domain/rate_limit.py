"""When the next request may go: pure decisions over the send times of the last window.

Times are seconds of the monotonic clock, which begins when the machine starts; the file that keeps them
between processes is `eqcbatch.eqc.rate_limiter`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from eqcbatch.settings import Rate

LONGEST_PAUSE_MIN = 15.0  # that a 429 may ask for; more is a block
UNTOLD_PAUSE_MIN = 1.0  # after a 429 that does not say how long
_KEPT, MOST_KEPT = 100, 1000  # send times, for sessions whose limits are higher than this one's


@dataclass(frozen=True, slots=True)
class RateWindow:
    """The requests sent of late, and a pause that EQC asked for.

    sent: send times, oldest first. paused_at, pause_s: since when EQC wants how long a rest.
    """

    sent: tuple[float, ...] = ()
    paused_at: float = 0.0
    pause_s: float = 0.0

    def delay(self, now: float, rate: Rate) -> float:
        """Seconds until one more request keeps every window within the limit and the pause; 0 = now.

        In the first window of a machine nothing goes: a power cut, or another cause of its restart, may have
        taken the stamps of what went right before. Of a longer window the stamps are on the disk.
        """
        rest = self.paused_at + self.pause_s - now if self.pause_s else 0.0
        full = self.sent[-rate.limit] + rate.window_s - now if len(self.sent) >= rate.limit else 0.0
        lost = 0.0 if rate.outlasts_a_restart else rate.window_s - now
        return max(0.0, rest, full, lost)

    def taken(self, now: float, rate: Rate) -> int:
        """How many requests went in the window that ends now."""
        return len(self.sent) - bisect_right(self.sent, now - rate.window_s)

    def after_sending(self, now: float, rate: Rate) -> RateWindow:
        """The window once a request went at `now`; as many stamps stay as any rate asked for so far.

        They stay however old they are: another session may keep to a longer window, or a higher limit.
        """
        others = min(len(self.sent), MOST_KEPT)
        return replace(self, sent=(*self.sent, now)[-max(rate.limit, others, _KEPT) :])

    def without(self, stamp: float) -> RateWindow:
        """The window without the request counted at `stamp`, which did not go then."""
        others = list(self.sent)
        if stamp in others:
            others.remove(stamp)
        return replace(self, sent=tuple(others))

    def after_pause(self, now: float, pause_s: float) -> RateWindow:
        """The window once EQC asked to be left alone for `pause_s` seconds; a longer pause stays."""
        if self.paused_at + self.pause_s >= now + pause_s:
            return self
        return replace(self, paused_at=now, pause_s=pause_s)

    def seen_from(self, now: float, ahead_s: float = 0.0) -> RateWindow:
        """The window with stamps of the future (a machine started anew) counted as of now.

        A monotonic clock never runs ahead of the time since the restart, so a stamp kept from before
        it looks at most as old as it is: counting it can only make us wait, by one window at most.
        ahead_s: by how much the clock runs ahead of the one that wrote the stamps: they are so much younger.
        """
        sent = tuple(stamp + ahead_s for stamp in self.sent) if ahead_s else self.sent
        past = bisect_right(sent, now)
        return replace(
            self,
            sent=sent[:past] + (now,) * (len(sent) - past),
            paused_at=min(self.paused_at + ahead_s, now),
        )


def pause_min(retry_after_s: float | None, minute_s: float) -> float:
    """Return for how many minutes a 429 asks to be left alone, whether it says so (None: it does not) or not.

    minute_s: how many seconds a minute takes by the clock in use.
    """
    return UNTOLD_PAUSE_MIN if retry_after_s is None else retry_after_s / minute_s
