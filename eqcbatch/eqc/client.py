"""Asking EQC: one call sends one HTTP request, archives a usable answer, and says what it came to.

Booking, pacing, budget and retries are the caller's: nothing here sends twice or waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import backoff
from urllib3.util import SKIP_HEADER

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.model import Endpoint, Outcome, Question, Reply
from eqcbatch.eqc.archive import Archive, ArchivedAnswer
from eqcbatch.eqc.asides import Asides
from eqcbatch.eqc.deadline import (
    Aborted,
    Disconnected,
    Doubtful,
    LostTurn,
    Oversized,
    Sending,
    TimedOut,
    Trouble,
    at_once,
)
from eqcbatch.eqc.responses import read_answer
from eqcbatch.eqc.token import TokenSource, never
from eqcbatch.eqc.transport import Transport
from eqcbatch.errors import BadInput
from eqcbatch.settings import Timeouts

_PATHS = {
    Endpoint.SEARCH: ("/kg-api-hfd/api/search/", "key"),
    Endpoint.FIND_DEPART: ("/kg-api-hfd/api/search/findDepart", "targetId"),
    Endpoint.FIND_LABELS: ("/kg-api-hfd/api/search/findLabels", "targetId"),
    Endpoint.SEARCH_ALL: ("/kg-api-hfd/api/search/searchAll", "keyword"),
}
_NO_OTHER_HEADERS = {
    "User-Agent": SKIP_HEADER,
    "Accept-Encoding": SKIP_HEADER,
    "Accept": None,
    "Connection": None,
}
LIGHT_QUESTION = Question(Endpoint.SEARCH_ALL, "中国平安")  # whether EQC is there and takes the token
_TROUBLES = {
    TimedOut: Outcome.TIMEOUT,
    Disconnected: Outcome.NETWORK,
    Oversized: Outcome.BAD_RESPONSE,
    Doubtful: Outcome.BAD_RESPONSE,
    Aborted: Outcome.UNKNOWN,
    LostTurn: Outcome.UNKNOWN,
}


class Eqc:
    """EQC at one base URL. Threads may share it.

    archive: where usable answers are kept; None keeps none (for a token check).
    """

    def __init__(
        self,
        base_url: str,
        token: TokenSource,
        archive: Archive | None,
        timeouts: Timeouts | None = None,
        ca_bundle: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._base_url = _checked_url(base_url)
        self._token = token
        self._archive = archive
        self._transport = Transport(timeouts or Timeouts(), ca_bundle, clock)
        self._clock = clock
        self._bare_headers = False
        self._asides = Asides()

    def __enter__(self) -> Eqc:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transport.close()

    def ask(
        self,
        endpoint: Endpoint,
        parameter: str,
        *,
        keep: bool = True,
        sending: Sending = at_once,
    ) -> Reply:
        """Send one request; `keep` archives a usable answer (never one of searchAll).

        sending: called once there is a connection, to send the request when it is its turn.
        TokenUnusable without a token, ArchiveUnusable if the answer cannot be kept.
        """
        path, parameter_name = _PATHS[endpoint]
        params = {parameter_name: parameter}
        if endpoint is Endpoint.SEARCH_ALL:
            params |= {"currentPage": "1", "pageSize": "1"}
        started = self._clock.monotonic()
        try:
            raw = self._transport.get(self._base_url + path, params, self._headers(), sending)
        except Trouble as trouble:
            outcome = _TROUBLES[type(trouble)]
            return Reply(outcome, elapsed_s=self._clock.monotonic() - started, detail=str(trouble))
        elapsed_s = raw.ended - started
        now = self._clock.now()
        reply = read_answer(
            endpoint, raw.status, raw.headers, raw.body, elapsed_s, now, self._asides, parameter
        )
        if not (keep and reply.outcome.usable and self._archive) or endpoint is Endpoint.SEARCH_ALL:
            return reply
        url = self.place + path
        kept = self._archive.keep(endpoint, parameter, url, raw.status, raw.body)
        return _archived(reply, kept)

    def archived(self, endpoint: Endpoint, parameter: str) -> Reply | None:
        """The usable answer to this question that is archived already; None without one."""
        kept = self._archive.find(endpoint, parameter) if self._archive else None
        if kept is None:
            return None
        now = self._clock.now()
        reply = read_answer(endpoint, kept.status, {}, kept.body, 0.0, now, asked=parameter)
        return _archived(reply, kept) if reply.outcome.usable else None

    def supersede(self, endpoint: Endpoint, *parameters: str) -> None:
        """Forget the archived answers to these questions, so that they are asked anew."""
        if self._archive:
            self._archive.supersede(endpoint, *parameters)

    @property
    def place(self) -> str:
        """The base URL, without credentials."""
        return _without_credentials(self._base_url)

    @property
    def bare_headers(self) -> bool:
        """Whether only the token header is sent."""
        return self._bare_headers

    def use_bare_headers(self) -> None:
        """Send the token header alone from now on: some gateways answer 403 to more."""
        self._bare_headers = True

    @property
    def token_renewable(self) -> bool:
        """Whether a fresh token can be had without a person."""
        return self._token.renewable

    def renew_token(self, given_up: Callable[[], bool] = never) -> None:
        """Get a fresh token; TokenUnusable if none comes, or once it is given up."""
        self._token.renew(given_up)

    def require_token(self, given_up: Callable[[], bool] = never) -> None:
        """TokenUnusable if there is no token to send, or once it is given up."""
        self._token.require(given_up)

    def abort(self) -> None:
        """Cut every request in flight."""
        self._transport.abort()

    def _headers(self) -> dict[str, str | None]:
        headers: dict[str, str | None] = {"token": self._token.token}
        if self._bare_headers:
            return headers | _NO_OTHER_HEADERS
        return headers | {"Referer": self.place + "/", "Accept": "application/json", "Connection": "close"}


def retry_delays(retries: int) -> Iterator[float]:
    """Seconds before each of the retries of one request: exponential, with full jitter."""
    waits = cast(Iterator[float], backoff.expo(base=2, factor=1, max_value=30))
    next(waits)  # backoff's generators start with a bare yield
    for _ in range(retries):
        yield backoff.full_jitter(next(waits))


def _archived(reply: Reply, kept: ArchivedAnswer) -> Reply:
    return replace(reply, archived_at=kept.archived_at, answer_sha256=kept.sha256)


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        whole = whole and not (parts.query or parts.fragment)
    except ValueError:
        whole = False
    if not whole:
        shown = re.sub("[?#].*", "", re.sub("//.*@", "//***@", base_url))
        raise BadInput(f"{shown!r} is no URL of EQC. Write it like https://eqc.pingan.com.")
    return base_url.rstrip("/")


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
