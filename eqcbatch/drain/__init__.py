"""Drain: pending names are asked of EQC, decided and flushed, one session at a time.

What the room promises: no window holds more requests than the rate allows (P3), no session sends more than
its budget (P4), an ill EQC never becomes "no match" (P6), and a session that is killed anywhere is resumed
without asking again what was answered (P2).

Who may enter: whoever holds the ledger's lock (`eqcbatch.ledger.writing`), one at a time. `drain` runs a
session; `preview` says what it would ask.

A session goes through these states, and only forward:

    recovering -> working <-> waiting (for a turn, a retry, a pause) -> shutting down -> ended
                    |  ^
                    v  |
              breaker open: nothing is in flight, a check is asked

`drain` sets it up; `session` is the loop; `name_search` and `company_details` say what to ask and what an
answer means; `dispatcher` sends, by `eqcbatch.booking` and `worker_pool`; `retry_policy` says what a reply
asks for next, `health` what it says of EQC, and `circuit_breaker` sees to that; `recovery`, `requeue` and
`empty_streak` take up what earlier sessions left; `flusher` sends results on; `shutdown` is how it ends;
`events` is who is told.
"""

from eqcbatch.drain.drain import DrainReport, Preview, drain, preview
from eqcbatch.drain.events import Events, Start
from eqcbatch.drain.settings import DrainSettings
from eqcbatch.drain.worker_pool import Task

__all__ = [
    "DrainReport",
    "DrainSettings",
    "Events",
    "Preview",
    "Start",
    "Task",
    "drain",
    "preview",
]
