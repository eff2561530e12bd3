"""What reaches a terminal, a log, Markdown or a spreadsheet is safe to look at; and streams may be closed."""

from __future__ import annotations

import csv
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas
import pytest

from tests.conftest import FAST, TOKEN, Run
from tests.drains import LEDGER, Job, OneEach, companies
from tests.ledgers import ask, change
from tests.servers import RawServer, answering, http

NAMES = [f"深圳\x1b]0;PWNED\x07\x1b[2J甲{n}\u202e科技\x9b有限公司" for n in range(6)]
FORGED = "2026-11-28 14:00:00 INFO    forged line"
SICK = json.dumps({"error": f"no\x1b]0;PWNED\x07\x1b[2J\n{FORGED}"})
ACTING = "\x1b\x07\x9b\u202e\r"
posix = pytest.mark.skipif(os.name == "nt", reason="a shell closes the streams")


def assert_safe(*texts: str) -> None:
    """No sign acts, and no line is one that somebody else wrote."""
    for text in texts:
        assert not set(ACTING) & set(text)
        assert not [line for line in text.splitlines() if line.startswith(FORGED)]


def plan(eqcbatch: Run) -> None:
    """Plan the names that act."""
    pandas.DataFrame({"客户名称": NAMES}).to_parquet("m.parquet")
    planned = eqcbatch("plan", "m.parquet", "--ledger", LEDGER)
    assert 0 == planned.code, planned.err
    assert_safe(planned.out, planned.err)


def test_names_and_answers_do_nothing_on_terminal_log_and_markdown(eqcbatch: Run) -> None:
    """Escapes, line breaks and marks of direction are shown, whoever wrote them."""
    plan(eqcbatch)
    with RawServer(answering(http(SICK.encode(), status="500 Sick"))) as server:
        drained = eqcbatch(
            *("drain", "--resume", "-v", "--budget", 4, "--rate", FAST, "--log-file", "d.log"),
            *("--ledger", LEDGER, "--eqc-url", server.url),
            EQCBATCH_EQC_TOKEN=TOKEN,
        )
    assert "PWNED" in drained.err
    assert_safe(drained.out, drained.err, Path("d.log").read_text(encoding="utf-8"))
    for form in ((), ("--markdown",), ("--json",), ("--name", NAMES[0]), ("--name", NAMES[0], "--json")):
        told = eqcbatch("report", "--ledger", LEDGER, *form)
        assert 0 == told.code
        assert_safe(told.out, told.err)
    assert NAMES[0] == ask(LEDGER, "SELECT lookup_key FROM names ORDER BY lookup_key")[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "--ledger", "x\x1b]0;PATH\x07.sqlite"),
        ("report", "--ledger", f"x\n{FORGED}.sqlite"),
        ("report", "--name", "深圳\x1b]0;X\x07没有"),
        ("report", f"--\x1b[2J\n{FORGED}"),
        ("drain", "--budget", f"1\x1b[2J\n{FORGED}"),
        ("plan", f"m\x1b[2J\n{FORGED}.csv"),
        (f"\x1b[2J\n{FORGED}",),
    ],
)
def test_what_a_message_quotes_does_nothing(eqcbatch: Run, arguments: tuple[str, ...]) -> None:
    """Paths, names, options and values as they were typed."""
    pandas.DataFrame({"客户名称": ["甲公司"]}).to_csv("m.csv")
    eqcbatch("plan", "m.csv")
    said = eqcbatch(*arguments)
    assert 2 == said.code
    assert said.err
    assert_safe(said.out, said.err)


def test_a_defect_is_told_without_what_it_quotes_doing_anything(eqcbatch: Run, tmp_path: Path) -> None:
    """A traceback ends with the error's own words."""
    script = f"from eqcbatch.cli import app; app._run = lambda _: 1 / int('\\x1b[2J\\n{FORGED}'); app.main()"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8")
    assert 1 == ran.returncode
    assert "ValueError" in ran.stderr
    assert_safe(ran.stderr)


def test_apply_writes_no_formula_into_csv_and_a_plan_takes_none_for_an_id(eqcbatch: Run) -> None:
    """An id of the index that begins as formulas do has an apostrophe before it; its name is asked anew."""
    pandas.DataFrame({"客户名称": ["甲公司", "乙公司"]}).to_csv("m.csv", index=False)
    Path("o.yml").write_text("甲公司: '1'\n乙公司: '600000001'\n", encoding="utf-8")
    eqcbatch("plan", "m.csv", "--ledger", LEDGER, "--overrides", "o.yml")
    change(LEDGER, "UPDATE names SET company_id = '=1+1' WHERE company_id = '1'")
    change(LEDGER, "UPDATE occurrences SET company_id = '=1+1' WHERE company_id = '1'")
    assert 0 == eqcbatch("apply", "m.csv", "-o", "out.csv", "--no-temp-ids", "--ledger", LEDGER).code
    with open("out.csv", encoding="utf-8", newline="") as file:
        assert ["'=1+1", "600000001"] == [row["company_id"] for row in csv.DictReader(file)]
    again = eqcbatch("plan", "out.csv", "--id-column", "company_id", "--ledger", "again.sqlite")
    assert 0 == again.code, again.err
    assert {None, "600000001"} == set(ask(Path("again.sqlite"), "SELECT known_id FROM occurrences"))


@pytest.fixture
def planned(job: Callable[..., Job]) -> Job:
    """Five names that EQC knows."""
    work = job(registry=OneEach())
    assert 0 == work.plan(companies(5)).code
    return work


def drain(work: Job, streams: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Drain in a process of its own, with its streams as a shell sets them."""
    command = [sys.executable, "-m", "eqcbatch", "drain", "--resume", "-v", "--ledger", str(LEDGER)]
    command += ["--rate", FAST, "--eqc-url", work.eqc.url]
    environment = os.environ | {"EQCBATCH_EQC_TOKEN": TOKEN}
    return subprocess.run(f"{shlex.join(command)} {streams}", shell=True, env=environment, **options)


@posix
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_drain_whose_streams_are_closed_does_its_work(planned: Job, closed: str) -> None:
    """As supervisors start it; what is opened next is not taken for a stream."""
    assert 0 == drain(planned, closed).returncode
    assert ["resolved"] * 5 == ask(LEDGER, "SELECT state FROM names")
    assert ["ok"] == ask(LEDGER, "PRAGMA integrity_check")


@posix
def test_a_drain_goes_on_when_nobody_reads_its_stderr_any_more(planned: Job) -> None:
    """As of a terminal that was closed, or of a `head` that has read enough."""
    unread, written = os.pipe()
    os.close(unread)
    assert 0 == drain(planned, stderr=written).returncode
    os.close(written)
    assert ["resolved"] * 5 == ask(LEDGER, "SELECT state FROM names")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a disk that is always full")
def test_a_log_on_a_full_disk_is_told_in_one_line(planned: Job) -> None:
    """However many lines are missing from it; the work goes on."""
    drained = planned.drain("--log-file", "/dev/full")
    assert 0 == drained.code
    assert 1 == drained.err.count("/dev/full")
    assert "Traceback" not in drained.err
    assert ["resolved"] * 5 == ask(LEDGER, "SELECT state FROM names")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a disk that is always full")
def test_a_stderr_on_a_full_disk_stops_no_drain(planned: Job) -> None:
    """As that of `drain 2>> night.log`."""
    assert 0 == drain(planned, "2>/dev/full").returncode
    assert ["resolved"] * 5 == ask(LEDGER, "SELECT state FROM names")


def test_a_workbook_that_unpacks_to_all_of_the_memory_is_refused_in_a_line(eqcbatch: Run) -> None:
    """Three hundred megabytes of XML in one of nothing: a table is no such thing."""
    rows = b"<row><c><v>1</v></c></row>" * (1 << 16)
    with ZipFile("m.xlsx", "w", ZIP_DEFLATED) as book, book.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(300 * (1 << 20) // len(rows)):
            sheet.write(rows)
    refused = eqcbatch("plan", "m.xlsx", "--ledger", LEDGER)
    assert 2 == refused.code
    assert "would unpack to" in refused.err
    assert 2 == len(refused.err.splitlines())
