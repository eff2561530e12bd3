"""The values that cross the borders between rooms: closed sets as enums, the rest as frozen dataclasses."""

from eqcbatch.records.names import PendingName, Reason, State
from eqcbatch.records.plans import Group, IndexKey, Known, Occurrence, PlannedName, PlannedRun, Run, Sighting
from eqcbatch.records.queue import Mark, QueuedName, QueueRow, QueueStatus, RowMark
from eqcbatch.records.requests import Endpoint, Outcome, Question, Reply
from eqcbatch.records.results import Result, Standing, Written
from eqcbatch.records.sessions import ExitReason
from eqcbatch.records.verdicts import Candidate, Held, Verdict
from eqcbatch.records.word import Word

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
    "Verdict",
    "Word",
    "Written",
]
