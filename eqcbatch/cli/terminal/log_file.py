"""The log file: loaded where one is asked for, as little else needs what it is made of."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

from eqcbatch.cli.terminal.output import complain
from eqcbatch.errors import BadInput

_MOST_BYTES, _KEPT = 10_000_000, 10


class LogFile(RotatingFileHandler):
    """The log file, for its owner alone, ten of 10 MB at most; that it cannot be written is said once."""

    def __init__(self, file: Path) -> None:
        self._complained = False
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            super().__init__(file, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"The log file {file} cannot be written: {error.strerror or error}. "
                "Name another one with --log-file."
            ) from None

    def _open(self) -> TextIOWrapper:
        opened = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(open(opened, "ab"), encoding="utf-8", errors="replace")

    def handleError(self, record: LogRecord) -> None:
        """Go on without a line that cannot be written, as on a full disk; the next one is tried again."""
        error = sys.exc_info()[1]
        self._let_go()
        if not self._complained:
            self._complained = True
            reason = getattr(error, "strerror", None) or error
            complain(
                f"The log file {self.baseFilename} cannot be written ({reason}): lines are missing from it. "
                "The work goes on; free some space."
            )

    def close(self) -> None:
        """Close the file, whether or not what is left can be written."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        stream, self.stream = self.stream, None
        with suppress(OSError):
            if stream:
                stream.close()
