"""A disk on which a run takes place step by step: what is synced, and what a power cut may take.

The model is stricter than ext4 with its defaults. Content of a file is on the disk once that file was synced;
a name, be it new, changed or gone, once its directory was; a directory, once its parent was. Syncing a
file says nothing of its name, and a rename may reach the disk before the content that it was to show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from posixpath import dirname

from power.operations import (
    Change,
    MakeDirectory,
    OfContent,
    Operation,
    Remove,
    Rename,
    Sync,
    SyncDirectory,
    Truncate,
    Write,
)

Image = dict[str, bytes | None]  # what each name shows; None for a directory
_Names = dict[str, int | None]


class Disk:
    """What is synced. pending: the changes that are not, each with its place in the run, in their order."""

    def __init__(self, root: str, image: Image) -> None:
        """Begin with what stands there; its files have the numbers of their order."""
        files = [path for path, content in image.items() if content is not None]
        self.pending: list[tuple[int, Change]] = []
        self._root = root
        self._names: _Names = dict.fromkeys(image) | {path: number for number, path in enumerate(files)}
        self._contents = {number: image[path] or b"" for number, path in enumerate(files)}

    def step(self, place: int, operation: Operation) -> None:
        """Let the operation at this place of the run happen."""
        if isinstance(operation, Change):
            self.pending.append((place, operation))
        elif isinstance(operation, Sync | SyncDirectory):
            self._settle(operation)

    def _settle(self, sync: Sync | SyncDirectory) -> None:
        """Put on the disk what a sync covers, in its order."""
        synced: list[tuple[int, Change]] = []
        waiting: list[tuple[int, Change]] = []
        for place, change in self.pending:
            done = place < sync.began and covers(sync, change)
            (synced if done else waiting).append((place, change))
        self.pending = waiting
        names, contents = self._after(change for _, change in synced)
        self._names, self._contents = names, self._contents | contents

    def image(self, kept: Iterable[Change]) -> Image:
        """What is found after a cut that leaves these changes besides what is synced."""
        names, changed = self._after(kept)
        contents = self._contents | changed
        return {
            path: None if file is None else contents.get(file, b"")
            for path, file in sorted(names.items())
            if self._is_reachable(path, names)
        }

    def _is_reachable(self, path: str, names: _Names) -> bool:
        above = dirname(path)
        return above == self._root or (above in names and self._is_reachable(above, names))

    def _after(self, changes: Iterable[Change]) -> tuple[_Names, dict[int, bytes]]:
        """The names after these changes, and the contents that they change."""
        names, by_file = self._names, defaultdict[int, list[OfContent]](list)
        for change in changes:
            if isinstance(change, OfContent):
                by_file[change.file].append(change)
            else:
                names = renamed(names, change)
        return names, {
            file: changed(self._contents.get(file, b""), tuple(those)) for file, those in by_file.items()
        }


def covers(sync: Sync | SyncDirectory, change: Change) -> bool:
    """Whether a change that ended before a sync began is on the disk once the sync has ended."""
    if isinstance(change, OfContent):
        return isinstance(sync, Sync) and sync.file == change.file
    return isinstance(sync, SyncDirectory) and sync.path == dirname(change.path)


def renamed(names: Mapping[str, int | None], change: Change) -> _Names:
    """The names after one of them came, changed or went."""
    after = dict(names)
    if isinstance(change, Rename):
        after.pop(change.source, None)
    if isinstance(change, Remove):
        after.pop(change.path, None)
    elif not isinstance(change, OfContent):
        after[change.path] = None if isinstance(change, MakeDirectory) else change.file
    return after


@lru_cache(maxsize=256)  # most cuts differ in one file
def changed(content: bytes, changes: tuple[OfContent, ...]) -> bytes:
    """The content of a file after changes."""
    after = bytearray(content)
    for change in changes:
        end = change.offset if isinstance(change, Write) else change.size
        after.extend(bytes(max(0, end - len(after))))
        if isinstance(change, Write):
            after[end : end + len(change.content)] = change.content
        elif isinstance(change, Truncate):
            del after[end:]
    return bytes(after)


def digest_of(image: Image) -> bytes:
    """What tells a state from another: names and contents."""
    whole = blake2b(digest_size=16)
    for path, content in image.items():
        whole.update(f"{path}\0".encode() + (b"/" if content is None else _digest(content)))
    return whole.digest()


@lru_cache(maxsize=256)
def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()
