"""Files to be written: the type of the options that name one, and how one is typed."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import click


class OutputFile(click.Path):
    """The type of an option or argument that names a file to be written."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay)


def typed_path(file: Path) -> str:
    """A path as it is typed in this system's shell."""
    return subprocess.list2cmdline([str(file)]) if os.name == "nt" else shlex.quote(str(file))
