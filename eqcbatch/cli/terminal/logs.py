"""Logging by loguru: stderr for people, a file where asked; never a variable's value (promise P8)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from eqcbatch.errors import BadInput


def start_logging(*, verbose: bool, quiet: bool, file: Path | None) -> None:
    """Send the log to stderr (above a progress bar, where there is one), and to `file` too."""
    from loguru import logger

    level = "WARNING" if quiet else "DEBUG" if verbose else "INFO"
    logger.remove()
    logger.add(
        _write_above_bar,
        level=level,
        format="{time:YYYY-MM-DD HH:mm:ss} {level:<7} {message}",
        diagnose=False,
        backtrace=False,
    )
    if file is not None:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            logger.add(
                file,
                level="DEBUG",
                format="{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level:<7} {message}",
                encoding="utf-8",
                rotation="10 MB",
                retention=10,
                diagnose=False,
                backtrace=False,
                opener=lambda path, flags: os.open(path, flags, 0o600),
            )
        except OSError as error:
            raise BadInput(
                f"The log file {file} cannot be written: {error.strerror or error}. "
                "Name another one with --log-file."
            ) from None


def _write_above_bar(message: str) -> None:
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr, end="")
