"""Where a user's state is kept between processes, told by the system and not by the environment.

HOME and XDG_STATE_HOME differ between a shell, cron and a container of the same user; who the user is does
not.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

from eqcbatch.atomic_write import make_directory
from eqcbatch.errors import BadInput


def state_directory() -> Path:
    """Return the directory: in the user's home, or in /var/tmp for a number that is nobody's.

    Raises BadInput if what stands in /var/tmp is another's: whoever may write there may take the window away.
    """
    if sys.platform == "win32":
        return user_state_path("eqcbatch", appauthor=False)
    home = _home()
    if home is not None and home.is_dir():
        state = "Library/Application Support" if sys.platform == "darwin" else ".local/state"
        return home / state / "eqcbatch"
    return _own(Path("/var/tmp") / f"eqcbatch-{os.getuid()}")


def _home() -> Path | None:
    """Return the home of the user as the system has it; None for a number that is nobody's."""
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None


def _own(directory: Path) -> Path:
    with suppress(OSError):  # it is there, or what opens the file says why not
        make_directory(directory, mode=0o700)
    seen = directory.lstat() if directory.exists() else None
    if seen and (not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o022):
        raise BadInput(f"{directory} is not ours alone. Name a pace file of your own in EQCBATCH_PACE_FILE.")
    return directory
