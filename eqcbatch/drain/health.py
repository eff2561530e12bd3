"""How EQC is, judged by what it replied of late: pure decisions, one table.

The ledger counts the streaks (failures in a row, empty answers in a row); `Health` holds what replies said
since; `next_action` makes of both one action of a closed set, which `eqcbatch.drain.circuit_breaker`
carries out.

Why: docs/decisions/0017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from eqcbatch.domain.model import Outcome, Reply

FAILURES_OF_AN_OUTAGE = 5  # failed requests in a row
FAILURES_WITHOUT_ANSWER = 3  # failed requests of a session that got no usable answer
PROBES = 10  # one a minute


class Action(Enum):
    """What a session does next."""

    GO_ON = auto()  # ask for names and details
    RENEW_TOKEN = auto()  # get a fresh token, and try it with a light question
    ASK_KNOWN = auto()  # ask once for what EQC answered before where it fails now
    PROBE = auto()  # work is pending again; ask once a minute whether EQC answers
    RECHECK_EMPTIES = auto()  # ask for what EQC is known to have
    REQUEUE_EMPTIES = auto()  # the empties are not known to be genuine: they are asked again
    STOP_TOKEN = auto()  # end: a person has to bring a token
    STOP_BLOCKED = auto()  # end: EQC shuts us out
    STOP_UNAVAILABLE = auto()  # end: an outage, or a wrong URL

    @property
    def stops(self) -> bool:
        """Whether the session ends."""
        return self in (Action.STOP_TOKEN, Action.STOP_BLOCKED, Action.STOP_UNAVAILABLE)


class Check(Enum):
    """Which question, that decides nothing, the reply answers."""

    NONE = auto()  # no check: it is work that was replied to
    TOKEN = auto()  # the light question, with a fresh token
    KNOWN = auto()  # what EQC answered before, after failures in a row
    PROBE = auto()  # once a minute amid an outage
    EMPTIES = auto()  # what EQC is known to have, after empties that are doubted
    LAST_EMPTIES = auto()  # the same at the end of a session
    LAST = auto()  # the light question at the end of a session without a usable answer


@dataclass(frozen=True, slots=True)
class Health:
    """What replies to work say of EQC, until it is seen to.

    failures: of work, in this session. rejection: the reply that refused the token. failing, empty: whether
    failures, or empty answers, have come so often that the streaks are worth a look. renewed: whether the
    token was renewed, probed: whether an outage ended with a probe, and no work was answered since.
    trouble: what was wrong last, a phrase for people.
    """

    failures: int = 0
    rejection: Reply | None = None
    failing: bool = False
    empty: bool = False
    renewed: bool = False
    probed: bool = False
    trouble: str = ""

    @property
    def suspect(self) -> bool:
        """Whether something is to be seen to before any more work is sent."""
        return self.rejection is not None or self.failing or self.empty

    def after_usable(self, *, empty: bool) -> Health:
        """Return the health once work was answered: what a remedy achieved is confirmed."""
        return replace(self, empty=empty, renewed=False, probed=False, trouble="")

    def after_failure(self, reply: Reply, in_a_row: int) -> Health:
        """Return the health once work failed, the last of so many failures in a row."""
        failing = in_a_row >= FAILURES_OF_AN_OUTAGE
        return replace(self, failures=self.failures + 1, failing=failing, trouble=reply.detail)

    def after_rejection(self, reply: Reply) -> Health:
        """Return the health once the token in use was refused."""
        return replace(self, rejection=reply)


@dataclass(frozen=True, slots=True)
class Signs:
    """What an action depends on.

    check: which check was replied to; reply: with what, None where a limit forbade to ask. rejected:
    whether the token in use was refused; renewable: whether a fresh one can be had without a person.
    failures: failed requests in a row. known: whether EQC ever answered at the endpoint that fails.
    doubtful: whether empty answers are to be doubted. found: how often this check was answered as it should
    be, this reply included; needed: how often it has to be. renewed, probed: as of `Health`.
    probes_failed: of this outage.
    """

    check: Check = Check.NONE
    reply: Reply | None = None
    rejected: bool = False
    renewable: bool = False
    failures: int = 0
    known: bool = False
    doubtful: bool = False
    found: int = 0
    needed: int = 1
    renewed: bool = False
    probed: bool = False
    probes_failed: int = 0


def next_action(signs: Signs) -> Action:
    """Choose the action.

    | check        | reply, or what is known                             | action           |
    |--------------|-----------------------------------------------------|------------------|
    | NONE         | token refused, though fresh, or nobody can renew it | STOP_TOKEN       |
    | NONE         | token refused                                       | RENEW_TOKEN      |
    | NONE         | five failures in a row, EQC answered there before   | ASK_KNOWN        |
    | NONE         | five failures in a row, only probes answered before | STOP_UNAVAILABLE |
    | NONE         | five failures in a row                              | PROBE            |
    | NONE         | empties to be doubted                               | RECHECK_EMPTIES  |
    | NONE         | else                                                | GO_ON            |
    | any          | token refused                                       | STOP_TOKEN       |
    | any          | 403, or 429 (but to EMPTIES, LAST_EMPTIES)          | STOP_BLOCKED     |
    | TOKEN        | else                                                | GO_ON            |
    | KNOWN        | answered as before                                  | GO_ON            |
    | KNOWN        | else, only probes answered before                   | STOP_UNAVAILABLE |
    | KNOWN        | else                                                | PROBE            |
    | PROBE        | usable                                              | GO_ON            |
    | PROBE        | not sent, or the tenth that failed                  | STOP_UNAVAILABLE |
    | PROBE        | failed                                              | PROBE            |
    | EMPTIES      | found as often as needed                            | GO_ON            |
    | EMPTIES      | found                                               | RECHECK_EMPTIES  |
    | EMPTIES      | not sent, but found before                          | GO_ON            |
    | EMPTIES      | not sent                                            | REQUEUE_EMPTIES  |
    | EMPTIES      | empty, too                                          | STOP_UNAVAILABLE |
    | EMPTIES      | failed, or 429                                      | PROBE            |
    | LAST_EMPTIES | found, or not sent                                  | GO_ON            |
    | LAST_EMPTIES | empty, too                                          | STOP_UNAVAILABLE |
    | LAST_EMPTIES | failed, or 429                                      | REQUEUE_EMPTIES  |
    | LAST         | usable                                              | GO_ON            |
    | LAST         | else                                                | STOP_UNAVAILABLE |
    """
    if signs.check is Check.NONE:
        return _after_work(signs)
    if signs.reply is not None:
        if signs.reply.outcome is Outcome.AUTH:
            return Action.STOP_TOKEN
        if signs.reply.blocked or (
            signs.reply.outcome is Outcome.RATE_LIMITED
            and signs.check not in (Check.EMPTIES, Check.LAST_EMPTIES)
        ):
            return Action.STOP_BLOCKED
    return _AFTER[signs.check](signs)


def _after_work(signs: Signs) -> Action:
    if signs.rejected:
        return Action.RENEW_TOKEN if signs.renewable and not signs.renewed else Action.STOP_TOKEN
    if signs.failures >= FAILURES_OF_AN_OUTAGE:
        if signs.known:
            return Action.ASK_KNOWN
        return Action.STOP_UNAVAILABLE if signs.probed else Action.PROBE
    return Action.RECHECK_EMPTIES if signs.doubtful else Action.GO_ON


def _after_known(signs: Signs) -> Action:
    if signs.reply and signs.reply.outcome is Outcome.ANSWERED:
        return Action.GO_ON
    return Action.STOP_UNAVAILABLE if signs.probed else Action.PROBE


def _after_probe(signs: Signs) -> Action:
    if signs.reply and signs.reply.outcome.usable:
        return Action.GO_ON
    return Action.PROBE if signs.reply and signs.probes_failed < PROBES else Action.STOP_UNAVAILABLE


def _after_empties(signs: Signs) -> Action:
    if signs.reply is None:
        return Action.GO_ON if signs.found else Action.REQUEUE_EMPTIES
    if signs.reply.outcome is Outcome.ANSWERED:
        return Action.GO_ON if signs.found >= signs.needed else Action.RECHECK_EMPTIES
    return Action.STOP_UNAVAILABLE if signs.reply.outcome is Outcome.NOT_FOUND else Action.PROBE


def _after_last_empties(signs: Signs) -> Action:
    if signs.reply is None or signs.reply.outcome is Outcome.ANSWERED:
        return Action.GO_ON
    return Action.STOP_UNAVAILABLE if signs.reply.outcome is Outcome.NOT_FOUND else Action.REQUEUE_EMPTIES


def _after_last(signs: Signs) -> Action:
    return Action.GO_ON if signs.reply and signs.reply.outcome.usable else Action.STOP_UNAVAILABLE


_AFTER = {
    Check.TOKEN: lambda _signs: Action.GO_ON,
    Check.KNOWN: _after_known,
    Check.PROBE: _after_probe,
    Check.EMPTIES: _after_empties,
    Check.LAST_EMPTIES: _after_last_empties,
    Check.LAST: _after_last,
}
