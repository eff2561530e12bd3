"""The HTML report: how long `report --html` takes, and how large the page is.

The ledger has 10,000 names, half of them known before asking; the others were drained in twenty nights,
with faults, and many are held: the lists of the page are as long as they get.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import Home, made_up_names, write_names
from benchmarks.processes import Ended
from benchmarks.rounds import by_turns, each
from benchmarks.traffic import local_eqc
from eqcbatch.simulate import Faults

NAMES, QUICK_NAMES, NIGHTS = 10_000, 400, 20
PAGE = "report.html"
RATE = "100/0.01s"  # nobody meets it


def measure(effort: Effort) -> Section:
    """Write the page of one ledger several times, by turns with the text report."""
    home = Home(effort.room("html"))
    names = made_up_names(QUICK_NAMES if effort.quick else NAMES)
    _fill(home, names)
    found: dict[str, list[Ended]] = by_turns(
        effort.runs,
        {
            "page": lambda: home.eqcbatch("report", "--html", home.directory / PAGE),
            "text": lambda: home.eqcbatch("report"),
        },
    )
    size_mb = (home.directory / PAGE).stat().st_size / 1e6
    seconds, text = (each(found[way], lambda ended: ended.seconds) for way in ("page", "text"))
    return Section(
        "The HTML report",
        [
            Row("report --html, start-up included", "s", seconds, text, "report", [Goal("<", 5)]),
            Row("size of the page", "MB", [size_mb], goals=[Goal("<", 2)]),
        ],
        {"names": f"{len(names):,}", "nights": NIGHTS},
    )


def _fill(home: Home, names: list[str]) -> None:
    """Plan the names, the first half as known, and drain the others in so many nights."""
    half = len(names) // 2
    overrides = _overrides(home.directory / "known.yml", names[:half])
    home.eqcbatch("plan", write_names(home.directory / "names.csv", names), "--overrides", overrides)
    faults = Faults({"500": 0.03, "error": 0.02})
    with local_eqc(1, latency=(0.0, 0.0), rate=None, faults=faults) as eqc:
        for _ in range(NIGHTS):
            home.eqcbatch(
                *("drain", "--resume", "--budget", half // NIGHTS, "--eqc-url", eqc.url),
                *("--rate", RATE, "--time-scale", 600, "--min-confidence", 0.9),
            )


def _overrides(path: Path, known: list[str]) -> Path:
    ids = {name: str(610_000_000 + number) for number, name in enumerate(known)}
    path.write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return path
