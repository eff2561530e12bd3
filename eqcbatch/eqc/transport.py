"""Sending one GET and reading all of its answer, within a deadline that no server can stretch.

requests' own timeout is per socket read: a server that drips a byte a second never meets it. Here a
watchdog shuts the request's socket when the deadline is over, whatever the request waits for.

Why: docs/decisions/0008 and docs/decisions/0016.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from eqcbatch.clock import Clock
from eqcbatch.eqc.deadline import (
    Aborted,
    Deadline,
    Disconnected,
    Doubtful,
    Oversized,
    Sending,
    TimedOut,
    WatchedAdapter,
    watched_by,
)
from eqcbatch.eqc.network_trouble import network_trouble
from eqcbatch.eqc.watchdog import Watchdog
from eqcbatch.settings import Timeouts

MAX_BODY_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An HTTP answer as it came. headers: case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ended: float


class _Session(requests.Session):
    """A session that follows no redirect, and asks no proxy for this very machine."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None  # else requests reads the redirect's body and its Location

    def merge_environment_settings(self, url: Any, *settings: Any) -> Any:
        host = urlsplit(url).hostname or ""
        self.trust_env = host != "localhost" and not host.startswith("127.") and host != "::1"
        return super().merge_environment_settings(url, *settings)


class Transport:
    """Sends GETs for any number of threads, each over a connection of its own."""

    def __init__(self, timeouts: Timeouts, ca_bundle: Path | None, clock: Clock) -> None:
        self._timeouts = timeouts
        self._clock = clock
        self._verify: bool | str = str(ca_bundle) if ca_bundle else True
        self._mine = threading.local()
        self._sessions: list[requests.Session] = []
        self._watchdog = Watchdog[Deadline](
            timeouts.total_s, lambda deadline: deadline.cut(self._timed_out()), clock
        )

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str | None],
        sending: Sending,
    ) -> RawAnswer:
        """Return the whole answer, a redirect as it is. Raises Trouble if there is none in time.

        headers: a None takes one of requests' own headers away. sending: called when all is connected, to
        send the request.
        """
        deadline = watched_by(Deadline(sending))
        with self._watchdog.watching(deadline):
            try:
                answer = self._fetch(url, params, headers)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                # requests lets through what urllib3 and http.client say of an answer that is no HTTP.
                if deadline.trouble:
                    raise deadline.trouble from None
                if isinstance(error, requests.Timeout) or "timed out" in str(error):
                    raise self._timed_out() from None
                raise Disconnected(network_trouble(error)) from None
            finally:
                told = deadline.told()
            if deadline.trouble:
                raise deadline.trouble
            if told:
                raise Doubtful("bytes behind the answer")
            return answer

    def abort(self) -> None:
        """Cut every request in flight."""
        for deadline in self._watchdog.watched:
            deadline.cut(Aborted("cut off by us"))

    def close(self) -> None:
        """Close all connections."""
        self._watchdog.close()
        for session in self._sessions:
            session.close()

    def _fetch(self, url: str, params: Mapping[str, str], headers: Mapping[str, str | None]) -> RawAnswer:
        # Never follow a redirect: it would carry the token header to another host.
        with self._session().get(
            url,
            params=params,
            headers=headers,
            timeout=(min(self._timeouts.connect_s, self._timeouts.total_s), self._timeouts.total_s),
            allow_redirects=False,
            stream=True,
            verify=self._verify,
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise Oversized(f"an answer of over {MAX_BODY_BYTES // 2**20} MiB")
            return RawAnswer(response.status_code, response.headers, bytes(body), self._clock.monotonic())

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._mine, "session", None)
        if session is None:
            session = _Session()
            session.mount("http://", WatchedAdapter())
            session.mount("https://", WatchedAdapter())
            session.auth = _no_netrc
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._mine.session = session
            self._sessions.append(session)
        return session

    def _timed_out(self) -> TimedOut:
        return TimedOut(f"no whole answer within {self._timeouts.total_s:g} s")


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials: with this in place requests does not look for a ~/.netrc."""
    return request
