"""The closed sets: words that are stored, compared and printed, one enum for each set."""

from __future__ import annotations

from enum import Enum


class StrEnum(str, Enum):
    """A member of a closed set that is stored, compared and printed as its plain text."""

    __str__ = str.__str__  # plain text, as a driver binds it without looking for an adapter


class State(StrEnum):
    """Where a name stands in the ledger; every name is in exactly one state."""

    PENDING = "pending"  # to be asked
    CACHED = "cached"  # known before asking
    RESOLVED = "resolved"  # EQC (or a reviewer) named a company
    FAILED = "failed"  # asked in vain; `Reason` says why


class Reason(StrEnum):
    """Why a name is failed."""

    NOT_FOUND = "not_found"  # EQC knows no such company
    TIMEOUT = "timeout"  # no answer in time, in all attempts of the round
    SERVER_ERROR = "server_error"  # 5xx
    NETWORK = "network"  # connection refused, reset, no such host
    BAD_RESPONSE = "bad_response"  # an answer that is no answer
    REFUSED = "refused"  # {"error": ...} for this very request
    INVALID = "invalid"  # a key that cannot be stored or asked
    NO_COMPANY = "no_company"  # a person's word: no company is the right one


class Choice(StrEnum):
    """What a person decides of a name."""

    COMPANY = "company"  # this one is it
    NONE = "none"  # no company is
    REOPEN = "reopen"  # it is what it would be without people's decisions


class Held(StrEnum):
    """Why an answer is not good enough for Postgres and waits for a review."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    CONTRADICTION = "contradiction"
    REVERTED = "reverted"  # it was in Postgres, and was taken back with its session


class NamePart(StrEnum):
    """A part of a company's name in which an offered name can contradict what was asked for."""

    REGION = "region"
    BRANCH = "branch"
    NUMBER = "number"
    CORE = "core"
    FORM = "form"


class VerdictRule(StrEnum):
    """The rule that decided a name, as `names.verdict` has it."""

    EXACT_NAME = "exact_name"  # the company bears the name
    FORMER_NAME = "former_name"  # it bore the name before
    SHORT_NAME = "short_name"  # EQC says it is called so for short
    MISSPELLING = "misspelling"  # it bears the name but for a slip of the hand
    FIRST_CANDIDATE = "first_candidate"  # its name bears out what was asked for
    AMBIGUOUS = "ambiguous"  # another may be meant as well
    CONTRADICTING_REGION = f"contradiction:{NamePart.REGION.value}"
    CONTRADICTING_BRANCH = f"contradiction:{NamePart.BRANCH.value}"
    CONTRADICTING_NUMBER = f"contradiction:{NamePart.NUMBER.value}"
    CONTRADICTING_CORE = f"contradiction:{NamePart.CORE.value}"
    CONTRADICTING_FORM = f"contradiction:{NamePart.FORM.value}"
    EVIDENCE_UNITE_CODE = "evidence:unite_code"  # of several that may be meant its rows state the code of one
    EVIDENCE_PLAN_CODE = "evidence:plan_code"  # all other customers of its plan code that are known are one
    EVIDENCE_ROWS = "evidence:rows"  # the rows of it that are known by a key of their own are one
    EVIDENCE_PLAN_NAME = "evidence:plan_name"  # its plan is called after one
    EVIDENCE_NAME = "evidence:name"  # its rows state the full name of one
    EVIDENCE_REGION = "evidence:region"  # one sits where its rows say, and no other
    MANUAL = "manual"  # a reviewer decided

    @classmethod
    def contradicting(cls, part: NamePart) -> VerdictRule:
        """All candidates contradict the name; `part`: in what the first one does."""
        return cls(f"contradiction:{part}")

    @property
    def contradicted(self) -> NamePart | None:
        """In which part the name is contradicted, None if it is not."""
        return next((part for part in NamePart if self is self.contradicting(part)), None)


class EvidenceKind(StrEnum):
    """What a piece of evidence is that stands in the rows of a name beside it."""

    COLUMN = "column"  # the value of a column that was asked for
    PLAN_CODE = "plan_code"  # the id that all other known customers of a plan code of it have
    ROWS = "rows"  # the id of rows of it that are known by a key of their own


class SecondQuestion(StrEnum):
    """In which other way EQC is asked for a name that its first answer did not settle, in this order."""

    SIMPLIFIED = "simplified"  # in simplified signs, where a version before asked in others
    PLAN_NAME = "plan_name"  # by the name in its plan's name
    WITH_PLACE = "with_place"  # with the place that stands beside it
    WITHOUT_BRACKET = "without_bracket"
    WITHOUT_PLACE = "without_place"


class LookupType(StrEnum):
    """By what a plan looks up in the index, as `enrichment_index.lookup_type` has it; highest rank first.

    The index holds rows of other types, too, which nobody here asks for.
    """

    PLAN_CODE = "plan_code"
    CUSTOMER_NAME = "customer_name"
    PLAN_CUSTOMER = "plan_customer"  # both, as `plan_customer` joins them
    FORMER_NAME = "former_name"


class IdSource(StrEnum):
    """Who knew an id, as the ledger has it of names and of rows."""

    INDEX_PLAN_CODE = f"index:{LookupType.PLAN_CODE.value}"
    INDEX_CUSTOMER_NAME = f"index:{LookupType.CUSTOMER_NAME.value}"
    INDEX_PLAN_CUSTOMER = f"index:{LookupType.PLAN_CUSTOMER.value}"
    INDEX_FORMER_NAME = f"index:{LookupType.FORMER_NAME.value}"
    OVERRIDE = "override"  # the user set it, or that none is looked up
    COLUMN = "column"  # the row had it
    EQC = "eqc"  # asked for this name
    HARVEST = "harvest"  # EQC, asked for another name
    MANUAL = "manual"  # a reviewer

    @classmethod
    def of_index(cls, lookup_type: LookupType) -> IdSource:
        """The index, by a key of this type."""
        return cls(f"index:{lookup_type}")


class Endpoint(StrEnum):
    """EQC's endpoints (docs/domain.md section 2), as the ledger's `requests.endpoint` has them."""

    SEARCH = "search"
    FIND_DEPART = "findDepart"
    FIND_LABELS = "findLabels"
    SEARCH_ALL = "searchAll"


class Outcome(StrEnum):
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


class ExitReason(StrEnum):
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
    DIED = "died"  # its process was killed; the next session says so
    CHECK = "check"  # no drain: the one request of `eqcbatch check`


class RowAnswer(StrEnum):
    """What is known of a row of the index once EQC was asked for its name."""

    RIGHT = "right"  # the id is the one that a drain would give the name
    WRONG = "wrong"  # it is another company's
    HELD = "held"  # the answer does not decide it: several companies may be meant, or it is not sure enough
    NOT_FOUND = "not_found"  # EQC knows no such company
    FAILED = "failed"  # no answer, in three rounds


class Finding(StrEnum):
    """What has become of a company that EQC is asked of again (domain.company_today)."""

    UNCHANGED = "unchanged"
    RENAMED = "renamed"  # its new name is learned, the old one is a former name
    DEREGISTERED = "deregistered"  # 注销 or 吊销
    MERGED = "merged"  # one other company bears its name now, or bore it
    VANISHED = "vanished"  # EQC does not have it any more


class QueueStatus(StrEnum):
    """Where a request stands in the queue that other pipelines fill (docs/domain.md section 4)."""

    PENDING = "pending"  # nobody has it
    PROCESSING = "processing"  # with one machine
    DONE = "done"  # its company is known
    FAILED = "failed"  # `last_error` says why
