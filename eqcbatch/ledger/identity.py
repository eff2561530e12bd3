"""The ledger as the file that it is, by whatever name: device and inode, on Windows the file id.

SQLite keeps beside a file's *name* what is not yet in the file. So a ledger with two names has two such
stores, which do not know of each other and damage it: it is refused (`expect_one_name`). And whoever writes
has a byte of the file itself locked (`LedgerFile`), which is found by any name, and after the lock file
beside the ledger was deleted.

Why: docs/decisions/0006.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eqcbatch.errors import LedgerInUse, LedgerUnusable
from eqcbatch.one_name import second_name_of

# In the page that SQLite sets aside for its own locks and never stores anything in, past the 512 it uses.
_OUR_BYTE = 0x40000000 + 1024


class LedgerFile:
    """One file, however many of this process use it.

    Whoever closes a descriptor of a file takes from its process all locks that POSIX knows on that file,
    those of SQLite too. So the one that our lock needs is closed when nobody here has the file open any more.
    """

    def __init__(self) -> None:
        self._users = 0
        self._descriptor: int | None = None
        self._ours = False

    def lock(self, path: Path) -> bool:
        """Lock the file against whoever else would write it; False if somebody does.

        Where the system locks no bytes of files, as some network file systems, the lock beside the name
        has to do.
        """
        if self._ours:
            return False
        try:
            _lock_byte(self._open(path))
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._ours = True
        return True

    def unlock(self) -> None:
        """Let others write."""
        if self._ours and self._descriptor is not None:
            with suppress(OSError):
                _unlock_byte(self._descriptor)
        self._ours = False

    def held(self, path: Path) -> bool:
        """Whether somebody writes the file just now."""
        if self._ours:
            return True
        locked = self.lock(path)
        self.unlock()
        return not locked

    def _open(self, path: Path) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(path, os.O_RDWR)
        return self._descriptor

    def _enter(self) -> None:
        self._users += 1

    def _leave(self) -> bool:
        """Whether that was the last one; then nothing is open."""
        self._users -= 1
        if self._users == 0 and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        return self._users == 0


_files: dict[tuple[int, int], LedgerFile] = {}
_guard = threading.Lock()


@contextmanager
def using(path: Path) -> Iterator[LedgerFile | None]:
    """Use a ledger's file for the block: the same value by any of its names; None where there is none yet."""
    try:
        found = os.stat(path)
    except OSError:
        yield None
        return
    identity = found.st_dev, found.st_ino
    with _guard:
        file = _files.setdefault(identity, LedgerFile())
        file._enter()
    try:
        yield file
    finally:
        with _guard:
            if file._leave():
                del _files[identity]


def expect_one_name(path: Path) -> None:
    """Raise LedgerUnusable if a file of the ledger has a second name; LedgerInUse while it is written."""
    with suppress(OSError):
        trouble = second_name_of(path)
        if trouble:
            with using(path) as file:
                if file and file.held(path):
                    raise LedgerInUse(f"{path} is in use{writer_of(path)}, by another name: it {trouble}")
            raise LedgerUnusable(f"{path} cannot be used by this name: it {trouble}")


def writer_of(path: Path) -> str:
    """Who has the file open besides us, as far as the system tells: ` by pid 4711`, else nothing."""
    with suppress(OSError):
        wanted = os.stat(path)
        for process in Path("/proc").glob("[0-9]*"):
            if process.name != str(os.getpid()) and _has_open(process, wanted):
                return f" by pid {process.name}"
    return ""


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(descriptor.stat(), wanted):
                    return True
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock_byte(descriptor: int) -> None:
        os.lseek(descriptor, _OUR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None

    def _unlock_byte(descriptor: int) -> None:
        os.lseek(descriptor, _OUR_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    # A lock of the open file, not of the process: closing another descriptor of the file leaves it (Linux).
    _SET_LOCK = getattr(fcntl, "F_OFD_SETLK", None)

    def _lock_byte(descriptor: int) -> None:
        _set_lock(descriptor, fcntl.F_WRLCK)

    def _unlock_byte(descriptor: int) -> None:
        _set_lock(descriptor, fcntl.F_UNLCK)

    def _set_lock(descriptor: int, kind: int) -> None:
        try:
            if _SET_LOCK is None:
                how = fcntl.LOCK_UN if kind == fcntl.F_UNLCK else fcntl.LOCK_EX | fcntl.LOCK_NB
                fcntl.lockf(descriptor, how, 1, _OUR_BYTE)
            else:
                fcntl.fcntl(descriptor, _SET_LOCK, struct.pack("hhqqi4x", kind, os.SEEK_SET, _OUR_BYTE, 1, 0))
        except PermissionError:  # what some systems say of a lock that somebody has
            raise BlockingIOError from None
