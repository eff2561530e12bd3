"""Python processes of their own, for what only happens between processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def start_script(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Run a script that may import eqcbatch, installed or not; its output is piped."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def lines_until_killed(process: subprocess.Popen[str], count: int) -> list[str]:
    """Read `count` lines, kill the process the hard way, and return all that it had printed."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(count)]
    process.kill()
    lines += process.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


def until(reached: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait for what another process brings about."""
    end = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def on_terminal(command: Sequence[str], env: Mapping[str, str], columns: int) -> str:
    """Run Python so on a terminal of so many columns, to a good end; all it wrote there. Not for Windows."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", **env}
    process = subprocess.Popen(
        [sys.executable, *command], env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while received := os.read(ours, 65536):
            written += received
    except OSError:
        pass  # how Linux says that nobody writes any more
    os.close(ours)
    assert 0 == process.wait(60), written
    return written.decode()
