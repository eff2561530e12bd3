"""What an answer of EQC means: pure functions over status, headers and body (docs/domain.md section 2).

The rule behind all of them: only a well-formed answer without an error says anything about a name.

Why: docs/decisions/0021.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from eqcbatch.domain.model import Candidate, Endpoint, Outcome, Reply
from eqcbatch.domain.names import MAX_ID_LENGTH, well_formed_id
from eqcbatch.eqc.asides import Asides
from eqcbatch.eqc.complaints import complaint, complaint_of_error, kind_in_json

_EXPECTED_KEY = {
    Endpoint.SEARCH: "list",
    Endpoint.SEARCH_ALL: "list",
    Endpoint.FIND_DEPART: "businessInfodto",
    Endpoint.FIND_LABELS: "labels",
}


def read_answer(
    endpoint: Endpoint,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    elapsed_s: float,
    now: datetime,
    asides: Asides | None = None,
    asked: str | None = None,
) -> Reply:
    """Judge one HTTP answer.

    headers: case-insensitive. body: as decoded by HTTP. now: when it was there (UTC). asides: what this
    server says beside matches, learned here; None does not doubt what stands beside no match. asked: the
    question's parameter, so that the details of another company are found out; None believes any. The
    reply's `content` is the answer's JSON object where it is usable, and empty otherwise.
    """
    if status == 200:
        reply = _read_ok(endpoint, headers, body, elapsed_s, asides, asked)
    else:
        outcome, detail = _judge_status(endpoint, status)
        retry_after = parse_retry_after(headers.get("Retry-After"), now)
        reply = Reply(outcome, status, elapsed_s, retry_after_s=retry_after, detail=detail)
    return replace(reply, clock_ahead_s=clock_ahead(headers.get("Date"), now, elapsed_s))


def _judge_status(endpoint: Endpoint, status: int) -> tuple[Outcome, str]:
    details = endpoint in (Endpoint.FIND_DEPART, Endpoint.FIND_LABELS)
    if status == 401:
        return Outcome.AUTH, "the token is not accepted (401)"
    if 300 <= status < 400:
        return Outcome.AUTH, f"redirected, as to a login page ({status})"
    if status == 403:
        return Outcome.REFUSED, "blocked (403)"
    if status == 404 and details:
        return Outcome.NOT_FOUND, "no such company (404)"
    if status == 407:
        return Outcome.NETWORK, "the proxy wants a login (407): http_proxy=http://USER:PASSWORD@HOST:PORT"
    if status == 429:
        return Outcome.RATE_LIMITED, "over the rate limit (429)"
    if status >= 500:
        return Outcome.SERVER_ERROR, f"server error ({status})"
    return Outcome.BAD_RESPONSE, f"HTTP {status}: wrong URL or broken API"


def _read_ok(
    endpoint: Endpoint,
    headers: Mapping[str, str],
    body: bytes,
    elapsed_s: float,
    asides: Asides | None,
    asked: str | None,
) -> Reply:
    if _is_page(headers, body):
        return Reply(Outcome.AUTH, 200, elapsed_s, detail="a web page instead of an answer, as to log in")
    try:
        content = json.loads(body, object_pairs_hook=_consistent)
    except (ValueError, RecursionError):
        return Reply(Outcome.BAD_RESPONSE, 200, elapsed_s, detail="no JSON, or one cut short or at odds")
    outcome, detail = _judge_content(endpoint, content, asked)
    if asides and outcome.usable:
        outcome, detail = _judge_asides(endpoint, content, asides, outcome, detail)
    return Reply(outcome, 200, elapsed_s, content if outcome.usable else {}, detail=detail)


def _consistent(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The JSON object of these pairs; ValueError where a key stands twice and says two things."""
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[key] != value for key, value in pairs):
        raise ValueError("an object that contradicts itself")
    return found


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    return "html" in headers.get("Content-Type", "").lower() or body.lstrip()[:1] == b"<"


def _judge_content(endpoint: Endpoint, content: Any, asked: str | None) -> tuple[Outcome, str]:
    if not isinstance(content, dict):
        return Outcome.BAD_RESPONSE, "JSON, but no object"
    if error := content.get("error"):
        return complaint_of_error(error)
    expected = _EXPECTED_KEY[endpoint]
    if complained := complaint(_beside(endpoint, content), empty=not content.get(expected)):
        return complained
    if expected not in content:
        if endpoint is Endpoint.FIND_DEPART and not content:
            return Outcome.NOT_FOUND, "no details"
        return Outcome.BAD_RESPONSE, f"an object without {expected!r}"
    return _judge_value(endpoint, content[expected], asked)


def _judge_asides(
    endpoint: Endpoint, content: dict[str, Any], asides: Asides, outcome: Outcome, detail: str
) -> tuple[Outcome, str]:
    """Doubt no match where something beside it may say why; beside a match it is learned."""
    beside = _beside(endpoint, content)
    if outcome is Outcome.ANSWERED:
        asides.learn(beside)
    elif strange := asides.strange(beside):
        return Outcome.BAD_RESPONSE, f"no match, but {', '.join(strange):.80} beside it may say why"
    return outcome, detail


def _beside(endpoint: Endpoint, content: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the field that was asked for."""
    return {name: value for name, value in content.items() if name != _EXPECTED_KEY[endpoint]}


def _judge_value(endpoint: Endpoint, value: Any, asked: str | None) -> tuple[Outcome, str]:
    if value is None or value in ([], {}):
        return Outcome.NOT_FOUND, "no match"
    if not isinstance(value, dict if endpoint is Endpoint.FIND_DEPART else list):
        return Outcome.BAD_RESPONSE, f"{_EXPECTED_KEY[endpoint]!r} is {kind_in_json(value)}"
    if endpoint is Endpoint.SEARCH:
        return _judge_items(value)
    if endpoint is Endpoint.FIND_DEPART and asked:
        return _judge_subject(value, asked)
    return Outcome.ANSWERED, "answered"


def _judge_subject(info: Any, asked: str) -> tuple[Outcome, str]:
    """Believe details that say whose they are of the company alone that was asked for."""
    told = company_id_of(info.get("companyId"))
    if told not in (None, asked):
        return Outcome.BAD_RESPONSE, f"the details of another company ({told})"
    return Outcome.ANSWERED, "answered"


def _judge_items(items: Any) -> tuple[Outcome, str]:
    candidates = tuple(_candidates(items))
    if not candidates:
        return Outcome.BAD_RESPONSE, "matches, but none with a company id"
    if any(len(found.company_id) > MAX_ID_LENGTH for found in candidates):
        return Outcome.BAD_RESPONSE, f"a company id of over {MAX_ID_LENGTH} characters"
    return Outcome.ANSWERED, f"{len(candidates)} candidates"


def read_candidates(content: Mapping[str, Any]) -> tuple[Candidate, ...]:
    """The companies that a usable search answer offers, best first; items without an id are left out."""
    return tuple(_candidates(content.get("list") or []))


def read_search_body(body: bytes) -> tuple[Candidate, ...]:
    """The same of the body of a usable answer, as the archive keeps it."""
    content = json.loads(body)
    return read_candidates(content) if isinstance(content, dict) else ()


def _candidates(items: list[Any]) -> Iterator[Candidate]:
    for rank, item in enumerate(items):
        if not isinstance(item, dict) or not (company_id := company_id_of(item.get("companyId"))):
            continue
        yield Candidate(
            rank,
            company_id,
            official_name=text_of(item.get("companyFullName")),
            match_type=text_of(item.get("type")),
            score=number_of(item.get("_score")),
            unite_code=text_of(item.get("unite_code")),
            registered_status=text_of(item.get("registeredStatus")) or text_of(item.get("registered_status")),
            former_names=tuple(split_names(item.get("company_former_name"))),
            short_name=text_of(item.get("company_short_name")),
        )


def company_id_of(value: Any) -> str | None:
    """The id as text; None for what is no id, such as `undefined`, `-1` or a formula."""
    return well_formed_id(text_of(value) if isinstance(value, str) else value)


def split_names(value: Any) -> Iterator[str]:
    """The names in a comma-separated text, the comma half- or full-width."""
    for name in re.split("[,，]", text_of(value) or ""):
        if name.strip():
            yield name.strip()


def text_of(value: Any) -> str | None:
    """A scalar as stripped text; None for nothing, a boolean, an array or an object.

    NUL and lone surrogates, which neither SQLite's tools nor Postgres take, become U+FFFD.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    return re.sub("[\0\ud800-\udfff]", "\ufffd", str(value)).strip() or None


def number_of(value: Any) -> float | None:
    """A number, also where it stands as text; None for anything else, infinities among it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e300 else None


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds or as an HTTP date; None without a usable one."""
    if value is None:
        return None
    if re.fullmatch("[0-9]{1,12}", value.strip()):
        return float(value.strip())
    moment = _moment_of(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def clock_ahead(date: str | None, now: datetime, elapsed_s: float) -> float | None:
    """Seconds that our clock is ahead of the server's by its Date header; None without a usable one.

    now: when the answer was there, by our clock. The header has whole seconds and was written some time
    in the `elapsed_s` before: what that explains is no difference.
    """
    moment = _moment_of(date) if date else None
    if moment is None:
        return None
    latest_s = (now - moment).total_seconds()
    earliest_s = latest_s - elapsed_s - 1
    return max(earliest_s, 0.0) + min(latest_s, 0.0)


def _moment_of(text: str) -> datetime | None:
    """The moment of an HTTP date, None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
