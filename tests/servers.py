"""Raw servers for the edges of a client: each says, byte for byte, what a test wants it to say."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

EMPTY_SEARCH = b'{"list":[]}'


class Conversation:
    """One connection, seen from the server. stopping: set when the server goes."""

    def __init__(self, connection: socket.socket, heard: list[str], stopping: threading.Event) -> None:
        self.connection = connection
        self.stopping = stopping
        self.heard = heard

    def hear(self) -> bool:
        """Read and note the head of one request; False when the client has left."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            received = self.connection.recv(1)
            if not received:
                return False
            head += received
        self.heard.append(head.decode("latin-1"))
        return True

    def say(self, *parts: bytes) -> None:
        """Send these bytes."""
        self.connection.sendall(b"".join(parts))

    def drip(self, text: bytes, every_s: float = 0.02) -> None:
        """Send these bytes one by one."""
        for at in range(len(text)):
            self.say(text[at : at + 1])
            if self.stopping.wait(every_s):
                return

    def be_silent(self) -> None:
        """Say nothing until the client leaves."""
        self.connection.recv(1)

    def reset(self) -> None:
        """Cut the connection the hard way."""
        hard = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)


Talk = Callable[[Conversation], None]


class RawServer(socketserver.ThreadingTCPServer):
    """A server on loopback, running inside its `with` block, that holds one conversation a connection.

    heard: the heads of all requests. connections: how many there were. tls: for HTTPS.
    """

    daemon_threads = True

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[str] = []
        self.connections = 0
        self.url = ""
        self._talk = talk
        self._tls = tls
        self._stopping = threading.Event()
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    def __enter__(self) -> RawServer:
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server_address[1]}"
        self._acceptor = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self._stopping.set()
        self.shutdown()
        self._acceptor.join()
        self.server_close()

    def _secured(self, request: socket.socket) -> socket.socket:
        """Return the connection as the conversation needs it.

        A client that reset it before it is wrapped would leave an SSL socket nobody can close (CPython).
        """
        if self._tls is None:
            return request
        request.recv(1, socket.MSG_PEEK)
        return self._tls.wrap_socket(request, server_side=True)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Hold the conversation; that the client leaves in its middle is no error."""
        self.connections += 1
        request.settimeout(10)
        with suppress(OSError), self._secured(request) as connection:
            self._talk(Conversation(connection, self.heard, self._stopping))


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole HTTP answer."""
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def answering(*answers: bytes) -> Talk:
    """Give these answers one after another, then the last one for ever, on connections kept alive."""
    left = list(answers)

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            conversation.say(left.pop(0) if len(left) > 1 else left[0])

    return talk


def header_of(head: str, name: str) -> str | None:
    """The value of a header in a request's head, None without it."""
    return headers_of(head).get(name.lower())


def headers_of(head: str) -> dict[str, str]:
    """The headers of a request's head, their names in lower case."""
    lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
    return {name.lower(): value for name, value in lines}
