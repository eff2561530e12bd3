"""Where a drain of the soak has its files: a planned ledger, a database and a token of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from eqcbatch.postgres import Postgres, create_missing
from eqcbatch.simulate import Simulator

SCALE = 10  # how many times as fast as EQC everything runs
CITIES = ("深圳", "北京", "成都", "武汉", "青岛")
_INDEX = """SELECT lookup_key, lookup_type, company_id, confidence, source
            FROM enterprise.enrichment_index ORDER BY lookup_key, lookup_type"""


@dataclass(frozen=True)
class Home:
    """Where a drain has its files. token_file: what its tokens come from."""

    directory: Path
    database_url: str
    eqc: Simulator

    @property
    def ledger(self) -> Path:
        """The work ledger."""
        return self.directory / "ledger.sqlite"

    @property
    def token_file(self) -> Path:
        """The file that holds the token."""
        return self.directory / "token"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command of eqcbatch; what it says goes to a file."""
        environment = os.environ | {
            "EQCBATCH_LEDGER": str(self.ledger),
            "EQCBATCH_DATABASE_URL": self.database_url,
            "EQCBATCH_PACE_FILE": str(self.directory / "pace.json"),
        }
        with (self.directory / "output.txt").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "eqcbatch", *arguments],
                env=environment,
                stdout=output,
                stderr=output,
            )

    def drain(self, rate: str, *options: str) -> subprocess.Popen[bytes]:
        """Start a drain."""
        return self.start(
            *("drain", "--resume", "--budget", "all", "--eqc-url", self.eqc.url, "--rate", rate),
            *("--time-scale", str(SCALE), "--timeout", "2s", "--token-file", str(self.token_file), *options),
        )

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return ledger.execute(question).fetchall()

    def count(self, which: str, table: str = "names") -> int:
        """How many rows of a table there are of a kind."""
        ((count,),) = self.rows(f"SELECT count(*) FROM {table} WHERE {which}")
        return int(count)

    def pending(self) -> int:
        """How many names are to be asked, now or in a later round."""
        return self.count("state = 'pending' OR state = 'failed' AND not_before IS NOT NULL")

    def index(self) -> list[tuple[Any, ...]]:
        """Rows of enrichment_index."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(_INDEX).fetchall()


def new_home(directory: Path, server_url: str, eqc: Simulator, source: Path, token: str) -> Home:
    """A planned ledger with a database of its own, and this token."""
    directory.mkdir()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {directory.name}".encode())
    head, _, query = server_url.partition("?")
    home = Home(directory, f"{head.rpartition('/')[0]}/{directory.name}?{query}", eqc)
    with Postgres(home.database_url).connect() as connection:
        create_missing(connection)
    home.token_file.write_text(token, encoding="utf-8")
    if home.start("plan", str(source)).wait():
        raise SystemExit(f"The plan failed; see {directory / 'output.txt'}")
    return home


def write_month(directory: Path, names: int) -> Path:
    """A source of so many names."""
    source = directory / "month.csv"
    lines = [f"{CITIES[number % len(CITIES)]}第{number}实业有限公司" for number in range(names)]
    source.write_text("\n".join(["客户名称", *lines]), encoding="utf-8")
    return source
