"""This machine: its disk, its clock, and the environment in which we were started."""

from __future__ import annotations

import shutil
import sys
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.check.finding import Finding, Subject, failed, ok, warning
from eqcbatch.errors import LedgerUnusable
from eqcbatch.humanize import duration, shorten, size
from eqcbatch.ledger import archive_path

CLOCK_TOLERANCE_S = 60.0
_ANSWER_BYTES = 32_000  # assumed of an archived answer, while there are too few to tell
_LEDGER_BYTES = 4_000  # a name's candidates and requests
_ENOUGH = 20  # answers
_RESERVE_BYTES = 20_000_000  # for the log, SQLite's journals and the pace file


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What cron often lacks.

    path: where commands are looked for. command: eqcbatch as found there, None if it is not. own: how to
    call it all the same. encoding: of file names. proxies: the variables that name a proxy.
    strays: variables that look like ours and are none, each with a hint.
    """

    path: str
    command: str | None
    own: str
    encoding: str
    proxies: tuple[str, ...]
    strays: tuple[str, ...] = ()


def look_around(environ: Mapping[str, str], strays: tuple[str, ...]) -> Surroundings:
    """Look at the environment of this process; no value of a variable but PATH is kept."""
    script = Path(sysconfig.get_path("scripts")) / "eqcbatch"
    path = environ.get("PATH", "")
    return Surroundings(
        path=path,
        command=shutil.which("eqcbatch", path=path),
        own=str(script) if script.exists() else f"{sys.executable} -m eqcbatch",
        encoding=sys.getfilesystemencoding(),
        proxies=tuple(sorted(name for name in environ if name.lower() in ("https_proxy", "all_proxy"))),
        strays=strays,
    )


def judge_environment(around: Surroundings) -> list[Finding]:
    """Judge the environment, with one line where all is well."""
    found = []
    if around.encoding.lower().replace("-", "") != "utf8":
        found.append(
            warning(
                Subject.ENVIRONMENT,
                f"file names are {around.encoding}, not UTF-8: Chinese ones cannot be opened",
                "Set PYTHONUTF8=1, in a crontab too.",
            )
        )
    if around.command is None:
        found.append(
            warning(
                Subject.ENVIRONMENT,
                f"eqcbatch is not on the PATH ({shorten(around.path) or 'empty'})",
                f"In a crontab write: {around.own}",
            )
        )
    found += [
        warning(Subject.ENVIRONMENT, stray, "Nobody reads it: rename it, or take it away.")
        for stray in around.strays
    ]
    proxy = f"; proxy by {', '.join(around.proxies)}" if around.proxies else ""
    return found or [
        ok(Subject.ENVIRONMENT, f"UTF-8, local time zone {time.strftime('%Z')}, {around.command}{proxy}")
    ]


def judge_clock(ahead_s: Mapping[str, float | None]) -> list[Finding]:
    """Judge the clock by others'. ahead_s: seconds that ours is ahead, by whose clock; None is not known."""
    known = {whose: seconds for whose, seconds in ahead_s.items() if seconds is not None}
    off = [
        warning(
            Subject.CLOCK,
            f"{duration(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} {whose}'s",
            "Set it by NTP: retries, a day's budget and --until go by it.",
        )
        for whose, seconds in known.items()
        if abs(seconds) > CLOCK_TOLERANCE_S
    ]
    clocks = " and ".join(f"{whose}'s" for whose in known)
    return off or [
        ok(Subject.CLOCK, f"agrees with {clocks}" if clocks else "there was no other to compare it with")
    ]


def free_bytes(ledger: Path) -> int:
    """Free space where the ledger stands, or will stand."""
    home = next(parent for parent in ledger.absolute().parents if parent.exists())
    return shutil.disk_usage(home).free


def needed_bytes(ledger: Path, questions: int, answers: int) -> float:
    """What the questions that are left will take, by what the answers so far did."""
    archive = archive_path(ledger)
    measured = answers >= _ENOUGH and archive.exists()
    each = archive.stat().st_size / answers if measured else _ANSWER_BYTES
    return questions * (each + _LEDGER_BYTES) + _RESERVE_BYTES


def judge_disk(free: float, needed: float) -> Finding:
    """Judge the free space."""
    says = f"{size(free)} free; what is pending takes about {size(needed)}"
    advice = "Free some space, or move the ledger to a larger disk."
    if free < needed:
        return failed(Subject.DISK, LedgerUnusable, says, advice)
    return warning(Subject.DISK, says, advice) if free < 2 * needed else ok(Subject.DISK, says)
