"""What stands in the rows of a name beside it, and what that says of those that its words may mean. Pure.

Evidence only chooses among companies that nothing contradicts, where the names leave several. It never makes
a contradiction right.

Why: docs/decisions/0035.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.matching.divisions import Codes
from eqcbatch.domain.matching.offer import Contenders, Offer
from eqcbatch.domain.matching.seat import place_in, sits_in
from eqcbatch.domain.model import EvidenceKind, RowEvidence, Verdict, VerdictRule
from eqcbatch.domain.registration import is_gone
from eqcbatch.humanize import count
from eqcbatch.settings import ConfidenceRule

_CODE = re.compile("[0-9A-HJ-NP-RT-UW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}")  # GB 32100
_PLAN = re.compile("(?:企业年金|职业年金|年金)(?:基金)?(?:集合|单一)?(?:计划|方案).*$|企业年金$")
_CALLED = {EvidenceKind.PLAN_CODE: "others of its plan code", EvidenceKind.ROWS: "rows of it"}
_STRONGEST_FIRST = (
    VerdictRule.EVIDENCE_UNITE_CODE,
    VerdictRule.EVIDENCE_PLAN_CODE,
    VerdictRule.EVIDENCE_ROWS,
    VerdictRule.EVIDENCE_PLAN_NAME,
    VerdictRule.EVIDENCE_NAME,
    VerdictRule.EVIDENCE_REGION,
)


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a piece of evidence says of those that may be meant.

    rule: by which it would decide, None if it says nothing that is understood. speaks_for: the ids of those
    that it fits; it chooses only if that is one, and sure: known to sit in a place, and not just perhaps.
    """

    evidence: RowEvidence
    rule: VerdictRule | None = None
    speaks_for: tuple[str, ...] = ()
    sure: bool = True

    @property
    def chosen(self) -> str | None:
        """The one that it speaks for, None if that is none or several."""
        return self.speaks_for[0] if self.sure and len(self.speaks_for) == 1 else None

    def __str__(self) -> str:
        """Return it in a few words, such as `地区 上海 (3 rows): fits 600000001`."""
        piece = self.evidence
        told = f"{piece.column or _CALLED[piece.kind]} {piece.value} ({count(piece.rows, 'row')})"
        if self.rule is None:
            return told
        if not self.speaks_for:
            return f"{told}: fits none"
        return f"{told}: {'fits' if self.sure else 'may fit'} {', '.join(self.speaks_for)}"


def by_evidence(told: Sequence[Testimony], among: Contenders, rule: ConfidenceRule) -> Verdict | None:
    """The verdict of evidence where the names mean several; None where it leaves them so.

    | the evidence                                                             | chooses                |
    |--------------------------------------------------------------------------|------------------------|
    | none of it fits just one of those that may be meant                      | none                   |
    | pieces of it fit different ones: two regions, or a region and a plan     | none                   |
    | one that the names contradict: it may be the rival                       | none                   |
    | a region alone, and another region of the name does not fit it           | none                   |
    | a region alone, and the company is gone while another is at work         | none                   |
    | all that fits just one fits this one                                     | it, by the strongest   |

    The confidence is its match type's, never more than the names alone would be worth.
    """
    speaking = [one for one in told if one.chosen]
    if len({one.chosen for one in speaking}) != 1:
        return None
    chosen = next((one for one in among.borne_out if one.company.company_id == speaking[0].chosen), None)
    how = min((one.rule for one in speaking if one.rule), key=_STRONGEST_FIRST.index)
    if chosen is None or (how is VerdictRule.EVIDENCE_REGION and not _alone_enough(chosen, told, among)):
        return None
    worth = among.per_type * rule.of(chosen.company.match_type)
    return Verdict(chosen.company, min(among.most, worth), how)


def testimonies(
    evidence: Sequence[RowEvidence], among: Contenders, meant_by: Callable[[str], str | None]
) -> list[Testimony]:
    """What each piece of evidence says of those that a name may mean.

    meant_by: the id of whom another name alone means among the offers, None if that is not sure.
    """
    return [_testimony(piece, among, meant_by) for piece in evidence]


def name_of_plan(value: str) -> str:
    """The company's name in the name of a plan, "" where it is none."""
    name, of_a_plan = _name_in(value)
    return name if of_a_plan else ""


def is_understood(value: str) -> bool:
    """Whether a value can say anything: where a company sits, or which one it is."""
    return bool(_CODE.fullmatch(value.upper()) or place_in(value) or _name_in(value)[0])


def _alone_enough(chosen: Offer, told: Sequence[Testimony], among: Contenders) -> bool:
    """Whether regions may choose a company without any other evidence."""
    regions = (one for one in told if one.rule is VerdictRule.EVIDENCE_REGION)
    if any(chosen.company.company_id not in one.speaks_for for one in regions):
        return False
    others = (one.company.registered_status for one in among.borne_out if one is not chosen)
    return not is_gone(chosen.company.registered_status) or all(map(is_gone, others))


def _testimony(piece: RowEvidence, among: Contenders, meant_by: Callable[[str], str | None]) -> Testimony:
    if piece.kind is EvidenceKind.PLAN_CODE:
        return Testimony(piece, VerdictRule.EVIDENCE_PLAN_CODE, _with_id(among, piece.value))
    if piece.kind is EvidenceKind.ROWS:
        return Testimony(piece, VerdictRule.EVIDENCE_ROWS, _with_id(among, piece.value))
    value = piece.value.strip()
    if _CODE.fullmatch(value.upper()):
        return Testimony(piece, VerdictRule.EVIDENCE_UNITE_CODE, _with_code(among, value.upper()))
    if place := place_in(value):
        return Testimony(piece) if among.common else _of_place(piece, place, among)
    return _of_name(piece, value, among, meant_by)


def _of_place(piece: RowEvidence, place: Codes, among: Contenders) -> Testimony:
    """What a place says: it fits whoever may sit there."""
    sits = {one.company.company_id: sits_in(one, place) for one in _all(among)}
    fitting = tuple(company_id for company_id, there in sits.items() if there is not False)
    return Testimony(piece, VerdictRule.EVIDENCE_REGION, fitting, sure=any(sits.values()))


def _of_name(
    piece: RowEvidence, value: str, among: Contenders, meant_by: Callable[[str], str | None]
) -> Testimony:
    """What another name says, which is a plan's or a full one: whom that name alone would mean."""
    name, of_a_plan = _name_in(value)
    if not name:
        return Testimony(piece)
    meant = meant_by(name)
    how = VerdictRule.EVIDENCE_PLAN_NAME if of_a_plan else VerdictRule.EVIDENCE_NAME
    return Testimony(piece, how, _with_id(among, meant)) if meant else Testimony(piece)


def _name_in(value: str) -> tuple[str, bool]:
    """The company's name in a value, "" where it holds none, and whether a plan is called so."""
    name = _PLAN.sub("", value)
    of_a_plan = name != value
    return (name if of_a_plan or _tells_who(take_apart(name)) else ""), of_a_plan


def _tells_who(name: Anatomy) -> bool:
    """Whether it is a company's full name, and no word such as 总部, 分公司 or 银行."""
    return name.written_in_full and bool(name.core) and not name.says_too_little


def _all(among: Contenders) -> Iterator[Offer]:
    yield from (*among.borne_out, *among.rivals)


def _with_id(among: Contenders, company_id: str) -> tuple[str, ...]:
    return tuple(company_id for one in _all(among) if one.company.company_id == company_id)


def _with_code(among: Contenders, code: str) -> tuple[str, ...]:
    fitting = (one.company for one in _all(among) if (one.company.unite_code or "").upper() == code)
    return tuple(company.company_id for company in fitting)
