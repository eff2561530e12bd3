"""How a simulated EQC is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.simulate.faults import Faults
from eqcbatch.simulate.registry import Registry

LOGIN_PATH = "/login"


@dataclass(frozen=True)
class SimulatorOptions:
    """How a simulated EQC behaves; the defaults are what EQC does (docs/domain.md section 1).

    host, port: where to listen; port 0 takes a free one.
    latency: least and most seconds an answer takes, uniform by chance of the serial number.
    latency_of: the seconds by the serial number of the request, instead; None for `latency`.
    Refusals at the door (429 of the limit, 401, 404 of a path, 405, a dead token) come at once.
    rate: at most so many requests in any window of so many seconds; None for no limit.
    enforce_rate: answer 429 over the limit; else violations are only counted.
    retry_after: how a 429 says when to come back: "seconds", "date" (HTTP date) or "none".
    token: the one that is accepted; None accepts any but a blank one.
    token_file: a file whose content is the accepted token at any time (then `token` is None).
    token_idle_s: a token dies after so many seconds without an accepted request.
    faults: what goes wrong, and when. redirect_to: where the fault `redirect` leads (path or URL).
    drip_s, stall_s: real seconds between two bytes of the fault `drip`, and the longest that
    `timeout` and `drip` last.
    time_scale: latency, rate window and token life run so many times faster.
    request_log: a file that gains one JSON line a request (never with a token in it).
    registry: the companies EQC knows; None makes them up from `seed`.
    Raises BadInput for a combination that cannot be.
    """

    host: str = "127.0.0.1"
    port: int = 0
    latency: tuple[float, float] = (5.0, 20.0)
    latency_of: Callable[[int], float] | None = None
    rate: tuple[int, float] | None = (10, 60.0)
    enforce_rate: bool = True
    retry_after: str = "seconds"
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    token_idle_s: float = 1800.0
    faults: Faults = field(default_factory=Faults)
    redirect_to: str = LOGIN_PATH
    drip_s: float = 1.0
    stall_s: float = 300.0
    time_scale: float = 1.0
    request_log: Path | None = None
    registry: Registry | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for impossible, message in self._objections():
            if impossible:
                raise BadInput(f"The simulator cannot run like this: {message}.")

    def _objections(self) -> tuple[tuple[bool, str], ...]:
        least, most = self.latency
        requests, window_s = self.rate or (1, 1.0)
        return (
            (not 0 <= least <= most, "the latency runs from a least to a most, neither negative"),
            (requests < 1 or window_s <= 0, "the rate is at least 1 request in more than 0 s"),
            (self.time_scale <= 0, "the time scale must be above 0"),
            (self.token_idle_s <= 0, "the life of a token must be above 0 s"),
            (
                self.retry_after not in ("seconds", "date", "none"),
                "retry_after is seconds, date or none",
            ),
            (
                self.token is not None and self.token_file is not None,
                "the token comes from an option or from a file, not from both",
            ),
        )
