"""One writer per ledger (promise P9): an OS lock that the kernel releases when its holder dies.

Why: docs/decisions/0006.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from eqcbatch.atomic_write import make_directory
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.errors import BadInput, LedgerInUse, LedgerUnusable
from eqcbatch.file_locks import FileLock, Timeout, file_lock, why_unlockable
from eqcbatch.ledger.identity import LedgerFile, using, writer_of

PATIENCE_S = 3.0
_POLL_S = 0.05
PATIENCE_WITH_A_CHECK_S = 35.0  # its request may take 30 s, and shall cost no night
CHECK = "check"


@contextmanager
def writing(ledger: Path, command: str, clock: Clock = SYSTEM_CLOCK) -> Iterator[None]:
    """Hold the ledger's locks for the block, which is noted by `clock`: beside its name, and on its file.

    Raises LedgerInUse, which names the holder, if another process has one still after a short wait;
    LedgerUnusable if nothing can be locked there.
    """
    refuse_directory(ledger)
    holder, lock = _holder_file(ledger), file_lock(_lock_file(ledger))
    try:
        make_directory(ledger.parent, mode=0o700)
        if not _acquired(lock, holder, clock):
            _expect_lock_file(ledger)
            raise LedgerInUse(_in_use(ledger, f": {_named(holder)}"))
    except OSError as error:
        raise _unlockable(ledger, error) from error
    try:
        with _file_locked(ledger, holder, clock):
            _write_holder(holder, command, clock.utc_now())
            try:
                yield
            finally:
                with suppress(OSError):
                    holder.unlink()
    finally:
        lock.release()


def refuse_directory(ledger: Path) -> None:
    """Raise BadInput if the ledger's path is a directory's."""
    if os.path.isdir(ledger):  # unlike Path.is_dir, False of what may not be looked at
        raise BadInput(
            f"{ledger} is a directory. Name the ledger's file, such as {ledger / 'eqcbatch.sqlite'}."
        )


def holder_of(ledger: Path) -> str | None:
    """Who holds the ledger's lock just now, for people; None if nobody does."""
    with using(ledger) as file:
        if file and file.held(ledger):
            return _named(_holder_file(ledger))
    if not _lock_file(ledger).exists():
        return None
    try:
        with file_lock(_lock_file(ledger)).acquire(timeout=0):
            return None
    except Timeout:
        return _named(_holder_file(ledger))
    except OSError as error:
        raise _unlockable(ledger, error) from error


@contextmanager
def _file_locked(ledger: Path, holder: Path, clock: Clock) -> Iterator[None]:
    """Lock the file itself: whoever came by another name, or lost the lock file, is met here."""
    with using(ledger) as file:
        if file and not _acquire_file(file, ledger, clock):
            who = f": {_named(holder)}" if _read_holder(holder) else f"{writer_of(ledger)}, by another name"
            raise LedgerInUse(_in_use(ledger, who))
        try:
            yield
        finally:
            if file:
                file.unlock()


def _acquire_file(file: LedgerFile, ledger: Path, clock: Clock) -> bool:
    until = clock.monotonic() + PATIENCE_S
    while not file.lock(ledger):
        if clock.monotonic() >= until:
            return False
        clock.sleep(_POLL_S)
    return True


def _acquired(lock: FileLock, holder: Path, clock: Clock) -> bool:
    if clock.wait(partial(_acquired_within, lock), PATIENCE_S):
        return True
    by_a_check = _read_holder(holder).get("command") == CHECK
    return by_a_check and clock.wait(partial(_acquired_within, lock), PATIENCE_WITH_A_CHECK_S)


def _acquired_within(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
        return True
    except Timeout:
        return False


def _expect_lock_file(ledger: Path) -> None:
    """Raise LedgerUnusable if no lock file can be made, as under /proc: waiting for it times out, too."""
    try:
        os.close(os.open(_lock_file(ledger), os.O_CREAT | os.O_RDWR, 0o600))
    except FileNotFoundError:
        raise _unlockable(ledger, FileNotFoundError("no file can be made there")) from None


def _lock_file(ledger: Path) -> Path:
    return beside(ledger, ".lock")


def _holder_file(ledger: Path) -> Path:
    return beside(ledger, ".holder.json")


def beside(ledger: Path, ending: str) -> Path:
    """A file that belongs to a ledger, the same one by whatever links the ledger is called."""
    real = Path(os.path.realpath(ledger)) if os.path.islink(ledger) else ledger
    return real.parent / (real.name + ending)


def _unlockable(ledger: Path, error: OSError) -> LedgerUnusable:
    why = why_unlockable(error) or f"{error.strerror or error}. Its directory must be writable"
    return LedgerUnusable(f"The ledger {ledger} cannot be locked: {why}, or name another --ledger.")


def _write_holder(holder: Path, command: str, since: str) -> None:
    text = json.dumps({"command": command, "pid": os.getpid(), "host": socket.gethostname(), "since": since})
    with (
        suppress(OSError),
        os.fdopen(os.open(holder, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file,
    ):
        file.write(text)


def _in_use(ledger: Path, who: str) -> str:
    return f"The ledger {ledger} is in use{who}. Wait for it to end; only one process writes a ledger."


def _named(holder: Path) -> str:
    who = _read_holder(holder)
    if not who:
        return "another eqcbatch process"
    return f"`eqcbatch {who['command']}`, pid {who['pid']} on {who['host']}, since {who['since'][:19]} UTC"


def _read_holder(holder: Path) -> dict[str, str]:
    """What the holder says of itself; nothing where it does not, or not yet."""
    try:
        who = json.loads(holder.read_text(encoding="utf-8"))
        return {name: str(who[name]) for name in ("command", "pid", "host", "since")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
