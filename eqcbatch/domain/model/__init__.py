"""The values that cross the borders between rooms: closed sets as enums, the rest as frozen dataclasses."""

from eqcbatch.domain.model.names import PendingName, Reason, State
from eqcbatch.domain.model.plans import (
    Group,
    IndexKey,
    Known,
    Occurrence,
    PlannedName,
    PlannedRun,
    Run,
    Sighting,
)
from eqcbatch.domain.model.request_queue import Mark, QueuedName, QueueRow, QueueStatus, RowMark
from eqcbatch.domain.model.requests import Endpoint, Outcome, Question, Reply
from eqcbatch.domain.model.results import Result, Standing, Written
from eqcbatch.domain.model.sessions import ExitReason
from eqcbatch.domain.model.verdicts import Candidate, Held, Verdict
from eqcbatch.domain.model.word import StrEnum

__all__ = [
    "Candidate",
    "Endpoint",
    "ExitReason",
    "Group",
    "Held",
    "IndexKey",
    "Known",
    "Mark",
    "Occurrence",
    "Outcome",
    "PendingName",
    "PlannedName",
    "PlannedRun",
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
    "Standing",
    "State",
    "StrEnum",
    "Verdict",
    "Written",
]
