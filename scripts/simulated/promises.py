"""What must hold after each step, held against what the world knows (the promises of docs/architecture.md).

The ledger is read by plain SQL, not by the product.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import Endpoint, ExitReason, LookupType
from eqcbatch.errors import EqcbatchError, LedgerInUse, LedgerUnusable
from simulated.homes import Home
from simulated.postgres_tables import Tables, numeric
from simulated.story import HOMES, Step
from simulated.verdicts import Verdicts

if TYPE_CHECKING:
    from simulated.world import Ran, World

LIMIT, WINDOW_S = 10, 60.0
LEAST_CONFIDENCE = 0.70
MOST_LIES = 6  # that a session may believe before it doubts (docs/decisions/0010), and that a kill may leave

_BALANCES = (
    (
        "rows of names = rows of occurrences",
        """SELECT (SELECT coalesce(sum(rows), 0) FROM names)
                - (SELECT coalesce(sum(rows), 0) FROM occurrences)""",
    ),
    (
        "rows in = blank + rows behind names",
        """SELECT (SELECT coalesce(sum(rows - blank_rows), 0) FROM runs WHERE current = 1)
                - (SELECT coalesce(sum(rows), 0) FROM occurrences)""",
    ),
    (
        "requests = those of the sessions",
        "SELECT (SELECT count(*) FROM requests) - (SELECT coalesce(sum(requests), 0) FROM sessions)",
    ),
    ("one state each", "SELECT count(*) - count(DISTINCT lookup_key) FROM names"),
)
_COLUMNS = """lookup_key, query, state, reason, company_id, confidence, verdict, held, source, rows,
              flushed_at, flushed_company_id, flushed_confidence, index_before, decided_at, flush_error"""


class Promises:
    """The checks of one world, and what they remember from step to step."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked = 0
        self._keys: dict[str, set[str]] = {name: set() for name in HOMES}
        self._right: set[tuple[str, str, object]] = set()  # what some ledger had decided for good
        self._changed: set[str] = set()  # keys that others wrote, or that were lost
        self._snapshots: list[Tables] = []
        self._lost_since_look = False
        self._verdicts = Verdicts(world)

    def keys_of(self, home: Home) -> set[str]:
        """The names of a ledger."""
        return self._keys[home.name]

    def others_wrote(self, key: str) -> None:
        """Somebody else has written what stands under a key."""
        self._changed.add(key)

    def lose(self, dice: random.Random) -> None:
        """Put an earlier state of Postgres in the place of today's."""
        if self._snapshots:
            self._world.server.tables = dice.choice(self._snapshots[-4:]).copy()
            self._lost_since_look = True
            self._world.figures.faults["Postgres lost rows"] += 1

    def restored(self, home: Home) -> None:
        """A ledger is of some days ago: what it knew since is not known."""
        self._keys[home.name] = set()
        home.asked_before = len(self._world.eqc.asked)
        with closing(sqlite3.connect(home.ledger)) as ledger:
            (home.booked_before,) = ledger.execute("SELECT count(*) FROM requests").fetchone()

    def broken(self, step: Step, ran: Sequence[Ran]) -> list[str]:
        """The promises that a step broke, one line each."""
        found = [*self._of_the_world(), *self._of_processes(step, ran)]
        homes = {one.home.name: one.home for one in ran}
        for home in homes.values():
            if home.planned:
                with closing(sqlite3.connect(home.ledger)) as ledger:
                    found += self._of_ledger(step, home, ledger)
                    if ran[-1].home is home:
                        found += self._of_progress(step, ran, home, ledger)
        found += self._of_postgres()
        self._snapshots.append(self._world.server.tables.copy())
        return found

    def _of_the_world(self) -> Iterator[str]:
        """P2, P3: what EQC saw."""
        scheduler, eqc = self._world.scheduler, self._world.eqc
        if scheduler.stuck:
            yield f"stuck: {scheduler.stuck}"
            scheduler.stuck = ""
        for error in scheduler.errors:
            yield f"defect: {error!r}"
        scheduler.errors.clear()
        for endpoint, parameter in self._world.asked_twice:
            yield f"P2: {endpoint} {parameter} was asked though its answer is archived"
        self._world.asked_twice.clear()
        times = [one.at for one in eqc.asked[max(0, self._asked - LIMIT) :]]
        for first, last in zip(times, times[LIMIT:], strict=False):
            if last - first < WINDOW_S:
                yield f"P3: {LIMIT + 1} requests in {last - first:.2f} s"
                break
        self._asked = len(eqc.asked)

    def _of_processes(self, step: Step, ran: Sequence[Ran]) -> Iterator[str]:
        """How processes ended, P4, P9."""
        for one in ran:
            error = one.error
            expected = isinstance(error, EqcbatchError)
            if error is not None and not expected and not one.process.killed:
                yield f"defect: {step.kind} ended with {error!r}"
            excused = one.process.killed or any("disk" in blow[0] for blow in step.blows)
            if isinstance(error, LedgerUnusable) and not excused:
                yield f"ledger: {error}"
            if step.calm and expected and step.kind not in ("two drains", "revert"):
                yield f"progress: {step.kind} ended with {error!r} though nothing went wrong"
            budget = step.options.get("budget")
            sent = sum(asked.process == one.process.name for asked in self._world.eqc.asked)
            if budget is not None and sent > budget:
                yield f"P4: {sent} requests with a budget of {budget}"
        if step.kind == "two drains" and len(ran) == 2:
            turned_away = sum(isinstance(one.error, LedgerInUse) for one in ran)
            moments = [self._moments_of(one) for one in ran]
            at_once = all(moments) and moments[0][0] < moments[1][-1] and moments[1][0] < moments[0][-1]
            if turned_away > 1 or at_once:
                yield f"P9: of two drains {turned_away} were turned away"

    def _moments_of(self, ran: Ran) -> list[float]:
        """When a process asked EQC."""
        return [one.at for one in self._world.eqc.asked if one.process == ran.process.name]

    def _of_ledger(self, step: Step, home: Home, ledger: sqlite3.Connection) -> Iterator[str]:
        """P1, P7 and what is decided: P6, P10."""
        (state,) = ledger.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            yield f"ledger: {state}"
            return
        for what, query in _BALANCES:
            if difference := ledger.execute(query).fetchone()[0]:
                yield f"P7: {what}: off by {difference}"
        names = [
            dict(zip(_FIELDS, row, strict=True)) for row in ledger.execute(f"SELECT {_COLUMNS} FROM names")
        ]
        yield from self._of_names(home, ledger, {name["lookup_key"] for name in names})
        yield from self._of_requests(home, ledger)
        yield from self._verdicts.wrong(step, home, ledger, names)
        for name in names:
            if name["state"] == "resolved" and not name["held"]:
                self._right.add((name["lookup_key"], name["company_id"], numeric(name["confidence"])))
            if name["flushed_at"]:
                yield from self._of_flushed(name)

    def _of_names(self, home: Home, ledger: sqlite3.Connection, keys: set[str]) -> Iterator[str]:
        """P1: nothing that was planned is lost."""
        if lost := self._keys[home.name] - keys:
            yield f"P1: {len(lost)} names are lost, such as {min(lost)}"
        self._keys[home.name] = keys
        current: dict[str, set[str]] = {}
        for source, key in ledger.execute(
            """SELECT r.source, o.lookup_key FROM runs r JOIN occurrences o ON o.run_id = r.id
               WHERE r.current = 1"""
        ):
            current.setdefault(source, set()).add(key)
        if home.open_plan:
            source, planned = home.open_plan
            if current.get(source, set()) == planned:
                home.sources[source] = planned
            home.open_plan = None
        for source, planned in home.sources.items():
            if current.get(source, set()) != planned:
                yield f"P1: {source} has other names than those planned"

    def _of_requests(self, home: Home, ledger: sqlite3.Connection) -> Iterator[str]:
        """P2: what EQC was asked was booked before, and is in the ledger for ever."""
        (booked,) = ledger.execute("SELECT count(*) FROM requests").fetchone()
        booked -= home.booked_before
        asked = sum(one.process.startswith(home.name) for one in self._world.eqc.asked[home.asked_before :])
        if booked < asked:
            yield f"P2: EQC was asked {asked} times, of which {booked} are booked"
        (at_once,) = ledger.execute("SELECT count(*) FROM requests WHERE outcome = 'in_flight'").fetchone()
        (open_sessions,) = ledger.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone()
        if at_once and not open_sessions:
            yield f"P7: {at_once} requests in flight, and no session"

    def _of_flushed(self, name: dict[str, Any]) -> Iterator[str]:
        """P11: what is called flushed stands in Postgres, if nobody else has written since."""
        key = name["lookup_key"]
        if self._lost_since_look or key in self._changed:
            return
        row = self._world.server.tables.index.get((LookupType.CUSTOMER_NAME, key))
        if row is None:
            yield f"P11: {key} is called flushed, and Postgres has nothing"
        elif row.company_id != name["flushed_company_id"] and not name["held"]:
            yield f"P11: {key} is flushed as {name['flushed_company_id']}, Postgres has {row.company_id}"

    def _of_postgres(self) -> Iterator[str]:
        """P5: what we wrote was decided, and is worth it."""
        for (kind, key), row in self._world.server.tables.index.items():
            if row.source_domain != "eqcbatch":
                continue
            if row.confidence < numeric(LEAST_CONFIDENCE if kind is LookupType.CUSTOMER_NAME else 0.6):
                yield f"P5: {key} went to Postgres with a confidence of {row.confidence}"
            if kind is LookupType.CUSTOMER_NAME and (key, row.company_id, row.confidence) not in self._right:
                yield f"P5: {key} went to Postgres as {row.company_id}, which nobody decided"

    def _of_progress(
        self, step: Step, ran: Sequence[Ran], home: Home, ledger: sqlite3.Connection
    ) -> Iterator[str]:
        """A night in which nothing goes wrong does what there is to do."""
        value = ran[-1].value
        if step.kind == "calm night" and step.options["budget"] is None and ran[-1].error is None:
            limited = {"max_minutes", "daily_budget"} & step.options.keys()
            if value.exit_reason is not ExitReason.QUEUE_EMPTY and not limited:
                yield f"progress: a calm night ended by {value.exit_reason}: {value.trouble}"
        if step.kind != "last night":
            return
        self._lost_since_look = False
        for state, reason, count in ledger.execute(
            """SELECT state, reason, count(*) FROM names WHERE rows > 0
               AND (state = 'pending' OR state = 'failed' AND reason NOT IN ('not_found', 'invalid'))
               GROUP BY state, reason"""
        ):
            yield f"progress: after the last night {count} names are {state} ({reason})"
        for key, error in ledger.execute(
            """SELECT lookup_key, flush_error FROM names
               WHERE state = 'resolved' AND held IS NULL AND flushed_at IS NULL AND flush_error IS NULL"""
        ):
            yield f"P5: {key} never reached Postgres ({error})"
        (dead,) = ledger.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone()
        if dead:
            yield f"progress: {dead} sessions never ended"


_FIELDS = [column.strip() for column in _COLUMNS.split(",")]


def content(text: str | None) -> Any:
    """What a JSON text says."""
    return json.loads(text) if text else None


def is_search(endpoint: Endpoint | None) -> bool:
    """Whether a name was asked for."""
    return endpoint is Endpoint.SEARCH
