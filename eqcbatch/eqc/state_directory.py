"""Where a user's state is kept between processes, told by the system and not by the environment.

HOME and XDG_STATE_HOME differ between a shell, cron and a container of the same user; who the user is does
not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_state_path


def state_directory() -> Path:
    """Return the directory, made if need be: in the user's home, or in /var/tmp where that takes no files."""
    if sys.platform == "win32":
        return user_state_path("eqcbatch", appauthor=False)
    home = _home()
    state = "Library/Application Support" if sys.platform == "darwin" else ".local/state"
    if home is not None and home.is_dir() and _takes_files(home / state / "eqcbatch"):
        return home / state / "eqcbatch"
    return Path("/var/tmp") / f"eqcbatch-{os.getuid()}"


def _home() -> Path | None:
    """Return the home of the user as the system has it; None for a number that is nobody's."""
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None


def _takes_files(directory: Path) -> bool:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory, os.W_OK | os.X_OK)
