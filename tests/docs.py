"""The pages of docs/ for tests: their blocks, how each is checked, and a reader who types them.

The first word behind a fence is the language, the second one says how the block is checked:
`run` it is executed, in the order of the page; `exact` and `output` are what the block before it prints,
the latter without figures. Others are checked by a test of their own.
`needs=NAME` behind it: only where a program of that name is installed. `exit=N`: how the block ends.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.processes import CHECKOUT

DOCS = CHECKOUT / "docs"
# What the pages say for what every reader has another one of.
DATABASE = "postgresql://user:password@host:5432/name"
DIRECTORY = "/srv/pension"
PORT = "8765"
SECRET = "EQCBATCH_EQC_TOKEN=..."

_FENCE = re.compile(r"^```(\S*)(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
_GENERATED = re.compile(r"<!-- (\w+):begin -->.*?<!-- \1:end -->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. line: where it begins, from 1."""

    page: str
    line: int
    language: str
    check: str
    options: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def missing(self) -> list[str]:
        """The programs that it needs and this machine has not."""
        needed = (self._option("needs") or "").split(",")
        return [name for name in needed if name and not _program(name)]

    @property
    def file(self) -> str | None:
        """The file that it is the content of."""
        return self._option("file")

    @property
    def exit_code(self) -> int:
        """How it ends."""
        return int(self._option("exit") or 0)

    def _option(self, name: str) -> str | None:
        return dict(option.split("=", 1) for option in self.options).get(name)


def pages() -> list[str]:
    """The names of all pages."""
    return sorted(path.name for path in DOCS.glob("*.md"))


def text_of(page: str) -> str:
    """A page without what scripts/help_blocks.py writes into it."""
    whole = (DOCS / page).read_text(encoding="utf-8")
    return _GENERATED.sub(lambda made: "\n" * made[0].count("\n"), whole)


def blocks(page: str) -> list[Block]:
    """The blocks of a page."""
    text = text_of(page)
    found = []
    for fence in _FENCE.finditer(text):
        check, *options = fence[2].split() or [""]
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(page, line, fence[1], check, tuple(options), fence[3]))
    return found


def prose(page: str) -> str:
    """A page without its blocks."""
    return _FENCE.sub("", text_of(page))


def commands(text: str) -> Iterator[list[str]]:
    """The `eqcbatch ...` commands in shell lines, crontabs and units, each as its words behind `eqcbatch`."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        words = shlex.shlex(re.sub(r"\d?>+&?\s*\S+", "", line), posix=True, punctuation_chars="|&;<")
        words.whitespace_split = True
        yield from _commands(list(words))


def _commands(words: list[str]) -> Iterator[list[str]]:
    """The same of one line's words: a command ends where the shell's signs begin."""
    command: list[str] | None = None
    for word in [*words, ";"]:
        if set(word) <= set("|&;<"):
            if command is not None:
                yield command
            command = None
        elif command is not None:
            command.append(word)
        elif re.fullmatch(r"(\w+=\$\(|ExecStart=|.*/)*eqcbatch", word):
            command = []


@dataclass(frozen=True)
class Typed:
    """What came of a block: its exit code, and all that it printed."""

    block: Block
    code: int
    printed: str


class Reader:
    """Somebody who types the blocks of a page, one after another, in one shell and one directory.

    replacing: what stands in the page, and what this reader has instead.
    """

    def __init__(self, directory: Path, replacing: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self.directory = directory
        self._replacing = {DIRECTORY: str(directory)} | dict(replacing)
        self._programs = directory / ".bin"
        self._programs.mkdir()
        # Stand-ins for what a test cannot have: a mailer, and a cluster that counts.
        self.put_program("mail", 'echo "mail $*"; cat')
        self.put_program("spark-sql", r"printf '甲公司\t4\n乙公司\t2\n丙公司\t2\n丁公司\t2\n'")
        self.put_program("eqcbatch", f'PYTHONPATH={CHECKOUT} exec {sys.executable} -m eqcbatch "$@"')
        self.put_program("sqlite-utils", f'exec {sys.executable} -m sqlite_utils "$@"')
        self.put_program("python3", f'exec {sys.executable} "$@"')
        if beside := _program("datasette"):
            self.put_program("datasette", f'exec {beside} "$@"')
        # A person needs a second for the next line; a script has to wait for the simulator to listen.
        connect = f"import socket; socket.create_connection(('127.0.0.1', {self.own(PORT)}))"
        self._awaiting_simulator = f'until python3 -c "{connect}" 2>/dev/null; do :; done'
        self.environment = {
            "PATH": f"{self._programs}:/usr/bin:/bin",
            "HOME": str(directory),
            "EQCBATCH_PACE_FILE": str(directory / "pace.json"),
        } | dict(environment)

    def make_environment(self) -> None:
        """Have `.venv/bin/eqcbatch` in the directory."""
        (self.directory / ".venv/bin").mkdir(parents=True)
        shutil.copy(self._programs / "eqcbatch", self.directory / ".venv/bin/eqcbatch")

    def put_file(self, block: Block) -> None:
        """Make the file that a block is the content of."""
        assert block.file
        (self.directory / block.file).write_text(self.own(block.text), encoding="utf-8")

    def put_program(self, name: str, script: str) -> None:
        """Give the reader a program."""
        program = self._programs / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def own(self, text: str) -> str:
        """A text of the page as this reader types it."""
        for said, had in self._replacing.items():
            text = text.replace(said, had)
        return text

    def type(self, typed: list[Block], within_s: float = 120) -> list[Typed]:
        """Type these blocks; whatever still runs behind the last of them is killed."""
        outputs = self.directory / ".printed"
        outputs.mkdir()
        lines = []
        for number, block in enumerate(typed):
            lines += [
                "{",
                self.own(block.text),
                f"}} >{outputs}/{number} 2>&1 </dev/null",
                f"echo $? >{outputs}/{number}.code",
                self._awaiting_simulator if "eqcbatch simulate" in block.text else ":",
            ]
        shell = subprocess.Popen(
            ["/bin/sh", "-c", "\n".join(lines)],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, to be killed as one
        )
        try:
            shell.wait(within_s)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        return [
            Typed(
                block,
                int((outputs / f"{number}.code").read_text()),
                (outputs / str(number)).read_text(encoding="utf-8"),
            )
            for number, block in enumerate(typed)
        ]


def lines(text: str, *, exact: bool) -> list[str]:
    """The lines of an output without widths; unless exact without figures, which differ from run to run."""
    figures = "(?!)" if exact else r"\d[\d,.:]*( (s|min|h|d)\b)*( \d+ (s|min|h)\b)*"
    bare = [re.sub(figures, "#", line) for line in text.splitlines()]
    return [" ".join(line.split()) for line in bare if line.strip()]


def _program(name: str) -> str | None:
    """Where a program is: beside this Python, or on the PATH."""
    return shutil.which(name, path=str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"])
