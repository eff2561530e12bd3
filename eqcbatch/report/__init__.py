"""Where things stand, and what happened: read from the ledger, for `eqcbatch.render` to show.

`status` mirrors the JSON of `report --json`, and tells all of one name; `timeline` is what a page shows
beside it. Nothing here writes, or asks anybody but the ledger. Where a drain may be writing meanwhile, the
caller opens a snapshot, so that all that is read fits together.
"""

from eqcbatch.report.status import LatencySummary, Report, explain, report, session_s
from eqcbatch.report.timeline import Counts, Timeline, timeline

__all__ = [
    "Counts",
    "LatencySummary",
    "Report",
    "Timeline",
    "explain",
    "report",
    "session_s",
    "timeline",
]
