"""The ledger: one SQLite file that is the only truth about progress (DESIGN section 4).

`open_ledger` gives a `Ledger`; its rooms are `planning` (a source comes in), `sessions` (who asks, and for
how long), `work` (names are asked and decided), `rounds` (failed names are asked again), `companies` (their
details are asked, and leave for Postgres), `former_names` (who bore which name, as far as that is certain),
`stretches` (what requests in a row say of EQC), `vitals` (whether a drain lives), `flushing` (results leave
for Postgres), `queue` (requests come from there, and are marked), `reviews` (people and new rules decide
again), `outcomes` (what apply hands out), `accounts` (what a report counts), `measurements` (what a
forecast goes by), `history` (what is told over time, and what is still open), `recent` (what happened since
a moment) and `stories` (what is known of each name).
"""

from eqcbatch.ledger.companies import Companies
from eqcbatch.ledger.forecast_input import ForecastInput
from eqcbatch.ledger.former_names import FormerNames
from eqcbatch.ledger.history import History
from eqcbatch.ledger.lock import holder_of, writing
from eqcbatch.ledger.name_details import NameDetails
from eqcbatch.ledger.names import Names
from eqcbatch.ledger.outbox import ResultOutbox
from eqcbatch.ledger.request_queue import QueuedRequests
from eqcbatch.ledger.requests import Requests
from eqcbatch.ledger.reviews import Reviews
from eqcbatch.ledger.runs import Runs
from eqcbatch.ledger.sessions import LatestReply, Sessions
from eqcbatch.ledger.stats import Stats
from eqcbatch.ledger.store import Ledger, archive_path, open_ledger
from eqcbatch.ledger.streaks import Streaks

__all__ = [
    "Companies",
    "ForecastInput",
    "FormerNames",
    "History",
    "LatestReply",
    "Ledger",
    "NameDetails",
    "Names",
    "QueuedRequests",
    "Requests",
    "ResultOutbox",
    "Reviews",
    "Runs",
    "Sessions",
    "Stats",
    "Streaks",
    "archive_path",
    "holder_of",
    "open_ledger",
    "writing",
]
