"""Check, the doctor: is all there that a drain needs? It says what is wrong, and what to do about it.

`finding` is what a doctor says, `checkup` goes through it all. `asking` sends the one request; `registry`
judges token, EQC and rate, `database` Postgres and its tables, `books` ledger, archive and lock, `machine`
disk, clock and environment. Verdicts are pure; only the one request, booked like any other, is written.
"""

from eqcbatch.check.checkup import CheckOptions, Checkup, check
from eqcbatch.check.finding import Finding, Health, Subject

__all__ = ["CheckOptions", "Checkup", "Finding", "Health", "Subject", "check"]
