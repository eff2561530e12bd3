"""The ledger: one SQLite file that is the only truth about progress.

Promised: a name that was planned is never lost, and never in two states; a request is in here before it
is sent; whatever dies, the next one to come learns from here alone what was done. Each method of a room is
one event, and each event that changes something is one transaction, which names the state it comes from.

`open_ledger` gives a `Ledger`, upgrades an older one (`migrations`), and is handed the clock by which all of
it is stamped. Many may read at a time, in a `snapshot` where what they read must fit together. Who writes
holds the lock (`writing`), one at a time. Outside this package nobody writes SQL for it.

A name is in one of four states:

| from            | event                                                            | to       |
|-----------------|------------------------------------------------------------------|----------|
| none            | planned, and to be asked                                         | pending  |
| none            | planned, and known by a key                                      | cached   |
| none            | planned, and no key that can be stored or asked                  | failed   |
| pending, failed | planned again: known by now                                      | cached   |
| cached          | planned again: known by its rows alone, and now not by all       | pending  |
| pending         | EQC's answer, to this name or to another one                     | resolved |
| pending         | EQC knows no such company; or a round in vain                    | failed   |
| failed          | its next round is due; `--retry-failed`; it was EQC that was ill | pending  |
| resolved        | new rules decide for another company                             | resolved |
| any             | a person: this company is it                                     | resolved |
| any             | a person: no company is                                          | failed   |
| any             | a person: it is opened again                                     | before   |

What a person decided only a person changes. A resolved name is held for a review, or due for Postgres, or
flushed; a new decision makes it due again.
A request is in flight when it is booked, and settled once: by its outcome, or as `unknown` by the next
session, where its own died. A session ends for a reason, or is `died` to the one that finds it.

| room             | holds                                                                     |
|------------------|---------------------------------------------------------------------------|
| `runs`           | the plans: a source comes in, with its rows and names                     |
| `sources`        | the sources that count, how much of each has an id; one is taken out      |
| `names`          | names are asked, decided, and asked again                                 |
| `requests`       | every HTTP request, booked before it is sent                              |
| `sessions`       | the drains: when each began and ended, and whether one lives              |
| `streaks`        | what the latest requests in a row say of EQC; what they decided, undone   |
| `companies`      | what EQC says of companies, on its way to Postgres                        |
| `reverified`     | what became of companies that EQC is asked of again                       |
| `former_names`   | who alone bore which name before, on its way to Postgres                  |
| `backflow`       | ids that a person vouches for, on their way to Postgres                   |
| `outbox`         | what was decided, on its way to Postgres and back                         |
| `request_queue`  | the requests of a queue in Postgres, and what is known of their rows      |
| `reviews`        | what EQC offered for names, and what new rules make of it                 |
| `decisions`      | what people decided, and what stood there before                          |
| `controls`       | accepted names that people review by chance, and what that says           |
| `score_fits`     | how the score was fitted to what people decided                           |
| `overruled`      | what others keep in the index against that                                |
| `stats`          | what a report counts, and whether it adds up                              |
| `history`        | what happened over time, or since a moment                                |
| `name_details`   | all that is known of one name; the id of each                             |
| `origins`        | where an id comes from: run, session, request, answer, rules              |
| `forecast_input` | what a forecast goes by                                                   |
| `audits`         | the samples of the index that EQC is asked for                            |
| `audit_evidence` | what speaks for or against ids of the index                               |
"""

from eqcbatch.ledger.audit_evidence import AuditEvidence
from eqcbatch.ledger.audits import Audits
from eqcbatch.ledger.backflow import Backflow
from eqcbatch.ledger.companies import Companies
from eqcbatch.ledger.controls import Controls
from eqcbatch.ledger.decisions import Decisions
from eqcbatch.ledger.forecast_input import ForecastInput
from eqcbatch.ledger.former_names import FormerNames
from eqcbatch.ledger.history import History
from eqcbatch.ledger.lock import holder_of, writing
from eqcbatch.ledger.name_details import NameDetails
from eqcbatch.ledger.names import Names
from eqcbatch.ledger.origins import Origins
from eqcbatch.ledger.outbox import ResultOutbox
from eqcbatch.ledger.request_queue import QueuedRequests
from eqcbatch.ledger.requests import Requests
from eqcbatch.ledger.reverified import Reverified
from eqcbatch.ledger.reviews import Reviews
from eqcbatch.ledger.runs import Runs
from eqcbatch.ledger.score_fits import ScoreFits
from eqcbatch.ledger.sessions import LatestReply, Sessions
from eqcbatch.ledger.sources import Sources
from eqcbatch.ledger.stats import Stats
from eqcbatch.ledger.store import Ledger, archive_path, files_of_sources, open_ledger
from eqcbatch.ledger.streaks import Streaks

__all__ = [
    "AuditEvidence",
    "Audits",
    "Backflow",
    "Companies",
    "Controls",
    "Decisions",
    "ForecastInput",
    "FormerNames",
    "History",
    "LatestReply",
    "Ledger",
    "NameDetails",
    "Names",
    "Origins",
    "QueuedRequests",
    "Requests",
    "ResultOutbox",
    "Reverified",
    "Reviews",
    "Runs",
    "ScoreFits",
    "Sessions",
    "Sources",
    "Stats",
    "Streaks",
    "archive_path",
    "files_of_sources",
    "holder_of",
    "open_ledger",
    "writing",
]
