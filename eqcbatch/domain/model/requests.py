"""What EQC is asked, for which names, and what a request comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eqcbatch.domain.model.enums import Endpoint, Outcome


@dataclass(frozen=True, slots=True)
class Question:
    """What EQC is asked, and of which name, company or row of an audit, if any.

    second_id: the second question that it is; its name is known by that alone.
    """

    endpoint: Endpoint
    parameter: str
    lookup_key: str | None = None
    company_id: str | None = None
    sample_id: int | None = None
    second_id: int | None = None

    @property
    def parameter_to_note(self) -> str | None:
        """What is asked, where what the question is about does not tell it; None where it does."""
        told = (
            self.company_id == self.parameter if self.company_id else not (self.sample_id or self.second_id)
        )
        return None if told else self.parameter


@dataclass(frozen=True, slots=True)
class Reply:
    """What one HTTP request to EQC came to.

    elapsed_s: seconds from sending to the last byte. content: the decoded JSON object of a usable
    answer. retry_after_s: how long EQC wants to be left alone, where it says so. detail: one phrase
    for people. archived_at, answer_sha256: when the answer was archived (UTC ISO-8601) and the hash of its
    body, for usable answers only.
    clock_ahead_s: how far our clock is ahead of EQC's, None where the answer has no date.
    """

    outcome: Outcome
    http_status: int | None = None
    elapsed_s: float = 0.0
    content: Mapping[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None
    detail: str = ""
    archived_at: str | None = None
    answer_sha256: str | None = None
    clock_ahead_s: float | None = None

    @property
    def blocked(self) -> bool:
        """Whether EQC shuts us out as a whole, not this one request."""
        return self.http_status == 403


@dataclass(frozen=True, slots=True)
class PendingName:
    """A name to be asked. attempts: rounds finished before. rows: how many rows wait for it."""

    lookup_key: str
    query: str
    attempts: int
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class PendingSample:
    """A row of the index that is to be asked.

    name: the lookup key of its name. company_id: the id it has; contradicted: whether the stored name of that
    company contradicts its own. attempts: rounds in vain before.
    """

    id: int
    name: str
    query: str
    company_id: str
    contradicted: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class PendingDetail:
    """What is to be asked of a company: findDepart or findLabels."""

    company_id: str
    endpoint: Endpoint
