"""The directory of a demo: claimed before, cleared of the last demo, kept afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.ledger import archive_path


@dataclass(frozen=True, slots=True)
class DemoDirectory:
    """Where everything of a demo stands. The commands find its PostgreSQL, beside the ledger."""

    directory: Path

    @property
    def month(self) -> Path:
        """The rows that are planned."""
        return self.directory / "month.csv"

    @property
    def ledger(self) -> Path:
        """The work ledger."""
        return self.directory / "ledger.sqlite"

    @property
    def postgres(self) -> Path:
        """The data of the embedded PostgreSQL."""
        return self.directory / "postgres"

    @property
    def pace(self) -> Path:
        """The pace of the simulated EQC, apart from the user's own."""
        return self.directory / "pace.json"

    def claim(self) -> None:
        """Make the directory a demo's. Raises BadInput if anything is in it that no demo made."""
        marker = self.directory / "demo.txt"
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not marker.exists():
                self._refuse_strangers()
                marker.write_text("Made by `eqcbatch demo`. The next demo here starts afresh.\n")
        except OSError as error:
            raise BadInput(
                f"The demo cannot use {self.directory} ({error.strerror or error}). Name another --directory."
            ) from error

    def clear(self) -> None:
        """Remove what an earlier demo left; the tables in PostgreSQL go when they are seeded anew."""
        databases = (self.ledger, archive_path(self.ledger))
        files = [file.with_name(file.name + part) for file in databases for part in ("", "-wal", "-shm")]
        for file in (*files, self.month, self.pace):
            file.unlink(missing_ok=True)

    def _refuse_strangers(self) -> None:
        if any(self.directory.iterdir()):
            raise BadInput(
                f"{self.directory} is not empty, and no demo made it: a demo removes what it finds. "
                "Name a new --directory."
            )
