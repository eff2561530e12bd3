"""Exit codes (docs/reference.md#exit-codes): the one place where an error becomes a number."""

from __future__ import annotations

from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import (
    BadInput,
    EqcbatchError,
    EqcBlocks,
    EqcUnavailable,
    LedgerInUse,
    LedgerUnusable,
    PostgresUnavailable,
    TokenUnusable,
)

USAGE = 2
LEDGER = 9
GATE = 10
INTERRUPTED = 130
TERMINATED = 143

_CODES: dict[type[EqcbatchError], int] = {
    BadInput: USAGE,
    EqcUnavailable: 4,
    TokenUnusable: 5,
    EqcBlocks: 6,
    PostgresUnavailable: 7,
    LedgerInUse: 8,
    LedgerUnusable: LEDGER,
}

EPILOG = """\b
Exit codes:
  0    ended as asked (queue empty, or budget or deadline reached)
  1    a defect of eqcbatch
  2    usage or bad input
  4    EQC unavailable
  5    EQC's token missing, invalid or expired
  6    blocked or rate-limited by EQC
  7    Postgres not reachable (results are safe in the ledger)
  8    ledger in use by another process
  9    ledger not usable, or accounts out of balance
  10   a gate said no (`audit --fail-over`, `--gate`)
  130  interrupted, 143 terminated: state saved
"""


def code_of(error: EqcbatchError) -> int:
    """The exit code of an error."""
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


def code_of_drain(reason: ExitReason, trouble: EqcbatchError | None, *, shut: bool = False) -> int:
    """The exit code of a drain that ended for this reason, with this trouble. shut: its gate says no."""
    if reason is ExitReason.INTERRUPTED:
        return INTERRUPTED
    if reason is ExitReason.TERMINATED:
        return TERMINATED
    return code_of(trouble) if trouble else GATE * shut
