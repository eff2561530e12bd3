"""What a program does to files, one value a step, in the order in which the steps ended.

A file is known by a number, as an inode is: its names, absolute paths, come and go. `began` is how many steps
had ended when a sync began: what another thread did meanwhile is not covered by it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes into a file at an offset."""

    file: int
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut, or lengthened with zeros, to a size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Grow:
    """A file that is as long as a write made it, without what was written: zeros where it was shorter."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Enter:
    """A name for a file in a directory: one that is created, or linked."""

    path: str
    file: int


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """A new directory."""

    path: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A file gets another name, and whatever bore that name loses it."""

    source: str
    path: str
    file: int


@dataclass(frozen=True, slots=True)
class Remove:
    """A name goes."""

    path: str


@dataclass(frozen=True, slots=True)
class Sync:
    """The content of a file is on the disk, as far as it was written when this began."""

    file: int
    began: int


@dataclass(frozen=True, slots=True)
class SyncDirectory:
    """The names in a directory are on the disk, as they were when this began."""

    path: str
    began: int


@dataclass(frozen=True, slots=True)
class Said:
    """Something was printed on stdout: whoever reads it relies on what was done before."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request went to EQC. target: path and query."""

    target: str


OfContent = Write | Truncate | Grow
OfNames = Enter | MakeDirectory | Rename | Remove
Change = OfContent | OfNames
Operation = Change | Sync | SyncDirectory | Said | Sent


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, and when it began, in seconds of the wall clock."""

    at: float
    operation: Operation
