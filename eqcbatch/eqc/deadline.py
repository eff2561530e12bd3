"""A connection for one request, and the deadline that cuts it, whatever it waits for."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from eqcbatch.eqc.one_answer import OneAnswer, shut, speaks

Sending = Callable[[Callable[[], None]], bool]
"""Sends the request by calling what it is given, if it is its turn; whether it did."""


def at_once(transmit: Callable[[], None]) -> bool:
    """Send, whosever turn it is."""
    transmit()
    return True


class Trouble(Exception):
    """A request brought no whole answer."""


class TimedOut(Trouble):
    """No connection, or no whole answer, in time."""


class Disconnected(Trouble):
    """The network failed: refused, reset, cut short, no such host, no trust in the certificate."""


class Aborted(Trouble):
    """We cut the request ourselves."""


class LostTurn(Trouble):
    """Nothing was sent: it was our turn no more, and the next one comes too late."""


class Doubtful(Trouble):
    """What came need not be the answer to what was asked: bytes came before or after it."""


class Oversized(Trouble):
    """The answer is larger than any answer of EQC."""


class Deadline:
    """The end of one request's time."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.connection: _WatchedHTTP | None = None
        self.trouble: Trouble | None = None

    def cut(self, trouble: Trouble) -> None:
        """End the request now: whoever waits on its socket is woken."""
        self.trouble = self.trouble or trouble
        sock = getattr(self.connection, "sock", None)
        if sock is not None and not self._is_being_wrapped(sock):
            with suppress(OSError):
                shut(sock, socket.SHUT_RDWR)

    def told(self) -> bool:
        """Close the connection, and say whether it brought more than one answer."""
        connection = self.connection
        if connection is None:
            return False
        connection.close()
        return connection.answer is not None and connection.answer.told

    def _is_being_wrapped(self, sock: socket.socket) -> bool:
        """Whether a TLS socket is being made of this one: shut now, Python would leave that open for ever.

        The time to connect bounds the handshake; then `trouble` ends the request.
        """
        connection = self.connection
        tunnels = getattr(connection, "_tunnel_host", None) is not None
        return isinstance(connection, _WatchedHTTPS) and not isinstance(sock, ssl.SSLSocket) and not tunnels


_watched = threading.local()


def watched_by(deadline: Deadline) -> Deadline:
    """Let the connections of this thread be cut by a deadline, from here to the next one."""
    _watched.deadline = deadline
    return deadline


class _WatchedHTTP(HTTPConnection):
    """A connection for one request. answer: the one that was believed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answer: OneAnswer | None = None
        self.response_class = self._one_answer  # type: ignore[assignment]  # http.client only calls it
        self._connecting = False

    def _one_answer(self, *args: Any, **kwargs: Any) -> HTTPResponse:
        if self._connecting:  # a proxy says that the tunnel is dug
            return HTTPResponse(*args, **kwargs)
        self.answer = OneAnswer(*args, **kwargs)
        return self.answer

    def connect(self) -> None:
        deadline: Deadline = _watched.deadline
        deadline.connection = self
        self._connecting, self.answer = True, None
        try:
            super().connect()
        finally:
            self._connecting = False
        if deadline.trouble:  # it came before there was a socket to shut
            raise deadline.trouble

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.answer is not None and self.sock is not None:
            raise Disconnected(
                "a connection that carried a request already"
            )  # each of ours is closed behind it
        _watched.deadline.connection = self
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self._connecting:  # to a proxy, which is to dig a tunnel
            super().send(data)
            return
        if self.sock is None:
            self.connect()  # else http.client does so behind our back
        deadline: Deadline = _watched.deadline
        if not deadline.sending(lambda: self._transmit(data, deadline)):
            raise LostTurn("its turn was over before there was a connection")

    def _transmit(self, data: Any, deadline: Deadline) -> None:
        if deadline.trouble:
            raise deadline.trouble
        if speaks(self.sock):
            raise Doubtful("an answer before the question")
        super().send(data)


class _WatchedHTTPS(_WatchedHTTP, HTTPSConnection):
    """The same over TLS."""

    def _tunnel(self) -> None:
        super()._tunnel()
        if _watched.deadline.trouble:  # a tunnel that was cut looks like one that is dug
            raise _watched.deadline.trouble


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


class WatchedAdapter(HTTPAdapter):
    """The adapter whose connections a deadline can cut."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _WatchedHTTPPool,
            "https": _WatchedHTTPSPool,
        }

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy.lower().startswith("socks"):
            # The connections below would go round it, straight to EQC.
            raise InvalidSchema("SOCKS")
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}
        return manager
