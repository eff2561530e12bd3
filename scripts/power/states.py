"""What a power cut may leave of the changes that were not synced: nothing, all, or part of it.

A disk writes back in an order of its own, a sector (512 bytes) at a time. So besides nothing and everything:

| what is left       | as when                                                                  |
|--------------------|--------------------------------------------------------------------------|
| a prefix           | all was written back in order, up to the cut                             |
| all but one        | one change was late                                                      |
| torn               | of the last write: its first sector, all but its last, or its last alone |
| zeros              | a file has grown, and what it grew by was not written                    |
| one file alone     | the content of the others was late                                       |
| names alone        | renames and creations reached the disk before any content                |
| content alone      | no name reached it                                                       |
| a file's name only | the content of one file was late: a rename without its data              |
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from power.operations import Change, Enter, Grow, OfContent, Rename, Write

SECTOR = 512
NOTHING = "nothing"
Kept = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What a cut leaves of what was not synced, and why so."""

    why: str
    kept: Kept


def at_most(pending: Sequence[Change]) -> Iterator[Left]:
    """Yield all that a cut may leave of these changes, each kind in the table above."""
    yield Left(NOTHING, ())
    yield Left("everything", tuple(pending))
    for place, change in enumerate(pending):
        before, after = tuple(pending[:place]), tuple(pending[place + 1 :])
        if before:
            yield Left(f"the first {place}", before)
        yield Left(f"all but number {place}", before + after)
        for what, part in parts_of(change):
            yield Left(f"the first {place}, then {what}", (*before, part))
            if after:
                yield Left(f"everything, of number {place} {what}", (*before, part, *after))
    yield from _by_file(pending)


def at_a_step(pending: Sequence[Change], chance: random.Random, most: int) -> Iterator[Left]:
    """Yield what a cut may leave amid a row of writes: nothing, all, the last one torn, and some of the rest.

    Prefixes are what earlier cuts leave, and all others come up where the row is ended by a sync.
    """
    yield Left(NOTHING, ())
    yield Left("everything", tuple(pending))
    if pending:
        before = tuple(pending[:-1])
        for what, part in parts_of(pending[-1]):
            yield Left(f"the last one {what}", (*before, part))
        places = range(len(pending) - 1)
        for place in sorted(chance.sample(places, min(most, len(places)))):
            yield Left(f"all but number {place}", (*pending[:place], *pending[place + 1 :]))


def parts_of(change: Change) -> Iterator[tuple[str, Change]]:
    """Yield what may be left of one write: parts of it by sectors, or zeros."""
    if not isinstance(change, Write):
        return
    size = len(change.content)
    cut = SECTOR - change.offset % SECTOR  # sectors are those of the disk, not of the write
    if size > cut:
        last = (change.offset + size - 1) // SECTOR * SECTOR - change.offset
        yield "its first sector", replace(change, content=change.content[:cut])
        yield "its last sector alone", Write(change.file, change.offset + last, change.content[last:])
        if last > cut:
            yield "all but its last sector", replace(change, content=change.content[:last])
    elif 1 < size and change.offset % SECTOR == 0:
        yield "half of it", replace(change, content=change.content[: size // 2])
    yield "zeros", Grow(change.file, change.offset + size)


def _by_file(pending: Sequence[Change]) -> Iterator[Left]:
    """Yield what is left where contents and names reach the disk apart from each other."""
    contents = [change for change in pending if isinstance(change, OfContent)]
    names = [change for change in pending if not isinstance(change, OfContent)]
    if contents and names:
        yield Left("names alone", tuple(names))
        yield Left("content alone", tuple(contents))
    for file in sorted({change.file for change in contents}):
        late = [change for change in pending if not _is_content_of(change, {file})]
        yield Left(f"file {file} without its content", tuple(late))
        alone = [change for change in pending if _is_about(change, file)]
        yield Left(f"file {file} alone", tuple(alone))
        head = [change for change in contents if change.file == file]
        half = set(map(id, head[len(head) // 2 :]))
        yield Left(
            f"file {file} with half of its content", tuple(one for one in pending if id(one) not in half)
        )


def _is_content_of(change: Change, files: Iterable[int]) -> bool:
    return isinstance(change, OfContent) and change.file in files


def _is_about(change: Change, file: int) -> bool:
    return isinstance(change, OfContent | Enter | Rename) and change.file == file
