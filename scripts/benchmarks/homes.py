"""The working directory of one job: a source, a ledger, a pace, and the commands run there."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.processes import EQCBATCH, Ended, run
from eqcbatch.demo.company_names import company_names

COLUMN = "客户名称"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a job has its files.

    database_url: its Postgres, None for none. python: of an environment with another eqcbatch, None for ours.
    """

    directory: Path
    database_url: str | None = None
    python: Path | None = None

    @property
    def ledger(self) -> Path:
        """The work ledger."""
        return self.directory / "ledger.sqlite"

    @property
    def settings(self) -> Mapping[str, object]:
        """The environment of its commands."""
        own = {
            "EQCBATCH_LEDGER": self.ledger,
            "EQCBATCH_PACE_FILE": self.directory / "pace.json",
            "EQCBATCH_EQC_TOKEN": "benchmark",
        }
        installed = {"PYTHONPATH": ""} if self.python else {}
        return own | installed | ({"EQCBATCH_DATABASE_URL": self.database_url} if self.database_url else {})

    def eqcbatch(self, *words: object) -> Ended:
        """Run a command of eqcbatch."""
        command = (self.python, *EQCBATCH[1:]) if self.python else EQCBATCH
        return run(self.directory, (*command, *words), self.settings)

    def drain(self, url: str, *options: object) -> Ended:
        """Drain without a budget."""
        return self.eqcbatch("drain", "--resume", "--budget", "all", "--eqc-url", url, *options, "--json")


def made_up_names(count: int, seed: int = 714) -> list[str]:
    """So many names of companies, no two with one lookup key; the same ones for the same seed."""
    return list(islice(company_names(random.Random(f"benchmark {seed}")), count))


def write_names(path: Path, names: Iterable[str]) -> Path:
    """A source with one row a name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([COLUMN])
        writer.writerows([name] for name in names)
    return path
