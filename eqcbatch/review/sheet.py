"""The sheet of a review: one line a name that awaits a person, with candidates and room for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eqcbatch.domain.matching import Asked, judge, weigh_evidence
from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.model import Candidate, NamePart, VerdictRule
from eqcbatch.domain.names import written_form
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.ledger import Reviews
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source.sheets import Value, read_sheet, write_sheet

KEY, DECISION, FORCE = "lookup_key", "decision", "force"
FACTS = (KEY, "query", "held", "verdict", "rows", "weight", DECISION, FORCE, "candidates")
EVIDENCE = "evidence"
OF_CANDIDATE = ("id", "name", "type", "status", "agrees", "contradicts")
MOST_SHOWN = 10  # candidates side by side; the column `candidates` says how many there are

_PARTS = {
    NamePart.REGION: "places",
    NamePart.BRANCH: "branch",
    NamePart.NUMBER: "numbers",
    NamePart.CORE: "core",
    NamePart.FORM: "form",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in a sheet: names that are held, and names whose company has changed."""

    held: int
    changed: int


def export(reviews: Reviews, path: Path) -> Exported:
    """Write the sheet of all that awaits a person.

    Raises BadInput if a sheet is there already that holds decisions on that: nobody's work is written over.
    """
    held, changed = reviews.held(), reviews.changed()
    names = [*held, *changed]
    _keep_decisions(path, {name.lookup_key for name in names})
    header, lines = export_lines(names)
    write_sheet(path, header, lines)
    return Exported(len(held), len(changed))


def export_lines(held: Sequence[Reviewed]) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """The header and the lines of the sheet, all of one length; evidence comes last, if there is any."""
    offers = [distinct(name.offers)[:MOST_SHOWN] for name in held]
    most = max(map(len, offers), default=0)
    header = FACTS + tuple(f"{column}_{number + 1}" for number in range(most) for column in OF_CANDIDATE)
    lines = [
        _facts(name) + tuple(cell for found in offered for cell in _of_candidate(name, found))
        for name, offered in zip(held, offers, strict=True)
    ]
    lines = [line + (None,) * (len(header) - len(line)) for line in lines]
    if not any(name.evidence for name in held):
        return header, lines
    return (*header, EVIDENCE), [(*line, _beside(name)) for name, line in zip(held, lines, strict=True)]


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One candidate a company, the best-ranked."""
    return list({found.company_id: found for found in reversed(candidates)}.values())[::-1]


def evidence(asked: Asked, offered: Candidate) -> tuple[str, str]:
    """What in a candidate agrees with what was asked for, and what contradicts it; "" for nothing.

    The verdict's own rules say whether anything contradicts; where something does, every part in which
    the two names differ is told.
    """
    verdict = judge(asked, [offered], ConfidenceRule())
    how = verdict.how if verdict else None
    wanted, found = take_apart(asked.query), take_apart(offered.official_name or "")
    pairs = {part: (getattr(wanted, field), getattr(found, field)) for part, field in _PARTS.items()}
    agrees = [str(part) for part, (left, right) in pairs.items() if left and left == right]
    if how is VerdictRule.EXACT_NAME:
        same = written_form(asked.query) == written_form(offered.official_name or "")
        agrees.insert(0, "name" if same else "name as written elsewhere")
    elif how is VerdictRule.FORMER_NAME:
        agrees.insert(0, f"former name ({'、'.join(offered.former_names)})")
    contradicted = how.contradicted if how else None
    if contradicted is None:
        return ", ".join(agrees), ""
    differing = [part for part, (left, right) in pairs.items() if left != right]
    return ", ".join(agrees), ", ".join(dict.fromkeys([contradicted, *differing]))


def _facts(name: Reviewed) -> tuple[Value, ...]:
    stands = name.standing
    why = stands.held or name.change
    offered = len(distinct(name.offers))
    weight = int(name.weight) if name.weight.is_integer() else name.weight
    told = (name.lookup_key, name.query, str(why) if why else None, stands.verdict, name.rows, weight)
    return (*told, None, None, offered)


def _beside(name: Reviewed) -> Value:
    """What stands in its rows beside it, and whom of the candidates that fits; None for nothing."""
    asked = Asked(name.lookup_key, name.query, name.variants)
    weighed = weigh_evidence(asked, name.candidates, ConfidenceRule(), name.evidence)
    return "; ".join(map(str, weighed)) or None


def _of_candidate(name: Reviewed, found: Candidate) -> tuple[Value, ...]:
    asked = Asked(name.lookup_key, name.query, name.variants)
    told = (found.company_id, found.official_name, found.match_type, found.registered_status)
    return told + evidence(asked, found)


def _keep_decisions(path: Path, held: set[str]) -> None:
    if not path.exists():
        return
    try:
        sheet = read_sheet(path)
    except BadInput:
        return  # no sheet of ours
    if KEY not in sheet.header or DECISION not in sheet.header:
        return
    lines = [dict(zip(sheet.header, cells, strict=False)) for _, cells in sheet.rows]
    decided = sum(line.get(KEY) in held and bool(line.get(DECISION)) for line in lines)
    if decided:
        raise BadInput(
            f"{path} holds {count(decided, 'decision')} not imported yet. "
            f"Run `eqcbatch review import {path}` first, or name another file."
        )
