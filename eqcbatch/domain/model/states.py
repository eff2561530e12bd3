"""Where a name stands and why it failed, and why a session ended."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model.str_enum import StrEnum


class State(StrEnum):
    """Where a name stands in the ledger; every name is in exactly one state."""

    PENDING = "pending"  # to be asked
    CACHED = "cached"  # known before asking
    RESOLVED = "resolved"  # EQC (or a reviewer) named a company
    FAILED = "failed"  # asked in vain; `Reason` says why


class Reason(StrEnum):
    """Why a name is failed."""

    NOT_FOUND = "not_found"  # EQC knows no such company
    TIMEOUT = "timeout"  # no answer in time, in all attempts of the round
    SERVER_ERROR = "server_error"  # 5xx
    NETWORK = "network"  # connection refused, reset, no such host
    BAD_RESPONSE = "bad_response"  # an answer that is no answer
    REFUSED = "refused"  # {"error": ...} for this very request
    INVALID = "invalid"  # a key that cannot be stored or asked


class ExitReason(StrEnum):
    """Why a session ended, as `sessions.exit_reason` has it."""

    QUEUE_EMPTY = "queue_empty"  # no name is pending
    BUDGET = "budget"  # the session's requests are spent
    DAILY_BUDGET = "daily_budget"  # those of the last 24 hours are
    DEADLINE = "deadline"  # no further request could end in time
    INTERRUPTED = "interrupted"  # SIGINT
    TERMINATED = "terminated"  # SIGTERM
    TOKEN = "token"  # missing, invalid or expired
    EQC_UNAVAILABLE = "eqc_unavailable"  # an outage, or a wrong URL
    BLOCKED = "blocked"  # EQC shuts us out
    ERROR = "error"  # ledger or archive not usable
    DIED = "died"  # its process was killed; the next session says so
    CHECK = "check"  # no drain: the one request of `eqcbatch check`


@dataclass(frozen=True, slots=True)
class PendingName:
    """A name to be asked. attempts: rounds finished before. rows: how many rows wait for it."""

    lookup_key: str
    query: str
    attempts: int
    rows: int
    weight: float
