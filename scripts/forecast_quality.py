"""Hold the forecast against what came: real drains through a local EQC, each with other latencies.

    python scripts/forecast_quality.py [--names 150] [--time-scale 30] [--together 3] [--directory DIR]

Plans names, asks `report --json` for the forecast before the first request and once a tenth of the names
is done, drains the rest, and looks whether the time it took lies between p10 and p90. EQC is simulated, and
so many times as fast as EQC; all else is the commands as they are. Ends with status 1 where, of either
forecast, fewer than 7 of 10 bands hold the real finish.

A band that is right holds 8 of 10: now and then a run of this script has 6 of them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eqcbatch.simulate import Faults, Simulator, SimulatorOptions

GOAL = 0.7
TOKEN = "T"
LATENCY_S, TIMEOUT_S = (5, 20), 30


@dataclass(frozen=True, slots=True)
class Scenario:
    """How EQC behaves: seconds by chance and by the share of the job done, faults; how it is asked."""

    name: str
    latency_s: Callable[[random.Random, float], float]
    faults: Mapping[str, float] = field(default_factory=dict)
    in_flight: str = "1"


def _uniform(dice: random.Random, _: float) -> float:
    return dice.uniform(5, 20)


SCENARIOS = (
    Scenario("uniform, 5 to 20 s", _uniform),
    Scenario("narrow, 11 to 13 s", lambda dice, _: dice.uniform(11, 13)),
    Scenario("lognormal, median 10 s", lambda dice, _: min(25, dice.lognormvariate(math.log(10), 0.5))),
    Scenario(
        "bimodal, 6 or 18 s", lambda dice, _: dice.gauss(6, 0.5) if dice.random() < 0.5 else dice.gauss(18, 2)
    ),
    Scenario("mostly 8 s, a tenth 25 s", lambda dice, _: 25 if dice.random() < 0.1 else dice.uniform(7, 9)),
    Scenario("drifting from 11 to 14 s", lambda dice, done: dice.uniform(0.6, 1.4) * (11 + 3 * done)),
    Scenario("about the interval, 3 to 10 s", lambda dice, _: dice.uniform(3, 10)),
    Scenario("uniform, 2 of 100 are 429", _uniform, {"429": 0.02}),
    Scenario("uniform, 4 of 100 time out", _uniform, {"timeout": 0.04}),
    Scenario("uniform, 8 of 100 are 500", _uniform, {"500": 0.08}),
    Scenario("uniform, as many in flight as use the rate", _uniform, in_flight="auto"),
    Scenario(
        "lognormal, as many in flight",
        lambda dice, _: min(25, dice.lognormvariate(2.2, 0.6)),
        in_flight="auto",
    ),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A forecast beside what came, in minutes of EQC's own time."""

    p10: float
    p50: float
    p90: float
    real: float

    @property
    def inside(self) -> bool:
        """Whether the band holds it."""
        return self.p10 <= self.real <= self.p90

    def __str__(self) -> str:
        """Return the band, what came, and the verdict."""
        verdict = "held" if self.inside else "MISSED"
        return f"{self.p10:6.1f} {self.p50:6.1f} {self.p90:6.1f} {self.real:7.1f}  {verdict:6}"


class Run:
    """One scenario in a directory of its own."""

    def __init__(self, scenario: Scenario, names: int, scale: float, directory: Path, seed: int) -> None:
        self._scenario, self._names, self._scale, self._directory = scenario, names, scale, directory
        dice = random.Random(f"{scenario.name} {seed}")
        self._latencies = [scenario.latency_s(dice, at / names) for at in range(names)] + [
            scenario.latency_s(dice, 1.0) for _ in range(names)
        ]
        self._seed = seed

    def held(self) -> tuple[Held, Held]:
        """The forecast before the first request, and that after a tenth of the names."""
        (self._directory / "names.csv").write_text(
            "客户名称\n" + "".join(f"深圳第{number}实业有限公司\n" for number in range(self._names)),
            encoding="utf-8",
        )
        options = SimulatorOptions(
            latency_of=lambda serial: self._latencies[min(serial, len(self._latencies)) - 1],
            token=TOKEN,
            time_scale=self._scale,
            faults=Faults(self._scenario.faults, seed=self._seed),
        )
        with Simulator(options) as eqc:
            self._command("plan", "names.csv", "--no-index")
            before = self._report()
            self._drain(eqc.url, str(self._names // 10))
            tenth = self._report()
            while self._report()["forecast"]["requests_left"]:
                self._drain(eqc.url, "all")
        after = self._report()
        return self._compared(before, after), self._compared(tenth, after)

    def _compared(self, then: dict[str, Any], after: dict[str, Any]) -> Held:
        p10, p50, p90 = (
            then["forecast"][f"hours_{name}"] * 60 * self._scale for name in ("p10", "p50", "p90")
        )
        real_s = after["time"]["wall_s"] - then["time"]["wall_s"]
        return Held(p10, p50, p90, real_s / 60 * self._scale)

    def _report(self) -> dict[str, Any]:
        latency = "-".join(f"{seconds / self._scale:.6f}" for seconds in LATENCY_S)
        rate = f"10/{60 / self._scale:.6f}s"
        return dict(
            json.loads(
                self._command(
                    *("report", "--json", "--rate", rate, "--latency", latency),
                    *("--in-flight", self._scenario.in_flight),
                )
            )
        )

    def _drain(self, url: str, budget: str) -> None:
        self._command(
            *("drain", "--resume", "-q", "--eqc-url", url, "--budget", budget),
            *("--time-scale", f"{self._scale}", "--timeout", f"{TIMEOUT_S / self._scale:.6f}"),
            *("--in-flight", self._scenario.in_flight),
            may_fail=True,  # three 429 in a row end a session; the next one goes on
        )

    def _command(self, *arguments: str, may_fail: bool = False) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EQCBATCH_")}
        ran = subprocess.run(
            [sys.executable, "-m", "eqcbatch", *arguments],
            cwd=self._directory,
            env=environment
            | {"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_PACE_FILE": str(self._directory / "pace.json")},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if ran.returncode and not may_fail:
            raise SystemExit(f"{arguments}: {ran.stderr}")
        return ran.stdout


def main() -> int:
    """Run the scenarios as the command line says; the exit code."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        found = list(_run_all(options, Path(directory)))
    print(f"{'minutes of EQC':44}   p10    p50    p90    real")
    for scenario, (before, tenth) in zip(SCENARIOS, found, strict=True):
        print(f"{scenario.name:44} {before}  before the first request")
        print(f"{'':44} {tenth}  after a tenth")
    verdicts = (
        _say("before the first request", [before for before, _ in found]),
        _say("after a tenth of the names", [tenth for _, tenth in found]),
    )
    return int(not all(verdicts))


def _say(when: str, bands: Sequence[Held]) -> bool:
    inside = sum(band.inside for band in bands)
    print(f"{when}: {inside} of {len(bands)} bands hold what came (goal: 7 of 10)")
    return inside >= GOAL * len(bands)


def _run_all(options: argparse.Namespace, directory: Path) -> Iterable[tuple[Held, Held]]:
    def run(number: int) -> tuple[Held, Held]:
        place = directory / str(number)
        place.mkdir()
        return Run(SCENARIOS[number], options.names, options.time_scale, place, options.seed).held()

    with ThreadPoolExecutor(options.together) as pool:
        yield from pool.map(run, range(len(SCENARIOS)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--names", type=int, default=150, help="of each run (%(default)s)")
    parser.add_argument("--time-scale", type=float, default=30.0, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the latencies and faults (%(default)s)")
    parser.add_argument("--together", type=int, default=3, help="runs at a time (%(default)s)")
    parser.add_argument("--directory", type=Path, help="where the ledgers are for a while")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
