"""How a drain ends."""

from __future__ import annotations

from eqcbatch.domain.model.word import StrEnum


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
    CHECK = "check"  # no drain: the one request of `eqcbatch check`
