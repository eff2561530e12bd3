"""What a request gets: every request is seen once, in order, and its answer decided."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs

from eqcbatch.clock import UTC, Clock
from eqcbatch.domain.model import Endpoint
from eqcbatch.simulate import chance, wire
from eqcbatch.simulate.faults import (
    Fault,
    expired,
    not_found,
    spoil,
    too_many,
    unauthorized,
)
from eqcbatch.simulate.generated_registry import GeneratedRegistry
from eqcbatch.simulate.registry import Registry
from eqcbatch.simulate.request_log import RequestLog, RequestSeen, Totals, count
from eqcbatch.simulate.simulator_options import LOGIN_PATH, SimulatorOptions
from eqcbatch.simulate.sliding_window import SlidingWindow, retry_after
from eqcbatch.simulate.token_gate import TokenGate, TokenState
from eqcbatch.simulate.wire import Answer, as_json, as_page

ROOT = "/kg-api-hfd/api/search"
ENDPOINTS = {
    ROOT: (Endpoint.SEARCH, "key"),
    f"{ROOT}/findDepart": (Endpoint.FIND_DEPART, "targetId"),
    f"{ROOT}/findLabels": (Endpoint.FIND_LABELS, "targetId"),
    f"{ROOT}/searchAll": (Endpoint.SEARCH_ALL, "keyword"),
}


class Headers(Protocol):
    """The headers of a request, looked up without regard to case."""

    def get(self, name: str, /) -> str | None:
        """Find the value of a header."""

    def __iter__(self) -> Iterator[str]:
        """Name all headers."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks. endpoint: None for a path that EQC does not have."""

    method: str
    path: str
    endpoint: Endpoint | None
    parameter: str | None
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a request gets. prompt: without latency. answered: it is what EQC knows."""

    answer: Answer
    fault: Fault | None = None
    prompt: bool = False
    answered: bool = False


class Responder:
    """Decides about requests one after the other, and keeps the record of them."""

    def __init__(self, options: SimulatorOptions, clock: Clock) -> None:
        scale = options.time_scale
        requests, window_s = options.rate or (0, 60.0)
        self._options = options
        self._clock = clock
        self._registry: Registry = options.registry or GeneratedRegistry(options.seed)
        self._window_s = window_s / scale
        self._window = SlidingWindow(requests, self._window_s) if options.rate else None
        self._log = RequestLog(options.request_log)
        self._lock = threading.Lock()
        self._seen: list[RequestSeen] = []
        self._in_flight = 0
        self._most_in_flight = 0
        self.gate = TokenGate(options.token, options.token_file, options.token_idle_s / scale)

    @property
    def seen(self) -> list[RequestSeen]:
        """All requests so far, in order of arrival."""
        with self._lock:
            return list(self._seen)

    @property
    def totals(self) -> Totals:
        """All requests so far, counted."""
        with self._lock:
            most = self._window.most if self._window else 0
            return count(self._seen, most, self._most_in_flight)

    def receive(self, method: str, target: str, headers: Headers) -> tuple[Answer, float]:
        """Note a request and decide its answer, and after how many seconds that is to be sent."""
        with self._lock:
            at = self._clock.monotonic()
            serial = len(self._seen) + 1
            over = self._window.arrive(at) if self._window else False
            token = headers.get("token")
            state = self.gate.judge(token, at)
            question = read_question(method, target)
            decision = self._decide(question, serial, at, over, state)
            if token and decision.answered:
                self.gate.keep_alive(token, at)
            latency_s = 0.0 if decision.prompt else self._latency_s(serial)
            silent = decision.answer.delivery in (wire.Delivery.STALL, wire.Delivery.RESET)
            visit = RequestSeen(
                serial=serial,
                at=at,
                wall_time=_utc(self._clock.now()),
                method=method,
                endpoint=question.endpoint.value if question.endpoint else question.path,
                parameter=question.parameter,
                headers=tuple(name.lower() for name in headers),
                token_ok=state is TokenState.GOOD,
                status=None if silent else decision.answer.status,
                fault=decision.fault.value if decision.fault else None,
                latency_s=latency_s,
                violation=over,
                answered=decision.answered,
            )
            self._note(visit)
            return decision.answer, latency_s

    def leave(self) -> None:
        """Note that a request is about to have its whole answer, or will never have one."""
        with self._lock:
            self._in_flight -= 1

    def _note(self, visit: RequestSeen) -> None:
        self._seen.append(visit)
        self._log.write(visit)
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)

    def _decide(self, question: Question, serial: int, at: float, over: bool, state: TokenState) -> Decision:
        """Decide in EQC's order: door, limit, fault of the day, token, answer."""
        if question.method != "GET":
            error = as_json({"error": "MethodNotAllowed"}, 405, {"Allow": "GET"})
            return Decision(error, prompt=True)
        if over and self._options.enforce_rate:
            return Decision(too_many(self._come_back(at)), prompt=True)
        if question.endpoint is None:
            page = as_page(wire.LOGIN_PAGE) if question.path == LOGIN_PATH else not_found()
            return Decision(page, prompt=True)
        fault = self._options.faults.strike(serial)
        if fault is not None:
            return Decision(self._spoiled(question, fault, serial, at), fault)
        if state is not TokenState.GOOD:
            return Decision(expired() if state is TokenState.DEAD else unauthorized(), prompt=True)
        if not question.parameter:
            return Decision(as_json({"error": "ParameterMissing"}))
        return Decision(self._look_up(question.endpoint, question), answered=True)

    def _spoiled(self, question: Question, fault: Fault, serial: int, at: float) -> Answer:
        endpoint = question.endpoint or Endpoint.SEARCH
        right = self._look_up(endpoint, question)
        return spoil(right, fault, serial, wait=self._come_back(at), login=self._options.redirect_to)

    def _look_up(self, endpoint: Endpoint, question: Question) -> Answer:
        """Answer with what EQC knows."""
        asked = question.parameter or ""
        if endpoint is Endpoint.SEARCH:
            return as_json(wire.search(self._registry.search(asked), asked))
        if endpoint is Endpoint.SEARCH_ALL:
            offers = self._registry.search(asked)
            return as_json(wire.search_all(offers, question.page, question.size))
        company = self._registry.company(asked)
        if company is None:
            return _no_such_company(endpoint, asked)
        details = wire.business_info if endpoint is Endpoint.FIND_DEPART else wire.labels
        return as_json(details(company))

    def _come_back(self, at: float) -> Mapping[str, str]:
        wait_s = self._window.wait_s(at) if self._window else 0.0
        return retry_after(wait_s or self._window_s, self._options.retry_after, self._clock)

    def _latency_s(self, serial: int) -> float:
        least, most = self._options.latency
        if self._options.latency_of is not None:
            return self._options.latency_of(serial) / self._options.time_scale
        drawn = least + (most - least) * chance.fraction(self._options.seed, "latency", serial)
        return drawn / self._options.time_scale


def read_question(method: str, target: str) -> Question:
    """Read a request's target; its text is percent-encoded UTF-8."""
    path, _, query = target.partition("?")
    endpoint, name = ENDPOINTS.get(path.rstrip("/"), (None, ""))
    values = parse_qs(query)
    first = {key: found[0] for key, found in values.items()}
    return Question(
        method=method,
        path=path,
        endpoint=endpoint,
        parameter=first.get(name),
        page=_count(first.get("currentPage", "")),
        size=_count(first.get("pageSize", "")),
    )


def _count(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() else 1


def _no_such_company(endpoint: Endpoint, company_id: str) -> Answer:
    """Say that there is no such company: for half of the ids with 404, else with nothing."""
    if chance.number("nobody", company_id) % 2:
        return not_found()
    return as_json({"businessInfodto": {}} if endpoint is Endpoint.FIND_DEPART else {"labels": []})


def _utc(moment: datetime) -> str:
    """Write a moment as ISO-8601 text with milliseconds, such as `2026-11-23T04:05:06.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
