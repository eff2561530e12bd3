"""The commands that are recorded: the life of a ledger, from its first plan to the upgrade of an old one."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from openpyxl import Workbook

from eqcbatch.ledger import archive_path
from power.recording import EQCBATCH
from power.resuming import resume_drain, settings_to_resume
from power.workplace import Workplace

OLD = Path(__file__).resolve().parents[2] / "tests" / "data"
RATE, SCALE = "10/60s", 60  # recorded at ten requests a second
_CITIES = ("深圳", "北京", "成都", "武汉")
# The log of SQLite goes into the file after a few pages, not after a thousand: many times in a run.
_SMALL_LOG = """
import sqlite3, sys
from eqcbatch.cli.app import main
connect = sqlite3.connect
def connected(*arguments, **options):
    connection = connect(*arguments, **options)
    connection.execute("PRAGMA wal_autocheckpoint = 8")
    return connection
sqlite3.connect = connected
main(sys.argv[1:])
"""
_SAME_QUESTION = ("北京长城厂-已转出", "（北京）长城厂")


@dataclass(frozen=True)
class Scenario:
    """A command that is recorded in a workplace, and what may be asked of its states.

    prepare: what is done before, unrecorded. arguments: of the command. again: of the one that goes on after
    the cut. outputs: files, relative to the root, that are whole or absent. in_flight: how many requests may
    be under way at once. takes_back: whether rows of Postgres go before the ledger knows. codes: how the
    command may end, 2 where it says that all is done. go_on: what goes on after the cut in this process,
    where that is not the command. program: what takes the arguments.
    """

    name: str
    arguments: tuple[str, ...]
    again: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    in_flight: int = 0
    takes_back: bool = False
    codes: tuple[int, ...] = (0,)
    go_on: Callable[[Workplace], int] | None = None
    program: tuple[str, ...] = EQCBATCH
    prepare: Callable[[Workplace], None] = lambda workplace: None

    @property
    def command(self) -> tuple[str, ...]:
        """The command as a process."""
        return (*self.program, *self.arguments)

    @property
    def resumed(self) -> tuple[str, ...]:
        """The arguments that go on: the same ones, where nothing else is said."""
        return self.again or self.arguments


def life(url: str, names: int) -> Iterator[Scenario]:
    """Yield the commands in the order of one ledger's life. url: of the EQC. names: in the first month."""
    yield Scenario("plan", ("plan", "month1.csv"), prepare=lambda place: _write_month(place, 1, names))
    yield _drain("drain", url, 1)
    yield Scenario("review export", ("review", "export", "held.csv"), outputs=("held.csv",))
    yield Scenario("review import", ("review", "import", "held.csv"), prepare=_decide)
    yield Scenario("apply, CSV", ("apply", "month1.csv", "-o", "out.csv"), outputs=("out.csv",))
    yield Scenario(
        "apply, CSV, over the last one",
        ("apply", "month1.csv", "-o", "out.csv", "--no-temp-ids"),
        outputs=("out.csv",),
    )
    yield Scenario(
        "apply, workbook",
        ("apply", "month1.xlsx", "-o", "out.xlsx"),
        outputs=("out.xlsx",),
        prepare=_write_workbook,
    )
    yield Scenario("report --html", ("report", "--html", "pages/report.html"), outputs=("pages/report.html",))
    yield Scenario(
        "plan, a second month",
        ("plan", "month2.csv"),
        prepare=lambda place: _write_month(place, 2, names // 2),
    )
    killed = _drain("drain after a kill, 3 in flight", url, 3, "--details", "deferred", "--no-flush")
    small_log = (sys.executable, "-c", _SMALL_LOG)
    yield replace(killed, program=small_log, prepare=lambda place: _kill_amid(place, killed))
    yield Scenario("flush", ("flush",))
    yield Scenario("flush --revert", ("flush", "--revert", "1"), takes_back=True, codes=(0, 2))
    yield Scenario("upgrade of a ledger of 0.1", ("report",), prepare=_put_old_ledger)


def _drain(name: str, url: str, in_flight: int, *options: str) -> Scenario:
    def arguments(rate: str, scale: int) -> tuple[str, ...]:
        return (
            *("drain", "--resume", "--budget", "all", "--eqc-url", url, "--timeout", "20s"),
            *("--rate", rate, "--time-scale", str(scale), "--in-flight", str(in_flight), *options),
        )

    settings = settings_to_resume(in_flight, details="--details" in options)
    return Scenario(
        name,
        arguments(RATE, SCALE),
        arguments("10000/60s", 600),
        in_flight=in_flight,
        go_on=partial(resume_drain, settings=settings, flush="--no-flush" not in options),
    )


def _write_month(place: Workplace, month: int, names: int) -> None:
    first = 0 if month == 1 else names  # the months share names
    rows = [f"{_CITIES[n % 4]}第{n}实业有限公司" for n in range(first, first + names)]
    text = "\n".join(["客户名称", *rows, *_SAME_QUESTION, rows[0]]) + "\n"
    (place.root / f"month{month}.csv").write_text(text, encoding="utf-8")


def _write_workbook(place: Workplace) -> None:
    workbook = Workbook()
    sheet = workbook.create_sheet("rows", 0)
    with (place.root / "month1.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    workbook.save(place.root / "month1.xlsx")


def _decide(place: Workplace) -> None:
    """Decide what is held: by turns the first candidate, and none."""
    sheet = place.root / "held.csv"
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    for number, line in enumerate(lines):
        line["decision"] = "none" if number % 2 else line["id_1"]
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def _kill_amid(place: Workplace, scenario: Scenario) -> None:
    """Run a drain, and kill it once it has sent some requests."""
    wanted = len(place.eqc.requests) + 4
    environment = os.environ | place.environment
    with subprocess.Popen(
        scenario.command, cwd=place.root, env=environment, stderr=subprocess.DEVNULL
    ) as drain:
        while len(place.eqc.requests) < wanted and drain.poll() is None:
            time.sleep(0.002)  # the simulator tells nobody that a request came
        drain.kill()


def _put_old_ledger(place: Workplace) -> None:
    """Put the ledger of 0.1, whose last session died, into the place of ours."""
    for file in place.ledger.parent.iterdir():
        file.unlink()
    for file, kind in ((place.ledger, "sql"), (archive_path(place.ledger), "answers.sql")):
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript((OLD / f"ledger-0.1.{kind}").read_text(encoding="utf-8"))
        file.chmod(0o600)
    with closing(sqlite3.connect(place.ledger)) as connection:
        flushed = connection.execute(
            "SELECT lookup_key, company_id, confidence FROM names WHERE flushed_at IS NOT NULL"
        ).fetchall()
    place.history.begin_anew(flushed)
