"""Commands and rivals as processes of their own, timed and weighed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent.parent
EQCBATCH = (sys.executable, "-m", "eqcbatch")
_NOT_OURS = ("EQCBATCH_", "WDH_", "PYTHONDONTWRITEBYTECODE")


class ChildFailed(Exception):
    """A process that a benchmark needs did not end well."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended well.

    seconds: by the wall. cpu_s: on a CPU, which a busy machine changes little; peak_mib: the most memory
    held at once; both None where nobody knows.
    """

    seconds: float
    cpu_s: float | None
    peak_mib: float | None
    out: str

    def json(self) -> dict[str, Any]:
        """The JSON object that it printed last."""
        content: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return content


def child(name: str) -> tuple[str, ...]:
    """The command line of a program among `children`."""
    return (sys.executable, str(Path(__file__).with_name("children") / f"{name}.py"))


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """An environment without the user's settings, in which this checkout is imported.

    Bytecode is kept, as an installation has it.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    return kept | {"PYTHONPATH": str(CHECKOUT)} | {name: str(value) for name, value in settings.items()}


def run(directory: Path, command: tuple[object, ...], settings: Mapping[str, object] | None = None) -> Ended:
    """Run a command to its end, in a directory; ChildFailed says what it complained of.

    A small process of our own starts it: a child's peak memory begins with that of who starts it.
    """
    launcher = [sys.executable, "-S", "-E", str(Path(__file__).with_name("children") / "launcher.py")]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        ended = subprocess.run(
            [*launcher, *map(str, command)],
            cwd=directory,
            env=environment(settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
        )
        said, complaints = _read(out), _read(errors)
    if ended.returncode:
        tail = "\n".join(complaints.splitlines()[-10:])
        raise ChildFailed(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n{tail}")
    *lines, weighed = said.splitlines()
    found = json.loads(weighed)
    return Ended(found["seconds"], found["cpu_s"], found["peak_mib"], "\n".join(lines))


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode(errors="replace"))
