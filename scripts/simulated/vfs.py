"""SQLite's own file system, watched: each write, truncation, sync and deletion is told first.

A VFS for the very library that Python's sqlite3 uses: the default one, whose files have three methods
replaced. Where that library cannot be reached from Python (linked into it statically), there is none.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

OK, IOERR, FULL = 0, 10, 13


class Watcher(Protocol):
    """Who is told. Each method returns SQLite's error code, 0 for none."""

    def opened(self, path: str, handle: int) -> None:
        """A file was opened."""

    def write(self, handle: int, offset: int, content: bytes) -> int:
        """So much is about to be written."""

    def truncate(self, handle: int, size: int) -> int:
        """The file is about to be cut."""

    def sync(self, handle: int) -> int:
        """All that was written is about to be made to last."""

    def delete(self, path: str) -> int:
        """A file is about to be deleted."""


class _IoMethods(ctypes.Structure):
    _fields_ = [
        ("iVersion", ctypes.c_int),
        *(
            (name, ctypes.c_void_p)
            for name in (
                *("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock"),
                *("xCheckReservedLock", "xFileControl", "xSectorSize", "xDeviceCharacteristics"),
                *("xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap", "xFetch", "xUnfetch"),
            )
        ),
    ]


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        *(
            (name, ctypes.c_void_p)
            for name in (
                *("xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym"),
                *("xDlClose", "xRandomness", "xSleep", "xCurrentTime", "xGetLastError"),
                *("xCurrentTimeInt64", "xSetSystemCall", "xGetSystemCall", "xNextSystemCall"),
            )
        ),
    ]


_pointer, _int, _int64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
# Names go on as the pointers they are: SQLite keeps what belongs to a name beside it in memory.
_OPEN = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)
_DELETE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int)
_WRITE = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_TRUNCATE = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_SYNC = ctypes.CFUNCTYPE(_int, _pointer, _int)


def _library() -> Any:
    """SQLite as Python has it; None where it cannot be reached."""
    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = ctypes.c_void_p
        library.sqlite3_vfs_register.argtypes = [ctypes.c_void_p, ctypes.c_int]
    except (AttributeError, OSError):
        return None
    return library


class WatchedFiles:
    """The VFS; registered once, and the default one while somebody watches."""

    def __init__(self, library: Any) -> None:
        self.watcher: Watcher | None = None
        self._library = library
        self._original = library.sqlite3_vfs_find(None)
        kept = _Vfs.from_address(self._original)
        self._open = _OPEN(kept.xOpen)
        self._delete = _DELETE(kept.xDelete)
        self._tables: dict[int, _IoMethods] = {}
        self._callbacks: list[Any] = [_OPEN(self._opened), _DELETE(self._deleted)]
        ours = _Vfs()
        ctypes.memmove(ctypes.byref(ours), self._original, ctypes.sizeof(_Vfs))
        ours.pNext, ours.zName = None, b"watched"
        ours.xOpen, ours.xDelete = (ctypes.cast(one, _pointer).value for one in self._callbacks)
        self._ours = ours

    @contextmanager
    def watched_by(self, watcher: Watcher) -> Iterator[None]:
        """Let all files that SQLite opens in the block be watched."""
        self.watcher = watcher
        self._library.sqlite3_vfs_register(ctypes.addressof(self._ours), 1)
        try:
            yield
        finally:
            self._library.sqlite3_vfs_register(self._original, 1)
            self.watcher = None

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code = int(self._open(self._original, name, file, flags, out))
        if code == OK and name and self.watcher:
            methods = ctypes.c_void_p.from_address(file)
            if methods.value:
                methods.value = ctypes.addressof(self._watched(methods.value))
                self.watcher.opened(_text(name), file)
        return code

    def _deleted(self, vfs: int, name: int, sync: int) -> int:
        code = self.watcher.delete(_text(name)) if self.watcher else OK
        return code or int(self._delete(self._original, name, sync))

    def _watched(self, address: int) -> _IoMethods:
        """The methods of a kind of file, three of them replaced; the same table for all files of it."""
        if address in self._tables:
            return self._tables[address]
        original = _IoMethods.from_address(address)
        write, truncate, sync = _WRITE(original.xWrite), _TRUNCATE(original.xTruncate), _SYNC(original.xSync)

        def watched_write(file: int, content: int, amount: int, offset: int) -> int:
            watcher = self.watcher
            code = watcher.write(file, offset, ctypes.string_at(content, amount)) if watcher else OK
            return code or int(write(file, content, amount, offset))

        def watched_truncate(file: int, size: int) -> int:
            code = self.watcher.truncate(file, size) if self.watcher else OK
            return code or int(truncate(file, size))

        def watched_sync(file: int, flags: int) -> int:
            code = self.watcher.sync(file) if self.watcher else OK
            return code or int(sync(file, flags))

        table = _IoMethods()
        ctypes.memmove(ctypes.byref(table), address, _size_of(original))
        ours = [_WRITE(watched_write), _TRUNCATE(watched_truncate), _SYNC(watched_sync)]
        self._callbacks += ours
        table.xWrite, table.xTruncate, table.xSync = (ctypes.cast(one, _pointer).value for one in ours)
        self._tables[address] = table
        return table


def _text(name: int) -> str:
    return ctypes.string_at(name).decode()


def _size_of(methods: _IoMethods) -> int:
    """How much of the table there is, by its version."""
    ends = {1: _IoMethods.xShmMap, 2: _IoMethods.xFetch}
    end = ends.get(methods.iVersion)
    return int(end.offset) if end is not None else ctypes.sizeof(_IoMethods)


_the_only: list[WatchedFiles] = []


def watched_files() -> WatchedFiles | None:
    """The VFS; None where SQLite cannot be reached. A library keeps what was registered for ever."""
    if not _the_only and (library := _library()) is not None:
        _the_only.append(WatchedFiles(library))
    return _the_only[0] if _the_only else None
