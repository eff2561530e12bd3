"""Where a simulated process works: a ledger with its archive, on a disk that outlives the process."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from simulated.disk import Disk
from simulated.truth import Memory

LEDGER, TOKEN_FILE = "ledger.sqlite", "token"


@dataclass(slots=True)
class Home:
    """The directory of one ledger. After a death its files stand in a new one: nothing of the dead process
    still has these open.

    sources: the names of each source as it was planned last. planned: whether there is a ledger.
    open_plan: the names of a plan that was killed, which may have come to be or not. asked_before,
    booked_before: requests of EQC, and of the ledger, when a backup was put in its place.
    """

    name: str
    root: Path
    disk: Disk
    memory: Memory = field(default_factory=Memory)
    sources: dict[str, frozenset[str]] = field(default_factory=dict)
    open_plan: tuple[str, frozenset[str]] | None = None
    planned: bool = False
    deaths: int = 0
    asked_before: int = 0
    booked_before: int = 0
    restored_at: float = 0.0

    @property
    def directory(self) -> Path:
        """Where it is now."""
        return self.root / f"{self.name}{self.deaths}"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.directory / LEDGER

    @property
    def token_file(self) -> Path:
        """The file of the token."""
        return self.root / TOKEN_FILE

    def found(self) -> None:
        """Make the first directory."""
        self.directory.mkdir(mode=0o700)

    def left(self, files: Mapping[str, bytes]) -> None:
        """Go on with what a death, or a restored backup, left."""
        before = self.directory
        self.deaths += 1
        self.found()
        for name, content in files.items():
            path = self.directory / name
            path.write_bytes(content)
            os.chmod(path, 0o600)
        self.disk.forget_below(before)
        shutil.rmtree(before)
        self.look()

    def look(self) -> None:
        """See whether a plan came to be."""
        self.planned = False
        if self.ledger.exists():
            with closing(sqlite3.connect(self.ledger)) as ledger, suppress(sqlite3.Error):
                self.planned = bool(ledger.execute("SELECT 1 FROM runs LIMIT 1").fetchone())
