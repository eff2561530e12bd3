"""The values that cross the borders between rooms: closed sets as enums, the rest as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple


class Word(str, Enum):
    """A member of a closed set that is stored, compared and printed as its plain text."""

    def __str__(self) -> str:
        return str(self.value)


class State(Word):
    """Where a name stands in the ledger; every name is in exactly one state."""

    PENDING = "pending"  # to be asked
    CACHED = "cached"  # known before asking
    RESOLVED = "resolved"  # EQC (or a reviewer) named a company
    FAILED = "failed"  # asked in vain; `Reason` says why


class Reason(Word):
    """Why a name is failed."""

    NOT_FOUND = "not_found"  # EQC knows no such company
    TIMEOUT = "timeout"  # no answer in time, in all attempts of the round
    SERVER_ERROR = "server_error"  # 5xx
    NETWORK = "network"  # connection refused, reset, no such host
    BAD_RESPONSE = "bad_response"  # an answer that is no answer
    REFUSED = "refused"  # {"error": ...} for this very request
    INVALID = "invalid"  # a key that cannot be stored or asked


class Outcome(Word):
    """What became of one booked HTTP request."""

    IN_FLIGHT = "in_flight"  # booked, not settled
    ANSWERED = "answered"  # a usable answer with content
    NOT_FOUND = "not_found"  # a usable answer without content
    AUTH = "auth"  # the token is not accepted
    RATE_LIMITED = "rate_limited"  # 429
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    NETWORK = "network"
    BAD_RESPONSE = "bad_response"
    REFUSED = "refused"  # 403, or {"error": ...}
    UNKNOWN = "unknown"  # in flight when its session died

    @property
    def usable(self) -> bool:
        """Whether EQC said something about the name (and the answer is archived)."""
        return self in (Outcome.ANSWERED, Outcome.NOT_FOUND)

    @property
    def transient(self) -> bool:
        """Whether the same request may fare better a moment later."""
        return self in (
            Outcome.SERVER_ERROR,
            Outcome.TIMEOUT,
            Outcome.NETWORK,
            Outcome.BAD_RESPONSE,
        )


class Endpoint(Word):
    """EQC's endpoints (DOMAIN section 2), as the ledger's `requests.endpoint` has them."""

    SEARCH = "search"
    FIND_DEPART = "findDepart"
    FIND_LABELS = "findLabels"
    SEARCH_ALL = "searchAll"


class Held(Word):
    """Why an answer is not good enough for Postgres and waits for a review."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    CONTRADICTION = "contradiction"
    REVERTED = "reverted"  # it was in Postgres, and was taken back with its session


class ExitReason(Word):
    """Why a session ended, as `sessions.exit_reason` has it."""

    QUEUE_EMPTY = "queue_empty"  # no name is pending
    BUDGET = "budget"  # the session's requests are spent
    DAILY_BUDGET = "daily_budget"  # those of the last 24 hours are
    DEADLINE = "deadline"  # no further request could end in time
    INTERRUPTED = "interrupted"  # SIGINT
    TERMINATED = "terminated"  # SIGTERM
    TOKEN = "token"  # missing, invalid or expired
    EQC_UNAVAILABLE = "eqc_unavailable"  # an outage, or a wrong URL
    BLOCKED = "blocked"  # EQC shuts us out
    ERROR = "error"  # ledger or archive not usable


class QueueStatus(Word):
    """Where a request stands in the queue that other pipelines fill (DOMAIN section 4)."""

    PENDING = "pending"  # nobody has it
    PROCESSING = "processing"  # with one machine
    DONE = "done"  # its company is known
    FAILED = "failed"  # `last_error` says why


class Occurrence(NamedTuple):
    """One distinct way in which a source names a customer.

    raw: the name as written, but for lone surrogates; "" where the cell is blank.
    plan_code, known_id: the row's own plan code and company id, None where there is none.
    rows: how many rows read exactly so. weight: their summed weight (rows, without a weight column).
    """

    raw: str
    plan_code: str | None = None
    known_id: str | None = None
    rows: int = 1
    weight: float = 1.0


class Group(NamedTuple):
    """Rows of a source whose telling cells read the same.

    cells: these cells as text, "" for a blank one. rows: how many rows. weight: their summed weight.
    """

    cells: tuple[str, ...]
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that a search offers for a name.

    rank: its place in EQC's list, 0 is first. match_type: the `type` of the item (DOMAIN section 3).
    former_names: the names the company bore before.
    """

    rank: int
    company_id: str
    official_name: str | None = None
    match_type: str | None = None
    score: float | None = None
    unite_code: str | None = None
    registered_status: str | None = None
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the candidates of a name amount to.

    company: the chosen candidate. confidence: 0..1. how: the rule that decided
    (`exact_name`, `former_name`, `first_candidate`, `ambiguous`, `contradiction:<what>`).
    held: why the result must not reach Postgres, None when it may.
    """

    company: Candidate
    confidence: float
    how: str
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What EQC is asked, and of which name or company, if any."""

    endpoint: Endpoint
    parameter: str
    lookup_key: str | None = None
    company_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one HTTP request to EQC came to.

    elapsed_s: seconds from sending to the last byte. content: the decoded JSON object of a usable
    answer. retry_after_s: how long EQC wants to be left alone, where it says so. detail: one phrase
    for people. archived_at: when the answer was archived (UTC ISO-8601), for usable answers only.
    """

    outcome: Outcome
    http_status: int | None = None
    elapsed_s: float = 0.0
    content: Mapping[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None
    detail: str = ""
    archived_at: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether EQC shuts us out as a whole, not this one request."""
        return self.http_status == 403


IndexKey = tuple[str, str]  # lookup_type and lookup_key, as enrichment_index has them


@dataclass(frozen=True, slots=True)
class Known:
    """An id that needs no asking, and who knew it (`index:customer_name`, `override`, `column`, ...).

    company_id: None where the user wants none looked up. index_key: the index's row that told, if any.
    """

    company_id: str | None
    source: str
    confidence: float = 1.0
    index_key: IndexKey | None = None


class Sighting(NamedTuple):
    """An occurrence on its way into the ledger.

    lookup_key: of its name, "" where it names nobody. known: what covers its rows, if anything does.
    """

    lookup_key: str
    seen: Occurrence
    known: Known | None = None


class PlannedName(NamedTuple):
    """A unique name on its way into the ledger.

    rows, weight: of the run. askable: whether its key can be stored and asked. known: what covers the
    name, None where it must be asked or was decided before.
    """

    lookup_key: str
    query: str
    rows: int
    weight: float
    askable: bool = True
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One reading of one source: what a row of the ledger's `runs` says of it before the lookup."""

    source: str
    rows: int
    blank_rows: int
    blank_covered: int
    distinct_raw: int
    distinct_names: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded plan. hits, hit_rows: the names, and their rows, that were cached at plan time."""

    id: int
    source: str
    planned_at: str
    rows: int
    blank_rows: int
    blank_covered: int
    distinct_raw: int
    distinct_names: int
    hits: int
    hit_rows: int


@dataclass(frozen=True, slots=True)
class PendingName:
    """A name to be asked. attempts: rounds finished before. rows: how many rows wait for it."""

    lookup_key: str
    query: str
    attempts: int
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the index as somebody else left it."""

    company_id: str
    confidence: float
    source: str
    source_domain: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A row of the index as we flushed it. before: what stood there then, None for nothing."""

    lookup_key: str
    company_id: str
    confidence: float
    before: Standing | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A resolved name on its way to Postgres.

    source: who decided (`eqc`, `harvest`, `manual`). instead_of: what we flushed for it before, if anything.
    """

    lookup_key: str
    company_id: str
    confidence: float
    source: str
    instead_of: Written | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the queue is told of a request. error: why it failed."""

    status: QueueStatus
    company_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A request as its row in the queue says.

    stamp: the row's time of update as Postgres has it; it is the same for as long as nobody writes the row.
    """

    id: int
    raw: str
    stamp: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class RowMark:
    """A mark on its way to a row of the queue, for the case that the row still has this status and stamp."""

    id: int
    status: QueueStatus
    stamp: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class QueuedName:
    """What a request's mark depends on: its name, as the ledger has it.

    confidence: None for a name that is cached by its rows' own keys alone. due_again: whether a failed
    name is asked again by itself.
    """

    state: State
    company_id: str | None = None
    confidence: float | None = None
    held: Held | None = None
    flushed: bool = False
    flush_error: str | None = None
    reason: Reason | None = None
    due_again: bool = False
