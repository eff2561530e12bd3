"""All states of one recorded run: found, counted once each, laid out and judged."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from power.disk import Disk, digest_of
from power.operations import Said, Sent, Step, Sync, SyncDirectory, Write
from power.promises import Cut, Judge, question_of
from power.recording import Recording, lay_out
from power.states import Left, at_a_step, at_most
from power.workplace import Workplace

_SOME = 3  # of all but one, amid a row of writes


@dataclass(frozen=True, slots=True)
class State:
    """A state that is found once or several times. number: from 1. first, last: the places of its cuts."""

    number: int
    first: int
    last: int
    left: Left

    def __str__(self) -> str:
        return f"state {self.number}, cut before step {self.last}, left: {self.left.why}"


@dataclass
class Tally:
    """What a sweep came to."""

    writes: int = 0
    syncs: int = 0
    cuts: int = 0
    states: int = 0
    opened: int = 0
    resumed: int = 0
    violations: list[str] = field(default_factory=list)


def states_of(recording: Recording, seed: int) -> list[State]:
    """Return the distinct states, each with its first cut and its last."""
    disk, found = Disk(recording.root, recording.before), dict[bytes, State]()
    for place, step in enumerate([*recording.steps, None]):
        for left in _left(disk, step, random.Random(f"{seed} {place}")):
            digest = digest_of(disk.image(left.kept))
            known = found.get(digest)
            if known is None:
                found[digest] = State(len(found) + 1, place, place, left)
            elif known.last < place:
                found[digest] = State(known.number, known.first, place, left)
        if step is not None:
            disk.step(place, step.operation)
    return list(found.values())


def _left(disk: Disk, step: Step | None, chance: random.Random) -> Iterator[Left]:
    """What a cut before a step may leave: all of it where a row of writes ends, else a part."""
    pending = [change for _, change in disk.pending]
    if step is None or isinstance(step.operation, Sync | SyncDirectory | Said | Sent):
        return at_most(pending)
    return at_a_step(pending, chance, _SOME)


def count_steps(recording: Recording, tally: Tally) -> None:
    """Count what was recorded."""
    kinds = Counter(type(step.operation) for step in recording.steps)
    tally.writes += kinds[Write]
    tally.syncs += kinds[Sync] + kinds[SyncDirectory]
    tally.cuts += len(recording.steps) + 1


def sweep(
    place: Workplace, recording: Recording, judge: Judge, states: Sequence[State], tally: Tally
) -> Iterator[State]:
    """Judge the states in the order of their cuts, yielding each when it is done."""
    disk, reached = Disk(recording.root, recording.before), 0
    for state in sorted(states, key=lambda one: (one.last, one.number)):
        for step in range(reached, state.last):
            disk.step(step, recording.steps[step].operation)
        reached = state.last
        lay_out(disk.image(state.left.kept), place.root)
        cuts = cut_at(recording, state.first), cut_at(recording, state.last)
        for what in judge.violations(*cuts):
            tally.violations.append(f"{state}: {what}")
            print(tally.violations[-1], flush=True)
        tally.opened += 1
        tally.resumed = judge.resumed
        yield state


def cut_at(recording: Recording, place: int) -> Cut:
    """What the world had seen before a step."""
    before = recording.steps[:place]
    asked = [
        (step.at, question_of(step.operation.target)) for step in before if isinstance(step.operation, Sent)
    ]
    said = any(isinstance(step.operation, Said) for step in before)
    at = before[-1].at if before else recording.steps[0].at
    return Cut(at, said, tuple((at, question) for at, question in asked if question))
