"""Files that are whole or absent."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from eqcbatch.atomic_write import atomic_write, make_directory

_ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, links and directories")

_KILLED_BEFORE_REPLACE = """
import os, sys
from pathlib import Path
from eqcbatch.atomic_write import atomic_write

os.replace = lambda part, place: os._exit(9)
with atomic_write(Path(sys.argv[1])) as file:
    file.write(b"new")
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file that stands there already."""
    file = tmp_path / "report.html"
    file.write_bytes(b"old")
    return file


def test_the_new_file_takes_the_place_of_the_old_one(old: Path) -> None:
    """Until the block ends, the old one is read."""
    with atomic_write(old) as file:
        file.write(b"new")
        file.flush()
        assert b"old" == old.read_bytes()
    assert b"new" == old.read_bytes()
    assert [old] == list(old.parent.iterdir())


def test_an_error_in_the_block_leaves_all_as_it_was(old: Path) -> None:
    """An interrupt, too."""
    with suppress(KeyboardInterrupt), atomic_write(old) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert b"old" == old.read_bytes()
    assert [old] == list(old.parent.iterdir())


@pytest.mark.parametrize("where", ["no_directory/out.csv", "report.html/out.csv"])
def test_a_file_that_cannot_be_written_raises_what_the_system_says(old: Path, where: str) -> None:
    """The directory is missing, or is a file."""
    with pytest.raises((FileNotFoundError, NotADirectoryError)), atomic_write(old.parent / where):
        pass
    assert [old] == list(old.parent.iterdir())


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    """And no part of a file is left beside it."""
    (tmp_path / "out").mkdir()
    with pytest.raises((IsADirectoryError, PermissionError)), atomic_write(tmp_path / "out") as file:
        file.write(b"new")
    assert [tmp_path / "out"] == list(tmp_path.iterdir())


def test_a_kill_before_the_replacing_leaves_the_old_file_whole(old: Path) -> None:
    """What was written stands beside it, under another name."""
    killed = subprocess.run([sys.executable, "-c", _KILLED_BEFORE_REPLACE, str(old)])
    assert 9 == killed.returncode
    assert b"old" == old.read_bytes()


def test_file_and_directory_are_on_the_disk_when_the_block_has_ended(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The content is synced before it takes its place, the directory after it."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def spy_on_fsync(descriptor: int) -> None:
        done.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def spy_on_replace(part: Path, place: Path) -> None:
        done.append("replace")
        replace(part, place)

    monkeypatch.setattr(os, "fsync", spy_on_fsync)
    monkeypatch.setattr(os, "replace", spy_on_replace)
    with atomic_write(old) as file:
        file.write(b"new")
    assert (["file", "replace"] if os.name == "nt" else ["file", "replace", "directory"]) == done


@_ON_POSIX
def test_a_new_directory_is_on_the_disk_with_those_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is synced as an entry of its parent, the uppermost first; one that is there needs nothing."""
    synced: list[Path] = []
    fsync = os.fsync

    def spy_on_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.extend(one for one in (tmp_path, *tmp_path.rglob("*")) if os.path.samestat(one.stat(), status))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy_on_fsync)
    for _ in range(2):
        make_directory(tmp_path / "a" / "b", mode=0o700)
    assert [tmp_path, tmp_path / "a"] == synced
    assert (tmp_path / "a" / "b").is_dir()


@_ON_POSIX
def test_on_macos_files_and_directories_are_synced_past_the_cache_of_the_drive(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its fsync ends there. Where a file system knows no full sync, fsync has to do."""
    import fcntl

    done: list[str] = []

    def full_sync(descriptor: int, command: int) -> None:
        done.append("full sync")
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", full_sync)
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append("fsync"))
    with atomic_write(old) as file:
        file.write(b"new")
    assert ["full sync", "full sync", "fsync"] == done


@_ON_POSIX
def test_the_mode_of_a_file_stays(old: Path) -> None:
    """What only its owner could read is not shown to others."""
    old.chmod(0o600)
    with atomic_write(old) as file:
        file.write(b"new")
    assert 0o600 == stat.S_IMODE(old.stat().st_mode)


@_ON_POSIX
def test_a_symbolic_link_still_leads_to_the_file(old: Path) -> None:
    """The file it leads to is the one that is replaced."""
    link = old.with_name("latest.html")
    link.symlink_to(old)
    with atomic_write(link) as file:
        file.write(b"new")
    assert (True, b"new") == (link.is_symlink(), old.read_bytes())


@_ON_POSIX
@pytest.mark.parametrize("errno_name", ["EINVAL", "ENOTSUP"])
def test_a_file_system_that_syncs_no_directory_is_no_failure(
    old: Path, monkeypatch: pytest.MonkeyPatch, errno_name: str
) -> None:
    """A failing disk is one."""
    fsync = os.fsync

    def refuse_directories(descriptor: int, code: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", lambda one: refuse_directories(one, getattr(errno, errno_name)))
    with atomic_write(old) as file:
        file.write(b"new")
    assert b"new" == old.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda one: refuse_directories(one, errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), atomic_write(old):
        pass
