"""What in the candidates of a name agrees with it, and what contradicts it, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.model import Candidate, NamePart, VerdictRule
from eqcbatch.domain.names import written_form
from eqcbatch.settings import ConfidenceRule

_PARTS = {
    NamePart.REGION: "places",
    NamePart.BRANCH: "branch",
    NamePart.NUMBER: "numbers",
    NamePart.CORE: "core",
    NamePart.FORM: "form",
}


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One candidate a company, the best-ranked."""
    return list({found.company_id: found for found in reversed(candidates)}.values())[::-1]


def evidence(asked: Asked, offered: Candidate) -> tuple[str, str]:
    """What in a candidate agrees with what was asked for, and what contradicts it; "" for nothing.

    The verdict's own rules say whether anything contradicts; where something does, every part in which
    the two names differ is told. By which question it was brought does not count.
    """
    verdict = judge(asked, [replace(offered, second=None)], ConfidenceRule())
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
