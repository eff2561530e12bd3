"""Reading what strace wrote: system calls become operations on the files below one directory.

Made for `strace -f -y -xx -ttt`: all strings in hex, every descriptor with the path of its file. Writes by
mapped memory are not seen: what SQLite maps, its `-shm` files, no power cut leaves, and they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import join, normpath

from power.operations import (
    Enter,
    MakeDirectory,
    Operation,
    Remove,
    Rename,
    Said,
    Sent,
    Step,
    Sync,
    SyncDirectory,
    Truncate,
    Write,
)

TRACED = (
    "openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,fsync,fdatasync,rename,renameat,"
    "renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,rmdir,lseek,sendto,sendfile,copy_file_range,"
    "fallocate,dup,dup2,dup3"
)
_UNREAD = (
    "sendfile",
    "copy_file_range",
    "fallocate",
    "pwritev",
    "truncate",
)  # of files that matter: an error
_LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_DESCRIPTOR = re.compile(r"(?:AT_FDCWD|(\d+))<([^>]*)>(\(deleted\))?")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_BASE = re.compile(r'iov_base="((?:\\x[0-9a-f]{2})*)"')
_REQUEST = re.compile(rb"GET (\S+) HTTP/1\.1\r\n")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that succeeded. began: the number of calls that had ended when it began."""

    name: str
    arguments: str
    result: int
    returned: str
    at: float
    began: int


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the calls in the order in which they ended; what one thread begins, others may interrupt."""
    open_calls: dict[str, tuple[str, float, int]] = {}
    ended = 0
    for line in lines:
        found = _LINE.match(line.rstrip("\n"))
        if not found:
            continue
        thread, at, text = found[1], float(found[2]), found[3]
        began = ended
        if text.endswith(_UNFINISHED):
            open_calls[thread] = text.removesuffix(_UNFINISHED), at, ended
            continue
        if resumed := _RESUMED.match(text):
            head, at, began = open_calls.pop(thread)
            text = head + resumed[2]
        call = _CALL.match(text)
        if call and not call[3].startswith("-") and call[3] != "?":
            ended += 1
            yield Call(call[1], call[2], int(call[3], 0), call[4], at, began)


class Reader:
    """Turns calls into operations. root: the directory whose files count."""

    def __init__(self, root: str, files: Iterable[str]) -> None:
        self._root = root
        self._files = {path: number for number, path in enumerate(files)}
        self._created = len(self._files)
        self._offsets: dict[int, int | None] = {}  # by descriptor; None where all is appended
        self._sizes: dict[int, int] = {}
        self._ends: list[int] = []  # how many operations there were when each call had ended

    def read(self, lines: Iterable[str], sizes: dict[str, int]) -> list[Step]:
        """Return the steps of the run. sizes: of the files that were there before."""
        self._sizes = {self._files[path]: size for path, size in sizes.items()}
        done: list[Step] = []
        for call in calls(lines):
            began = self._ends[call.began - 1] if call.began else 0
            done.extend(Step(call.at, operation) for operation in self._operations(call, began))
            self._ends.append(len(done))
        return done

    def _operations(self, call: Call, began: int) -> Iterator[Operation]:
        name = call.name
        if name in ("openat", "open", "creat"):
            yield from self._opened(call)
        elif name in ("write", "pwrite64", "writev"):
            yield from self._written(call)
        elif name in ("fsync", "fdatasync"):
            yield from self._synced(call, began)
        elif name == "sendto":
            yield from _sent(call)
        elif name == "lseek":
            self._offsets[int(call.arguments.partition("<")[0])] = call.result
        elif name == "ftruncate":
            if (number := self._file_of(call)) is not None:
                self._sizes[number] = size = int(call.arguments.rpartition(",")[2])
                yield Truncate(number, size)
        elif name in _UNREAD or name.startswith("dup"):
            if self._file_of(call) is not None:
                raise ValueError(f"what {name} does to {call.arguments[:80]} is not understood")
        else:
            yield from self._named(call)

    def _named(self, call: Call) -> Iterator[Operation]:
        """Names that come and go. Those above and beside the root do not count."""
        paths = [path for path in self._paths(call) if path is not None]
        if call.name.startswith("mkdir"):
            yield from (MakeDirectory(path) for path in paths[:1])
        elif call.name.startswith(("unlink", "rmdir")):
            for path in paths[:1]:
                self._files.pop(path, None)
                yield Remove(path)
        elif len(paths) == 2 and paths[0] in self._files:
            source, target = paths
            number = self._files[target] = self._files[source]
            if call.name.startswith("link"):
                yield Enter(target, number)
            else:
                del self._files[source]
                yield Rename(source, target, number)

    def _opened(self, call: Call) -> Iterator[Operation]:
        path = self._within(_text(_DESCRIPTOR.match(f"{call.result}{call.returned}")[2]))  # type: ignore[index]
        appended = "O_APPEND" in call.arguments
        self._offsets[call.result] = None if appended else 0
        if path is None or "O_DIRECTORY" in call.arguments:
            return
        if path not in self._files:
            if "O_CREAT" not in call.arguments and call.name != "creat":
                return  # a directory
            self._files[path] = number = self._created
            self._created += 1
            self._sizes[number] = 0
            yield Enter(path, number)
        elif "O_TRUNC" in call.arguments or call.name == "creat":
            number = self._files[path]
            self._sizes[number] = 0
            yield Truncate(number, 0)

    def _written(self, call: Call) -> Iterator[Operation]:
        descriptor = int(call.arguments.partition("<")[0])
        if descriptor == 1 and call.result:
            yield Said()
        number = self._file_of(call)
        if number is None:
            return
        if call.name == "writev":
            content = b"".join(map(_bytes, _BASE.findall(call.arguments)))
        else:
            content = _bytes(_STRING.search(call.arguments)[1])  # type: ignore[index]
        content = content[: call.result]
        if call.name == "pwrite64":
            offset = int(call.arguments.rpartition(",")[2])
        else:
            standing = self._offsets[descriptor]
            offset = self._sizes[number] if standing is None else standing
            self._offsets[descriptor] = None if standing is None else offset + len(content)
        self._sizes[number] = max(self._sizes[number], offset + len(content))
        yield Write(number, offset, content)

    def _synced(self, call: Call, began: int) -> Iterator[Operation]:
        path = self._path_of(call)
        if path in self._files:
            yield Sync(self._files[path], began)
        elif path is not None:
            yield SyncDirectory(path, began)

    def _file_of(self, call: Call) -> int | None:
        path = self._path_of(call)
        return None if path is None else self._files.get(path)

    def _path_of(self, call: Call) -> str | None:
        found = _DESCRIPTOR.match(call.arguments)
        return None if not found or found[3] else self._within(_text(found[2]))

    def _paths(self, call: Call) -> Iterator[str | None]:
        """The paths that a call names, relative ones below the directory that it names before."""
        for before, text in re.findall(r'(?:<([^>]*)>, )?"((?:\\x[0-9a-f]{2})*)"', call.arguments):
            yield self._within(normpath(join(_text(before) if before else self._root, _text(text))))

    def _within(self, text: str) -> str | None:
        """The path below the root; None outside, and for what SQLite shares in memory."""
        inside = text.startswith(f"{self._root}/") or text == self._root
        return text if inside and not text.endswith("-shm") else None


def _sent(call: Call) -> Iterator[Operation]:
    content = _bytes(_STRING.search(call.arguments)[1])  # type: ignore[index]
    if request := _REQUEST.match(content):
        yield Sent(request[1].decode())


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _text(text: str) -> str:
    return _bytes(text).decode() if text.startswith("\\x") else text
