"""Files that are whole or absent, written beside their place and moved there once they are on the disk;
what is there to stay.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # what some file systems say of syncing a directory


@contextmanager
def atomic_write(file: Path) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of `file` when the block ends, in one step and for good.

    Whoever reads `file` finds the old content or the new, after a kill or a power cut, too; its mode stays,
    and a symbolic link still leads to it. After an error in the block, all is as it was.
    Raises OSError if the file cannot be written.
    """
    place = Path(os.path.realpath(file))
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as content:
            yield content
            content.flush()
            _sync(content.fileno())
        if place.exists():
            shutil.copymode(place, part)
        os.replace(part, place)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync_directory(place.parent)


def make_lasting(file: Path) -> None:
    """Put a file that was written in place, and its name, on the disk. Raises OSError if that fails."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)
    _sync_directory(file.parent)


def _sync(descriptor: int) -> None:
    """Put a file or a directory on the disk; on macOS past the drive's own cache, where fsync ends."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # a file system that has no such thing
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def make_directory(directory: Path, mode: int = 0o777) -> None:
    """Make a directory where it is missing, and those above it, so that a power cut takes none of them.

    What is synced in a directory is lost with it: the directory is an entry of its parent, and synced there.
    Raises OSError if it cannot be made.
    """
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    directory.mkdir(mode=mode, parents=True, exist_ok=True)
    for made in reversed(missing):
        _sync_directory(made.parent)


def _sync_directory(directory: Path) -> None:
    """Make a new entry last, where the system can be asked to: Windows opens no directory."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except PermissionError:
        return  # one that may be written to, and not read
    try:
        _sync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    finally:
        os.close(descriptor)
