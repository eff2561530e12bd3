"""Plan as the command does, in phases: seconds by the wall and on the CPU, and the peak memory so far.

    python scripts/benchmarks/children/plan_phases.py SOURCE LEDGER DATABASE_URL

A phase is charged with what its room does, whoever calls it: `ledger` and `lookup` are the methods of
the ledger's planning room and of the index; `names` is the rest of the plan. Prints one JSON object.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from eqcbatch.domain.forecast import Schedule
from eqcbatch.ledger import Runs, open_ledger
from eqcbatch.plan import plan
from eqcbatch.postgres import Enrichment, Postgres
from eqcbatch.report import report
from eqcbatch.source import SourceSpec, read


class Phases:
    """A clock that charges exactly one phase at a time."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}
        self._peaks: dict[str, float | None] = {}
        self._phase = "imports"
        self._since = time.perf_counter(), time.process_time()

    def turn_to(self, phase: str) -> str:
        """Charge this phase from now on; the one before."""
        now, before = (time.perf_counter(), time.process_time()), self._phase
        spent = self._spent.get(before, (0.0, 0.0))
        self._spent[before] = spent[0] + now[0] - self._since[0], spent[1] + now[1] - self._since[1]
        self._peaks[before] = peak_mib()
        self._phase, self._since = phase, now
        return before

    def found(self) -> dict[str, dict[str, float | None]]:
        """What every phase was charged with."""
        return {
            phase: {"seconds": seconds, "cpu_s": cpu_s, "peak_mib": self._peaks[phase]}
            for phase, (seconds, cpu_s) in self._spent.items()
        }

    def charge(self, phase: str, room: type) -> None:
        """Charge a phase with all that a room's methods do."""
        for name, method in list(vars(room).items()):
            if callable(method) and name != "__init__":
                setattr(room, name, self._charged(phase, method))

    def _charged(self, phase: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def charged(*arguments: Any, **named: Any) -> Any:
            before = self.turn_to(phase)
            try:
                return method(*arguments, **named)
            finally:
                self.turn_to(before)

        return charged


def peak_mib() -> float | None:
    """The most memory that this process held so far; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main(source: str, ledger_path: str, database_url: str) -> None:
    """Plan a source, by phases, without garbage collection as the command does."""
    gc.disable()
    phases = Phases()
    phases.charge("ledger", Runs)
    phases.charge("lookup", Enrichment)
    spec = SourceSpec(source)
    phases.turn_to("read")
    tally = read(spec)
    phases.turn_to("ledger")
    with open_ledger(Path(ledger_path), create=True) as ledger:
        phases.turn_to("names")
        plan(ledger.runs, tally, spec.identity(), {}, Postgres(database_url))
        phases.turn_to("report")
        report(ledger, Schedule())
    phases.turn_to("end")
    print(json.dumps(phases.found()))


if __name__ == "__main__":
    main(*sys.argv[1:])
