"""The words of the page: what people call the outcomes, reasons and endings that the ledger has."""

from __future__ import annotations

from eqcbatch.domain.model import ExitReason, Held, Outcome, Reason
from eqcbatch.render.plain_text import share

# Under these heads requests are drawn, from the foot of a bar to its top.
OUTCOME_KINDS = {
    "answered": "answered",
    "empty": "no such company",
    "trouble": "in vain",
    "unknown": "not known",
}
_KIND_OF = {
    Outcome.ANSWERED: "answered",
    Outcome.NOT_FOUND: "empty",
    Outcome.UNKNOWN: "unknown",
    Outcome.IN_FLIGHT: "unknown",
}

ENDINGS: dict[str, str] = {
    ExitReason.QUEUE_EMPTY: "nothing left to ask",
    ExitReason.BUDGET: "budget spent",
    ExitReason.DAILY_BUDGET: "daily budget spent",
    ExitReason.DEADLINE: "deadline reached",
    ExitReason.INTERRUPTED: "interrupted",
    ExitReason.TERMINATED: "terminated",
    ExitReason.TOKEN: "token not accepted",
    ExitReason.EQC_UNAVAILABLE: "EQC unavailable",
    ExitReason.BLOCKED: "blocked by EQC",
    ExitReason.ERROR: "ledger or archive failed",
    ExitReason.CHECK: "no night, but a check",
    "died": "died",
}
ENDED_WELL = (
    *(ExitReason.QUEUE_EMPTY, ExitReason.BUDGET, ExitReason.DAILY_BUDGET, ExitReason.DEADLINE),
    *(ExitReason.INTERRUPTED, ExitReason.TERMINATED, ExitReason.CHECK),
)

REASONS = {
    Reason.NOT_FOUND: "EQC knows no such company",
    Reason.TIMEOUT: "no answer in time",
    Reason.SERVER_ERROR: "EQC failed (5xx)",
    Reason.NETWORK: "connection failed",
    Reason.BAD_RESPONSE: "an answer that is none",
    Reason.REFUSED: "EQC refused this one",
    Reason.INVALID: "cannot be asked: too long, or not text",
    Reason.NO_COMPANY: "a person decided: no company",
}

HELD = {
    Held.LOW_CONFIDENCE: "confidence too low",
    Held.AMBIGUOUS: "several companies fit",
    Held.CONTRADICTION: "the offered name contradicts",
    Held.REVERTED: "taken back with its session",
}


def kind_of(outcome: Outcome) -> str:
    """The kind that an outcome is drawn as: a key of OUTCOME_KINDS."""
    return _KIND_OF.get(outcome, "trouble")


def ending(exit_reason: str | None) -> str:
    """Why a session ended."""
    return ENDINGS.get(exit_reason, exit_reason) if exit_reason else "running, or died"


def spoken(word: str) -> str:
    """A word of the ledger as it is written elsewhere, its underscores as spaces."""
    return word.replace("_", " ")


def percent(part: float, whole: float) -> str:
    """A share in percent that no line break tears apart."""
    return share(part, whole).replace(" ", "\u00a0")
