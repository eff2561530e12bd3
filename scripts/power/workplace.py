"""Where the commands run that are tried: a directory, an EQC, a Postgres, and what the ledger there says."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from eqcbatch.cli.app import main
from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import open_archive
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.simulate import Simulator
from power.postgres_history import PostgresHistory
from power.recording import EQCBATCH

TOKEN = "power-token"
Question = tuple[str, str]  # endpoint and parameter
Table = list[tuple[Any, ...]]

# All that a ledger holds, save times, attempts and the numbers of runs and sessions.
_TABLES = (
    """SELECT lookup_key, query, state, reason, company_id, official_name, confidence, verdict, held, source,
              rows, weight, flushed_at IS NOT NULL, flushed_company_id, flushed_confidence, flush_error
       FROM names ORDER BY lookup_key""",
    """SELECT company_id, official_name, unite_code, weight, confidence, search_keyword, search_answer,
              business_info, labels, flushed_at IS NOT NULL, flush_error FROM companies ORDER BY 1""",
    """SELECT source, rows, blank_rows, distinct_raw, distinct_names, hits FROM runs WHERE current
       ORDER BY source""",
    """SELECT runs.source, lookup_key, raw, plan_code, known_id, o.rows, o.weight, o.company_id, o.source
       FROM occurrences o JOIN runs ON runs.id = run_id WHERE current ORDER BY 1, 2, 3, 4, 5""",
    "SELECT lookup_key, rank, company_id, official_name, type FROM candidates ORDER BY 1, 2, 3",
)


class Workplace:
    """One directory for everything: what is recorded runs there, and every state is laid out there again."""

    def __init__(self, root: Path, eqc: Simulator, database_url: str, output: Path) -> None:
        self.root = root
        self.eqc = eqc
        self.history = PostgresHistory(database_url)
        self.environment = {
            "EQCBATCH_LEDGER": str(self.ledger),
            "EQCBATCH_DATABASE_URL": database_url,
            "EQCBATCH_PACE_FILE": str(root / "state" / "pace.json"),
            "EQCBATCH_EQC_TOKEN": TOKEN,
            "EQCBATCH_TEMP_ID_SALT": "power",
        }
        self._output = output

    @property
    def ledger(self) -> Path:
        """The work ledger, in a directory that its first plan makes."""
        return self.root / "ledgers" / "l.sqlite"

    @property
    def pace(self) -> Path:
        """The pace file, in a directory that its first drain makes."""
        return self.root / "state" / "pace.json"

    def run(self, *arguments: str) -> int:
        """Run a command of eqcbatch in this process; its exit code."""
        before = dict(os.environ)
        os.chdir(self.root)
        os.environ.update(self.environment)
        try:
            with self._quiet():
                main(arguments)
        except SystemExit as ended:
            return int(ended.code or 0)
        finally:
            os.environ.clear()
            os.environ.update(before)

    def run_process(self, *arguments: str) -> int:
        """Run a command as a process of its own; its exit code."""
        with self._output.open("wb") as output:
            return subprocess.run(
                [*EQCBATCH, *arguments],
                cwd=self.root,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            ).returncode

    def said(self) -> str:
        """What the last commands printed, its end."""
        return self._output.read_text(encoding="utf-8", errors="replace")[-1500:]

    def tables(self) -> list[Table]:
        """What the ledger holds, comparable with what another one does."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            return [connection.execute(question).fetchall() for question in _TABLES]

    def names(self) -> set[str]:
        """The lookup keys of all names; none where there is no ledger."""
        if not self.ledger.exists():
            return set()
        return {row[0] for row in self._ask("SELECT lookup_key FROM names")}

    def marked_flushed(self) -> set[tuple[str, str]]:
        """The names that Postgres has, by the ledger, with their ids."""
        return set(self._ask("SELECT lookup_key, flushed_company_id FROM names WHERE flushed_at IS NOT NULL"))

    def booked(self) -> int:
        """How many requests the ledger knows of."""
        return int(self._ask("SELECT count(*) FROM requests")[0][0])

    def troubles(self) -> list[str]:
        """What is wrong with ledger and archive, read whole by the product itself."""
        with open_ledger(self.ledger) as ledger:
            ledger.verify()
            found = [f"P7: {line}" for line in ledger.stats.imbalances()]
        if archive_path(self.ledger).exists():
            with open_archive(archive_path(self.ledger)) as archive:
                archive.verify()
        return found

    def archived(self, questions: frozenset[Question]) -> set[Question]:
        """Those of the questions whose answers are archived."""
        if not archive_path(self.ledger).exists():
            return set()
        with open_archive(archive_path(self.ledger)) as archive:
            return {
                (endpoint, asked) for endpoint, asked in questions if archive.find(Endpoint(endpoint), asked)
            }

    def _ask(self, question: str) -> Table:
        with closing(sqlite3.connect(self.ledger)) as connection:
            return connection.execute(question).fetchall()

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Let what is printed go to a file."""
        kept = [os.dup(1), os.dup(2)]
        output = os.open(self._output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        try:
            for number in (1, 2):
                os.dup2(output, number)
            yield
        finally:
            for number, descriptor in zip((1, 2), kept, strict=True):
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.close(output)


def shown_difference(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> str:
    """The first key under which two tables differ."""
    keys = sorted({key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}, key=repr)
    return "; ".join(f"{key}: {one.get(key)} instead of {other.get(key)}" for key in keys[:2])
