"""The command that prints EQC's token: run for two minutes at most, and given up where the session ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

from eqcbatch.errors import TokenUnusable

_TIMEOUT_S = 120.0
_SLICE_S = 0.5  # between looks whether the session ends


def last_line_of(command: str, given_up: Callable[[], bool]) -> str:
    """Run a shell command without input, and return the last line that it prints.

    given_up: whether nobody waits for it any more. Raises TokenUnusable if it fails, or is ended: it says
    nothing of what the command printed, which may hold the token.
    """
    try:
        with subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "PGPASSWORD"},
        ) as process:
            try:
                printed = _printed(process, given_up)
            except BaseException:
                _end(process)
                raise
    except OSError as error:
        raise TokenUnusable(
            f"The token command cannot be run ({error.strerror or 'no reason is told'}). Try it by hand."
        ) from None
    if process.returncode != 0:
        raise TokenUnusable(f"The token command ended with {process.returncode}. Try it by hand.")
    return printed.decode("utf-8", "replace").strip().split("\n")[-1].strip()


def _printed(process: subprocess.Popen[bytes], given_up: Callable[[], bool]) -> bytes:
    waited_s = 0.0
    while waited_s < _TIMEOUT_S:
        try:
            return process.communicate(timeout=_SLICE_S)[0]
        except subprocess.TimeoutExpired:
            waited_s += _SLICE_S
        if given_up():
            raise TokenUnusable("The token command was ended: the session ends, too.")
    raise TokenUnusable(
        f"The token command did not end within {_TIMEOUT_S:g} s. Try it by hand; nobody answers what it asks."
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the shell with all that it started, as far as the system knows what that is."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # all of it ended meanwhile
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
