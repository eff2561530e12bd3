"""A connection carries one request and believes one answer: it belongs to what was asked (P10).

Nothing in an answer of EQC repeats the question. The proof that it belongs to it is the connection: it is
made for this request, nothing was said on it before, interim answers are passed over, and nothing follows
the answer. Where any of that does not hold the answer is not believed, and no connection is ever used a
second time.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
from contextlib import suppress
from http.client import BadStatusLine, HTTPResponse, LineTooLong
from typing import Any

MOST_INTERIM = 20  # 1xx answers before the final one
_LONGEST_LINE = 65_536
_LAST_WORD_S = 0.25  # for a server to hang up once it has answered
_MOST_BLANK = 16  # times that nothing but line ends comes behind an answer
_IDLE_TOO_LONG = re.compile(rb"HTTP/1\.[01] 408\b")  # as load balancers say before they hang up


class _SealedReader(io.RawIOBase):
    """The bytes that a socket brings; none any more once it is sealed."""

    def __init__(self, raw: Any) -> None:
        self.sealed = False
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        received: int | None = 0 if self.sealed else self._raw.readinto(buffer)
        return received

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reading:
    """A socket as `http.client` reads it: by one buffer, whose rest can be looked at."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.raw: _SealedReader | None = None

    def makefile(self, _mode: str) -> io.BufferedReader:
        self.raw = _SealedReader(self.sock.makefile("rb", buffering=0))
        return io.BufferedReader(self.raw)


class OneAnswer(HTTPResponse):
    """The final answer on a connection. told: whether anything was said beyond it, as far as was received."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        self.told = False
        self._reading = _Reading(sock)
        super().__init__(self._reading, *args, **kwargs)  # type: ignore[arg-type]  # it only makes a file of it

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status of the final answer; interim ones (102, 103 and their like) say nothing."""
        for _ in range(MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status < 102 or status > 199:  # 100 is http.client's own business, and 101 is final
                return version, status, reason
            self._skip_headers()
        raise BadStatusLine("interim answers without end")

    def _skip_headers(self) -> None:
        for _ in range(100):
            line = self.fp.readline(_LONGEST_LINE + 1)
            if len(line) > _LONGEST_LINE:
                raise LineTooLong("header line")
            if line in (b"\r\n", b"\n", b""):
                return
        raise BadStatusLine("an interim answer with headers without end")

    def _close_conn(self) -> None:
        """Look at what is behind the answer, now that all of it was read."""
        if self._reading.raw is not None and not self.fp.closed:
            self._reading.raw.sealed = True
            self.told = bool(self.fp.peek(1).strip(b"\r\n")) or says_more(self._reading.sock)
        super()._close_conn()  # type: ignore[misc]


def says_more(sock: socket.socket) -> bool:
    """Say whether more comes from a server that is told that nothing more is asked.

    A server that answered our question hangs up then. One that had answered before it was asked answers now.
    Line ends behind an answer say nothing, save where there is no end of them.
    """
    with suppress(OSError):  # it hung up already
        shut(sock, socket.SHUT_WR)
    try:
        sock.settimeout(_LAST_WORD_S)
        for _ in range(_MOST_BLANK):
            # Of a connection within a tunnel that was cut short, urllib3 gives 0 in place of nothing.
            received = sock.recv(_LONGEST_LINE) or b""
            if word := received.strip(b"\r\n"):
                return not _IDLE_TOO_LONG.match(word)
            if not received:
                return False
        return True
    except OSError:  # it neither says anything nor hangs up, or does so the hard way
        return False


def shut(sock: Any, how: int) -> None:
    """Shut a socket by the plain one under it: TLS would pull its state from under the thread that reads.

    Behind a proxy that speaks TLS itself, urllib3 has a socket of its own around the plain one.
    """
    socket.socket.shutdown(getattr(sock, "socket", sock), how)


def speaks(sock: socket.socket) -> bool:
    """Say whether something came that nobody asked for; the rest is not to be read any more."""
    timeout = sock.gettimeout()
    try:
        sock.settimeout(0)
        return bool(sock.recv(1))
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLEOFError, ConnectionError):
        return False  # nothing there, or nothing more to come: whoever reads or sends next will tell
    finally:
        sock.settimeout(timeout)
