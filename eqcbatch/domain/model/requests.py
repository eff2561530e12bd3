"""What EQC is asked, and what a request comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eqcbatch.domain.model.str_enum import StrEnum


class Endpoint(StrEnum):
    """EQC's endpoints (DOMAIN section 2), as the ledger's `requests.endpoint` has them."""

    SEARCH = "search"
    FIND_DEPART = "findDepart"
    FIND_LABELS = "findLabels"
    SEARCH_ALL = "searchAll"


class Outcome(StrEnum):
    """What became of one booked HTTP request."""

    IN_FLIGHT = "in_flight"  # booked, not settled
    ANSWERED = "answered"  # a usable answer with content
    NOT_FOUND = "not_found"  # a usable answer without content
    AUTH = "auth"  # the token is not accepted
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    NETWORK = "network"
    BAD_RESPONSE = "bad_response"
    REFUSED = "refused"  # 403, or {"error": ...}
    UNKNOWN = "unknown"  # in flight when its session died

    @property
    def usable(self) -> bool:
        """Whether EQC said something about the name (and the answer is archived)."""
        return self in (Outcome.ANSWERED, Outcome.NOT_FOUND)

    @property
    def transient(self) -> bool:
        """Whether the same request may fare better a moment later."""
        return self in (
            Outcome.SERVER_ERROR,
            Outcome.TIMEOUT,
            Outcome.NETWORK,
            Outcome.BAD_RESPONSE,
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What EQC is asked, and of which name or company, if any."""

    endpoint: Endpoint
    parameter: str
    lookup_key: str | None = None
    company_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one HTTP request to EQC came to.

    elapsed_s: seconds from sending to the last byte. content: the decoded JSON object of a usable
    answer. retry_after_s: how long EQC wants to be left alone, where it says so. detail: one phrase
    for people. archived_at: when the answer was archived (UTC ISO-8601), for usable answers only.
    clock_ahead_s: how far our clock is ahead of EQC's, None where the answer has no date.
    """

    outcome: Outcome
    http_status: int | None = None
    elapsed_s: float = 0.0
    content: Mapping[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None
    detail: str = ""
    archived_at: str | None = None
    clock_ahead_s: float | None = None

    @property
    def blocked(self) -> bool:
        """Whether EQC shuts us out as a whole, not this one request."""
        return self.http_status == 403
