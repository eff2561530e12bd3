"""What must hold in each state that a power cut may leave, and once the command was run to its end there.

| promise | in words                                                                                       |
|---------|------------------------------------------------------------------------------------------------|
| P1, P12 | all names of before are there; what a plan or a review said is done, is                        |
| P2      | the end is that of a run without a cut; what the ledger goes by is archived; no question is    |
|         | asked again whose answer is archived, nor one that was answered, save those under way just then |
| P3      | with the machine up again at once, no window holds more requests than the rate                 |
| P4      | no fewer requests are booked than were sent                                                    |
| P5      | what the ledger calls flushed is in Postgres, and in the end Postgres holds what it would      |
| P7      | the accounts balance; ledger and archive are whole                                             |
| outputs | are whole: the old one, the new one or none; the new one once the command has said so          |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from eqcbatch.errors import EqcbatchError
from power.pace import pace_violation
from power.scenarios import Scenario
from power.workplace import Question, Standing, Table, Workplace, shown_difference

_EACH = 50  # of so many states one is gone on with by a process of its own; the others do without its start
_ENDPOINTS = {"": "search", "findDepart": "findDepart", "findLabels": "findLabels"}


@dataclass(frozen=True, slots=True)
class Cut:
    """What the world had seen of a run when the power went. said: its end, told on stdout. at: wall clock."""

    at: float
    said: bool
    sent: tuple[tuple[float, Question], ...]


@dataclass(frozen=True)
class Reference:
    """A run without a cut: what stood before it and what it came to.

    answered: how often EQC gave a usable answer to each question of the run. questions: all that were ever
    asked, before the run or in it.
    """

    names_before: frozenset[str]
    tables: list[Table]
    index: list[Table]
    outputs: dict[str, tuple[bytes | None, bytes]]
    answered: Counter[Question]
    questions: frozenset[Question]


class Judge:
    """Looks at states of one run, laid out in the workplace. resumed: how many went on to the end."""

    def __init__(self, place: Workplace, scenario: Scenario, reference: Reference) -> None:
        self.resumed = self._judged = 0
        self._place = place
        self._scenario = scenario
        self._reference = reference

    def violations(self, first: Cut, last: Cut) -> Iterator[str]:
        """Yield what does not hold in the state laid out, which a cut may leave from `first` to `last`.

        What had been committed elsewhere counts by the first cut, what had been seen, by the last.
        """
        try:
            yield from self._of_outputs(last)
            standing = self._place.look(self._reference.questions)
            if standing is None and (self._reference.names_before or last.said):
                yield "P1: there is no ledger"
            if standing is not None:
                yield from self._of_ledger(standing, first, last)
            if self._place.pace.exists() or last.sent:
                yield from pace_violation(self._place.pace, [at for at, _ in last.sent], last.at)
            yield from self._of_the_end(last, standing.archived if standing else frozenset())
        except (EqcbatchError, OSError, ValueError) as error:
            yield f"{type(error).__name__}: {error}"

    def _of_outputs(self, cut: Cut) -> Iterator[str]:
        for name, (old, new) in self._reference.outputs.items():
            path = self._place.root / name
            found = path.read_bytes() if path.exists() else None
            if found != new and (cut.said or found not in (old, None)):
                what = "is missing" if found is None else f"has {len(found)} bytes"
                yield f"outputs: {name} {what}, after it was said to be written: {cut.said}"

    def _of_ledger(self, standing: Standing, first: Cut, last: Cut) -> Iterator[str]:
        reference = self._reference
        yield from (f"P7: {line}" for line in standing.imbalances)
        if missing := reference.names_before - standing.names:
            yield f"P1: {len(missing)} names of before are gone"
        if last.said and standing.tables != reference.tables:
            yield "P1: what the command said is done is not in the ledger"
        if unknown := standing.settled - standing.archived:
            yield f"P2: the ledger goes by answers that the archive lacks: {sorted(unknown)[:3]}"
        if standing.booked < len(last.sent):
            yield f"P4: {len(last.sent)} requests were sent, {standing.booked} are booked"
        lost = standing.flushed - self._place.history.flushed(first.at)
        if lost and not self._scenario.takes_back:
            yield f"P5: {len(lost)} names are called flushed and are not in Postgres"

    def _of_the_end(self, cut: Cut, archived: frozenset[Question]) -> Iterator[str]:
        """Go on where the cut left it, and look at the end."""
        place, reference = self._place, self._reference
        place.history.put_back(cut.at)
        asked_before = len(place.eqc.requests)
        code = self._go_on()
        if code not in self._scenario.codes:
            yield f"going on ends with exit code {code}: {place.said()}"
            return
        self.resumed += 1
        asked = {(seen.endpoint, str(seen.parameter)) for seen in place.eqc.requests[asked_before:]}
        if again := asked & archived:
            yield f"P2: asked again, though the answer is archived: {sorted(again)[:3]}"
        sent = [question for _, question in cut.sent]
        under_way = sent[len(sent) - self._scenario.in_flight :]
        if again := {one for one in asked & {*sent} if reference.answered[one]} - {*under_way}:
            yield f"P2: asked again, though answered long before the cut: {sorted(again)[:3]}"
        end = place.look(reference.questions)
        if end is None:
            yield "P1: in the end there is no ledger"
            return
        yield from (f"P7: {line}" for line in end.imbalances)
        yield from _differences("the ledger", end.tables, reference.tables)
        yield from _differences("Postgres", place.history.rows(), reference.index)

    def _go_on(self) -> int:
        """Run what goes on, now and then as a process of its own; its exit code."""
        self._judged += 1
        if self._judged % _EACH == 0:
            return self._place.run_process(*self._scenario.resumed)
        if self._scenario.go_on is not None:
            return self._scenario.go_on(self._place)
        return self._place.run(*self._scenario.resumed)


def _differences(where: str, found: list[Table], expected: list[Table]) -> Iterator[str]:
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            rows = [dict(enumerate(map(str, table))) for table in (one, other)]
            yield f"P2: {where} ends differently, table {number}: {shown_difference(*rows)}"


def question_of(target: str) -> Question | None:
    """The question of a request by its path and query; None for a light one that decides nothing."""
    parts = urlsplit(target)
    endpoint = _ENDPOINTS.get(parts.path.rpartition("/search")[2].strip("/"))
    values = parse_qs(parts.query)
    asked = values.get("key") or values.get("targetId")
    return (endpoint, asked[0]) if endpoint and asked else None


def outputs_of(root: Path, names: tuple[str, ...]) -> dict[str, bytes | None]:
    """The content of each output that is there."""
    return {name: (root / name).read_bytes() if (root / name).exists() else None for name in names}
