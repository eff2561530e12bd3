"""The HTTP server of the simulated EQC: HTTP/1.1 on loopback, one thread a connection."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.errors import BadInput
from eqcbatch.simulate import chance
from eqcbatch.simulate.request_log import RequestSeen, Totals
from eqcbatch.simulate.responder import Responder
from eqcbatch.simulate.simulator_options import SimulatorOptions
from eqcbatch.simulate.wire import Answer, Delivery

STEP_S = 0.005
LONGEST_BODY = 1 << 20


class Simulator:
    """A local EQC, running between `start` and `stop` or inside a `with` block.

    It may be started again after a stop (an outage with refused connections): it keeps its port,
    its record, its token and its companies. clock: rate limit, token life and
    latency hang on it; drips and stalls take real seconds.
    """

    def __init__(
        self,
        options: SimulatorOptions | None = None,
        *,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._options = options or SimulatorOptions()
        self._clock = clock
        self._responder = Responder(self._options, clock)
        self._port = self._options.port
        self._listener: _Listener | None = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:<port>`; the port is known once it was started."""
        return f"http://{self._options.host}:{self._port}"

    @property
    def requests(self) -> list[RequestSeen]:
        """All requests so far, in order of arrival, those being answered included."""
        return self._responder.seen

    @property
    def totals(self) -> Totals:
        """All requests so far, counted."""
        return self._responder.totals

    def set_token(self, token: str | None) -> None:
        """Accept this token from now on (None: any), with a fresh life; forget a token file."""
        self._responder.gate.accept(token)

    def start(self) -> Simulator:
        """Listen, and answer in threads of its own. Raises BadInput where it cannot listen."""
        try:
            listener = _Listener(
                (self._options.host, self._port), self._responder, self._options, self._clock
            )
        except OSError as error:
            where = f"{self._options.host}:{self._port}"
            raise BadInput(f"The simulator cannot listen on {where}: {error}") from error
        self._port = listener.server_port
        self._listener = listener
        listener.open()
        return self

    def stop(self) -> None:
        """Cut all connections and let go of the port; nothing happens where it does not run."""
        if self._listener is not None:
            self._listener.cut()
            self._listener = None


class _Listener(ThreadingHTTPServer):
    """Accepts connections, and knows the open ones so that it can end them."""

    allow_reuse_address = os.name != "nt"  # on Windows it would share the port
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], responder: Responder, options: SimulatorOptions, clock: Clock
    ) -> None:
        self.responder = responder
        self.options = options
        self.clock = clock
        self.stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server for our own name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])

    def open(self) -> None:
        """Serve in a thread of its own."""
        self._acceptor = threading.Thread(target=self.serve_forever, args=(STEP_S,), daemon=True)
        self._acceptor.start()

    def cut(self) -> None:
        """Accept nothing more, end all connections, and wait until their threads are gone."""
        self.shutdown()
        self._acceptor.join()
        self.stopping.set()
        for connection, thread in list(self._open.items()):
            _end(connection)
            thread.join()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; without a farewell first, or a reset could not be simulated."""
        self.close_request(request)
        self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that left."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Carries requests to the responder and answers back, for one connection."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer one request."""
        responder, stopping = self.server.responder, self.server.stopping
        answer, latency_s = responder.receive(self.command, self.path, self.headers)
        try:
            if latency_s:
                self.server.clock.wait(stopping.wait, latency_s)
            rest = b"" if stopping.is_set() else self._all_but_rest(answer)
        finally:
            responder.leave()
        if rest:
            self.wfile.write(rest)
        else:
            self.close_connection = True

    def do_POST(self) -> None:
        """Refuse what is no GET, after its body has been read."""
        length = self.headers.get("Content-Length") or ""
        self.rfile.read(min(int(length), LONGEST_BODY) if length.isdecimal() else 0)
        self.close_connection = True
        self.do_GET()

    do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal clean: the request log tells more."""

    def _all_but_rest(self, answer: Answer) -> bytes:
        """Deliver what is to go ahead, and return what remains to be sent, b"" to hang up."""
        whole = self._head(answer) + (b"" if self.command == "HEAD" else answer.body)
        if answer.claimed_length is not None:
            self.close_connection = True
        if answer.delivery is Delivery.WHOLE:
            return whole
        if answer.delivery is Delivery.DRIP:
            return self._drip(whole, len(answer.body))
        if answer.delivery is Delivery.STALL:
            self._await_leaving()
        else:
            hard = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
        return b""

    def _head(self, answer: Answer) -> bytes:
        length = len(answer.body) if answer.claimed_length is None else answer.claimed_length
        cookie = f"EQCSESSION={chance.number('cookie', self.client_address):x}; Path=/; HttpOnly"
        headers = {
            "Date": formatdate(usegmt=True),
            "Content-Type": answer.content_type,
            "Content-Length": str(length),
            "Set-Cookie": cookie,
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _drip(self, whole: bytes, slow: int) -> bytes:
        """Send the head, then the body byte by byte; the last one is returned."""
        options, start = self.server.options, len(whole) - slow
        end = SYSTEM_CLOCK.monotonic() + options.stall_s
        self.wfile.write(whole[:start])
        for at in range(start, len(whole) - 1):
            if self.server.stopping.wait(options.drip_s) or SYSTEM_CLOCK.monotonic() > end:
                return b""
            self.wfile.write(whole[at : at + 1])
        return whole[-1:]

    def _await_leaving(self) -> None:
        """Wait until the client hangs up, at most `stall_s` seconds."""
        end = SYSTEM_CLOCK.monotonic() + self.server.options.stall_s
        self.connection.settimeout(STEP_S)
        while SYSTEM_CLOCK.monotonic() < end and not self.server.stopping.is_set():
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    return
                self.server.stopping.wait(STEP_S)
            except TimeoutError:
                continue


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already
