"""How processes behaved: what they asked and when, what they spent, how they ended (P2, P3, P4, P6, P9)."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import BadInput, EqcbatchError, LedgerInUse, PostgresUnavailable
from eqcbatch.simulate.faults import Fault

if TYPE_CHECKING:
    from simulated.eqc_server import Asked, Weather
    from simulated.story import Step
    from simulated.world import Ran, World

LIMIT, WINDOW_S = 10, 60.0
DAY_S, MINUTE_S = 86_400.0, 60.0
# After its window: the last flush is awaited; after a signal: requests in flight, too.
LATE_S, LATE_AFTER_SIGNAL_S = 15.0, 45.0
NIGHTS = ("night", "two nights", "calm night", "last night")
TRIES = ("timeout", "network", "server_error", "bad_response")  # that came to nothing
FAILED = (*TRIES, "refused")
LEAST_OF_AN_OUTAGE = 5  # failures in a row
MOST_IN_FLIGHT = 10  # where the latencies tell how many
# What EQC does to every request of an outage, and never means a name.
OUTAGES = (
    *(Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.TIMEOUT, Fault.RESET, Fault.TRUNCATED, Fault.CODE_500),
    *(Fault.EXPIRED, Fault.UNAUTHORIZED, Fault.HTML, Fault.REDIRECT, Fault.FORBIDDEN, Fault.NOT_FOUND),
    *("refused connection", "no connection in time", "code 500 without a list"),
)

# The tries of a session, round by round, of names and of details of companies, and whether they failed in the
# end. What was answered before is asked to see how EQC is.
_ROUNDS = f"""
    SELECT n.lookup_key AS key, coalesce(n.reason IN {TRIES}, 0), r.attempt, r.outcome, r.id AS number
    FROM requests r JOIN names n ON n.lookup_key = r.lookup_key
    WHERE r.session_id = :session AND r.endpoint = 'search' AND NOT EXISTS
          (SELECT 1 FROM requests known WHERE known.lookup_key = r.lookup_key AND known.id < r.id
           AND known.outcome = 'answered')
    UNION ALL
    SELECT r.company_id || ' ' || r.endpoint,
           coalesce(CASE r.endpoint WHEN 'findDepart' THEN c.business_info_failed_in
                                    ELSE c.labels_failed_in END = r.session_id, 0),
           r.attempt, r.outcome, r.id
    FROM requests r JOIN companies c ON c.company_id = r.company_id
    WHERE r.session_id = :session AND NOT EXISTS
          (SELECT 1 FROM requests known WHERE known.company_id = r.company_id
           AND known.endpoint = r.endpoint AND known.id < r.id AND known.outcome = 'answered')
    ORDER BY key, number"""


class Conduct:
    """The conduct of all processes of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen = 0

    def broken(self, step: Step, ran: Sequence[Ran]) -> list[str]:
        """The promises that processes broke in a step."""
        eqc = self._world.eqc
        asked = eqc.asked[self._seen :]
        found = [*self._too_fast(), *self._asked_twice(), *_amid_pauses(step, asked)]
        self._seen = len(eqc.asked)
        for one in ran:
            own = [request for request in asked if request.process == one.process.name]
            found += [
                *_of_its_end(step, one),
                *_of_its_budget(step, one, own),
                *self._of_its_day(step, one, own),
            ]
            found += _of_its_window(step, one, own)
        if step.kind == "two drains" and len(ran) == 2:
            found += _of_two_drains(ran, asked)
        return found

    def _too_fast(self) -> Iterator[str]:
        """P3, over all processes."""
        times = [one.at for one in self._world.eqc.asked[max(0, self._seen - LIMIT) :]]
        for first, last in zip(times, times[LIMIT:], strict=False):
            if last - first < WINDOW_S:
                yield f"P3: {LIMIT + 1} requests in {last - first:.2f} s"
                return

    def _asked_twice(self) -> Iterator[str]:
        for endpoint, parameter in self._world.asked_twice:
            yield f"P2: {endpoint} {parameter} was asked though its answer is archived"
        self._world.asked_twice.clear()

    def _of_its_day(self, step: Step, ran: Ran, own: Sequence[Asked]) -> Iterator[str]:
        """P4: a daily budget counts what earlier sessions of the ledger sent, too."""
        most = step.options.get("daily_budget")
        a_day_ago = ran.began - DAY_S + MINUTE_S
        if most is None or not own or self._world.machine.set_at > a_day_ago:
            return
        since = max(a_day_ago, ran.home.restored_at)
        before = [one for one in self._world.eqc.asked if since <= one.at < ran.began]
        of_ledger = sum(one.process.startswith(ran.home.name) for one in before)
        if len(own) > max(0, most - of_ledger):
            yield f"P4: {of_ledger} requests of the day, {len(own)} more with a daily budget of {most}"


def _hit(step: Step, *kinds: str) -> bool:
    return any(blow[0].startswith(kinds) for blow in step.blows)


def _amid_pauses(step: Step, asked: Sequence[Asked]) -> Iterator[str]:
    """P3: nobody asks an EQC that wants to be left alone, save what was on its way."""
    if _hit(step, "stopped", "kill", "power", "disk", "pace"):
        return  # who was told may not have lived to tell the others, or what was told them is lost
    for one in asked:
        for other in asked:
            later = one is not other and other.told_at <= one.connecting_at
            if later and one.at < other.told_at + other.pause_s:
                yield f"P3: a request {one.at - other.told_at:.1f} s after EQC wanted {other.pause_s:.0f} s"
                return


def _of_its_end(step: Step, ran: Ran) -> Iterator[str]:
    """No process ends by an error that its surroundings do not explain."""
    error = ran.error
    if error is None or ran.process.killed or isinstance(error, KeyboardInterrupt):
        return
    if not isinstance(error, EqcbatchError):
        yield f"defect: {step.kind} ended with {error!r}"
        return
    explained = (
        _hit(step, "disk")
        or (step.kind == "two drains" and isinstance(error, LedgerInUse))
        or (step.kind == "revert" and isinstance(error, BadInput))
        or (bool(step.postgres) and isinstance(error, PostgresUnavailable) and step.kind not in NIGHTS)
    )
    if not explained:
        yield f"progress: {step.kind} ended with {error!r}"


def _of_its_budget(step: Step, ran: Ran, own: Sequence[Asked]) -> Iterator[str]:
    """P4."""
    budget = step.options.get("budget")
    if budget is not None and len(own) > budget:
        yield f"P4: {len(own)} requests with a budget of {budget}"


def _of_its_window(step: Step, ran: Ran, own: Sequence[Asked]) -> Iterator[str]:
    """A drain ends in time: by its window, and when a signal asks."""
    stopped = _hit(step, "stopped", "suspended", "clock set")
    minutes = step.options.get("max_minutes")
    windows = [ran.began + minutes * MINUTE_S] if minutes is not None and step.kind in NIGHTS else []
    for ends in [*windows, *([] if ran.until is None else [ran.until])]:
        if not _hit(step, "clock set") and own and max(one.at for one in own) > ends:
            yield f"P4: a request {max(one.at for one in own) - ends:.0f} s after the window"
        if not stopped and ran.ended > ends + LATE_S:
            yield f"P4: it ended {ran.ended - ends:.0f} s after its window"
    if ran.signalled_at and not stopped and ran.ended > ran.signalled_at + LATE_AFTER_SIGNAL_S:
        yield f"signal: it ended {ran.ended - ran.signalled_at:.0f} s after it"


def _of_two_drains(ran: Sequence[Ran], asked: Sequence[Asked]) -> Iterator[str]:
    """P9: one writer at a time."""
    moments = [[one.at for one in asked if one.process == other.process.name] for other in ran]
    both = all(moments) and moments[0][0] < moments[1][-1] and moments[1][0] < moments[0][-1]
    if both or all(isinstance(one.error, LedgerInUse) for one in ran):
        yield f"P9: two drains of one ledger, {'at a time' if both else 'and none went on'}"


def of_failures(
    step: Step, ran: Sequence[Ran], ledger: sqlite3.Connection, weather: Weather
) -> Iterator[str]:
    """P6: an outage fails no name. Nor does a name fail that was not tried as often as it should be."""
    if step.kind not in ("night", "two nights", "calm night") or ran[-1].process.killed or ran[-1].error:
        return
    session = ran[-1].value.session_id
    yield from _given_up_early(session, 1 + step.options.get("retries", 2), ledger)
    if not _hit(step, "clock set"):
        yield from _impatient(session, step.options.get("in_flight", 1) or MOST_IN_FLIGHT, ledger)
    outage = any(
        spell.kind in OUTAGES and not spell.every_second and spell.began < ran[-1].ended < spell.ends
        for spell in weather.spells
    )
    if outage and ran[-1].value.exit_reason not in (ExitReason.TOKEN, ExitReason.BLOCKED):
        yield from _of_an_outage(session, ledger)


def _given_up_early(session: int, tries: int, ledger: sqlite3.Connection) -> Iterator[str]:
    """P6: a round that ended by a failure had all its tries, be it the last of its name or not."""
    rounds: list[list[tuple[str, bool, str]]] = []
    for key, failed, attempt, outcome, _ in ledger.execute(_ROUNDS, {"session": session}):
        if attempt == 1 or not rounds:
            rounds.append([])
        rounds[-1].append((key, failed, outcome))
    for one, following in zip_longest(rounds, rounds[1:], fillvalue=[("", False, "")]):
        key, failed, outcome = one[-1]
        over = failed or following[0][0] == key
        made = sum(outcome in TRIES for _, _, outcome in one)
        if over and outcome in TRIES and made < tries:
            yield f"P6: {key} was given up after {made} of {tries} tries"


def _impatient(session: int, in_flight: int, ledger: sqlite3.Connection) -> Iterator[str]:
    """P6: after five failures in a row EQC is asked once whether it is well, and then once a minute."""
    in_a_row, before_s = 0, -math.inf
    for outcome, work, began_s in ledger.execute(
        """SELECT outcome, endpoint <> 'searchAll', julianday(started_at) * 86400 FROM requests
           WHERE session_id = ? ORDER BY id""",
        [session],
    ):
        known = LEAST_OF_AN_OUTAGE + in_flight  # those on their way at the fifth, and the question
        if in_a_row >= known and began_s < before_s + MINUTE_S - 1:
            yield f"P6: {in_a_row} requests failed in a row, and another one {began_s - before_s:.0f} s later"
            return
        in_a_row = 0 if outcome in ("answered", "not_found") else in_a_row + (work and outcome in FAILED)
        before_s = began_s


def _of_an_outage(session: int, ledger: sqlite3.Connection) -> Iterator[str]:
    """P6: of the failures in a row with which a session ended, in an outage, no name bears the blame."""
    keys = ledger.execute(
        f"""SELECT n.lookup_key, n.state FROM requests r LEFT JOIN names n ON n.lookup_key = r.lookup_key
           WHERE r.session_id = ? AND r.outcome IN {FAILED} AND r.id > coalesce(
                 (SELECT max(id) FROM requests WHERE outcome IN ('answered', 'not_found')), 0)""",
        [session],
    ).fetchall()
    failed = sorted({key for key, state in keys if state == "failed"})
    if failed and len(keys) >= LEAST_OF_AN_OUTAGE:
        yield f"P6: {len(failed)} names failed in an outage, such as {failed[0]}"
