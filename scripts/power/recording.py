"""One run of a command, recorded: what stood there before, and what it did to it step by step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from power.disk import Image
from power.operations import Step
from power.strace import TRACED, Reader

EQCBATCH = (sys.executable, "-m", "eqcbatch")


@dataclass(frozen=True)
class Recording:
    """A run. root: its working directory. before: what stood there, all of it synced."""

    root: str
    before: Image
    steps: Sequence[Step]


def record(
    root: Path, command: Sequence[str], environment: Mapping[str, str], trace: Path, *, expected: int = 0
) -> Recording:
    """Run a command in `root` under strace. Raises RuntimeError unless it ends with `expected`."""
    before = image_of(root)
    strace = ("strace", "-f", "-qq", "-y", "-xx", "-ttt", "-s", "100000000", "-e", f"trace={TRACED}")
    ended = subprocess.run(
        [*strace, "-o", str(trace), *command],
        cwd=root,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if ended.returncode != expected:
        raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return read(root, before, trace)


def read(root: Path, before: Image, trace: Path) -> Recording:
    """Read a recording from the trace of its run."""
    files = {path: len(content) for path, content in before.items() if content is not None}
    with trace.open(encoding="ascii", errors="replace") as lines:
        steps = Reader(str(root), files).read(lines, files)
    return Recording(str(root), before, steps)


def image_of(root: Path) -> Image:
    """All that stands below a directory, save what SQLite shares in memory."""
    return {
        str(path): None if path.is_dir() else path.read_bytes()
        for path in _below(root)
        if not path.name.endswith("-shm")
    }


def _below(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.is_dir() or path.is_file())


def lay_out(image: Image, root: Path) -> None:
    """Let a directory hold a state, and nothing else; for its owner alone, as the ledger wants it."""
    for standing in root.iterdir():
        shutil.rmtree(standing) if standing.is_dir() else standing.unlink()
    for path, content in sorted(image.items()):
        target = Path(path)
        if content is None:
            target.mkdir(mode=0o700)
        else:
            target.write_bytes(content)
            target.chmod(0o600)
