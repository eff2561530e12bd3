"""Where things stand, and what happened: read from the ledger, for `eqcbatch.render` to show.

`status` mirrors the JSON of `report --json`; `timeline` is what a page shows beside it. Nothing here writes.
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
