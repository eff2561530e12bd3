"""The file of the pace: its text, and what is none, or another's: that is neither read nor written over."""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from eqcbatch.domain.rate_limit import RateWindow
from eqcbatch.errors import BadInput
from eqcbatch.one_name import second_name_of
from eqcbatch.ownership import stranger_of

_BEGINS = b'{"sent": ['
_CLOCKS_APART_S = 0.25  # that two clocks may drift apart between two writes, or be read one after the other


class Moment(NamedTuple):
    """One moment by two clocks, both in seconds."""

    monotonic: float
    wall: float

    def ahead_of(self, earlier: Moment) -> float:
        """By how many seconds our monotonic clock runs ahead of that of an earlier moment; 0 if it does not.

        More time has passed by it than by the clock on the wall: it is another namespace's, or the clock on
        the wall was set back. The first lets old stamps look too old, so the second counts as the first.
        """
        ahead_s = (self.monotonic - earlier.monotonic) - (self.wall - earlier.wall)
        return ahead_s if ahead_s > _CLOCKS_APART_S else 0.0


def expect_pace_file(path: Path) -> Path:
    """Return the one name of the file if a pace may be kept there: whoever goes by it shares its lock.

    Raises BadInput if something else stands there, or if the file or its lock has a second name. One that a
    power cut emptied, or filled with zeros, is a pace file still.
    """
    real = Path(os.path.realpath(path))
    try:
        if not stat.S_ISREG(real.stat().st_mode):
            return real  # whoever opens it says what is wrong
        with real.open("rb") as file:
            head = file.read(len(_BEGINS))
    except OSError:
        return real
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
    _expect_one_name(real)
    return real


def lock_of_pace(path: Path) -> Path:
    """Return the file whose lock is that of a pace file."""
    return path.with_name(path.name + ".lock")


def _expect_one_name(path: Path) -> None:
    for file in (path, lock_of_pace(path)):
        if file.exists() and (trouble := second_name_of(file)):
            raise BadInput(f"The pace file {path} cannot be shared by all who use it: {file} {trouble}")


def text_of_pace(window: RateWindow, moment: Moment) -> bytes:
    """A line of JSON, and a line with its checksum. moment: when it is written."""
    content = json.dumps(
        {"sent": window.sent, "paused_at": window.paused_at, "pause_s": window.pause_s, "written": moment}
    ).encode()
    return b"%b\n%08x\n" % (content, crc32(content))


def read_pace(text: bytes) -> tuple[RateWindow, Moment | None]:
    """Read such a text; None for when it was written: by a version that did not say.

    Raises ValueError, KeyError, TypeError, OverflowError or RecursionError if it is none.
    """
    content, checksum, *_ = text.split(b"\n")
    if int(checksum, 16) != crc32(content):
        raise ValueError("a file that was not written whole")
    kept = json.loads(content)
    window = RateWindow(
        tuple(sorted(map(float, kept["sent"]))), float(kept["paused_at"]), float(kept["pause_s"])
    )
    written = Moment(*map(float, kept["written"])) if "written" in kept else None
    if not all(map(math.isfinite, (*window.sent, window.paused_at, window.pause_s, *(written or ())))):
        raise ValueError("a time that is none")
    return window, written
