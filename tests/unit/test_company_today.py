"""What has become of a company: the table of eqcbatch/domain/company_today.py, each line a case."""

from __future__ import annotations

import pytest

from eqcbatch.domain.company_today import KnownCompany, reverify, to_be_searched
from eqcbatch.domain.model import Candidate, Finding
from eqcbatch.domain.model.companies import CompanyFacts

OLD, NEW = "深圳远山实业有限公司", "深圳远山科技有限公司"
KNOWN = KnownCompany("1", OLD, OLD, "存续")
GONE_BEFORE = KnownCompany("1", OLD, OLD, "注销")
ASKED_ONLY = KnownCompany("1", OLD)
FOUND_GONE = KnownCompany("1", OLD, OLD, "注销", Finding.DEREGISTERED)
HERE, RENAMED, GONE = (
    CompanyFacts(company_full_name=OLD, registered_status="存续"),
    CompanyFacts(company_full_name=NEW, registered_status="存续"),
    CompanyFacts(company_full_name=OLD, registered_status="吊销，未注销"),
)
BEARER = Candidate(0, "2", OLD)
ONCE_SO = Candidate(1, "3", "深圳长河控股有限公司", former_names=("深圳长河有限公司", OLD))
FOUND_MERGED = KnownCompany("1", OLD, OLD, "存续", Finding.MERGED, BEARER)
ITSELF, OTHER = Candidate(0, "1", OLD), Candidate(0, "4", "深圳白石有限公司")


@pytest.mark.parametrize(
    ("known", "told", "former_names", "offered", "finding", "heir", "borne"),
    [
        (KNOWN, HERE, (), (), Finding.UNCHANGED, None, ()),
        (
            KNOWN,
            CompanyFacts(company_full_name="深圳 远山 实业有限公司"),
            (),
            (),
            Finding.UNCHANGED,
            None,
            (),
        ),
        (KNOWN, CompanyFacts(), (), (), Finding.UNCHANGED, None, ()),
        (KNOWN, RENAMED, (), (), Finding.RENAMED, None, (OLD,)),
        (KNOWN, RENAMED, ("更早", OLD), (), Finding.RENAMED, None, ("更早", OLD)),
        (ASKED_ONLY, RENAMED, (OLD,), (), Finding.RENAMED, None, (OLD,)),
        (ASKED_ONLY, RENAMED, (), (), Finding.UNCHANGED, None, ()),  # a source calls it so, EQC never did
        (KNOWN, GONE, (), (), Finding.DEREGISTERED, None, ()),
        (KNOWN, GONE, (), (ITSELF, OTHER), Finding.DEREGISTERED, None, ()),
        (KNOWN, GONE, (), (ITSELF, ONCE_SO), Finding.MERGED, "3", ()),
        (KNOWN, GONE, (), (BEARER, ONCE_SO), Finding.DEREGISTERED, None, ()),  # two may be the heir
        (GONE_BEFORE, GONE, (), (), Finding.UNCHANGED, None, ()),
        (FOUND_GONE, GONE, (), (), Finding.DEREGISTERED, None, ()),  # still so, as was found before
        (KNOWN, None, (), (), Finding.VANISHED, None, ()),
        (KNOWN, None, (), (OTHER,), Finding.VANISHED, None, ()),
        (FOUND_MERGED, None, (), (), Finding.MERGED, "2", ()),  # nothing speaks against what was found
        (FOUND_MERGED, None, (), (OTHER,), Finding.VANISHED, None, ()),
        (FOUND_MERGED, None, (), (ONCE_SO,), Finding.MERGED, "3", ()),
        (KNOWN, None, (), (BEARER,), Finding.MERGED, "2", ()),
        (KNOWN, None, (), (BEARER, ONCE_SO), Finding.VANISHED, None, ()),
        (KNOWN, None, (), (ITSELF, ONCE_SO), Finding.UNCHANGED, None, ()),  # the search has it still
    ],
)
def test_what_becomes_of_a_company(
    known: KnownCompany,
    told: CompanyFacts | None,
    former_names: tuple[str, ...],
    offered: tuple[Candidate, ...],
    finding: Finding,
    heir: str | None,
    borne: tuple[str, ...],
) -> None:
    found = reverify(known, told, former_names, offered)
    assert (finding, heir, borne) == (
        found.finding,
        found.heir.company_id if found.heir else None,
        found.former_names,
    )


@pytest.mark.parametrize(
    ("told", "finding", "doubtful"),
    [(RENAMED, Finding.MERGED, True), (HERE, Finding.UNCHANGED, False), (None, Finding.VANISHED, False)],
)
@pytest.mark.parametrize("known", [KNOWN, ASKED_ONLY])
def test_the_name_of_another_company_is_no_new_name(
    known: KnownCompany, told: CompanyFacts | None, finding: Finding, doubtful: bool
) -> None:
    """A person looks at it, and nothing of it is learned; a name that it has already is its own."""
    found = reverify(known, told, namesake=Candidate(0, "5", NEW))
    assert (finding, doubtful, None if not doubtful else "5") == (
        found.finding,
        found.doubtful,
        found.heir and found.heir.company_id,
    )


def test_only_of_what_is_gone_the_name_is_asked() -> None:
    """And not of what was gone when it was decided."""
    assert [True, True, False, False, True] == [
        to_be_searched(known, told)
        for known, told in (
            (KNOWN, None),
            (KNOWN, GONE),
            (KNOWN, RENAMED),
            (GONE_BEFORE, GONE),
            (FOUND_GONE, GONE),
        )
    ]
