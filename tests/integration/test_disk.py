"""What a disk can do to a drain: be full, lose the archive, damage the ledger, take no writing.

The disks are real as far as a test can have them: SQLite itself says "database or disk is full" at a page
limit, the kernel refuses to let a file grow, root gives up its right to write everywhere.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import open_archive
from eqcbatch.ledger import archive_path
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, Job, OneEach, companies, write_names
from tests.ledgers import ask, change, states
from tests.processes import CHECKOUT

NAMES = companies(40)
ARCHIVE = archive_path(LEDGER)
NewJob = Callable[..., Job]

# A drain whose disk has no room: argv is what is short of it, how much there is, and the command line.
SHORT_OF_ROOM = """
import os, sqlite3, sys
from eqcbatch.cli.app import main
what, room = sys.argv[1], int(sys.argv[2])
if what == "every file":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
else:
    connect = sqlite3.connect
    def connect_to_full_disk(path, *arguments, **options):
        connection = connect(path, *arguments, **options)
        if (str(path).endswith("answers.sqlite")) == (what == "archive"):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {max(1, pages + room)}")
        return connection
    sqlite3.connect = connect_to_full_disk
main(sys.argv[3:])
"""


def drain_arguments(eqc: Simulator) -> list[str]:
    arguments = ["drain", "--resume", "--ledger", str(LEDGER), "--budget", "all", "--rate", "1000/1s"]
    return [*arguments, "--eqc-url", eqc.url]


def run_script(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"EQCBATCH_EQC_TOKEN": TOKEN, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def archived() -> set[str]:
    """The names whose answers are archived."""
    with open_archive(ARCHIVE) as archive:
        return {name for name in NAMES if archive.find(Endpoint.SEARCH, name)}


def asked(eqc: Simulator) -> Counter[str | None]:
    return Counter(seen.parameter for seen in eqc.requests)


@pytest.fixture
def work(job: NewJob) -> Job:
    """Forty planned names."""
    work = job(registry=OneEach())
    assert 0 == work.plan(NAMES).code
    return work


@pytest.mark.parametrize(
    ("what", "room"),
    [
        ("ledger", 0),
        ("ledger", 3),
        ("archive", 0),
        ("archive", 5),
        pytest.param(
            *("every file", 150_000),
            marks=pytest.mark.skipif(os.name == "nt", reason="Windows limits no file's size"),
        ),
    ],
)
def test_a_full_disk_exits_9_and_loses_nothing(work: Job, eqcbatch: Run, what: str, room: int) -> None:
    """A clear line and no traceback; with room again all ends well, and nothing archived is asked again."""
    ran = run_script(SHORT_OF_ROOM, what, str(room), *drain_arguments(work.eqc))
    assert 9 == ran.returncode, ran.stderr
    assert "Traceback" not in ran.stderr
    last = ran.stderr.strip().splitlines()[-1]
    assert "full" in last or "disk" in last
    assert "free some space" in last
    assert "resume" in last
    assert "pending" in states(LEDGER).values()
    kept, before = archived(), asked(work.eqc)
    resumed = work.drain()
    assert (0, False) == (resumed.code, "pending" in states(LEDGER).values())
    assert not [name for name in kept if asked(work.eqc)[name] > before[name]]
    assert sum(asked(work.eqc).values()) <= len(NAMES) + 1
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (Path.unlink, 0),
        (lambda path: path.write_bytes(b""), 0),
        (cut_in_half, 9),
        (lambda path: path.write_bytes(b"garbage " * 1000), 9),
        (lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192), 9),
    ],
    ids=["deleted", "emptied", "cut in half", "garbage", "garbage behind its head"],
)
def test_an_archive_lost_between_sessions_loses_no_name(
    work: Job, eqcbatch: Run, spoil: Callable[[Path], object], code: int
) -> None:
    """What is decided stays decided; where the archive must go first, the message says so."""
    assert 0 == work.drain("--budget", 20).code
    decided = {name: state for name, state in states(LEDGER).items() if state != "pending"}
    spoil(ARCHIVE)
    ran = work.drain()
    assert code == ran.code, ran.err
    assert "Traceback" not in ran.err
    if code:
        assert "archive" in ran.err
        assert "delete it" in ran.err
        ARCHIVE.unlink()
        for part in ("-wal", "-shm"):
            ARCHIVE.with_name(ARCHIVE.name + part).unlink(missing_ok=True)
        assert 0 == work.drain().code
    assert decided.items() <= states(LEDGER).items()
    assert "pending" not in states(LEDGER).values()
    assert len(NAMES) == work.eqc.totals.requests == len(asked(work.eqc))
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code


@pytest.mark.parametrize(
    "what_happens",
    ["DELETE FROM responses WHERE key = NEW.key", "UPDATE responses SET value = '{}' WHERE key = NEW.key"],
    ids=["vanishes", "changes"],
)
def test_an_archive_that_does_not_keep_what_is_written_stops_the_drain(
    work: Job, eqcbatch: Run, what_happens: str
) -> None:
    """Every answer is read back: exit 9 at the first that differs, its name pending, its request unknown."""
    work.drain("--budget", 5)
    decided = Counter(states(LEDGER).values())
    change(ARCHIVE, f"CREATE TRIGGER sick AFTER INSERT ON responses BEGIN {what_happens}; END")
    ran = work.drain()
    assert (9, 6, decided) == (ran.code, work.eqc.totals.requests, Counter(states(LEDGER).values()))
    assert "does not keep what is written" in ran.err
    assert ["unknown"] == ask(LEDGER, "SELECT outcome FROM requests ORDER BY id DESC LIMIT 1")
    change(ARCHIVE, "DROP TRIGGER sick")
    assert (0, 41) == (work.drain().code, work.eqc.totals.requests)
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code


def give_up_rights() -> None:
    """Even as root, be bound by file modes: drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):
            if libc.prctl(24, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="root is bound by no mode elsewhere")
@pytest.mark.parametrize("what", [LEDGER, ARCHIVE, Path()], ids=["ledger", "archive", "directory"])
def test_what_is_read_only_exits_9_before_a_request_is_sent(work: Job, what: Path) -> None:
    """With a line that names the file; nothing changes, and writable again it goes on."""
    work.drain("--budget", 3)
    before = states(LEDGER)
    mode = what.stat().st_mode
    what.chmod(0o500 if what.is_dir() else 0o400)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "eqcbatch", *drain_arguments(work.eqc)],
            env=os.environ | {"EQCBATCH_EQC_TOKEN": TOKEN},
            preexec_fn=give_up_rights,
            capture_output=True,
            text=True,
        )
    finally:
        what.chmod(mode)
    assert (9, 3, before) == (ran.returncode, work.eqc.totals.requests, states(LEDGER)), ran.stderr
    assert str(LEDGER) in ran.stderr
    assert 1 == len(ran.stderr.splitlines())
    assert (0, 40) == (work.drain().code, work.eqc.totals.requests)


def test_a_newer_ledger_is_refused_by_every_command(work: Job, eqcbatch: Run) -> None:
    """Exit 9, naming the version, and not a byte changed."""
    change(
        LEDGER,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('eqcbatch', 'm999_x', '')",
    )
    before = LEDGER.read_bytes()
    for command in (
        ("plan", write_names(NAMES)),
        ("drain", "--resume"),
        ("report",),
        ("flush", "--database-url", "postgresql://u@127.0.0.1:1/d"),
    ):
        ran = eqcbatch(*command, "--ledger", LEDGER, EQCBATCH_EQC_TOKEN=TOKEN)
        assert (9, True) == (ran.code, "newer eqcbatch (m999_x)" in ran.err), command
    assert before == LEDGER.read_bytes()
    assert 0 == work.eqc.totals.requests


@pytest.mark.parametrize("damaged", ["names_by_state", "occurrences_by_run"])
def test_a_ledger_damaged_by_a_crash_is_found_before_anything_is_asked(work: Job, damaged: str) -> None:
    """After a session that died, resume reads the whole ledger first, that too which a drain never looks at.

    Exit 9, no request, a way out.
    """
    work.drain("--budget", 10)
    change(LEDGER, "UPDATE sessions SET ended_at = NULL, exit_reason = NULL")
    shutil.copy(LEDGER, "whole.sqlite")
    with closing(sqlite3.connect(LEDGER)) as ledger:
        (page,) = ledger.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [damaged]).fetchone()
        (size,) = ledger.execute("PRAGMA page_size").fetchone()
    content = bytearray(LEDGER.read_bytes())
    content[(page - 1) * size + size // 2 : page * size] = b"\x55" * (size // 2)
    LEDGER.write_bytes(content)
    ran = work.drain()
    assert (9, 10) == (ran.code, work.eqc.totals.requests), ran.err
    assert "damaged" in ran.err
    assert "Restore a backup" in ran.err
    shutil.copy("whole.sqlite", LEDGER)
    assert (0, 40) == (work.drain().code, work.eqc.totals.requests)


def test_a_ledger_whose_accounts_are_off_is_told(work: Job, eqcbatch: Run) -> None:
    """report --check exits 9 and says which sum, --json says that it is out of balance."""
    work.drain("--budget", 10)
    change(LEDGER, "DELETE FROM requests WHERE id = 3")
    ran = eqcbatch("report", "--ledger", LEDGER, "--check")
    assert (9, True) == (ran.code, "requests = sum over sessions: 9 is not 10" in ran.err)
    assert not json.loads(eqcbatch("report", "--ledger", LEDGER, "--json").out)["balanced"]
