"""Bad input: the exit code (docs/reference.md#exit-codes), a line or two that say why, and no traces."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import TOKEN, Ran, Run
from tests.drains import LEDGER, write_names
from tests.ledgers import dump, resolve, states

AWAY = "postgresql://someone@127.0.0.1:1/none"
FAILING = f'"{sys.executable}" -c "raise SystemExit(3)"'


@pytest.fixture(autouse=True)
def folder(eqcbatch: Run, tmp_path: Path) -> Path:
    """A working directory with a planned ledger and with files of every bad kind."""
    write_names(["甲公司", "乙公司"])
    assert 0 == eqcbatch("plan", "names.csv", "--ledger", LEDGER).code
    Path("wrong.csv").write_text("客户,金额\n甲公司,1\n", encoding="utf-8")
    Path("empty.csv").touch()
    Path("binary.csv").write_bytes(b"PK\3\4\0\0\x14\0" * 99)
    Path("folder").mkdir()
    with closing(sqlite3.connect("foreign.sqlite")) as database:
        database.execute("CREATE TABLE songs (title)")
    book = openpyxl.Workbook()
    book.active.append(["客户名称"])  # type: ignore[union-attr]
    book.save("book.xlsx")
    return tmp_path


def must_be_refused(ran: Ran, code: int, says: str) -> None:
    assert (code, "") == (ran.code, ran.out), ran.err
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert 1 <= len(ran.err.strip().splitlines()) <= 2, ran.err


def databases(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*.sqlite")}


SOURCES = {
    "a missing file": (["name.csv"], "Did you mean 'names.csv'?"),
    "a missing folder": (["there/names.csv"], "no folder there"),
    "a wrong column": (["wrong.csv"], "'客户', '金额'"),
    "a column that no file has": (["names.csv", "--column", "客户名"], "Did you mean '客户名称'?"),
    "an empty file": (["empty.csv"], "is empty"),
    "a binary file called .csv": (["binary.csv"], "no workbook"),
    "a workbook without the sheet": (["book.xlsx", "--sheet", "明细"], "has no sheet '明细'"),
    "a directory": (["folder"], "is a directory"),
    "no source": ([], "There is no SOURCE"),
}


@pytest.mark.parametrize(("arguments", "says"), SOURCES.values(), ids=SOURCES)
def test_a_source_that_cannot_be_read_leaves_no_ledger(
    eqcbatch: Run, folder: Path, arguments: list[str], says: str
) -> None:
    """Exit 2 and what to do; neither a new ledger nor a folder for one is there afterwards."""
    ran = eqcbatch("plan", *arguments, "--ledger", "new/new.sqlite")

    must_be_refused(ran, 2, says)
    assert not (folder / "new").exists()


LEDGERS: dict[str, tuple[list[str], int, str]] = {
    "a place below a file": (["plan", "names.csv", "--ledger", "names.csv/l.sqlite"], 9, "names.csv"),
    "a directory to plan into": (["plan", "names.csv", "--ledger", "folder"], 2, "is a directory"),
    "a text to plan into": (["plan", "names.csv", "--ledger", "wrong.csv"], 9, "no SQLite file"),
    "a text to report on": (["report", "--ledger", "wrong.csv"], 9, "no SQLite file"),
    "a text to drain": (["drain", "--ledger", "wrong.csv"], 9, "no SQLite file"),
    "another program's database": (["report", "--ledger", "foreign.sqlite"], 9, "no ledger of eqcbatch"),
    "none to drain": (["drain", "--ledger", "none.sqlite"], 2, "no ledger at none.sqlite"),
    "none to preview": (["drain", "--dry-run", "--ledger", "none.sqlite"], 2, "no ledger at none.sqlite"),
    "none to report on": (["report", "--ledger", "none.sqlite"], 2, "no ledger at none.sqlite"),
    "none to flush": (["flush", "--ledger", "none.sqlite", "--database-url", AWAY], 2, "no ledger at"),
}


@pytest.mark.parametrize(("arguments", "code", "says"), LEDGERS.values(), ids=LEDGERS)
def test_a_ledger_that_is_none_is_left_alone(
    eqcbatch: Run, folder: Path, arguments: list[str], code: int, says: str
) -> None:
    """Exit 2 for a wrong path, 9 for a file that is no ledger; files and databases stay as they are."""
    before, text = databases(folder), Path("wrong.csv").read_bytes()

    ran = eqcbatch(*arguments, EQCBATCH_EQC_TOKEN=TOKEN)

    must_be_refused(ran, code, says)
    assert (before, text) == (databases(folder), Path("wrong.csv").read_bytes())
    assert {"songs"} == set(dump(Path("foreign.sqlite")))


DATABASES: dict[str, tuple[list[str], str, int, str]] = {
    "a refused one to plan with": (["plan", "names.csv"], AWAY, 7, "--no-index"),
    "a refused one to set up": (["init-db"], AWAY, 7, "is not reachable"),
    "a URL that is none to plan with": (["plan", "names.csv"], "nonsense", 2, "cannot be read"),
    "a URL that is none to drain into": (["drain"], "http://host/name", 2, "cannot be read"),
    "a URL that is none to flush to": (["flush"], "nonsense", 2, "cannot be read"),
    "no URL to flush to": (["flush"], "", 2, "EQCBATCH_DATABASE_URL"),
    "no URL to set up": (["init-db"], "", 2, "EQCBATCH_DATABASE_URL"),
}


@pytest.mark.parametrize(("command", "url", "code", "says"), DATABASES.values(), ids=DATABASES)
def test_a_database_that_is_not_there_leaves_no_ledger(
    eqcbatch: Run, folder: Path, command: list[str], url: str, code: int, says: str
) -> None:
    """Exit 7 where trying later may help, 2 where it cannot."""
    ran = eqcbatch(*command, EQCBATCH_DATABASE_URL=url, EQCBATCH_LEDGER="new.sqlite")

    must_be_refused(ran, code, says)
    assert "new.sqlite" not in databases(folder)


def test_results_that_a_refused_database_does_not_take_stay(eqcbatch: Run) -> None:
    """A flush exits 7, and changes nothing in the ledger."""
    resolve(LEDGER, "甲公司")
    before = dump(LEDGER)

    ran = eqcbatch("flush", "--ledger", LEDGER, "--database-url", AWAY)

    told = f"The rest is safe in the ledger. Next: eqcbatch flush --ledger {LEDGER}\n"
    assert (7, told) == (ran.code, ran.out)
    assert "Postgres at 127.0.0.1:1 is not reachable" in ran.err
    assert before == dump(LEDGER)


TOKENS: dict[str, tuple[list[str], str]] = {
    "none": ([], "EQCBATCH_EQC_TOKEN"),
    "a file that is missing": (["--token-file", "none"], "The token file none cannot be read"),
    "a file that is empty": (
        ["--token-file", "empty.csv"],
        "no EQC token: nothing came from the file empty.csv",
    ),
    "a command that fails": (["--token-command", FAILING], "ended with 3"),
    "a command that there is none of": (["--token-command", "no-such-command-x"], "The token command ended"),
}


@pytest.mark.parametrize(("options", "says"), TOKENS.values(), ids=TOKENS)
def test_without_a_token_nothing_is_asked(eqcbatch: Run, options: list[str], says: str) -> None:
    """Exit 5 before the first request, every name pending as before."""
    ran = eqcbatch("drain", "-q", "--ledger", LEDGER, "--eqc-url", "http://127.0.0.1:9", *options)

    assert (5, 1) == (ran.code, len(ran.err.splitlines()))
    assert says in ran.err
    assert {"甲公司": "pending", "乙公司": "pending"} == states(LEDGER)
    assert [] == dump(LEDGER)["requests"]


OPTIONS: dict[str, tuple[list[str], str]] = {
    "an unknown option": (["drain", "--bugdet", "5"], "--budget"),
    "an unknown command": (["plann"], "Did you mean 'plan'?"),
    "a budget of nothing": (["drain", "--budget", "0"], "`all`"),
    "a budget that is no number": (["report", "--budget", "some"], "`all`"),
    "a rate without a time": (["drain", "--rate", "10"], "10/60s"),
    "a rate in no time": (["report", "--rate", "10/0s"], "'10/0s' is not a rate"),
    "a duration that is none": (["drain", "--timeout", "soon"], "90s, 15m, 2h or 30d"),
    "a time of day that is none": (["drain", "--until", "25:00"], "06:30"),
    "minutes that are over": (["drain", "--max-minutes", "0"], "--max-minutes"),
    "a confidence above 1": (["drain", "--min-confidence", "70"], "--min-confidence"),
    "certificates that are missing": (["drain", "--ca-bundle", "none.pem"], "none.pem"),
    "an EQC without a scheme": (["drain", "--eqc-url", "eqc.pingan.com"], "eqc.pingan.com"),
    "an EQC by FTP": (["drain", "--eqc-url", "ftp://eqc.pingan.com"], "ftp://eqc.pingan.com"),
    "a reason without --retry-failed": (["drain", "--reason", "timeout"], "--retry-failed"),
    "a reason that is none": (["drain", "--retry-failed", "--reason", "rain"], "rain"),
    "a run that is none": (["report", "--run", "77"], "no current run 77"),
    "a name that is none": (["report", "--name", "丁公司"], "丁公司"),
    "two reports at once": (["report", "--csv", "--check"], "--csv"),
    "CSV as JSON": (["report", "--csv", "--json"], "--csv"),
    "a log file that cannot be": (["report", "--log-file", "names.csv/log"], "names.csv/log"),
}


@pytest.mark.parametrize(("arguments", "says"), OPTIONS.values(), ids=OPTIONS)
def test_an_option_that_cannot_be_is_refused(eqcbatch: Run, arguments: list[str], says: str) -> None:
    """Exit 2; the ledger stays as it is."""
    before = dump(LEDGER)

    ran = eqcbatch(*arguments, EQCBATCH_LEDGER=str(LEDGER), EQCBATCH_EQC_TOKEN=TOKEN)

    must_be_refused(ran, 2, says)
    assert before == dump(LEDGER)


CONFIGS = {
    "an unknown option": ("ledgr: x", "Did you mean 'ledger'?"),
    "an unknown option in a section": ("drain:\n  bugdet: 5", "drain: there is no option 'bugdet'"),
    "an option in another command's section": ("flush:\n  budget: 5", "flush: there is no option 'budget'"),
    "a section that is a value": ("drain: 5", "drain is a section"),
    "the config file itself": ("config: other.yml", "config is a section"),
    "several values for one": ("ledger: [a, b]", "ledger takes one value"),
    "values within values": ("budget:\n  drain: 5", "budget takes one value"),
    "a value that cannot be": ("rate: fast", "10/60s"),
    "no YAML": ("ledger: [", "cannot be read"),
    "a tab": ("drain:\n\tbudget: 5", "line 2, column 1. Look for a tab"),
    "a list": ("- ledger\n- x", "`option: value`"),
    "a sentence": ("ledger", "`option: value`"),
}


@pytest.mark.parametrize(("text", "says"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_file_that_cannot_be_used_is_refused(eqcbatch: Run, text: str, says: str) -> None:
    """Exit 2, with the name of the file where it is the file that is wrong."""
    Path("eqcbatch.yml").write_text(text, encoding="utf-8")

    must_be_refused(eqcbatch("report"), 2, says)


def test_a_config_file_is_utf_8_with_or_without_a_mark(eqcbatch: Run) -> None:
    """What some editors put before the text does not matter; another encoding is said to be one."""
    Path("eqcbatch.yml").write_text("ledger: 账本.sqlite", encoding="utf-8-sig")
    must_be_refused(eqcbatch("report"), 2, "账本.sqlite")
    Path("eqcbatch.yml").write_text("ledger: 账本.sqlite", encoding="gb18030")
    must_be_refused(eqcbatch("report"), 2, "eqcbatch.yml is no text in UTF-8")


def test_a_config_file_that_is_asked_for_must_be_there(eqcbatch: Run) -> None:
    """Only eqcbatch.yml may be missing."""
    must_be_refused(eqcbatch("report", "--config", "none.yml"), 2, "none.yml cannot be read")


SIMULATIONS: dict[str, tuple[list[Any], str]] = {
    "a nonsense fault": (["--fault", "rain:0.5"], "`rain` is no kind of fault"),
    "a nonsense share": (["--fault", "500:often"], "KIND:SHARE"),
    "a nonsense span": (["--fault-between", "500:9-3"], "FROM is at most TO"),
    "a nonsense latency": (["--latency", "20-5"], "from a least to a most"),
    "companies that are missing": (["--companies", "none.csv"], "none.csv"),
    "a request log that cannot be": (["--request-log", "names.csv/log", "--port", "0"], "names.csv"),
}


@pytest.mark.parametrize(("options", "says"), SIMULATIONS.values(), ids=SIMULATIONS)
def test_a_simulator_that_cannot_be_does_not_start(
    start_eqcbatch: Callable[..., subprocess.Popen[str]], options: list[Any], says: str
) -> None:
    """Exit 2 at once."""
    process = start_eqcbatch("simulate", *options)
    out, err = process.communicate(timeout=30)

    must_be_refused(Ran(process.returncode, out, err), 2, says)


def test_a_port_in_use_is_said(start_eqcbatch: Callable[..., subprocess.Popen[str]]) -> None:
    """The simulator exits 2 and names the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_eqcbatch("simulate", "--port", port)
        out, err = process.communicate(timeout=30)

    must_be_refused(Ran(process.returncode, out, err), 2, f"cannot listen on 127.0.0.1:{port}")


# What is no error, and yet not meant


def test_a_source_whose_rows_are_gone_is_warned_about(eqcbatch: Run) -> None:
    """An export that broke off behind its header retires all names; the whole file brings them back."""
    whole = Path("names.csv").read_text(encoding="utf-8")
    Path("names.csv").write_text("客户名称\n", encoding="utf-8")
    ran = eqcbatch("plan", "names.csv", "--ledger", LEDGER)
    assert (0, True) == (ran.code, "It had 2 rows before, and has none now." in ran.out)
    Path("names.csv").write_text(whole, encoding="utf-8")
    ran = eqcbatch("plan", "names.csv", "--ledger", LEDGER)
    assert (0, "", {"甲公司": "pending", "乙公司": "pending"}) == (ran.code, ran.err, states(LEDGER))


def test_weights_that_are_none_are_warned_about(eqcbatch: Run) -> None:
    """A column of text weighs nothing, and no name would be asked before another."""
    ran = eqcbatch("plan", "wrong.csv", "--ledger", LEDGER, "--column", "客户", "--weight-column", "客户")
    assert (0, True) == (ran.code, "No row has a weight: the column '客户'" in ran.err)
    ran = eqcbatch("plan", "wrong.csv", "--ledger", LEDGER, "--column", "客户", "--weight-column", "金额")
    assert (0, "") == (ran.code, ran.err)


@pytest.mark.parametrize("command", [["plan", "names.csv"], ["report"], ["drain"], ["check", "--no-request"]])
@pytest.mark.parametrize("ledger", [".", ""])
def test_a_ledger_that_is_this_directory_is_bad_input(eqcbatch: Run, command: list[str], ledger: str) -> None:
    """Said in a line, by every command."""
    ran = eqcbatch(*command, "--ledger", ledger, EQCBATCH_EQC_TOKEN=TOKEN)
    assert (2, True) == (ran.code, "is a directory" in ran.err + ran.out)
    assert "Traceback" not in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_an_output_that_cannot_be_written_is_told_in_a_line(form: list[str]) -> None:
    """No traceback, and no exit code that says all is well."""
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "eqcbatch", "report", "--ledger", LEDGER, *form],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    assert (9, "eqcbatch: the output cannot be written: No space left on device.\n") == (
        ran.returncode,
        ran.stderr,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_drain_that_cannot_say_so_ends_as_it_ended() -> None:
    """With all output on a full disk, as cron's may be: by the code of its trouble, not of the disk."""
    drain = [sys.executable, "-m", "eqcbatch", "drain", "--ledger", str(LEDGER), "--token-file", "empty.csv"]
    report = [sys.executable, "-m", "eqcbatch", "report", "--ledger", str(LEDGER)]
    with open("/dev/full", "w") as full:
        codes = [subprocess.run(command, stdout=full, stderr=full).returncode for command in (drain, report)]
    assert [5, 9] == codes


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
def test_without_a_stdout_a_command_ends_as_it_ended() -> None:
    """As under pythonw, or behind `>&-`."""
    command = f'"{sys.executable}" -m eqcbatch report --ledger {LEDGER} >&-'
    ran = subprocess.run(command, shell=True, stderr=subprocess.PIPE, encoding="utf-8")
    assert (0, "") == (ran.returncode, ran.stderr)


def test_the_page_and_since_do_not_go_together(eqcbatch: Run) -> None:
    """Rather than leaving out what was asked for."""
    ran = eqcbatch("report", "--ledger", LEDGER, "--html", "p.html", "--since", "1h")
    assert (2, False) == (ran.code, Path("p.html").exists())
