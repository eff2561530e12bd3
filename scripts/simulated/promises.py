"""What must hold after each step, held against what the world knows (the promises of docs/architecture.md).

The ledger is read by plain SQL, not by the product.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import Endpoint, ExitReason
from eqcbatch.ledger import archive_path
from simulated.conduct import Conduct, of_failures
from simulated.homes import Home
from simulated.questions import Questions
from simulated.story import HOMES, Step
from simulated.verdicts import Verdicts
from simulated.warehouse import Warehouse

if TYPE_CHECKING:
    from simulated.world import Ran, World

Name = dict[str, Any]

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
              flushed_at, flushed_company_id, flushed_confidence, index_before, decided_at, flush_error,
              judged_with"""


class Promises:
    """The checks of one world, and what they remember from step to step."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: dict[str, set[str]] = {name: set() for name in HOMES}
        self._manual: dict[str, dict[str, str | None]] = {name: {} for name in HOMES}
        self.warehouse = Warehouse(world)
        self._verdicts, self._conduct, self._questions = Verdicts(world), Conduct(world), Questions(world)

    def keys_of(self, home: Home) -> set[str]:
        """The names of a ledger."""
        return self._keys[home.name]

    def restored(self, home: Home) -> None:
        """A ledger is of some days ago: what it knew since is not known."""
        self._keys[home.name], self._manual[home.name] = set(), {}
        self.warehouse.restored(home)
        home.asked_before, home.restored_at = len(self._world.eqc.asked), self._world.scheduler.now
        with closing(sqlite3.connect(home.ledger)) as ledger:
            (home.booked_before,) = ledger.execute("SELECT count(*) FROM requests").fetchone()

    def broken(self, step: Step, ran: Sequence[Ran]) -> list[str]:
        """The promises that a step broke, one line each."""
        found = [*self._of_the_world(), *self._conduct.broken(step, ran)]
        for home in {one.home.name: one.home for one in ran}.values():
            if home.planned:
                with closing(sqlite3.connect(home.ledger)) as ledger:
                    own = [one for one in ran if one.home is home]
                    found += self._of_ledger(step, own, home, ledger)
                    found += _of_progress(step, own, ledger)
                    found += of_failures(step, own, ledger, self._world.eqc.weather)
        return [*found, *self.warehouse.of_all(step)]

    def _of_the_world(self) -> Iterator[str]:
        """The simulation itself came to an end."""
        scheduler = self._world.scheduler
        if scheduler.stuck:
            yield f"stuck: {scheduler.stuck}"
            scheduler.stuck = ""
        for error in scheduler.errors:
            yield f"defect: {error!r}"
        scheduler.errors.clear()

    def _of_ledger(
        self, step: Step, ran: Sequence[Ran], home: Home, ledger: sqlite3.Connection
    ) -> Iterator[str]:
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
        yield from self._questions.wrong(home, ledger)
        yield from self._verdicts.wrong(step, ran, ledger, names)
        yield from self.warehouse.broken(step, ran, home, names)
        yield from self._of_people(step, home, names)
        if step.kind == "plan" and ran[-1].value:
            yield from _of_rows(ledger)
        yield from _of_archive(home, names)

    def _of_people(self, step: Step, home: Home, names: Sequence[Name]) -> Iterator[str]:
        """P12: what a person decided, be it for a company or for none, stands until a person changes it."""
        now = {
            name["lookup_key"]: name["company_id"] or name["reason"]
            for name in names
            if name["verdict"] == "manual"
        }
        if step.kind != "review":
            for key, company_id in self._manual[home.name].items():
                if now.get(key, "open") != company_id:
                    yield f"P12: {key} was decided by hand as {company_id}, and is {now.get(key, 'open')}"
        self._manual[home.name] = now

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


def _of_rows(ledger: sqlite3.Connection) -> Iterator[str]:
    """P12: in a plan, what a person decided of a name holds for its rows, whatever ids these have."""
    for key, told, decided in ledger.execute(
        """SELECT o.lookup_key, o.company_id, n.company_id FROM occurrences o JOIN names n USING (lookup_key)
           WHERE o.run_id = (SELECT max(id) FROM runs) AND o.source IS NOT NULL AND n.verdict = 'manual'"""
    ):
        yield f"P12: {key} was decided by hand as {decided}, and a row of it is planned as {told}"


def _of_archive(home: Home, names: Sequence[Name]) -> Iterator[str]:
    """P2: what an answer of EQC decided is in the archive."""
    archive = archive_path(home.ledger)
    decided = {name["query"] for name in names if name["source"] == "eqc"}
    if not decided or not archive.exists():
        return
    keys: set[str] = set()
    with closing(sqlite3.connect(archive)) as kept, suppress(sqlite3.Error):  # it lost its table
        keys = {key for (key,) in kept.execute("SELECT key FROM responses")}
    for query in sorted(decided):
        if sha256(f"{Endpoint.SEARCH}\n{query}".encode()).hexdigest() not in keys:
            yield f"P2: what decided {query} is not in the archive"


def _of_progress(step: Step, ran: Sequence[Ran], ledger: sqlite3.Connection) -> Iterator[str]:
    """A night in which nothing goes wrong does what there is to do."""
    if ran[-1].error is None and step.kind == "calm night":
        value, limits = ran[-1].value, {"max_minutes", "until_in", "daily_budget", "budget"}
        limited = any(step.options.get(limit) is not None for limit in limits)
        if value.exit_reason is not ExitReason.QUEUE_EMPTY and not limited:
            yield f"progress: a calm night ended by {value.exit_reason}: {value.trouble}"
    if step.kind != "last night":
        return
    for state, reason, count in ledger.execute(
        """SELECT state, reason, count(*) FROM names WHERE rows > 0
           AND (state = 'pending'
                OR state = 'failed' AND reason NOT IN ('not_found', 'invalid', 'no_company'))
           GROUP BY state, reason"""
    ):
        yield f"progress: after the last night {count} names are {state} ({reason})"
    (dead,) = ledger.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone()
    if dead:
        yield f"progress: {dead} sessions never ended"


_FIELDS = [column.strip() for column in _COLUMNS.split(",")]
