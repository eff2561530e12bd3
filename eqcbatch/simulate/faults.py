"""What goes wrong with EQC (docs/domain.md section 2), when, and how it looks on the wire."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

from eqcbatch.domain.model import StrEnum
from eqcbatch.errors import BadInput
from eqcbatch.simulate import chance
from eqcbatch.simulate.wire import LOGIN_PAGE, Answer, Delivery, as_json, as_page


class Fault(StrEnum):
    """One way in which EQC fails to answer."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    TIMEOUT = "timeout"  # says nothing until the client leaves
    DRIP = "drip"  # the right answer, a byte every so often
    RESET = "reset"  # the connection is cut without an answer
    TRUNCATED = "truncated"  # cut JSON: odd requests promise the full length, even ones do not
    HTML = "html"  # 200 with a login page
    ERROR = "error"  # 200 {"error": "SomethingElse"}
    CODE_500 = "code500"  # 200 {"code": 500}
    EXPIRED = "expired"  # 200 {"error": "TokenExpired"}
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    TOO_MANY = "429"
    REDIRECT = "redirect"  # 302 to a login page
    NULL = "null"  # {"list": null}: a legal "no match"
    EMPTY = "empty"  # {"list": []} though EQC knows the name: a sick EQC


@dataclass(frozen=True, slots=True)
class Span:
    """Requests number `first` to `last` (from 1, both included; None: no end) get this fault."""

    kind: Fault
    first: int
    last: int | None = None

    def __contains__(self, serial: object) -> bool:
        return isinstance(serial, int) and self.first <= serial <= (self.last or serial)


@dataclass(frozen=True)
class Faults:
    """Which requests go wrong, and how.

    shares: the share 0..1 of all requests for each kind; together at most 1. Chance hangs on
    `seed` and the request's serial number, not on the name asked, so another try may succeed.
    after: the shares spare the first `after` requests. between: spans that go wrong for certain;
    the first that holds a request decides, before the shares.
    """

    shares: Mapping[Fault | str, float] = field(default_factory=dict)
    seed: int = 0
    after: int = 0
    between: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        shares = {_kind(str(kind)): share for kind, share in self.shares.items()}
        if min(shares.values(), default=0) < 0 or sum(shares.values()) > 1 + 1e-9:
            raise BadInput("The shares of faults must be 0 or more, and together at most 1.")
        object.__setattr__(self, "shares", shares)

    def strike(self, serial: int) -> Fault | None:
        """Decide what goes wrong with a request, None for nothing."""
        for span in self.between:
            if serial in span:
                return span.kind
        if serial <= self.after or not self.shares:
            return None
        bounds = list(accumulate(self.shares.values()))
        at = bisect_right(bounds, chance.fraction(self.seed, "fault", serial))
        return Fault(tuple(self.shares)[at]) if at < len(bounds) else None


def parse_fault(text: str) -> tuple[Fault, float]:
    """Read `KIND:SHARE`, as in `500:0.05` or `timeout:2%`. Raises BadInput."""
    kind, _, share = text.partition(":")
    try:
        value = float(share.rstrip("%")) / (100 if share.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadInput(f"`{text}` is no fault: write KIND:SHARE with a share of 0..1, as 500:0.05.")
    return _kind(kind), value


def parse_span(text: str) -> Span:
    """Read `KIND:FROM-TO`, as in `500:20-60` or `401:100-` (no end). Raises BadInput."""
    kind, _, numbers = text.partition(":")
    first, dash, last = numbers.partition("-")
    if not dash or not first.isdecimal() or not (last.isdecimal() or not last):
        raise BadInput(f"`{text}` is no span of faults: write KIND:FROM-TO, as 500:20-60 or 401:100-.")
    span = Span(_kind(kind), int(first), int(last) if last else None)
    if span.first < 1 or (span.last is not None and span.last < span.first):
        raise BadInput(f"`{text}` holds no request: they count from 1, and FROM is at most TO.")
    return span


def spoil(answer: Answer, fault: Fault, serial: int, *, wait: Mapping[str, str], login: str) -> Answer:
    """Turn the right answer into what a fault makes of it.

    wait: the Retry-After header of a 429. login: where a redirect leads.
    """
    if fault is Fault.TOO_MANY:
        return too_many(wait)
    if fault is Fault.REDIRECT:
        return Answer(302, b"", headers={"Location": login})
    if fault is Fault.TRUNCATED:
        return _cut(answer, serial)
    if fault in (Fault.NULL, Fault.EMPTY):
        return _emptied(answer, fault)
    if fault in DELIVERIES:
        return replace(answer, delivery=DELIVERIES[fault])
    return PLAIN[fault]()


def too_many(wait: Mapping[str, str]) -> Answer:
    """Answer 429."""
    return as_json({"error": "TooManyRequests"}, 429, wait)


def unauthorized() -> Answer:
    """Answer 401: the token is no good."""
    return as_json({"error": "Unauthorized"}, 401)


def expired() -> Answer:
    """Answer as EQC does when the token has died of idleness: with 200."""
    return as_json({"error": "TokenExpired"})


def not_found() -> Answer:
    """Answer 404."""
    return as_json({"error": "NotFound"}, 404)


DELIVERIES: Mapping[Fault, Delivery] = {
    Fault.TIMEOUT: Delivery.STALL,
    Fault.DRIP: Delivery.DRIP,
    Fault.RESET: Delivery.RESET,
}
PLAIN: Mapping[Fault, Callable[[], Answer]] = {
    Fault.SERVER_ERROR: lambda: as_json({"error": "InternalServerError"}, 500),
    Fault.UNAVAILABLE: lambda: as_json({"error": "ServiceUnavailable"}, 503),
    Fault.HTML: lambda: as_page(LOGIN_PAGE),
    Fault.ERROR: lambda: as_json({"error": "SomethingElse"}),
    Fault.CODE_500: lambda: as_json({"code": 500, "msg": "系统繁忙"}),
    Fault.EXPIRED: expired,
    Fault.UNAUTHORIZED: unauthorized,
    Fault.FORBIDDEN: lambda: as_json({"error": "Forbidden"}, 403),
    Fault.NOT_FOUND: not_found,
}


def _cut(answer: Answer, serial: int) -> Answer:
    """Lose the second half of an answer, on odd requests with the length of the whole."""
    half = answer.body[: len(answer.body) // 2]
    return replace(answer, body=half, claimed_length=len(answer.body) if serial % 2 else None)


def _emptied(answer: Answer, fault: Fault) -> Answer:
    """Empty the lists and objects of an answer, or put null in their place."""
    content = json.loads(answer.body)
    for name, value in content.items():
        if isinstance(value, (list, dict)):
            content[name] = None if fault is Fault.NULL else type(value)()
    return as_json(content, answer.status)


def _kind(text: str) -> Fault:
    try:
        return Fault(text)
    except ValueError:
        known = ", ".join(Fault)
        raise BadInput(f"`{text}` is no kind of fault. There are: {known}.") from None
