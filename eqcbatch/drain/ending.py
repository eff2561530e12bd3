"""Why a session ends."""

from __future__ import annotations

from eqcbatch.records import Word


class ExitReason(Word):
    """Why a session ended, as `sessions.exit_reason` has it."""

    QUEUE_EMPTY = "queue_empty"  # no name is pending
    BUDGET = "budget"  # the session's requests are spent
    INTERRUPTED = "interrupted"  # SIGINT
    TERMINATED = "terminated"  # SIGTERM
    TOKEN = "token"  # missing, invalid or expired
    BLOCKED = "blocked"  # EQC shuts us out
    ERROR = "error"  # ledger or archive not usable
