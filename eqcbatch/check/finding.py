"""What a doctor says: one finding a line."""

from __future__ import annotations

from dataclasses import dataclass

from eqcbatch.domain.model import StrEnum
from eqcbatch.errors import EqcbatchError


class Subject(StrEnum):
    """What is looked at, in the order in which it is told."""

    TOKEN = "token"
    EQC = "eqc"
    RATE = "rate"
    POSTGRES = "postgres"
    TABLES = "tables"
    PERMISSIONS = "permissions"
    LEDGER = "ledger"
    SOURCES = "sources"
    ARCHIVE = "archive"
    LOCK = "lock"
    DISK = "disk"
    CLOCK = "clock"
    ENVIRONMENT = "environment"


class Severity(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"  # a drain would run, but may not do what is expected of it
    FAILED = "failed"  # a drain would end with an error


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. remedy: what to do, "" where nothing is wrong, or where `says` tells it.

    failure: of what is failed, the kind of error with which a command would end.
    """

    subject: Subject
    severity: Severity
    says: str
    remedy: str = ""
    failure: type[EqcbatchError] | None = None

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.severity is Severity.OK


def ok(subject: Subject, says: str) -> Finding:
    """Nothing is wrong."""
    return Finding(subject, Severity.OK, says)


def warning(subject: Subject, says: str, remedy: str = "") -> Finding:
    """Something is not as it might be."""
    return Finding(subject, Severity.WARNING, says, remedy)


def failed(subject: Subject, failure: type[EqcbatchError], says: str, remedy: str = "") -> Finding:
    """Something is wrong."""
    return Finding(subject, Severity.FAILED, says, remedy, failure)


def failed_by(subject: Subject, error: EqcbatchError) -> Finding:
    """What an error of ours says, remedy and all."""
    return failed(subject, type(error), str(error))
