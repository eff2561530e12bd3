"""Check, the doctor: whether all is there that a drain needs, and what to do where something is missing.

`checkup` goes through everything and returns one `finding` a subject: ok, warning or failed, with a remedy. A
failed one names the kind of error with which a drain would end. `token_request` sends the one light request,
booked and in its turn like any other; `eqc`, `postgres`, `ledger_state` and `machine` judge what was seen.

It promises to change nothing: Postgres is only read, nothing is created where nothing is, and only the
request is booked. While a drain runs, EQC is not asked.
"""

from eqcbatch.check.checkup import CheckOptions, Checkup, check
from eqcbatch.check.finding import Finding, Severity, Subject

__all__ = ["CheckOptions", "Checkup", "Finding", "Severity", "Subject", "check"]
