"""EQC's sockets: what urllib3 and http.client read and write, in virtual time.

The product's own transport, its watchdog and its reading of answers run on these as they are.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from unittest.mock import patch

from urllib3.exceptions import NewConnectionError

from eqcbatch.eqc import deadline, one_answer
from simulated.scheduler import Scheduler

FOREVER_S = 1e7


@dataclass(frozen=True, slots=True)
class Packet:
    """What comes over a connection after so many seconds: bytes, none at its end, or a reset."""

    after_s: float
    content: bytes = b""
    reset: bool = False


class Server(Protocol):
    """Who is connected to."""

    def accept(self, connection: Connection) -> list[Packet]:
        """What it says before it is asked; OSError if it does not take the connection."""

    def answer(self, connection: Connection, request: bytes) -> list[Packet]:
        """What it says to a request, the first byte of which comes now."""

    def took(self, connection: Connection) -> None:
        """Hear that the client has read all that came."""


class Connection:
    """A socket of the client. Only what urllib3 and http.client use of one."""

    def __init__(self, scheduler: Scheduler, server: Server) -> None:
        self.asked: Any = None
        self._scheduler = scheduler
        self._server = server
        self._packets: deque[tuple[float, Packet]] = deque()
        self._timeout: float | None = None
        self._shut = self._closed = False
        self._readers = 0
        self._rest = b""
        self._queue(server.accept(self))

    def settimeout(self, timeout: float | None) -> None:
        """For how long `recv` waits."""
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        """The same."""
        return self._timeout

    def sendall(self, data: bytes) -> None:
        """Send a request, whole."""
        if self._shut:
            raise BrokenPipeError(32, "Broken pipe")
        self._queue(self._server.answer(self, bytes(data)))

    def recv(self, size: int) -> bytes:
        """Wait for bytes; none at the end."""
        if not self._rest:
            self._rest = self._next_packet()
        found, self._rest = self._rest[:size], self._rest[size:]
        if not (self._rest or self._packets):
            self._server.took(self)
        return found

    def makefile(self, _mode: str, buffering: int = 0) -> io.RawIOBase:
        """A file to read from."""
        self._readers += 1
        return _Reader(self)

    def setsockopt(self, *_option: Any) -> None:
        """Nothing to be set."""

    def shut(self) -> None:
        """No more is sent or received; whoever waits is woken."""
        self._shut = True

    def close(self) -> None:
        """The same, once no file reads from it any more."""
        self._closed = True
        self._shut = self._shut or not self._readers

    def leave(self) -> None:
        """Know that a file does not read any more."""
        self._readers -= 1
        self._shut = self._shut or (self._closed and not self._readers)

    def _queue(self, packets: list[Packet]) -> None:
        moment = self._scheduler.now
        for packet in packets:
            moment += packet.after_s
            self._packets.append((moment, packet))
            self._scheduler.at(moment)

    def _ready(self, _seconds: float) -> bool:
        return self._shut or bool(self._packets and self._packets[0][0] <= self._scheduler.now)

    def _next_packet(self) -> bytes:
        timeout = FOREVER_S if self._timeout is None else self._timeout
        if timeout == 0 and not self._ready(0.0):
            raise BlockingIOError(11, "Resource temporarily unavailable")
        if not self._scheduler.wait(self._ready, timeout):
            raise TimeoutError("timed out")
        if self._shut or not self._packets:
            return b""
        packet = self._packets.popleft()[1]
        if packet.reset:
            raise ConnectionResetError(104, "Connection reset by peer")
        return packet.content


class _Reader(io.RawIOBase):
    """The bytes that a connection brings, as a file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._connection.recv(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        if not self.closed:
            self._connection.leave()
        super().close()


@contextmanager
def connected_to(scheduler: Scheduler, server: Callable[[], Server]) -> Iterator[None]:
    """Let the product's connections lead to a server of the simulated world."""

    def connect(watched: Any) -> Connection:
        try:
            return Connection(scheduler, server())
        except OSError as error:
            raise NewConnectionError(watched, str(error)) from error

    def shut(sock: Connection, how: int) -> None:
        if how != 1:  # a client that only says that it asks no more still reads
            sock.shut()

    with (
        patch.object(deadline._WatchedHTTP, "_new_conn", connect),
        patch.object(deadline, "shut", shut),
        patch.object(one_answer, "shut", shut),
    ):
        yield
