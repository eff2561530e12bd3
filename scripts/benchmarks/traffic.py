"""What a local EQC saw of a drain: how much of the rate was used, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eqcbatch.settings import DEFAULT_LATENCY_S, Rate
from eqcbatch.simulate import GeneratedRegistry, Simulator, SimulatorOptions

SEED = 714
RATE = Rate()


@contextmanager
def local_eqc(time_scale: float, **options: Any) -> Iterator[Simulator]:
    """EQC as in docs/domain.md section 1, so many times faster; by a seed, each request always takes as long.

    Violations of the limit are counted and answered all the same.
    """
    chosen: dict[str, Any] = {
        "latency": DEFAULT_LATENCY_S,
        "rate": (RATE.limit, RATE.period_s),
        "enforce_rate": False,
        "time_scale": time_scale,
        "registry": GeneratedRegistry(SEED),
        "seed": SEED,
    }
    with Simulator(SimulatorOptions(**chosen | options)) as eqc:
        yield eqc


@dataclass(frozen=True, slots=True)
class Traffic:
    """The requests of one drain, in unscaled seconds, from the first to the last answer.

    steady_a_minute: requests a minute after the first burst, for which the window is empty: what a long
    drain comes to. first_to_last_a_minute: with the burst.
    """

    requests: int
    span_s: float
    steady_a_minute: float
    first_to_last_a_minute: float
    latency_s: float
    violations: int
    max_in_window: int
    max_in_flight: int

    @property
    def steady_share(self) -> float:
        """Of the limit, in percent."""
        return 100 * self.steady_a_minute / (RATE.limit * 60 / RATE.period_s)

    @property
    def first_to_last_share(self) -> float:
        """Of the limit, in percent."""
        return 100 * self.first_to_last_a_minute / (RATE.limit * 60 / RATE.period_s)


def traffic(eqc: Simulator, time_scale: float) -> Traffic:
    """Sum up what a simulator has seen; it takes more requests than one burst."""
    seen, totals = eqc.requests, eqc.totals
    at = [request.at * time_scale for request in seen]
    return Traffic(
        requests=len(seen),
        span_s=at[-1] - at[0] + seen[-1].latency_s * time_scale,
        steady_a_minute=_a_minute(at[RATE.limit - 1 :]),
        first_to_last_a_minute=_a_minute(at),
        latency_s=sum(request.latency_s for request in seen) * time_scale / len(seen),
        violations=totals.violations,
        max_in_window=totals.max_in_window,
        max_in_flight=totals.max_in_flight,
    )


def _a_minute(at: list[float]) -> float:
    return 60 * (len(at) - 1) / (at[-1] - at[0])
