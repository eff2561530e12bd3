"""Write the ledger of an eventful month as text, with its archive and its report, to test upgrades with.

    python tests/data/make_ledger.py DIRECTORY

Run it with the version that is about to be released. The month, all of it made up: names that the
index knows, that EQC answers, doubts, does not know and fails; results in Postgres, a session that
was reverted, a decision by a person, details, a queue, and a session that died with two requests
in flight, one of them answered.
"""

from __future__ import annotations

import csv
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from eqcbatch import __version__
from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc.archive import open_archive
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.simulate import Fault, Faults, GeneratedRegistry, Simulator, SimulatorOptions, Span, wire

LEDGER, ARCHIVE = Path("l.sqlite"), Path("l.sqlite.answers.sqlite")
REGISTRY = GeneratedRegistry(seed=70, unknown=0.2, pinyin=0.3)
NAMES = [f"深圳第{number}实业有限公司" for number in range(14)]
QUEUED = [f"北京第{number}贸易有限公司" for number in range(6)]
ROWS = [
    *((name, "", 3) for name in NAMES),
    (NAMES[0], "P1", 2),
    ("", "P1", 4),  # blank, and covered
    ("空白", "", 5),  # blank
]
KNOWN = [
    (NAMES[12], "customer_name", "600000012", 1.0),
    (NAMES[13], "customer_name", "600000013", 0.9),
    ("P1", "plan_code", "600000001", 1.0),
]


def run(*arguments: object, codes: tuple[int, ...] = (0,)) -> str:
    """Run the command; what it prints."""
    command = [sys.executable, "-m", "eqcbatch", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode in codes, (arguments, ran.returncode, ran.stdout, ran.stderr)
    return ran.stdout


def ask(question: str) -> list[tuple[object, ...]]:
    """Rows of the ledger."""
    with closing(sqlite3.connect(LEDGER)) as connection:
        return connection.execute(question).fetchall()


def simulator(latency_s: float = 0.0, *spans: Span) -> Simulator:
    """A local EQC that knows the same companies each time."""
    options = SimulatorOptions(
        latency=(latency_s, latency_s), rate=None, registry=REGISTRY, faults=Faults(between=spans)
    )
    return Simulator(options)


def drain_options(eqc: Simulator, database_url: str) -> list[object]:
    """What every drain here has in common."""
    return ["--eqc-url", eqc.url, "--database-url", database_url, "--rate", "1000/1s", "--retries", 0]


def fill(database_url: str) -> None:
    """Live through the month, up to the session that dies."""
    run("init-db", "--database-url", database_url)
    with psycopg.connect(database_url) as connection:
        connection.cursor().executemany(
            """INSERT INTO enterprise.enrichment_index
                   (lookup_key, lookup_type, company_id, confidence, source)
               VALUES (%s, %s, %s, %s, 'manual')""",
            KNOWN,
        )
        connection.cursor().executemany(
            "INSERT INTO enterprise.enrichment_requests (raw_name, normalized_name) VALUES (%s, %s)",
            [(name, name) for name in QUEUED],
        )
    with open("month.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("客户名称", "计划代码"), *((n, p) for n, p, c in ROWS for _ in range(c))]
        )
    run("plan", "month.csv", "--plan-code-column", "计划代码", "--database-url", database_url)
    with simulator() as eqc:
        run("drain", "--budget", 4, *drain_options(eqc, database_url))
        run("drain", "--budget", 14, "--details", "deferred", *drain_options(eqc, database_url))
    run("flush", "--revert", 1, "--database-url", database_url)
    decide()
    run("plan", "--queue", "--database-url", database_url)
    with simulator(0.0, Span(Fault.SERVER_ERROR, 1, 1)) as eqc:
        run("drain", "--budget", 3, *drain_options(eqc, database_url))


def decide() -> None:
    """Let a person say which company the last held name is."""
    run("review", "export", "held.csv")
    with open("held.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[-1]["decision"] = rows[-1]["id_1"]
    with open("decided.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[-1:])
    run("review", "import", "decided.csv")


def die(database_url: str) -> None:
    """Kill a drain with two requests in flight, and let the answer to one of them be in the archive."""
    in_flight = "SELECT query FROM names JOIN requests USING (lookup_key) WHERE outcome = 'in_flight'"
    with simulator(60.0) as eqc:
        command = ["drain", "--budget", "all", "--in-flight", 2, *drain_options(eqc, database_url)]
        process = subprocess.Popen([sys.executable, "-m", "eqcbatch", *map(str, command)])
        while len(ask(in_flight)) < 2:
            time.sleep(0.05)  # the ledger tells nobody that a request was booked
        process.kill()
        process.wait()
    query = str(ask(in_flight)[0][0])
    body = json.dumps(wire.search(REGISTRY.search(query), query)).encode()
    with open_archive(ARCHIVE) as archive:
        archive.keep(Endpoint.SEARCH, query, "http://127.0.0.1/", 200, body)


def as_sql(path: Path) -> str:
    """The database as SQL text."""
    with closing(sqlite3.connect(path)) as connection:
        return anonymous("\n".join(connection.iterdump())) + "\n"


def anonymous(text: str) -> str:
    """The text without what names this machine, of a day that is past by any clock."""
    today = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    text = text.replace(f"{today}T", "2024-11-28T")
    return text.replace(str(Path.cwd()), "/data").replace(f"'{socket.gethostname()}'", "'night'")


def main() -> None:
    """Make the files, named after this version's first two numbers."""
    target = Path(sys.argv[1]).absolute()
    name = "ledger-" + ".".join(__version__.split(".")[:2])
    with TemporaryDirectory() as directory:
        os.chdir(directory)
        os.environ |= {
            "EQCBATCH_EQC_TOKEN": "T",
            "EQCBATCH_LEDGER": str(LEDGER),
            "EQCBATCH_PACE_FILE": "pace",
        }
        with embedded_postgres(Path("postgres")) as database_url:
            fill(database_url)
            die(database_url)
        report = json.dumps(json.loads(run("report", "--json")), indent=2, ensure_ascii=False)
        (target / f"{name}.report.json").write_text(anonymous(report) + "\n", encoding="utf-8")
        (target / f"{name}.sql").write_text(as_sql(LEDGER), encoding="utf-8")
        (target / f"{name}.answers.sql").write_text(as_sql(ARCHIVE), encoding="utf-8")
        os.chdir(target)


if __name__ == "__main__":
    main()
