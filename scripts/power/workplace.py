"""Where the commands run that are tried: a directory, an EQC, a Postgres, and what the ledger there says."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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


_FLUSHED = "SELECT lookup_key, flushed_company_id FROM names WHERE flushed_at IS NOT NULL"
_SETTLED = """SELECT DISTINCT query FROM requests JOIN names USING (lookup_key)
              WHERE endpoint = 'search' AND outcome IN ('answered', 'not_found')"""


@dataclass(frozen=True)
class Standing:
    """What a ledger and its archive hold.

    flushed: names that Postgres has, by the ledger, with their ids. settled: searches that the ledger knows
    the answer of. booked: requests. archived: questions whose answers the archive has.
    """

    tables: list[Table]
    flushed: frozenset[tuple[str, str]]
    settled: frozenset[Question]
    booked: int
    archived: frozenset[Question]
    imbalances: list[str]

    @property
    def names(self) -> frozenset[str]:
        """The lookup keys of all names."""
        return frozenset(row[0] for row in self.tables[0])


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
            with self.quiet():
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

    def look(self, questions: frozenset[Question]) -> Standing | None:
        """What ledger and archive hold, once the product has read them whole; None where there is no ledger.

        questions: whose answers are looked for in the archive. Raises LedgerUnusable if anything is damaged.
        """
        if not self.ledger.exists():
            return None
        with open_ledger(self.ledger) as ledger:
            ledger.verify()
            imbalances = ledger.stats.imbalances()
        with closing(sqlite3.connect(self.ledger)) as connection:
            tables = [connection.execute(question).fetchall() for question in _TABLES]
            flushed = frozenset(connection.execute(_FLUSHED).fetchall())
            settled = frozenset((Endpoint.SEARCH.value, query) for (query,) in connection.execute(_SETTLED))
            ((booked,),) = connection.execute("SELECT count(*) FROM requests")
        archived = self._archived(settled | questions)
        return Standing(tables, flushed, settled, booked, archived, imbalances)

    def names(self) -> frozenset[str]:
        """The lookup keys of all names, read from a copy: who opens a ledger may change it."""
        if not self.ledger.exists():
            return frozenset()
        with TemporaryDirectory() as directory:
            for file in (self.ledger, self.ledger.with_name(f"{self.ledger.name}-wal")):
                if file.exists():
                    shutil.copy(file, directory)
            with closing(sqlite3.connect(Path(directory) / self.ledger.name)) as connection:
                return frozenset(key for (key,) in connection.execute("SELECT lookup_key FROM names"))

    def _archived(self, questions: frozenset[Question]) -> frozenset[Question]:
        """Those of the questions whose answers the archive has, which is read whole."""
        if not archive_path(self.ledger).exists():
            return frozenset()
        with open_archive(archive_path(self.ledger)) as archive:
            archive.verify()
            return frozenset(
                (endpoint, asked) for endpoint, asked in questions if archive.find(Endpoint(endpoint), asked)
            )

    @contextmanager
    def quiet(self) -> Iterator[None]:
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
