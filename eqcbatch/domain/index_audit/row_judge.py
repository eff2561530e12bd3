"""The judge of the index's rows: what is known of a row's company, held against the name in its key. Pure.

The rows of one company are judged together: of a company that nothing is stored of, they tell by themselves
whether one id stands for several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eqcbatch.domain.index_audit.known_companies import KnownCompanies, as_keyed, keyed_alike
from eqcbatch.domain.index_audit.row_verdict import LIKELIHOOD, RowVerdict
from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.matching.comparison import contradiction, may_be_meant
from eqcbatch.domain.matching.offer import Offer
from eqcbatch.domain.model import (
    SOURCE_DOMAIN,
    Candidate,
    IdSource,
    IndexRow,
    LookupType,
    NamePart,
    Verdict,
    VerdictRule,
)
from eqcbatch.domain.names import lookup_key, usable_id
from eqcbatch.domain.registration import is_gone
from eqcbatch.settings import ConfidenceRule

ACCOUNT_NAME = "account_name"  # of older installations; nobody looks it up any more
_OF_ONE_MEANING = (LookupType.CUSTOMER_NAME, LookupType.FORMER_NAME, ACCOUNT_NAME)
_PLAN = "企业年金计划"  # behind the name of a company, its plan is called
_LOST_AT_THE_START = ("原", "集合")  # status markers that real names begin with, too: a key lacks them
_WHOLE_TEXT = 250  # of former names; a longer one may have been cut to fit its column
_TEN = "10"
_OF_SHORT_NAMES = "股份"  # as listed companies are called: 甲股份
_MAY_BE_GONE = (RowVerdict.AGREES, RowVerdict.RENAMED, RowVerdict.UNPROVEN)
_PARTS = {VerdictRule.contradicting(part): part for part in NamePart}
_RULE = ConfidenceRule(minimum=0.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A row with what the ledger knows of its name.

    asked: its name as EQC would be asked for it; None where its key holds none. weight: of the rows in the
    current sources that take their id from it. customers: of a plan code, who stands in its rows. decided:
    whether a person decided its name; decided_id: the id that it was given, None for no company.
    """

    row: IndexRow
    asked: Asked | None = None
    weight: float = 0.0
    customers: tuple[Asked, ...] = ()
    decided: bool = False
    decided_id: str | None = None

    @property
    def by_a_person(self) -> bool:
        """Whether its id is a person's decision: of this ledger, or of the one that wrote the row."""
        ours = (self.row.source, self.row.source_domain) == (IdSource.MANUAL, SOURCE_DOMAIN)
        return ours or self.row.company_id.strip() == self.decided_id

    @property
    def overruled(self) -> bool:
        """Whether a person of this ledger decided its name otherwise, and none of another one so."""
        of_its_name = self.row.lookup_type == LookupType.CUSTOMER_NAME
        return self.decided and of_its_name and not self.by_a_person


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict.

    company: what is stored of its id, None for nothing. instead: who may be meant, the likeliest first.
    """

    seen: Seen
    verdict: RowVerdict
    company: Candidate | None = None
    instead: tuple[Candidate, ...] = ()

    @property
    def likelihood(self) -> float:
        """How likely its id is wrong, from 0 to 1."""
        return LIKELIHOOD[self.verdict]

    @property
    def priority(self) -> tuple[float, float]:
        """What it is ranked by: the weight that is likely wrong, then how likely it is."""
        return self.seen.weight * self.likelihood, self.likelihood


def name_in(row: IndexRow) -> str:
    """The name that a row's key holds, as a lookup key; "" where it holds none."""
    if row.lookup_type in (LookupType.CUSTOMER_NAME, LookupType.FORMER_NAME):
        return row.lookup_key
    if row.lookup_type == LookupType.PLAN_CUSTOMER:
        return row.lookup_key.partition("|")[2]
    if row.lookup_type == ACCOUNT_NAME:
        return lookup_key(row.lookup_key.strip().removesuffix(_PLAN))
    return ""


class RowJudge:
    """Who judges rows by what is known.

    several_ids: the ids of the names that have more than one, under whatever lookup type, by lookup key.
    """

    def __init__(self, known: KnownCompanies, several_ids: Mapping[str, Sequence[str]]) -> None:
        self._known = known
        self._several_ids = several_ids

    def judge_company(self, rows: Sequence[Seen]) -> list[Judged]:
        """Judge all rows of one id.

        The first line that applies decides. A name is borne out by a company as a drain sees it
        (`eqcbatch.domain.matching`).

        | row, and what is known                                                 | verdict            |
        |------------------------------------------------------------------------|--------------------|
        | its id is none                                                         | no_id              |
        | a person decided it                                                    | decided            |
        | a person decided its name otherwise: another id, or none               | overruled          |
        | company unknown, another one bears the name, and is not gone           | another_company    |
        | company unknown, the key has another id elsewhere                      | two_ids            |
        | company unknown, most other names of the id contradict this one        | unlike_names       |
        | company unknown                                                        | unknown_company    |
        | the key holds no name, and of a plan no customer is known              | unproven, gone     |
        | the company bears the name today, alone or as the one that is active   | agrees, gone       |
        | the company's name contradicts; WHAT                                   | contradiction:WHAT |
        | another company bears the name, or is closer to it                     | another_company;   |
        | but where the key drops what tells the company's name from the row's   | ambiguous          |
        | the company bore the name before, and no other did                     | renamed, gone      |
        | the same of a row of type former_name                                  | agrees, gone       |
        | the key has another id elsewhere                                       | two_ids            |
        | another company may be meant as well                                   | ambiguous          |
        | else: its name bears the row's out                                     | agrees, gone       |

        A former name of which nothing is stored is unproven, not contradicted: it says nothing of today's.
        Of a plan code the customers are judged; one that its company bears out speaks for it.
        """
        if usable_id(rows[0].row.company_id) is None:
            return [Judged(seen, RowVerdict.NO_ID) for seen in rows]
        own = self._known.get(rows[0].row.company_id.strip())
        return [self._judge(seen, own, rows) for seen in rows]

    def _judge(self, seen: Seen, own: Candidate | None, rows: Sequence[Seen]) -> Judged:
        if seen.by_a_person:
            return Judged(seen, RowVerdict.DECIDED, own)
        if seen.overruled:
            meant = seen.decided_id and (self._known.get(seen.decided_id) or Candidate(0, seen.decided_id))
            return Judged(seen, RowVerdict.OVERRULED, own, (meant,) if meant else ())
        if own is None or not own.official_name:
            return self._of_unknown(seen, rows)
        return self._of_known(seen, own)

    def _of_unknown(self, seen: Seen, rows: Sequence[Seen]) -> Judged:
        bearers = self._known.bearing(seen.asked.lookup_key) if seen.asked else []
        if living := tuple(one for one in bearers if not is_gone(one.registered_status)):
            return Judged(seen, RowVerdict.ANOTHER_COMPANY, None, living)
        if others := self._other_ids(seen):
            return Judged(seen, RowVerdict.TWO_IDS, None, others)
        unlike = _is_unlike(seen, rows)
        return Judged(seen, RowVerdict.UNLIKE_NAMES if unlike else RowVerdict.UNKNOWN_COMPANY)

    def _of_known(self, seen: Seen, own: Candidate) -> Judged:
        found = self._finding(seen, own)
        if not found.surely and not found.verdict.suspicious and (others := self._other_ids(seen)):
            found = _Finding(RowVerdict.TWO_IDS, others)
        if found.verdict in _MAY_BE_GONE and is_gone(own.registered_status):
            return Judged(seen, RowVerdict.GONE, own, found.instead)
        return Judged(seen, found.verdict, own, found.instead)

    def _finding(self, seen: Seen, own: Candidate) -> _Finding:
        if seen.customers:  # one that its company bears out speaks for a plan
            found = [self._of_name(customer, own) for customer in seen.customers]
            return min(found, key=lambda one: LIKELIHOOD[one.verdict])
        if seen.asked is None:
            return _Finding(RowVerdict.UNPROVEN)
        found_of_name = self._of_name(seen.asked, own)
        return _of_former_name(found_of_name, own) if _is_former(seen.row) else found_of_name

    def _of_name(self, asked: Asked, own: Candidate) -> _Finding:
        """What a name says of the company whose id it has, and of others that are known."""
        bearers = self._known.bearing(asked.lookup_key)
        if [own] == bearers:
            return _Finding(RowVerdict.AGREES, surely=True)
        similar = self._known.alike(take_apart(asked.query))
        claimants = [*bearers, *self._known.once_bearing(asked.lookup_key), *similar]
        others = tuple({one.company_id: one for one in claimants if one is not own}.values())
        best = _verdict(asked, (own, *others))
        meant = None if best.held or best.company is own else best.company
        alone = _verdict(asked, (own,)) if others else best
        if (part := _PARTS.get(alone.how)) and is_contradicted(asked, own):
            return _Finding(RowVerdict.contradicting(part), (meant,) if meant else tuple(bearers))
        if meant:
            verdict = RowVerdict.AMBIGUOUS if keyed_alike(asked, own) else RowVerdict.ANOTHER_COMPANY
            return _Finding(verdict, (meant,))
        if best.held and not _is_borne_out_in_full(asked, own):
            return _Finding(RowVerdict.AMBIGUOUS, others)
        if alone.how is VerdictRule.FORMER_NAME:
            return _Finding(RowVerdict.RENAMED, surely=True)
        return _Finding(RowVerdict.AGREES, surely=alone.how is VerdictRule.EXACT_NAME)

    def _other_ids(self, seen: Seen) -> tuple[Candidate, ...]:
        """The companies that the name has in other rows, where it is to mean one everywhere."""
        if seen.asked is None or seen.row.lookup_type not in _OF_ONE_MEANING:
            return ()
        ids = (one for one in self._several_ids.get(seen.asked.lookup_key, ()) if one != seen.row.company_id)
        return tuple(self._known.get(one) or Candidate(0, one) for one in ids)


class _Finding(NamedTuple):
    """What a name says of its company. surely: whether that company bears, or bore, this very name."""

    verdict: RowVerdict
    instead: tuple[Candidate, ...] = ()
    surely: bool = False


def _of_former_name(found: _Finding, own: Candidate) -> _Finding:
    """The same of a name that is to be a former one: it says nothing of the name of today."""
    if found.verdict is RowVerdict.RENAMED:
        return found._replace(verdict=RowVerdict.AGREES)
    known = own.former_names and sum(map(len, own.former_names)) < _WHOLE_TEXT
    return found if known or not found.verdict.contradicts else _Finding(RowVerdict.UNPROVEN)


def _verdict(asked: Asked, candidates: Sequence[Candidate]) -> Verdict:
    verdict = judge(asked, candidates, _RULE)
    assert verdict is not None  # as there are candidates
    return verdict


def is_contradicted(asked: Asked, company: Candidate) -> bool:
    """Whether a company's name contradicts a row's, so that it is surely not meant.

    A name that was cut as people do, 郑州甲 or 甲股份 of 郑州甲贸易股份有限公司, says too little for a drain
    to choose a company by; but that somebody did is no contradiction. Nor is what a lookup key drops, such as
    （二厂） at the end.
    """
    found = ((one, _PARTS.get(_verdict(asked, (one,)).how)) for one in (company, as_keyed(company)))
    return all(part is not None and _is_not_meant(asked, one, part) for one, part in found)


def _is_not_meant(asked: Asked, company: Candidate, part: NamePart) -> bool:
    """The same of a name that contradicts in this part, as a drain sees it."""
    if _is_borne_out_in_full(asked, company):
        return False
    wanted, own = take_apart(asked.query), Offer(company).name
    cut = wanted.may_be_cut or wanted.form == _OF_SHORT_NAMES
    begins_so = part is NamePart.CORE and cut and own.core.startswith(wanted.core)
    of_a_group = part is NamePart.FORM and bool(wanted.branch) and not wanted.form  # whose branch is not told
    may_be_tenth = part is NamePart.NUMBER and "十" in wanted.core and _TEN in own.numbers  # or 十 is a word
    return not (begins_so or of_a_group or may_be_tenth or may_be_meant(wanted, own))


def _is_borne_out_in_full(asked: Asked, own: Candidate) -> bool:
    """Whether the name with a word in front that its key may lack, for a status marker, is the company's."""
    name = own.official_name or ""
    lost = next((word for word in _LOST_AT_THE_START if name.startswith(word)), None)
    if lost is None or asked.query.startswith(lost):
        return False
    whole = Asked(asked.lookup_key, lost + asked.query, asked.variants)
    return _verdict(whole, (own,)).how not in _PARTS


def _is_unlike(seen: Seen, rows: Sequence[Seen]) -> bool:
    """Whether most other names of its id mean another company than this one, by their words.

    A name that the index has as a former one of the same id is explained, and says nothing of the others.
    """
    former = {one.asked.query for one in rows if one.asked and _is_former(one.row)}
    names = {one.asked.query for one in rows if one.asked} - former
    if seen.asked is None or seen.asked.query not in names:
        return False
    this = take_apart(seen.asked.query)
    others = [take_apart(name) for name in names - {seen.asked.query}]
    unlike = sum(bool(contradiction(this, other) and contradiction(other, this)) for other in others)
    return unlike * 2 > len(others)


def _is_former(row: IndexRow) -> bool:
    return row.lookup_type == LookupType.FORMER_NAME
