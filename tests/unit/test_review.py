"""The pure parts of a review: what a sheet says, which decisions count, what new rules change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate, Held, IdSource, Reason, State, VerdictRule
from eqcbatch.errors import BadInput
from eqcbatch.ledger.reviews import Decision, Reviewed
from eqcbatch.review import check_decisions, export_lines, rescore
from eqcbatch.review.sheet import FACTS, OF_CANDIDATE, evidence
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source.sheets import Sheet

FIRST = Candidate(0, "600000001", "北京长城科技有限公司", "模糊匹配")
SECOND = Candidate(1, "600000002", "上海长城科技有限公司", "模糊匹配", former_names=("深圳黄河贸易有限公司",))
NAME = Reviewed(
    lookup_key="长城科技",
    query="长城科技",
    state=State.RESOLVED,
    reason=None,
    company_id="600000001",
    official_name="北京长城科技有限公司",
    confidence=0.8,
    verdict=VerdictRule.AMBIGUOUS,
    held=Held.AMBIGUOUS,
    source=IdSource.EQC,
    rows=3,
    weight=3.0,
    variants=("长城科技",),
    candidates=(FIRST, SECOND),
)


def sheet(*lines: tuple[str, str]) -> Sheet:
    return Sheet(("lookup_key", "decision"), tuple(enumerate(lines, 2)))


# The sheet


def test_a_line_has_the_facts_and_every_candidate() -> None:
    """All lines are as long as the header, a weight without a fraction is a whole number."""
    bare = replace(NAME, lookup_key="甲", candidates=(), weight=2.5)
    header, lines = export_lines([NAME, bare])
    columns = (f"{column}_{number}" for number in (1, 2) for column in OF_CANDIDATE)
    assert (*FACTS, *columns) == header
    assert ("长城科技", "长城科技", "ambiguous", "ambiguous", 3, 3, None, 2) == lines[0][: len(FACTS)]
    assert (2.5, None, 0) == lines[1][5:8]
    assert {len(header)} == set(map(len, lines))


def test_a_company_that_was_offered_twice_stands_once() -> None:
    """At its best rank; of more than ten, ten are shown and all are counted."""
    many = tuple(Candidate(rank, str(rank % 12), "公司") for rank in range(24))
    header, (line,) = export_lines([replace(NAME, candidates=many)])
    assert 12 == line[7]
    assert [str(rank) for rank in range(10)] == [line[place] for place in range(8, len(header), 6)]


def test_without_a_held_name_there_is_a_header_alone() -> None:
    """So that nobody takes an empty file for a broken one."""
    assert (FACTS, []) == export_lines([])


@pytest.mark.parametrize(
    ("query", "offered", "agrees", "contradicts"),
    [
        ("北京长城科技有限公司", FIRST, "name, region, core, form", ""),
        ("北京长城科技有限公司", SECOND, "core, form", "region"),
        ("深圳黄河贸易有限公司", SECOND, "former name (深圳黄河贸易有限公司), form", ""),
        ("北京长城科技有限公司", replace(FIRST, official_name=None), "", "region"),
    ],
)
def test_the_evidence_follows_the_rules_of_the_verdict(
    query: str, offered: Candidate, agrees: str, contradicts: str
) -> None:
    """Parts that are the same agree; where a rule finds a contradiction, the differing parts are told."""
    found = evidence(Asked(query, query, ()), offered)
    assert (agrees, contradicts) == (found[0], found[1].partition(",")[0])


# Decisions


def test_decisions_are_told_apart() -> None:
    """New ones, those that stand already, and lines without one."""
    names = {
        "长城科技": NAME,
        "乙": replace(NAME, lookup_key="乙", source=IdSource.MANUAL, company_id="7"),
        "丙": replace(NAME, lookup_key="丙", state=State.FAILED, reason=Reason.NOT_FOUND),
        "丁": replace(NAME, lookup_key="丁", state=State.PENDING),
        "戊": replace(NAME, lookup_key="戊"),
    }
    lines = [("长城科技", "600000002"), ("乙", "7"), ("丙", "None"), ("丁", ""), ("戊", "NONE")]
    checked = check_decisions(sheet(*lines), names)
    assert (Decision("长城科技", SECOND), Decision("戊", None)) == checked.decisions
    assert (1, 2, ()) == (checked.undecided, checked.unchanged, checked.problems)


def test_a_decision_against_a_name_that_has_moved_on_is_a_problem() -> None:
    """With what it is now."""
    failed = replace(NAME, state=State.FAILED, reason=Reason.NOT_FOUND)
    (problem,) = check_decisions(sheet(("长城科技", "600000001")), {"长城科技": failed}).problems
    assert "line 2: '长城科技' is failed (not_found): only a resolved name can be decided" == problem


def test_a_forced_id_has_no_name() -> None:
    """Nobody knows what the company is called; one among the candidates keeps all that is known of it."""
    checked = check_decisions(sheet(("长城科技", "9" * 100)), {"长城科技": NAME}, force=True)
    assert (Decision("长城科技", Candidate(0, "9" * 100)),) == checked.decisions
    assert check_decisions(sheet(("长城科技", "9" * 101)), {"长城科技": NAME}, force=True).problems


def test_a_column_that_stands_twice_is_none() -> None:
    """Which of two decisions counts nobody knows."""
    with pytest.raises(BadInput, match="one column 'decision'"):
        check_decisions(Sheet(("lookup_key", "decision", "decision"), ()), {})


# Rescoring


def test_a_rescoring_is_sorted_by_what_changes() -> None:
    """Held or not, which id, or merely how; names that stay as they are do not appear."""
    exact = replace(NAME, query="北京长城科技有限公司")
    settled = replace(exact, confidence=1.0, verdict=VerdictRule.EXACT_NAME, held=None)
    names = [
        replace(exact, lookup_key="held before"),
        replace(settled, lookup_key="unchanged"),
        replace(settled, lookup_key="other id", company_id="600000002"),
        replace(settled, lookup_key="otherwise", confidence=0.8),
        replace(NAME, lookup_key="confident before", query="黄河贸易有限公司", held=None),
        replace(NAME, lookup_key="no candidates", candidates=()),
    ]
    found = rescore(names, ConfidenceRule())
    assert (5, 1, 1) == (found.names, found.unjudged, found.otherwise)
    assert (["held before"], ["confident before"], ["other id"]) == tuple(
        [change.lookup_key for change in kind]
        for kind in (found.newly_confident, found.newly_held, found.changed_id)
    )
