"""The values that cross the borders between rooms: frozen dataclasses over closed sets (`enums`).

What a plan brings (`plans`), what EQC is asked and replies (`requests`), what that amounts to (`verdicts`),
what people make of it (`decisions`), what goes to Postgres (`results`, `companies`) and what stands there
(`index_rows`), what the queue there is told (`marks`), and what was noticed of a source (`remarks`). They
know nobody.
"""

from eqcbatch.domain.model.decisions import Control, Decision, NameStanding, OverruledRow
from eqcbatch.domain.model.enums import (
    Choice,
    Endpoint,
    EvidenceKind,
    ExitReason,
    Finding,
    Held,
    IdSource,
    LookupType,
    NamePart,
    Outcome,
    QueueStatus,
    Reason,
    RowAnswer,
    SecondQuestion,
    State,
    StrEnum,
    VerdictRule,
)
from eqcbatch.domain.model.index_rows import IndexRow, StoredCompany
from eqcbatch.domain.model.marks import Mark, QueuedName, QueueRow, RowMark
from eqcbatch.domain.model.plans import (
    CurrentSource,
    Group,
    IndexKey,
    Known,
    Occurrence,
    PlannedName,
    PlannedRun,
    Run,
    Sighting,
)
from eqcbatch.domain.model.remarks import NO_REMARKS, Remark, RemarkKind, Remarks, TableRead, UnreadSheet
from eqcbatch.domain.model.requests import PendingDetail, PendingName, PendingSample, Question, Reply
from eqcbatch.domain.model.results import BACKFLOW, SOURCE_DOMAIN, PriorRow, Result, Written
from eqcbatch.domain.model.verdicts import Candidate, RowEvidence, Rulebook, Verdict

__all__ = [
    "BACKFLOW",
    "NO_REMARKS",
    "SOURCE_DOMAIN",
    "Candidate",
    "Choice",
    "Control",
    "CurrentSource",
    "Decision",
    "Endpoint",
    "EvidenceKind",
    "ExitReason",
    "Finding",
    "Group",
    "Held",
    "IdSource",
    "IndexKey",
    "IndexRow",
    "Known",
    "LookupType",
    "Mark",
    "NamePart",
    "NameStanding",
    "Occurrence",
    "Outcome",
    "OverruledRow",
    "PendingDetail",
    "PendingName",
    "PendingSample",
    "PlannedName",
    "PlannedRun",
    "PriorRow",
    "Question",
    "QueueRow",
    "QueueStatus",
    "QueuedName",
    "Reason",
    "Remark",
    "RemarkKind",
    "Remarks",
    "Reply",
    "Result",
    "RowAnswer",
    "RowEvidence",
    "RowMark",
    "Rulebook",
    "Run",
    "SecondQuestion",
    "Sighting",
    "State",
    "StoredCompany",
    "StrEnum",
    "TableRead",
    "UnreadSheet",
    "Verdict",
    "VerdictRule",
    "Written",
]
