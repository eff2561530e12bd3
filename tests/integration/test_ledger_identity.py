"""One writer per ledger (P9) by whatever name it is reached: its file is what is locked, and has one name."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from eqcbatch.errors import LedgerInUse, LedgerUnusable
from eqcbatch.ledger import archive_path, holder_of, open_ledger, writing
from eqcbatch.one_name import mount_points, second_name
from tests.conftest import Run
from tests.drains import LEDGER, Job, companies
from tests.ledgers import plan_names
from tests.processes import start_script

HOLD = """
import sys, time
from pathlib import Path
from eqcbatch.ledger import writing
with writing(Path(sys.argv[1]), "drain"):
    print("holding", flush=True)
    time.sleep(60)
"""
LOOK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM names").fetchone()[0])
connection.close()
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr("eqcbatch.ledger.lock.PATIENCE_S", 0.1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of one name."""
    plan_names(tmp_path / "l.sqlite", "甲公司")
    return tmp_path / "l.sqlite"


def linked(path: Path, name: str = "other.sqlite") -> Path:
    """Give the file a second name."""
    try:
        path.with_name(name).hardlink_to(path)
    except OSError:
        pytest.skip("no hard links here")
    return path.with_name(name)


@pytest.fixture
def held(path: Path) -> object:
    """Let another process write the ledger."""
    process = start_script(HOLD, path)
    assert process.stdout is not None
    assert "holding\n" == process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("which", [0, 1], ids=["its own name", "its second name"])
def test_p9_a_ledger_of_two_names_is_refused_by_each(path: Path, which: int) -> None:
    """Each name would have a write-ahead log of its own, which does not know of the other one's."""
    name = (path, linked(path))[which]
    with (
        pytest.raises(LedgerUnusable, match=r"has 2 names \(hard links\). Delete all but one"),
        open_ledger(name),
    ):
        pass
    assert [] == sorted(path.parent.glob("*-wal"))


def test_p9_an_archive_of_two_names_is_refused_with_its_ledger(path: Path) -> None:
    """The answers of two ledgers would damage each other."""
    with closing(sqlite3.connect(archive_path(path))) as archive:
        archive.execute("PRAGMA journal_mode = WAL")
    linked(archive_path(path))
    with pytest.raises(LedgerUnusable, match=r"answers\.sqlite cannot be used"), open_ledger(path):
        pass


def test_p9_a_second_name_that_comes_up_amid_a_drain_is_told_that_the_ledger_is_in_use(
    path: Path, held: subprocess.Popen[str]
) -> None:
    """Whether it opens the ledger first or locks it first, as a drain and a plan do."""
    second = linked(path)
    by = rf" by pid {held.pid}" if Path("/proc/self/fd").exists() else ""
    with pytest.raises(LedgerInUse, match=rf"in use{by}, by another name"), open_ledger(second):
        pass
    with pytest.raises(LedgerInUse, match=rf"in use{by}, by another name"), writing(second, "plan"):
        pass


@pytest.mark.usefixtures("held")
@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be renamed there")
def test_p9_a_ledger_that_was_renamed_amid_a_drain_is_in_use(path: Path) -> None:
    """The lock file that stands beside the old name does not help."""
    moved = path.rename(path.with_name("moved.sqlite"))
    assert "another eqcbatch process" == holder_of(moved)
    with pytest.raises(LedgerInUse), writing(moved, "drain"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_p9_a_lock_file_that_was_deleted_lets_nobody_in(path: Path, held: subprocess.Popen[str]) -> None:
    """As whatever tidies directories does; the holder is named all the same."""
    path.with_name("l.sqlite.lock").unlink()
    assert f"pid {held.pid}" in str(holder_of(path))
    with pytest.raises(LedgerInUse, match=f"`eqcbatch drain`, pid {held.pid}"), writing(path, "drain"):
        pass


def test_the_lock_of_the_file_ends_with_its_process_and_with_its_block(
    path: Path, held: subprocess.Popen[str]
) -> None:
    """After SIGKILL, and after a block, the next writer comes in."""
    held.kill()
    held.wait(10)
    for _ in range(2):
        with writing(path, "drain"):
            assert f"pid {os.getpid()}" in str(holder_of(path))
    assert holder_of(path) is None


def test_letting_the_lock_go_leaves_the_locks_of_sqlite(path: Path) -> None:
    """Closing a file takes all POSIX locks from it: others would take us for gone, and end our WAL."""
    with open_ledger(path) as ledger:
        with writing(path, "drain"):
            ledger.sessions.open(None)
        for _ in range(2):
            holder_of(path)
        looking = start_script(LOOK, path)
        assert "1\n" == looking.communicate()[0]
        assert path.with_name("l.sqlite-wal").exists()
    assert not path.with_name("l.sqlite-wal").exists()


def test_p9_a_drain_by_a_hard_link_says_so_in_a_line_and_asks_nothing(
    eqcbatch: Run, simulator: Callable[..., object]
) -> None:
    """Exit 9, no traceback, and the reports by it say the same."""
    work = Job(eqcbatch, simulator())  # type: ignore[arg-type]
    work.plan(companies(3))
    second = linked(LEDGER.absolute())
    for ran in (work.drain("--ledger", second), work.drain(), eqcbatch("report", "--ledger", second)):
        assert (9, 1) == (ran.code, ran.err.count("\n")), ran.err
        assert "2 names (hard links)" in ran.err
    assert 0 == work.eqc.totals.requests
    second.unlink()
    assert 0 == work.drain().code


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="root mounts, on Linux",
)
@pytest.mark.parametrize("writes", [True, False], ids=["amid a drain", "afterwards"])
def test_p9_a_ledger_that_is_mounted_as_a_single_file_is_refused(path: Path, writes: bool) -> None:
    """As `docker -v /srv/l.sqlite:/data/l.sqlite` does: what belongs beside it stands elsewhere."""
    place = path.parent / "a b" / "m.sqlite"
    place.parent.mkdir()
    place.touch()
    command = f"mount --bind {path} '{place}' && exec {sys.executable} -m eqcbatch report --ledger '{place}'"
    if subprocess.run(["unshare", "-m", "mount", "--bind", path, place], capture_output=True).returncode:
        pytest.skip("no mounts here")
    holder = start_script(HOLD, path)
    assert holder.stdout is not None
    holder.stdout.readline()
    if not writes:
        holder.kill()
        holder.wait(10)
    ran = subprocess.run(["unshare", "-m", "sh", "-c", command], capture_output=True, encoding="utf-8")
    holder.kill()
    holder.communicate()

    assert (8 if writes else 9, 1) == (ran.returncode, ran.stderr.count("\n")), ran.stderr
    assert "is mounted as a single file" in ran.stderr
    assert [place] == list(place.parent.iterdir())


@pytest.mark.parametrize(
    ("links", "mounted", "says"),
    [(1, False, ""), (0, False, ""), (2, False, "2 names"), (1, True, "mounted"), (3, True, "mounted")],
)
def test_what_gives_a_file_a_second_name(links: int, mounted: bool, says: str) -> None:
    """Row by row; a mount comes first, since deleting names does not help there."""
    found = second_name(links, mounted=mounted)
    assert (says in found, bool(says)) == (True, bool(found))


def test_mount_points_are_read_as_the_kernel_writes_them() -> None:
    """Spaces are octal in there; a line that is none is passed over."""
    text = (
        "22 28 0:20 / / rw,relatime - ext4 /dev/sda1 rw\n"
        "99 22 8:1 /srv/l.sqlite /data/a\\040b\\134.sqlite rw - ext4 /dev/sda1 rw\n"
        "?\n"
    )
    assert {"/", "/data/a b\\.sqlite"} == mount_points(text)
