"""The values that cross the borders between rooms: closed sets as enums, the rest as frozen dataclasses."""

from eqcbatch.domain.model.marks import Mark, QueuedName, QueueRow, QueueStatus, RowMark
from eqcbatch.domain.model.plans import (
    Group,
    IdSource,
    IndexKey,
    Known,
    LookupType,
    Occurrence,
    PlannedName,
    PlannedRun,
    Run,
    Sighting,
)
from eqcbatch.domain.model.requests import Endpoint, Outcome, Question, Reply
from eqcbatch.domain.model.results import PriorRow, Result, Written
from eqcbatch.domain.model.states import ExitReason, PendingName, Reason, State
from eqcbatch.domain.model.str_enum import StrEnum
from eqcbatch.domain.model.verdicts import Candidate, Held, NamePart, Verdict, VerdictRule

__all__ = [
    "Candidate",
    "Endpoint",
    "ExitReason",
    "Group",
    "Held",
    "IdSource",
    "IndexKey",
    "Known",
    "LookupType",
    "Mark",
    "NamePart",
    "Occurrence",
    "Outcome",
    "PendingName",
    "PlannedName",
    "PlannedRun",
    "PriorRow",
    "Question",
    "QueueRow",
    "QueueStatus",
    "QueuedName",
    "Reason",
    "Reply",
    "Result",
    "RowMark",
    "Run",
    "Sighting",
    "State",
    "StrEnum",
    "Verdict",
    "VerdictRule",
    "Written",
]
