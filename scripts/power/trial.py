"""One command, recorded where it runs, with what it came to: what its states are judged by."""

from __future__ import annotations

import pickle
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.simulate import Simulator
from power.disk import Disk, Image
from power.promises import Judge, Reference, outputs_of
from power.recording import Recording, image_of, lay_out, record
from power.scenarios import Scenario
from power.sweep import State, Tally, count_steps, states_of, sweep
from power.workplace import Question, Workplace


@dataclass(frozen=True)
class Trial:
    """A recorded run. ended: by the wall clock."""

    place: Workplace
    scenario: Scenario
    recording: Recording
    reference: Reference
    ended: float

    def states(self, seed: int) -> list[State]:
        """All distinct states that a cut may leave."""
        return states_of(self.recording, seed)

    def judged(self, states: Sequence[State], tell_each: int = 0) -> Tally:
        """Open these states and hold the promises against them; then all is as the command left it."""
        tally = Tally()
        count_steps(self.recording, tally)
        judge = Judge(self.place, self.scenario, self.reference)
        for state in sweep(self.place, self.recording, judge, states, tally):
            if tell_each and tally.opened % tell_each == 0:
                print(f"{self.scenario.name}: {tally.opened} of {len(states)} opened, {state}", flush=True)
        lay_out(image_of_end(self.recording), self.place.root)
        self.place.history.put_back(self.ended)
        return tally


def recorded(place: Workplace, scenario: Scenario, trace: Path) -> Trial:
    """Prepare a command and record it. Raises RuntimeError if the record does not lead to what it left."""
    scenario.prepare(place)
    before, old = place.names(), outputs_of(place.root, scenario.outputs)
    asked = len(place.eqc.requests)
    recording = record(place.root, scenario.command, place.environment, trace)
    ended = time.time()
    place.history.learn()
    if image_of_end(recording) != image_of(place.root):
        raise RuntimeError(f"{scenario.name}: what is replayed is not what the command left")
    new, end = outputs_of(place.root, scenario.outputs), place.look(frozenset())
    if end is None:
        raise RuntimeError(f"{scenario.name}: there is no ledger afterwards")
    reference = Reference(
        names_before=before,
        tables=end.tables,
        index=place.history.rows(),
        outputs={name: (old[name], new[name] or b"") for name in scenario.outputs},
        answered=_answered(place.eqc, asked),
        questions=frozenset(_answered(place.eqc, 0)),
    )
    return Trial(place, scenario, recording, reference, ended)


def keep(trial: Trial, file: Path) -> None:
    """Write a trial to a file."""
    noted = trial.place.history.noted
    file.write_bytes(pickle.dumps((trial.recording, trial.reference, trial.ended, noted)))


def kept(place: Workplace, scenario: Scenario, file: Path) -> Trial:
    """Return a trial that was kept, of a workplace in the same directory."""
    recording, reference, ended, noted = pickle.loads(file.read_bytes())
    place.history.note_again(noted)
    return Trial(place, scenario, recording, reference, ended)


def image_of_end(recording: Recording) -> Image:
    """What stands there with every change kept."""
    disk = Disk(recording.root, recording.before)
    for place, step in enumerate(recording.steps):
        disk.step(place, step.operation)
    return disk.image(change for _, change in disk.pending)


def _answered(eqc: Simulator, first: int) -> Counter[Question]:
    """How often each question was given what EQC knows."""
    seen = eqc.requests[first:]
    return Counter((one.endpoint, str(one.parameter)) for one in seen if one.answered)
