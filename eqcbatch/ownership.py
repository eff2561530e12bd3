"""Who we are, and whose a file is: what others own or may write decides nothing here, as with ssh's files.

On Windows no file is looked at: who may write it stands in lists that Python does not read.
"""

from __future__ import annotations

import getpass
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = 0


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are. private_group: a group that has nobody else in it, as many systems give each user."""

    uid: int
    private_group: int | None = None


def stranger(owner: int, group: int, mode: int, us: Us) -> str:
    """Say who else decides what stands in a file; "" for nobody.

    | owner       | its group may write | everybody may | says                       |
    |-------------|---------------------|---------------|----------------------------|
    | somebody    | any                 | any           | belongs to somebody        |
    | us, or root | any                 | yes           | everybody may write        |
    | us, or root | yes, and is shared  | no            | its group may write        |
    | us, or root | yes, our own        | no            | ""                         |
    | us, or root | no                  | no            | ""                         |
    """
    if owner not in (us.uid, _ROOT):
        return f"it belongs to {_name_of(owner)}"
    if mode & stat.S_IWOTH:
        return "everybody may write it"
    if mode & stat.S_IWGRP and group != us.private_group:
        return "its group may write it"
    return ""


def stranger_of(path: Path) -> str:
    """The same of a file that there is, and of a symbolic link that leads to it."""
    if not hasattr(os, "geteuid"):
        return ""
    try:
        found, link = path.stat(), path.lstat()
    except OSError:
        return ""  # nothing is there, or whoever opens it says what is wrong
    if not stat.S_ISREG(found.st_mode):
        return ""  # a pipe of our own shell, or nothing to be read from at all
    us = Us(os.geteuid(), _private_group())
    through = stranger(link.st_uid, link.st_gid, 0, us) if stat.S_ISLNK(link.st_mode) else ""
    return through or stranger(found.st_uid, found.st_gid, found.st_mode, us)


def our_name() -> str:
    """Return the name of the user that runs this, as the system has it; `uid 1000` or `unknown` without."""
    with suppress(ImportError, KeyError):
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    with suppress(ImportError, KeyError, OSError):
        return getpass.getuser()
    return f"uid {os.geteuid()}" if hasattr(os, "geteuid") else "unknown"


def _private_group() -> int | None:
    """Our group, if it is called like us and has no other member."""
    import grp
    import pwd

    with suppress(KeyError):
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(os.getegid())
        if group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}:
            return group.gr_gid
    return None


def _name_of(uid: int) -> str:
    import pwd

    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"
