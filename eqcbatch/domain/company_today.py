"""What has become of a company that EQC is asked of again: renamed, merged, deregistered. Pure.

| EQC, asked by the id        | and by the name as it was                  | the company is          |
|-----------------------------|--------------------------------------------|-------------------------|
| has it, by the same name    |                                            | unchanged               |
| has it, by another name     |                                            | renamed                 |
| ... than only a source told |                                            | unchanged               |
| ... that another one has    |                                            | merged into that one    |
| has it as 注销 or 吊销      | one other company bears the name, or did   | merged into that one    |
|                             | none does, or several do                   | deregistered            |
| has it so, as it had before |                                            | unchanged, or renamed   |
| has it no more              | it is still offered                        | unchanged               |
|                             | one other company bears the name, or did   | merged into that one    |
|                             | none does, or several do                   | vanished                |
|                             | nobody at all is offered, but had an heir  | merged into that one    |

Nothing here changes an id: of a company that is merged or has vanished a person decides.

Why: docs/decisions/0034.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqcbatch.domain.model import Candidate, Finding
from eqcbatch.domain.model.companies import CompanyFacts
from eqcbatch.domain.names import written_form
from eqcbatch.domain.registration import is_gone


@dataclass(frozen=True, slots=True)
class KnownCompany:
    """A company as the ledger knows it.

    official_name, status: as EQC said last, None where it did not. asked_as: the query of its heaviest name.
    finding, heir: what the last reverification found, None before the first.
    """

    company_id: str
    asked_as: str
    official_name: str | None = None
    status: str | None = None
    finding: Finding | None = None
    heir: Candidate | None = None

    @property
    def name(self) -> str:
        """What it is called, as far as that is known."""
        return self.official_name or self.asked_as

    @property
    def was_gone(self) -> bool:
        """Whether it was gone already when it was decided, which is no news."""
        return is_gone(self.status) and self.finding in (None, Finding.UNCHANGED, Finding.RENAMED)


@dataclass(frozen=True, slots=True)
class CompanyToday:
    """What has become of a company.

    official_name, status: what EQC says now; None where it says nothing. heir: who took the place of a merged
    one. former_names: the names that it bore before, the one that it has lost among them. doubtful: whether
    EQC gives it the name of another company, so that nothing of its answer is to be learned.
    """

    finding: Finding
    official_name: str | None = None
    status: str | None = None
    heir: Candidate | None = None
    former_names: tuple[str, ...] = ()
    doubtful: bool = False


def to_be_searched(known: KnownCompany, told: CompanyFacts | None) -> bool:
    """Whether EQC is asked for its name, too. told: what it says of the id, None for no such company."""
    return told is None or (is_gone(told.registered_status) and not known.was_gone)


def reverify(
    known: KnownCompany,
    told: CompanyFacts | None,
    former_names: Sequence[str] = (),
    offered: Sequence[Candidate] = (),
    namesake: Candidate | None = None,
) -> CompanyToday:
    """Decide what has become of a company.

    told, former_names: what EQC says of the id. offered: whom it offers for the name, where that was asked.
    namesake: another company that is known by the name that it has now.
    """
    heir = _heir(known, offered)
    if told is None and any(found.company_id == known.company_id for found in offered):
        return CompanyToday(Finding.UNCHANGED)
    if told is None:
        heir = heir if offered else known.heir
        return CompanyToday(Finding.MERGED if heir else Finding.VANISHED, heir=heir)
    now = told.company_full_name
    if namesake and _called_otherwise(known, now):
        return CompanyToday(Finding.MERGED, heir=namesake, doubtful=True)
    lost = _lost_name(known, now, former_names)
    finding = _finding(known, told.registered_status, heir, renamed=lost is not None)
    borne = tuple(dict.fromkeys([*former_names, *([lost] if lost else ())]))
    return CompanyToday(finding, now, told.registered_status, heir, borne)


def _finding(known: KnownCompany, status: str | None, heir: Candidate | None, *, renamed: bool) -> Finding:
    if is_gone(status) and not known.was_gone:
        return Finding.MERGED if heir else Finding.DEREGISTERED
    return Finding.RENAMED if renamed else Finding.UNCHANGED


def _called_otherwise(known: KnownCompany, now: str | None) -> bool:
    return now is not None and written_form(known.name) != written_form(now)


def _lost_name(known: KnownCompany, now: str | None, former_names: Sequence[str]) -> str | None:
    """The name that the company has no more; what merely a source calls it counts if EQC says it was so."""
    if not _called_otherwise(known, now):
        return None
    if known.official_name or written_form(known.name) in map(written_form, former_names):
        return known.name
    return None


def _heir(known: KnownCompany, offered: Sequence[Candidate]) -> Candidate | None:
    """The one other company that bears the name or bore it; None where there are several."""
    name = written_form(known.name)
    heirs = {
        found.company_id: found
        for found in offered
        if found.company_id != known.company_id
        and name in map(written_form, (found.official_name or "", *found.former_names))
    }
    return next(iter(heirs.values())) if len(heirs) == 1 else None
