"""Locks on files between processes: of the operating system, which lets go when their holder dies.

A soft lock, a file that stands for one, outlives a process that was killed: no file system gets one here.
"""

from __future__ import annotations

import errno
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["FileLock", "Timeout", "file_lock", "why_unlockable"]

_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)


def file_lock(path: Path) -> FileLock:
    """The lock of a file that stands for nothing else, made where it is missing."""
    return FileLock(path, mode=0o600, fallback_to_soft=False)


def why_unlockable(error: OSError) -> str | None:
    """Why no file can be locked there; None where that is not to blame."""
    if error.errno in _NO_LOCKS:
        return "its file system knows no locks. Put it onto a disk of this machine"
    return None
