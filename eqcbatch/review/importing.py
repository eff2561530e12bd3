"""Decisions come back in a sheet: every line is checked before the first one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Choice, Control, Decision
from eqcbatch.domain.names import storable
from eqcbatch.errors import BadInput
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.decision_rows import DecisionRow
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review.deciding import Said, Terms, confirms, decide, meant
from eqcbatch.review.known_ids import id_look
from eqcbatch.review.sheet import DECISION, FORCE, KEY
from eqcbatch.source.cell_values import word_in
from eqcbatch.source.sheets import Sheet, read_sheet

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

_LISTED = 20  # problems that a message tells at most
_FORCED = {"": False} | dict.fromkeys(("no", "n", "0", "false", "否"), False)
_FORCED |= dict.fromkeys(("yes", "y", "x", "1", "true", "force", "是", "√"), True)


_HOW = f"`yes` in its column `{FORCE}`"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a sheet of decisions did.

    lines: how many it has. undecided: those without a decision. unchanged: decisions that stood already.
    decisions: the new ones. controls: accepted names whose id the sheet confirms. drawn: which names are
    controls.
    """

    lines: int
    undecided: int
    unchanged: int
    decisions: tuple[Decision, ...]
    controls: tuple[Control, ...] = ()
    drawn: frozenset[str] = frozenset()

    def of(self, choice: Choice) -> int:
        """How many names have this decision now."""
        return sum(decision.choice is choice for decision in self.decisions)

    @property
    def forced(self) -> tuple[Decision, ...]:
        """Those with an id that EQC did not offer."""
        return tuple(decision for decision in self.decisions if decision.forced)

    @property
    def contradicted(self) -> tuple[Decision, ...]:
        """Those that say of a control that its id is not the right one."""
        accepted = (one for one in self.decisions if one.before.accepted and one.lookup_key in self.drawn)
        return tuple(one for one in accepted if one.before.company_id != one.after.company_id)

    @property
    def changed(self) -> tuple[Decision, ...]:
        """Those that changed what a person decided before."""
        return tuple(decision for decision in self.decisions if decision.before.by_a_person)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sheet. force: what its column says, as text."""

    number: int
    key: str
    text: str
    force: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet held against the ledger.

    decisions: what is new. problems: one line for people each. confirmed: names whose company has changed,
    and that keep their id. controls: accepted names that keep theirs, as the person does not know.
    """

    decisions: tuple[Decision, ...]
    undecided: int
    unchanged: int
    problems: tuple[str, ...]
    confirmed: tuple[str, ...] = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the lines of a sheet are held against.

    names: those that it is about, by key. earlier: what was decided of them before. origin: what the sheet
    is called. drawn: which of them are controls. seen: the ids of those that people confirmed before.
    """

    names: Mapping[str, Reviewed]
    earlier: Mapping[str, Sequence[DecisionRow]] = field(default_factory=dict)
    origin: str = "sheet"
    drawn: frozenset[str] = frozenset()
    seen: Mapping[str, str] = field(default_factory=dict)


def import_decisions(
    ledger: Ledger, postgres: Postgres | None, path: Path, by: str, terms: Terms
) -> Imported:
    """Apply the decisions of a sheet, all or none; BadInput tells every line that cannot be used.

    Doing it again changes nothing. by: whose decisions they are. postgres: where the index is, whose ids
    tell what ids look like.
    """
    sheet = read_sheet(path)
    keys = {storable(line.key) for line in _lines(sheet)}
    drawn, seen = ledger.controls.drawn(keys), ledger.controls.confirmed(keys)
    known = Known(ledger.reviews.named(keys), ledger.decisions.of(keys), path.name, drawn, seen)
    checked = check_decisions(sheet, known, replace(terms, look=id_look(ledger, postgres)))
    if checked.problems:
        raise BadInput(_listed(path, checked.problems))
    ledger.decisions.record(checked.decisions, by, checked.confirmed, checked.controls)
    counts = len(sheet.rows), checked.undecided, checked.unchanged
    return Imported(*counts, checked.decisions, checked.controls, drawn)


def check_decisions(sheet: Sheet, known: Known, terms: Terms) -> Checked:
    """Hold every line of a sheet against the names it is about; BadInput if its columns are not those.

    | line                                              | is             |
    |---------------------------------------------------|----------------|
    | its key is blank, unknown, or stands further up   | a problem      |
    | no decision                                       | undecided      |
    | `force` is neither yes nor no                     | a problem      |
    | the id that a control has                         | its            |
    |                                                   | confirmation   |
    | anything else                                     | what `decide`  |
    |                                                   | makes of it    |
    """
    decisions: list[Decision] = []
    problems: list[str] = []
    unchanged: list[tuple[Reviewed, str]] = []
    controls: list[Control] = []
    undecided = 0
    seen: dict[str, int] = {}
    for line in _lines(sheet):
        name = known.names.get(storable(line.key))
        found = _problem_of_line(line, name, seen.setdefault(line.key, line.number))
        if found is None and not line.text:
            undecided += 1
            continue
        if found is None and name is not None:
            decided = _decided(name, line, known, terms)
            if isinstance(decided, Decision):
                decisions.append(decided)
            elif isinstance(decided, Control):
                controls.append(decided)
            elif decided is None:
                unchanged.append((name, line.text))
            else:
                found = decided
        if found is not None:
            problems.append(f"line {line.number}: {found}")
    confirmed = tuple(name.lookup_key for name, text in unchanged if confirms(name, text))
    counts = undecided, len(unchanged), tuple(problems)
    return Checked(tuple(decisions), *counts, confirmed, tuple(controls))


def _decided(name: Reviewed, line: Line, known: Known, terms: Terms) -> Decision | Control | str | None:
    """What a line comes to; of a control whose id it confirms, that, unless it was confirmed before.

    A name whose company has changed is no control: its line is there for another reason.
    """
    origin = f"{known.origin} line {line.number}"
    control = name.lookup_key in known.drawn and name.standing.accepted and name.change is None
    text = meant(name, line.text)
    if control and text == name.standing.company_id:
        confirmed = known.seen.get(name.lookup_key) == text
        return None if confirmed else Control(name.lookup_key, text, origin)
    said = Said(line.text, origin, _FORCED[word_in(line.force)], _HOW)
    return decide(name, said, known.earlier.get(name.lookup_key, ()), terms)


def _lines(sheet: Sheet) -> list[Line]:
    for column in (KEY, DECISION):
        if sheet.header.count(column) != 1:
            raise BadInput(
                f"The sheet must have one column {column!r} in its first line. "
                "Fill in a sheet that `eqcbatch review export` wrote."
            )
    places = [sheet.header.index(column) for column in (KEY, DECISION)]
    places += [sheet.header.index(FORCE)] if FORCE in sheet.header else []
    padding = ("",) * len(sheet.header)
    padded = [(number, cells + padding) for number, cells in sheet.rows]
    return [Line(number, *(cells[place] for place in places)) for number, cells in padded]


def _problem_of_line(line: Line, name: Reviewed | None, first: int) -> str | None:
    if not line.key:
        return "it has no lookup_key"
    if name is None:
        return f"the ledger has no name with the key {line.key!r}"
    if first != line.number:
        return f"{line.key!r} stands in line {first} already"
    if word_in(line.force) not in _FORCED:
        return f"its column `{FORCE}` says {line.force!r}: write `yes`, or nothing"
    return None


def _listed(path: Path, problems: tuple[str, ...]) -> str:
    more = len(problems) - _LISTED
    lines = [f"  {problem}." for problem in problems[:_LISTED]]
    if more > 0:
        lines.append(f"  and {more:,} more.")
    return "\n".join([f"{path} cannot be imported; nothing was changed. Mend these lines:", *lines])
