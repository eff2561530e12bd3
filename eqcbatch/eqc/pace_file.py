"""The file of the pace: what is none, or another's, is neither read nor written over."""

from __future__ import annotations

import stat
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.ownership import stranger_of

_BEGINS = b'{"sent": ['


def expect_pace_file(path: Path) -> Path:
    """Return the path if a pace may be kept there. Raises BadInput if something else stands there.

    One that a power cut emptied, or filled with zeros, is a pace file still.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return path  # whoever opens it says what is wrong
        with path.open("rb") as file:
            head = file.read(len(_BEGINS))
    except OSError:
        return path
    if head.strip(b"\0") and not head.startswith(_BEGINS):
        raise BadInput(
            f"{path} is no pace file, and would be written over. Name another one in EQCBATCH_PACE_FILE, "
            "or one that is not there yet."
        )
    if why := stranger_of(path):
        raise BadInput(
            f"The pace file {path} is not ours alone: {why}. Delete it, or name another one in "
            "EQCBATCH_PACE_FILE."
        )
    return path
