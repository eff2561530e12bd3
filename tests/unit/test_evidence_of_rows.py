"""What a plan knows of names beside their words: whose ids speak for a name, and whose do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from eqcbatch.domain.evidence_of_rows import MOST_OF_A_PLAN, gather
from eqcbatch.domain.model import EvidenceKind, IdSource, Known, Occurrence, RowEvidence

ONE, OTHER = "600000001", "600000002"
COLUMN = RowEvidence(EvidenceKind.COLUMN, "北京", 1, "地区")
Rows = Sequence[tuple[str, Occurrence]]


def row(key: str, plan_code: str | None = "P1", rows: int = 1) -> tuple[str, Occurrence]:
    return key, Occurrence(key, plan_code, rows=rows)


def gathered(
    rows: Rows,
    *,
    covers: Mapping[int, str] | None = None,
    news: Mapping[str, Known] | None = None,
    standing: Mapping[str, Known] | None = None,
    columns: Sequence[str] = (),
) -> set[tuple[str, RowEvidence]]:
    """All evidence; covers: the ids of rows by their place."""
    by = [
        Known((covers or {})[at], IdSource.COLUMN) if at in (covers or {}) else None
        for at in range(len(rows))
    ]
    return set(gather(rows, by, (news or {}, standing or {}), dict.fromkeys(columns, (COLUMN,))))


def of_plan(key: str, company_id: str = ONE, rows: int = 1) -> tuple[str, RowEvidence]:
    return key, RowEvidence(EvidenceKind.PLAN_CODE, company_id, rows)


def eqc(company_id: str = ONE) -> Known:
    return Known(company_id, IdSource.EQC)


def test_another_customer_of_a_plan_code_speaks_for_a_name() -> None:
    """By what is news or stood, or by a row of its own; in as many rows as the name has."""
    rows = [row("甲", rows=3), row("乙")]
    assert {of_plan("甲", rows=3)} == gathered(rows, news={"乙": Known(ONE, IdSource.OVERRIDE)})
    assert {of_plan("甲", rows=3)} == gathered(rows, standing={"乙": Known(ONE, IdSource.OVERRIDE)})
    assert {of_plan("甲", rows=3)} == gathered(rows, covers={1: ONE})
    assert set() == gathered([row("甲"), row("乙", "P2")], standing={"乙": eqc()})


def test_a_name_is_no_witness_of_its_own() -> None:
    """The id that EQC found for it says nothing of it, and makes no second id of another's."""
    alone = [row("甲"), row("丙")]
    assert {of_plan("丙")} == gathered(alone, standing={"甲": eqc()})
    both = [row("甲"), row("乙")]
    assert {of_plan("甲", OTHER), of_plan("乙")} == gathered(both, standing={"甲": eqc(), "乙": eqc(OTHER)})


def test_what_is_news_goes_before_what_stood() -> None:
    news, stood = {"乙": Known(ONE, IdSource.OVERRIDE)}, {"乙": eqc(OTHER)}
    assert {of_plan("甲")} == gathered([row("甲"), row("乙")], news=news, standing=stood)


def test_two_ids_of_others_say_nothing() -> None:
    stood = {"乙": eqc(), "丙": eqc(OTHER)}
    assert "甲" not in {key for key, _ in gathered([row("甲"), row("乙"), row("丙")], standing=stood)}


@pytest.mark.parametrize(("more", "speaks"), [(0, True), (1, False)])
def test_a_plan_code_of_many_names_says_nothing(more: int, speaks: bool) -> None:
    """It is a collective plan's."""
    rows = [row(f"公司{number}") for number in range(MOST_OF_A_PLAN + more)]
    assert speaks == bool(gathered(rows, standing={"公司0": Known(ONE, IdSource.OVERRIDE)}))


@pytest.mark.parametrize("source", [IdSource.OVERRIDE, IdSource.INDEX_CUSTOMER_NAME, IdSource.COLUMN])
def test_of_a_name_that_needs_no_answer_nothing_is_gathered(source: IdSource) -> None:
    """Somebody else than EQC knows it; what EQC found may be judged anew."""
    assert set() == gathered([row("甲", None)], standing={"甲": Known(ONE, source)}, columns=["甲"])
    assert {("甲", COLUMN)} == gathered([row("甲", None)], standing={"甲": eqc()}, columns=["甲"])


def test_rows_of_a_name_that_are_known_speak_for_the_others() -> None:
    """Where all are known nothing is left to tell."""
    rows = [row("甲", None, rows=2), ("甲", Occurrence("甲", None, ONE, 3))]
    assert {("甲", RowEvidence(EvidenceKind.ROWS, ONE, 3))} == gathered(rows, covers={1: ONE})
    assert set() == gathered(rows, covers={0: ONE, 1: ONE})
