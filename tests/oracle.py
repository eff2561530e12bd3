"""What eqcbatch must come to, worked out a second time in plain Python; none of the product's code.

An `Oracle` is one ledger; several may share a `World`. A command is told to it as to the product. What only
EQC decides, which questions it heard and what befell them, comes from EQC's own log; where that leaves more
than one end, as after a kill, `ends` names them all, and the test goes on from the one that came to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.world import OURS, SIBLINGS, VERDICTS, Row, World

LONGEST_KEY = 255
TRIES = 3  # requests of a round
MINIMUM = 0.7  # by which a name is judged that is opened again
REASONS = {"500": "server_error", "reset": "network", "404": "bad_response", "error": "refused"}
EMPTY = ("empty", "null")


@dataclass(frozen=True)
class Name:
    """A name of a ledger, as far as anybody can tell it from outside."""

    state: str = "pending"
    reason: str | None = None
    company_id: str | None = None
    confidence: float | None = None
    held: str | None = None
    manual: bool = False
    flushed: bool = False
    refused: bool = False
    due_again: bool = False


NOT_FOUND = Name("failed", "not_found")
NO_COMPANY = Name("failed", "no_company", manual=True)
VOUCHED = ("manual", "yaml")  # rows of the index that people vouch for
UNDOUBTED = ("invalid", "no_company")  # reasons that do not pass


@dataclass(frozen=True)
class Sent:
    """What of a name Postgres had from us last, and from which session."""

    what: tuple[str, float]
    session: int | None = None

    def stands_as(self, row: Row | None) -> bool:
        """Whether a row is as we wrote it."""
        if row is None or row.what != self.what:
            return False
        return row.source == "eqc_api" or (row.source, row.domain, row.confidence) == ("manual", OURS, 1)


@dataclass(frozen=True)
class Heard:
    """A search as EQC heard it, and which fault struck; None if it was answered by what EQC knows."""

    name: str
    fault: str | None


@dataclass(frozen=True)
class Ending:
    """How a drain ended. well: as asked. done: at the end of its queue. killed: in its middle."""

    well: bool
    done: bool
    killed: bool = False


class Oracle:
    """One ledger.

    runs: rows by key of each source, "" for blank ones. before: what stood in the index before we wrote, if
    that is known. answered: what EQC ever told. machine_said: how names stood before people decided.
    opened: how those stand that were given back to the machine by the latest decision.
    offered: of which names EQC's offers are stored.
    """

    def __init__(self, world: World, machine: int) -> None:
        self.world = world
        self.machine = machine
        self.names: dict[str, Name] = {}
        self.sent: dict[str, Sent] = {}
        self.before: dict[str, Row | None] = {}
        self.runs: dict[str, Counter[str]] = {}
        self.hits: dict[str, int] = {}
        self.answered: set[str] = set()
        self.machine_said: dict[str, Name] = {}
        self.opened: dict[str, Name] = {}
        self.offered: set[str] = set()
        self.session: int | None = None

    def rows(self, key: str) -> int:
        """The rows of a name; none if it is retired."""
        return sum(run[key] for run in self.runs.values())

    def current(self) -> dict[str, Name]:
        """The names that are not retired."""
        return {key: name for key, name in self.names.items() if self.rows(key)}

    # plan

    def plan(self, source: str, rows: Counter[str]) -> None:
        """A source is planned: its names by key, with their rows."""
        self.verify()
        self._plan(source, rows)
        self._take_back_after_plan()

    def _plan(self, source: str, rows: Counter[str]) -> None:
        self.runs[source] = rows
        for key in rows.keys() - {""} - self.names.keys():
            self.names[key] = Name("failed", "invalid") if len(key) > LONGEST_KEY else Name()
        for key, name in self.names.items():
            row = self.world.index.get(key)
            undecided = name.state in ("pending", "failed") and name.reason not in UNDOUBTED
            if row and (undecided or key in rows) and self._tells(key, row):
                self.names[key] = Name("cached", None, *row.what)
        self.hits[source] = sum(self.names[key].state == "cached" for key in rows if key)

    def _tells(self, key: str, row: Row) -> bool:
        """Whether a row of the index says what a name does not stand by, and is the stronger word."""
        name, sent = self.names[key], self.sent.get(key)
        if name.manual or name.reason in UNDOUBTED:
            return False
        if sent and sent.what == row.what and not name.flushed and (name.state != "resolved" or name.held):
            return False  # our own, which waits to be taken back
        vouched = row.source in VOUCHED
        if name.state == "resolved":
            same = row.company_id == name.company_id
            return (vouched or not same) if name.held else (vouched and not same)
        return True

    def _take_back_after_plan(self) -> None:
        if self.gone():
            self.take_back()
            self.mark_queue()

    def plan_queue(self, limit: int | None) -> None:
        """The queue is planned: what nobody else has is taken, the first first; all that was taken counts."""
        self.verify()
        queue = self.world.queue
        others = {one.key for one in queue if one.status == "processing" and one.machine != self.machine}
        free = [at for at, one in enumerate(queue) if one.status == "pending" and one.key not in others]
        for at in free[:limit]:
            queue[at] = replace(queue[at], status="processing", machine=self.machine)
        self._plan("queue", Counter(one.key for one in queue if one.machine == self.machine))
        self.mark_queue()
        self._take_back_after_plan()

    def mark_queue(self) -> None:
        """The queue hears what became of the names that this machine took."""
        for at, one in enumerate(self.world.queue):
            if one.machine == self.machine and (mark := self._mark(self.names[one.key])):
                status, company_id, error = mark
                self.world.queue[at] = replace(one, status=status, company_id=company_id, error=error)

    @staticmethod
    def _mark(name: Name) -> tuple[str, str | None, str | None] | None:
        if name.state == "cached" or (name.flushed and not name.held):
            return "done", name.company_id, None
        if name.held:
            return "failed", None, f"held: {name.held}"
        if name.refused:
            return "failed", None, "conflict"
        return ("failed", None, name.reason) if name.state == "failed" and not name.due_again else None

    # drain

    def ends(self, heard: Sequence[Heard], minimum: float, ending: Ending) -> dict[str, list[Name]]:
        """Where each name may be after a drain, by what EQC heard in it."""
        told: dict[str, list[str | None]] = {}
        for one in heard:
            told.setdefault(one.name, []).append(one.fault)
        answered = {name for name, faults in told.items() if None in faults}
        ends = {key: [name] for key, name in self.names.items()}
        for key in filter(self.is_open, self.names):
            helped = SIBLINGS.get(key) in answered | self.answered
            ends[key] = self._ends(key, told.get(key, []), decided(key, minimum), ending, helped=helped)
        self.answered |= answered
        return ends

    def is_open(self, key: str) -> bool:
        """Whether a drain may change a name: it is current, and pending, or failed by EQC."""
        name = self.names[key]
        failed = name.state == "failed" and name.reason not in UNDOUBTED
        return self.rows(key) > 0 and (name.state == "pending" or failed)

    def _ends(
        self, key: str, faults: Sequence[str | None], verdict: Name, ending: Ending, *, helped: bool
    ) -> list[Name]:
        certain = ending.well and ending.done
        maybe_not = [] if certain else [Name()]
        if None in faults:
            found = verdict.state == "resolved" and not ending.killed
            return [verdict] if found else [verdict, *maybe_not]
        if helped and certain:
            return [verdict]
        ends = [*maybe_not, *([verdict] if helped or key in self.answered else [])]
        if set(faults) & set(EMPTY):
            return [*ends, NOT_FOUND] if ending.well else ends
        for fault in faults:
            reason = REASONS.get(fault or "")
            if reason == "refused" or (reason and ending.well and len(faults) >= TRIES):
                ends += [Name("failed", reason, due_again=again) for again in (False, True)]
        before = self.names[key]
        return [*ends, before] if before.state == "failed" and not faults else ends

    def to_ask(self) -> list[str]:
        """The pending names that EQC has to be asked, in that order."""
        pending = [key for key, name in self.current().items() if name.state == "pending"]
        return sorted({*pending} - self.answered, key=lambda key: (-self.rows(key), key))

    def retry_failed(self) -> None:
        """A wish: what failed for another reason than "no match" is pending again."""
        for key, name in self.current().items():
            if name.state == "failed" and name.reason not in (*UNDOUBTED, "not_found"):
                self.names[key] = Name()

    # flush

    def flush(self, *, again: bool = False, refused: bool = False) -> None:
        """Send what is due, take back what does not hold any more, tell the queue.

        again: what was flushed before is looked at first. refused: what Postgres did not take is tried, too.
        """
        if again:
            self.verify()
        for key in sorted(self.due(refused=refused)):
            self.send(key)
        self.take_back()
        self.mark_queue()

    def due(self, *, refused: bool = False) -> list[str]:
        """The names whose results are to be sent."""
        ready = {key: name for key, name in self.names.items() if name.state == "resolved" and not name.held}
        return [key for key, name in ready.items() if not name.flushed and (refused or not name.refused)]

    def send(self, key: str) -> None:
        """One result goes to the index: the higher confidence wins, and what is ours is corrected."""
        name, row, sent = self.names[key], self.world.index.get(key), self.sent.get(key)
        assert name.company_id
        assert name.confidence is not None
        if len(key) > LONGEST_KEY:  # nor could the index hold it, whoever decided it
            self.names[key] = replace(name, refused=True)
            return
        new = Row(name.company_id, name.confidence, "manual" if name.manual else "eqc_api", OURS)
        if sent and sent.stands_as(row):
            self.before.setdefault(key, row)  # what we did not write was there before we do
            self.world.index[key] = new
        elif row is None or new.confidence > row.confidence:
            self.before[key] = row
            self.world.index[key] = new
        stands = self.world.index[key].company_id == new.company_id
        if stands:
            self.sent[key] = Sent(new.what, self.session)
        self.names[key] = replace(name, flushed=stands, refused=not stands)

    def take_back(self) -> None:
        """What we sent and does not hold any more leaves the index, where it stands as we wrote it."""
        for key, sent in self.gone().items():
            row = self.world.index.get(key)
            if row and row.domain == OURS and sent.stands_as(row):
                del self.world.index[key]
                if before := self.before[key]:
                    self.world.index[key] = before
            del self.sent[key], self.before[key]

    def gone(self) -> dict[str, Sent]:
        """What we sent that does not hold any more, of which is known what stood there."""
        return {
            key: sent
            for key, sent in self.sent.items()
            if key in self.before and not self.names[key].flushed
            if self.names[key].held or self.names[key].state != "resolved"
        }

    def verify(self) -> None:
        """What Postgres lost of what was flushed is due again."""
        for key, name in self.names.items():
            if not name.flushed:
                continue
            sent, row = self.sent[key], self.world.index.get(key)
            if row is None or (row.what != sent.what and row == self.before.get(key)):
                self.names[key] = replace(name, flushed=False)
                del self.sent[key]
                if row and row.domain == OURS:
                    self.sent[key] = Sent(row.what)
                else:
                    self.before.pop(key, None)

    def sessions(self) -> list[int]:
        """The sessions that have something in Postgres that EQC decided."""
        flushed = {key for key, name in self.names.items() if name.flushed and not name.manual}
        return sorted({sent.session for key, sent in self.sent.items() if key in flushed and sent.session})

    def revert(self, session: int) -> None:
        """Hold what EQC decided and a session sent, and take it back."""
        for key, sent in self.sent.items():
            name = self.names[key]
            if sent.session == session and name.flushed and not name.manual:
                self.names[key] = replace(name, flushed=False, held="reverted")
        self.take_back()
        self.mark_queue()

    # review

    def held(self) -> set[str]:
        """The names that a reviewer is asked about."""
        return {key for key, name in self.current().items() if name.held}

    def decide(self, decisions: dict[str, str], *, change: bool = True) -> bool:
        """A sheet comes back: an id, `none` or `reopen` by key. All or nothing: whether it was taken.

        change: whether it may change what a person decided.
        """
        new = {key: after for key, text in decisions.items() if (after := self._after(key, text)) is not None}
        if any(self.names[key].manual and not change for key in new):
            return False
        for key, after in new.items():
            if not self.names[key].manual:
                self.machine_said[key] = self.names[key]
            self.opened.pop(key, None)
            if not after.manual:
                self.opened[key] = after
            self.names[key] = after
        self.flush()
        return True

    def _after(self, key: str, text: str) -> Name | None:
        """What a name becomes; None if that changes nothing."""
        name = self.names[key]
        if text == "reopen":
            return self._reopened(key, name)
        if text == "none":
            return None if name.reason == "no_company" else NO_COMPANY
        if name.manual and name.company_id == text:
            return None
        return Name("resolved", None, text, 1.0, manual=True)

    def _reopened(self, key: str, name: Name) -> Name | None:
        """What the machine says of a name, as of old; what it is asked for, it is asked again."""
        if not name.manual:
            if name == self.opened.get(key):
                return None
            known = name.state in ("cached", "failed") and name.reason != "invalid"
            return Name() if known else None
        before = self.machine_said[key]
        if before.state == "cached" or before.reason == "invalid":
            return before
        if key not in self.offered:
            return Name()
        new = decided(key, MINIMUM)
        return replace(new, held=new.held or "reverted") if before.held == "reverted" else new

    def rescore(self, minimum: float) -> None:
        """Judge anew what EQC decided, and flush it."""
        for key, name in self.names.items():
            if name.state != "resolved" or name.manual:
                continue
            new = decided(key, minimum)
            if new.held != name.held:
                as_sent = key in self.sent and self.sent[key].what == VERDICTS[key].what
                self.names[key] = replace(new, flushed=name.flushed and not new.held and as_sent)
        self.flush()

    # report

    def report(self) -> dict[str, Any]:
        """The parts of `report --json` that follow from what was done."""
        names, states = self.current(), ("pending", "cached", "resolved", "failed")
        by_state = {state: [key for key in names if names[key].state == state] for state in states}
        blank = sum(run[""] for run in self.runs.values())
        resolved = Counter(_on_its_way(names[key]) for key in by_state["resolved"])
        distinct = sum(len(run.keys() - {""}) for run in self.runs.values())
        return {
            "names": {
                "total": len(names),
                "retired": len(self.names) - len(names),
                **{state: len(keys) for state, keys in by_state.items()},
            },
            "rows": {
                "total": sum(run.total() for run in self.runs.values()),
                "blank": blank,
                "blank_covered": 0,
                **{state: sum(map(self.rows, keys)) for state, keys in by_state.items()},
            },
            "resolved": {way: resolved[way] for way in ("flushed", "unflushed", "held")},
            "failed_by_reason": dict(Counter(names[key].reason for key in by_state["failed"])),
            "hit_rate": sum(self.hits.values()) / distinct if distinct else None,
        }


def decided(key: str, minimum: float) -> Name:
    """What EQC's answer makes of a name."""
    verdict = VERDICTS.get(key)
    if verdict is None:
        return NOT_FOUND
    return Name("resolved", None, *verdict.what, verdict.held(minimum))


def _on_its_way(name: Name) -> str:
    return "flushed" if name.flushed else "held" if name.held else "unflushed"
