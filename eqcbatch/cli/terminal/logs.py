"""Logging by loguru: stderr for people, a file where asked; never a variable's value (promise P8)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eqcbatch.cli.terminal.output import silence
from eqcbatch.safe_text import log_line

if TYPE_CHECKING:
    from loguru import Record


def start_logging(*, verbose: bool, quiet: bool, file: Path | None) -> None:
    """Send the log to stderr (above a progress bar, where there is one), and to `file` too."""
    from loguru import logger

    level = "WARNING" if quiet else "DEBUG" if verbose else "INFO"
    logger.configure(patcher=_make_safe)
    logger.remove()
    logger.add(
        _write_above_bar,
        level=level,
        format="{time:YYYY-MM-DD HH:mm:ss} {level:<7} {message}",
        diagnose=False,
        backtrace=False,
    )
    if file is not None:
        from eqcbatch.cli.terminal.log_file import LogFile

        logger.add(
            LogFile(file),
            level="DEBUG",
            format="{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level:<7} {message}",
            diagnose=False,
            backtrace=False,
        )


def _make_safe(record: Record) -> None:
    record["message"] = log_line(record["message"])


def _write_above_bar(message: str) -> None:
    from tqdm import tqdm

    try:
        tqdm.write(message, file=sys.stderr, end="")
    except OSError:  # nobody reads it any more
        silence(sys.stderr)
