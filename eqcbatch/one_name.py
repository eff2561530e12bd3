"""Whether a file has one name: what is kept, or locked, beside its name is missed by who knows it by another.

A symbolic link is none: it leads to the name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")


def second_name_of(path: Path) -> str:
    """Say by what a file has a second name, and what to do; "" if it has none. Raises OSError without one."""
    return second_name(os.stat(path).st_nlink, mounted=_is_mount_point(path))


def second_name(links: int, *, mounted: bool) -> str:
    """Say by what a file has a second name, and what to do; "" if it has none.

    | links | mounted alone | it                                        |
    |-------|---------------|-------------------------------------------|
    | any   | yes           | is known elsewhere by its place there     |
    | 1     | no            | has one name                              |
    | more  | no            | has hard links                            |
    """
    if mounted:
        return "is mounted as a single file, without what belongs beside it. Mount its directory instead."
    if links > 1:
        return f"has {links} names (hard links). Delete all but one, or make a copy; a link is no backup."
    return ""


def mount_points(text: str) -> set[str]:
    """The places of /proc/self/mountinfo where something is mounted."""
    places = (line.split(" ")[4] for line in text.splitlines() if line.count(" ") > 4)
    return {re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place) for place in places}


def _is_mount_point(path: Path) -> bool:
    try:
        text = _MOUNTS.read_bytes().decode("latin-1")
    except OSError:
        return False  # no Linux, and no file is mounted alone
    return os.fsencode(os.path.realpath(path)).decode("latin-1") in mount_points(text)
