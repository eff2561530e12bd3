"""Decisions come back in a sheet: every line is checked before the first one counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.domain.model import Candidate, IdSource, Reason, State
from eqcbatch.domain.names import storable, usable_id
from eqcbatch.errors import BadInput
from eqcbatch.ledger import Reviews
from eqcbatch.ledger.reviews import Decision, Reviewed
from eqcbatch.review.sheet import DECISION, KEY
from eqcbatch.source.sheets import Sheet, read_sheet

NOBODY = "none"  # the decision that no company is the right one
_LIKE_AN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")  # company_id is a varchar(100)
_LISTED = 20  # problems that a message tells at most


@dataclass(frozen=True, slots=True)
class Imported:
    """What a sheet of decisions did.

    lines: how many it has. undecided: those without a decision. decided: names that have a company now.
    rejected: names for which no company is the right one. unchanged: decisions that stood already.
    """

    lines: int
    undecided: int
    decided: int
    rejected: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet held against the ledger. decisions: what is new. problems: one line for people each."""

    decisions: tuple[Decision, ...]
    undecided: int
    unchanged: int
    problems: tuple[str, ...]


def import_decisions(reviews: Reviews, path: Path, *, force: bool = False) -> Imported:
    """Apply the decisions of a sheet, all or none; BadInput tells every line that cannot be used.

    Doing it again changes nothing. force: take ids that EQC did not offer for the name.
    """
    sheet = read_sheet(path)
    keys = {storable(key) for _, key, _ in _decisions_of(sheet)}
    checked = check_decisions(sheet, reviews.named(keys), force=force)
    if checked.problems:
        raise BadInput(_listed(path, checked.problems))
    if checked.decisions:
        reviews.record_manual(checked.decisions)
    rejected = sum(decision.company is None for decision in checked.decisions)
    return Imported(
        lines=len(sheet.rows),
        undecided=checked.undecided,
        decided=len(checked.decisions) - rejected,
        rejected=rejected,
        unchanged=checked.unchanged,
    )


def check_decisions(sheet: Sheet, names: Mapping[str, Reviewed], *, force: bool = False) -> Checked:
    """Hold every line of a sheet against the names it is about; BadInput if its columns are not those.

    | line                                                     | is                        |
    |----------------------------------------------------------|---------------------------|
    | its key is blank, unknown, or stands further up          | a problem                 |
    | no decision                                              | undecided                 |
    | a decision that stands already                           | unchanged                 |
    | the name is not resolved (any more)                      | a problem                 |
    | `none`                                                   | new: no company           |
    | no id, such as N/A, or one of more than 100 characters   | a problem                 |
    | an id among the candidates, or any with `force`          | new                       |
    | another id                                               | a problem                 |
    """
    decisions: list[Decision] = []
    problems: list[str] = []
    undecided = unchanged = 0
    seen: dict[str, int] = {}
    for number, key, text in _decisions_of(sheet):
        name = names.get(storable(key))
        problem = _problem_of_key(key, name, seen.setdefault(key, number), number)
        if problem is None and name is not None:
            if not text:
                undecided += 1
                continue
            if _stands(name, text):
                unchanged += 1
                continue
            problem = _problem_of_decision(name, text, force)
        if problem is not None:
            problems.append(f"line {number}: {problem}")
        elif name is not None:
            decisions.append(Decision(name.lookup_key, _company(name, text)))
    return Checked(tuple(decisions), undecided, unchanged, tuple(problems))


def _decisions_of(sheet: Sheet) -> list[tuple[int, str, str]]:
    """Line number, key and decision of every line."""
    for column in (KEY, DECISION):
        if sheet.header.count(column) != 1:
            raise BadInput(
                f"The sheet must have one column {column!r} in its first line. "
                "Fill in a sheet that `eqcbatch review export` wrote."
            )
    key, decision = sheet.header.index(KEY), sheet.header.index(DECISION)
    padding = ("",) * len(sheet.header)
    padded = [(number, cells + padding) for number, cells in sheet.rows]
    return [(number, cells[key], cells[decision]) for number, cells in padded]


def _problem_of_key(key: str, name: Reviewed | None, first: int, number: int) -> str | None:
    if not key:
        return "it has no lookup_key"
    if name is None:
        return f"the ledger has no name with the key {key!r}"
    if first != number:
        return f"{key!r} stands in line {first} already"
    return None


def _problem_of_decision(name: Reviewed, text: str, force: bool) -> str | None:
    if name.state is not State.RESOLVED:
        state = f"{name.state} ({name.reason})" if name.reason else str(name.state)
        return f"{name.lookup_key!r} is {state}: only a resolved name can be decided"
    if text.lower() == NOBODY:
        return None
    offered = any(found.company_id == text for found in name.candidates)
    if usable_id(text) is None or not (offered or _LIKE_AN_ID.fullmatch(text)):
        return f"{text[:40]!r} is no company id. Write an id, `{NOBODY}` for no company, or nothing"
    if force or offered:
        return None
    return f"{text!r} is not among the candidates of {name.lookup_key!r}; --force takes it all the same"


def _stands(name: Reviewed, text: str) -> bool:
    """Whether this very decision was taken before."""
    if text.lower() == NOBODY:
        return name.state is State.FAILED and name.reason is Reason.NOT_FOUND
    return name.state is State.RESOLVED and name.source is IdSource.MANUAL and name.company_id == text


def _company(name: Reviewed, text: str) -> Candidate | None:
    if text.lower() == NOBODY:
        return None
    return next((found for found in name.candidates if found.company_id == text), Candidate(0, text))


def _listed(path: Path, problems: tuple[str, ...]) -> str:
    more = len(problems) - _LISTED
    lines = [f"  {problem}." for problem in problems[:_LISTED]]
    if more > 0:
        lines.append(f"  and {more:,} more.")
    return "\n".join([f"{path} cannot be imported; nothing was changed. Mend these lines:", *lines])
