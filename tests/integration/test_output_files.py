"""No output takes the place of the ledger, of what belongs to it, or of what the command reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest

from eqcbatch.cli.app import app
from eqcbatch.cli.command_tree import runnable
from eqcbatch.cli.kept_files import files_of_ledger
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.cli.overwriting import what_stands_at
from tests.conftest import Run
from tests.drains import LEDGER, write_names

PACE = b'{"sent": [1.5], "paused_at": 0.0, "pause_s": 0.0}\n00000000\n'
OUTPUTS = {
    "html": ("report", "--html"),
    "log": ("report", "--log-file"),
    "apply": ("apply", "names.csv", "--no-temp-ids", "-o"),
    "apply's log": ("apply", "names.csv", "--no-temp-ids", "-o", "out.csv", "--log-file"),
    "sheet": ("review", "export"),
    "log of a plan": ("plan", "names.csv", "--log-file"),
}


@pytest.fixture
def files(eqcbatch: Run) -> dict[str, bytes]:
    """A ledger with all that stands beside it, a source, a config file, another ledger, a pace."""
    write_names(["甲公司", "乙公司"])
    assert 0 == eqcbatch("plan", "names.csv", "--ledger", LEDGER).code
    assert 0 == eqcbatch("plan", "names.csv", "--ledger", "other.csv").code
    with closing(sqlite3.connect("l.sqlite.answers.sqlite")) as archive:
        archive.execute("CREATE TABLE responses (key PRIMARY KEY, value)")
    Path("c.yml").write_text("ledger: l.sqlite\n", encoding="utf-8")
    Path("pace.json").write_bytes(PACE)
    Path("other-pace.csv").write_bytes(PACE)
    Path("l.sqlite.lock").touch()
    Path("link.csv").symlink_to("l.sqlite")
    return contents()


def contents() -> dict[str, bytes]:
    """Every file of the working directory, save what SQLite makes and takes away as it reads."""
    return {
        str(file): file.read_bytes()
        for file in sorted(Path().iterdir())
        if file.is_file() and not file.name.endswith(("-shm", "-wal"))
    }


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize(
    "onto",
    [
        "l.sqlite",
        "./l.sqlite",
        "link.csv",
        "l.sqlite-wal",
        "l.sqlite-shm",
        "l.sqlite.lock",
        "l.sqlite.holder.json",
        "l.sqlite.answers.sqlite",
        "l.sqlite.answers.sqlite-wal",
        "other.csv",
        "other-pace.csv",
        "pace.json",
        "pace.json.lock",
        "c.yml",
    ],
)
def test_no_output_takes_the_place_of_what_is_ours(
    eqcbatch: Run, files: dict[str, bytes], output: tuple[str, ...], onto: str
) -> None:
    """Exit 2, a line that says what stands there and which option to change, and nothing is written."""
    ran = eqcbatch(*output, onto, "--config", "c.yml")
    assert (2, 1, files) == (ran.code, ran.err.count("\n"), contents()), ran.err
    assert f"{Path(onto)} is " in ran.err
    assert "would be lost. Name another file for" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("apply", "names.csv", "--no-temp-ids", "-o", "names.csv"), "names.csv is the source itself"),
        (("plan", "names.csv", "--log-file", "names.csv"), "names.csv is the source itself"),
        (("plan", "names.csv", "--overrides", "ids.yml", "--log-file", "ids.yml"), "what --overrides names"),
        (("check", "--token-file", "token", "--log-file", "token"), "token is what --token-file names"),
        (("report", "--html", "page", "--log-file", "page"), "page is what --html names"),
        (("review", "import", "sheet.csv", "--log-file", "sheet.csv"), "sheet.csv is what FILE names"),
        (("simulate", "--token-file", "token", "--request-log", "token"), "what --token-file names"),
        (("simulate", "--request-log", "l.sqlite"), "l.sqlite is the ledger"),
        (("simulate", "--request-log", "other.csv"), "other.csv is a SQLite database"),
    ],
)
def test_no_output_takes_the_place_of_what_the_command_reads(
    eqcbatch: Run, files: dict[str, bytes], arguments: tuple[str, ...], says: str
) -> None:
    """Nor do two outputs go into one file."""
    ran = eqcbatch(*arguments, EQCBATCH_LEDGER="l.sqlite")
    assert (2, files) == (ran.code, contents()), ran.err
    assert says in ran.err


SETTINGS = """\
ledger: l.sqlite
drain:
  token-file: token
  ca-bundle: ca.pem
plan:
  overrides: ids.yml
profiles:
  monthly:
    overrides: monthly.yml
"""
READ = {
    "a source": "names.csv",
    "a source by a symlink": "symlink.csv",
    "a source by a hard link": "hardlink.csv",
    "a source that was planned anew elsewhere": "names2.csv",
    "the token file of the config file": "token",
    "the certificates of the config file": "ca.pem",
    "the overrides of the config file": "ids.yml",
    "the overrides of a profile": "monthly.yml",
    "the token file of a variable": "night-token",
    "the token file of a simulator": "simulated-token",
    "the certificates of a library": "corporate.pem",
    "the certificate of a database": "root.crt",
    "the source of a variable": "other-month.csv",
    "the pace file by a symlink": "pace-link.json",
    "the lock of another pace": "pace-0123456789abcdef.json.lock",
    "another ledger of the settings": "night.sqlite",
    "its archive": "night.sqlite.answers.sqlite",
    "a source of it": "of-the-night.csv",
}


@pytest.fixture
def read(eqcbatch: Run) -> dict[str, bytes]:
    """All that the settings name, and the sources of two ledgers."""
    for content, file in enumerate(READ.values()):
        Path(file).write_text(f"{content}", encoding="utf-8")
    for name in ("symlink.csv", "hardlink.csv", "pace-link.json", "night.sqlite"):
        Path(name).unlink()
    for source, name in (("names.csv", "month"), ("names2.csv", "month"), ("names.csv", "month")):
        planned = eqcbatch("plan", write_names(["甲公司"], source), "--as", name, "--ledger", LEDGER)
        assert 0 == planned.code
    write_names(["乙公司"], "of-the-night.csv")
    assert 0 == eqcbatch("plan", "of-the-night.csv", "--ledger", "night.sqlite").code
    Path("symlink.csv").symlink_to("names.csv")
    Path("hardlink.csv").hardlink_to("names.csv")
    Path("pace.json").write_bytes(b"")
    Path("pace-link.json").symlink_to("pace.json")
    Path("eqcbatch.yml").write_text(SETTINGS, encoding="utf-8")
    return contents()


EVERY_OUTPUT = {
    "page": ("report", "--html"),
    "log": ("flush", "--log-file"),
    "held": ("review", "export"),
    "requests": ("simulate", "--host", "192.0.2.1", "--request-log"),
    "sheet": ("audit", "--sheet"),
    "dataset": ("apply", "in.csv", "--no-temp-ids", "-o"),
}
ONTO = [(EVERY_OUTPUT["page"], onto) for onto in READ.values()]
ONTO += [(output, onto) for output in EVERY_OUTPUT.values() for onto in ("hardlink.csv", "token")]


@pytest.mark.parametrize(("output", "onto"), ONTO)
def test_no_output_takes_the_place_of_what_any_command_reads(
    eqcbatch: Run, read: dict[str, bytes], output: tuple[str, ...], onto: str
) -> None:
    """Be it named in the config file, in a variable or in a ledger, and by whatever name it is reached."""
    ran = eqcbatch(
        *output,
        onto,
        EQCBATCH_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none?sslrootcert=root.crt",
        EQCBATCH_DRAIN_TOKEN_FILE="night-token",
        EQCBATCH_SIMULATE_TOKEN_FILE="simulated-token",
        EQCBATCH_PLAN_SOURCE="other-month.csv",
        EQCBATCH_FLUSH_LEDGER="night.sqlite",
        REQUESTS_CA_BUNDLE="corporate.pem",
    )
    assert (2, 1, read) == (ran.code, ran.err.count("\n"), contents()), ran.err
    assert f"{onto} is " in ran.err
    assert ", and would be lost. Name another file for " in ran.err


def test_what_is_not_ours_is_written_over_as_before(eqcbatch: Run, files: dict[str, bytes]) -> None:
    """An old page, an old log, and what is no file at all."""
    Path("page.html").write_text("<!doctype html>old", encoding="utf-8")
    for log in ("/dev/null", "run.log", "run.log"):
        ran = eqcbatch("report", "--ledger", LEDGER, "--html", "page.html", "--log-file", log)
        assert 0 == ran.code, ran.err
    assert "old" not in Path("page.html").read_text(encoding="utf-8")[:30]
    assert files.items() <= contents().items()
    for _ in range(2):
        assert 0 == eqcbatch("apply", "names.csv", "--no-temp-ids", "-o", "out.csv", "--ledger", LEDGER).code


def test_every_option_that_names_a_file_says_whether_it_is_written() -> None:
    """What is no OutputFile is read, and kept from being written over."""
    written = {
        f"{words} {param.opts[-1]}"
        for words, command in runnable_commands().items()
        for param in command.params
        if isinstance(param.type, OutputFile)
    }
    others = {f"{words} --log-file" for words in runnable_commands() if words != "simulate"}
    assert {
        "report --html",
        "audit --html",
        "audit --sheet",
        "apply --output",
        "review export file",
        "simulate --request-log",
    } == written - others
    assert others <= written


def runnable_commands() -> dict[str, click.Command]:
    """All commands by their words."""
    return {words: one for command in app.commands.values() for words, one in runnable(command).items()}


def test_a_file_is_known_by_how_it_begins(tmp_path: Path) -> None:
    """Another ledger, its log and its journal, another pace; nothing of a page, of an empty file, of none."""
    heads = {
        b"SQLite format 3\0\x10": "a SQLite database",
        b"\x37\x7f\x06\x82": "the write-ahead log",
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "the journal",
        PACE: "a pace file",
        b"<!doctype html>": "",
        b"": "",
    }
    for head, what in heads.items():
        (tmp_path / "file").write_bytes(head)
        assert what_stands_at(tmp_path / "file", {}).startswith(what or "\0") or not what
        assert bool(what) == bool(what_stands_at(tmp_path / "file", {}))
    assert "" == what_stands_at(tmp_path / "none", {})
    assert "" == what_stands_at(tmp_path, {})
    assert "the lock of the ledger" == files_of_ledger(tmp_path / "l")[(tmp_path / "l.lock").resolve()]


@pytest.mark.parametrize("what", ["html", "apply", "sheet"])
def test_a_name_that_no_file_can_have_is_refused_in_a_line(
    eqcbatch: Run, files: dict[str, bytes], what: str
) -> None:
    """Before anything is read."""
    ran = eqcbatch(*OUTPUTS[what], "x" * 300 + ".csv", "--ledger", LEDGER)
    assert (2, "") == (ran.code, ran.out)
    assert "cannot be written" in ran.err
    assert 1 == ran.err.count("\n")
