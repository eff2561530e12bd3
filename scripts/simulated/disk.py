"""The disk: what was written and not yet synced, and what a kill or a power cut leaves in a directory."""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulated import vfs
from simulated.processes import Process

SECTOR = 512
_NOT_KEPT = ("-shm", ".lock", ".holder.json")  # what a process leaves and nobody needs


@dataclass(slots=True)
class Change:
    """A write that was not synced (content), or a truncation (None), with what it took away."""

    offset: int
    content: bytes | None
    before: bytes
    size_before: int


@dataclass(slots=True)
class _File:
    path: str
    descriptor: int
    changes: list[Change] = field(default_factory=list)


class Disk:
    """Watches SQLite's files. process: whose thread runs now."""

    def __init__(self, process: Callable[[], Process | None]) -> None:
        self._process = process
        self._files: dict[str, _File] = {}
        self._handles: dict[int, _File] = {}
        self._buried = False

    def opened(self, path: str, handle: int) -> None:
        """Know a file by its handle."""
        if path in self._files and not os.path.samestat(
            os.fstat(self._files[path].descriptor), os.stat(path)
        ):
            self._forget(path)  # another file was moved to its place
        if path not in self._files:
            self._files[path] = _File(path, os.open(path, os.O_RDONLY))
        self._handles[handle] = self._files[path]

    def write(self, handle: int, offset: int, content: bytes) -> int:
        """Note what a write takes away."""
        if code := self._strike():
            return code
        file = self._handles[handle]
        before = os.pread(file.descriptor, len(content), offset)
        size = os.fstat(file.descriptor).st_size
        file.changes.append(Change(offset, content, before, size))
        return vfs.OK

    def truncate(self, handle: int, size: int) -> int:
        """Note what a truncation takes away."""
        if code := self._strike():
            return code
        file = self._handles[handle]
        whole = os.fstat(file.descriptor).st_size
        before = os.pread(file.descriptor, max(0, whole - size), size)
        file.changes.append(Change(size, None, before, whole))
        return vfs.OK

    def sync(self, handle: int) -> int:
        """From here on it lasts."""
        if code := self._refused():
            return code
        self._handles[handle].changes.clear()
        return vfs.OK

    def delete(self, path: str) -> int:
        """Forget a file."""
        if code := self._refused():
            return code
        self._forget(path)
        return vfs.OK

    def settle(self) -> None:
        """Time has passed: all that was written is on the disk, as systems see to within half a minute."""
        for file in self._files.values():
            file.changes.clear()

    def bury(self) -> None:
        """Close what dead processes had open, which garbage collection may find; none of it is written."""
        self._buried = True
        gc.collect()
        self._buried = False

    def close(self) -> None:
        """Use no file any more."""
        self.bury()
        for path in list(self._files):
            self._forget(path)

    def forget_below(self, directory: Path) -> None:
        """Nothing below is used any more."""
        for path in [path for path in self._files if path.startswith(f"{directory}/")]:
            self._forget(path)

    def after_kill(self, directory: Path) -> dict[str, bytes]:
        """The files of a directory as they are now."""
        return {
            file.name: file.read_bytes()
            for file in sorted(directory.iterdir())
            if file.is_file() and not file.name.endswith(_NOT_KEPT)
        }

    def after_power_cut(self, directory: Path, dice: random.Random) -> dict[str, bytes]:
        """The same without a part of what was not synced: all, the last writes, one, or half of one."""
        left = self.after_kill(directory)
        for name in left:
            file = self._files.get(str(directory / name))
            if file and file.changes:
                left[name] = _lost(left[name], file.changes, dice)
        return left

    def _forget(self, path: str) -> None:
        file = self._files.pop(path, None)
        if file:
            os.close(file.descriptor)

    def _strike(self) -> int:
        process = self._process()
        if process is None:
            return vfs.IOERR if self._buried else vfs.OK
        process.writes += 1
        if process.at_write and not process.dead and (code := process.at_write(process.writes)):
            return code
        return vfs.IOERR if process.dead else vfs.OK

    def _refused(self) -> int:
        process = self._process()
        return vfs.IOERR if self._buried or (process is not None and process.dead) else vfs.OK


def _lost(now: bytes, changes: list[Change], dice: random.Random) -> bytes:
    content = bytearray(now)
    for change in reversed(changes):
        _undo(content, change)
    for change in _kept(changes, dice):
        _redo(content, change)
    return bytes(content)


def _kept(changes: list[Change], dice: random.Random) -> list[Change]:
    """Which of the changes reached the disk."""
    how = dice.randrange(4)
    if how == 0:
        return []
    at = dice.randrange(len(changes))
    if how == 1:
        return changes[:at]
    others = changes[:at] + changes[at + 1 :]
    torn = changes[at]
    if how == 2 or torn.content is None or len(torn.content) <= SECTOR:
        return others
    part = torn.content[: SECTOR * dice.randrange(1, len(torn.content) // SECTOR + 1)]
    return [*changes[:at], Change(torn.offset, part, b"", 0), *changes[at + 1 :]]


def _undo(content: bytearray, change: Change) -> None:
    if change.content is None:
        content[change.offset :] = change.before
    else:
        content[change.offset : change.offset + len(change.content)] = change.before
    del content[change.size_before :]


def _redo(content: bytearray, change: Change) -> None:
    if change.content is None:
        del content[change.offset :]
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.content)] = change.content
