"""A connection for one request, and the deadline that cuts it, whatever it waits for."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from eqcbatch.clock import Clock
from eqcbatch.eqc.one_answer import OneAnswer, says_more, speaks
from eqcbatch.eqc.watchdog import Watchdog

_SLICE_S = 0.5  # the longest wait at a stretch, between looks whether we were cut off

Sending = Callable[[Callable[[], None], Callable[[float], None]], None]
"""Sends by the first callable, once it is its turn; waits by the second, which raises if we are cut off."""


def at_once(transmit: Callable[[], None], _wait: Callable[[float], None]) -> None:
    """Send without waiting for anything."""
    transmit()


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
    """The end of one request's time, which begins anew when the request goes out."""

    def __init__(self, sending: Sending, watchdog: Watchdog[Deadline], clock: Clock) -> None:
        self.connection: _WatchedHTTP | None = None
        self.trouble: Trouble | None = None
        self._sending = sending
        self._watchdog = watchdog
        self._clock = clock

    def sending(self, transmit: Callable[[], None], wait: Callable[[float], None]) -> None:
        """Send when it is our turn; the time for the answer begins then."""
        self._sending(transmit, wait)
        self._watchdog.postpone(self)

    def wait(self, seconds: float) -> None:
        """Wait for a turn, which takes nothing from the request's time; raises Trouble if we are cut off."""
        until = self._clock.monotonic() + seconds
        while not self.trouble and (left_s := until - self._clock.monotonic()) > 0:
            self._watchdog.postpone(self, left_s)
            self._clock.sleep(min(left_s, _SLICE_S))
        if self.trouble:
            raise self.trouble

    def cut(self, trouble: Trouble) -> None:
        """End the request now: whoever waits on its socket is woken."""
        self.trouble = self.trouble or trouble
        sock = getattr(self.connection, "sock", None)
        if sock is not None and not self._is_being_wrapped(sock):
            with suppress(OSError):
                # The plain socket's shutdown: that of an SSL socket would pull the TLS state from
                # under the thread that reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def told(self) -> bool:
        """Close the connection, and say whether it brought more than one answer."""
        connection = self.connection
        if connection is None:
            return False
        sock, answer = connection.sock, connection.answer
        try:
            return (answer is not None and answer.told) or (sock is not None and says_more(sock))
        finally:
            connection.close()

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

    def _one_answer(self, *args: Any, **kwargs: Any) -> OneAnswer:
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
        if self.answer is not None:
            self.close()  # it carried a request already
        _watched.deadline.connection = self
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self._connecting:  # to a proxy, which is to dig a tunnel
            super().send(data)
            return
        if self.sock is None:
            self.connect()  # else http.client does so behind our back
        deadline: Deadline = _watched.deadline
        deadline.sending(lambda: self._transmit(data), deadline.wait)

    def _transmit(self, data: Any) -> None:
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
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}
        return manager
