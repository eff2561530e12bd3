"""Where things stand, and what happened: read from the ledger, for `eqcbatch.render` to show.

`status` mirrors the JSON of `report --json`, and tells all of one name; `timeline` is what a page shows
beside it; `provenance` goes from a name or an id back to EQC's archived answer; `temporary_ids` tells what
can be put right where it was loaded. Nothing here writes, or asks anybody but the ledger and its archive.
Where a drain may be writing meanwhile, the caller opens a snapshot, so that all that is read fits together.
"""

from eqcbatch.report.provenance import ArchivedAs, Chain, IdReport, chain, trace_id
from eqcbatch.report.status import LatencySummary, Report, explain, report, session_s
from eqcbatch.report.temporary_ids import ResolvedTemporaryId, resolved_temporary_ids
from eqcbatch.report.timeline import Counts, Timeline, timeline

__all__ = [
    "ArchivedAs",
    "Chain",
    "Counts",
    "IdReport",
    "LatencySummary",
    "Report",
    "ResolvedTemporaryId",
    "Timeline",
    "chain",
    "explain",
    "report",
    "resolved_temporary_ids",
    "session_s",
    "timeline",
    "trace_id",
]
