"""What covers a row before EQC is asked: one test a rank of the table, and what outranks what."""

from __future__ import annotations

import pytest

from eqcbatch.domain.coverage import Coverage, Overrides, index_keys, plan_customer
from eqcbatch.domain.model import IdSource, IndexKey, Known, LookupType, Occurrence

KEY = "甲公司"
ROW = Occurrence("甲公司", plan_code="P1", known_id="700")


def indexed(*keys: IndexKey) -> dict[IndexKey, Known]:
    return {key: Known(f"id of {key[0]}", IdSource.of_index(key[0]), 1.0, key) for key in keys}


EVERYTHING = indexed(
    (LookupType.PLAN_CODE, "P1"),
    (LookupType.CUSTOMER_NAME, KEY),
    (LookupType.PLAN_CUSTOMER, f"P1|{KEY}"),
    (LookupType.FORMER_NAME, KEY),
)
BY_PLAN, BY_NAME = Overrides(by_plan_code={"P1": "1"}), Overrides(by_name={KEY: "2"})


def without(*kinds: str) -> dict[IndexKey, Known]:
    return {key: known for key, known in EVERYTHING.items() if key[0] not in kinds}


@pytest.mark.parametrize(
    ("overrides", "index", "row", "name"),
    [
        (Overrides({"P1": "1"}, {KEY: "2"}), EVERYTHING, "override", "override"),
        (BY_PLAN, EVERYTHING, "override", "index:customer_name"),
        (BY_NAME, EVERYTHING, None, "override"),
        (Overrides(), EVERYTHING, "index:plan_code", "index:customer_name"),
        (Overrides(), without("plan_code"), None, "index:customer_name"),
        (Overrides(), without("plan_code", "customer_name"), "index:plan_customer", "index:former_name"),
        (Overrides(), without("plan_code", "customer_name", "plan_customer"), None, "index:former_name"),
        (Overrides(), {}, "column", None),
    ],
)
def test_the_priority_of_domain_section_4(
    overrides: Overrides, index: dict[IndexKey, Known], row: str | None, name: str | None
) -> None:
    """Rank by rank: what covers the row by a key of its own, and what covers the name."""
    coverage = Coverage(overrides, index, {})
    of_row, of_name = coverage.of_row(KEY, ROW), coverage.of_name(KEY)
    assert (row, name) == (of_row and of_row.source, of_name and of_name.source)


def test_a_cached_name_counts_as_the_index_told_it() -> None:
    """What an earlier plan found needs no second lookup, and outranks the row's own id."""
    coverage = Coverage(Overrides(), {}, {KEY: Known("9", IdSource.INDEX_FORMER_NAME, 0.9)})
    assert ("9", None) == (getattr(coverage.of_name(KEY), "company_id", None), coverage.of_row(KEY, ROW))


@pytest.mark.parametrize("no_id", [None, "", "N", "NaN", "INABCDEFGHIJKLMNOP"])
def test_an_id_column_that_holds_no_id_covers_nothing(no_id: str | None) -> None:
    """Placeholders and temporary ids of the source are ignored."""
    assert None is Coverage(Overrides(), {}, {}).of_row(KEY, Occurrence("甲公司", known_id=no_id))


def test_a_row_without_a_name_is_known_by_its_plan_code_or_its_own_id() -> None:
    """Blank names are no lookup, but the row's other keys hold."""
    coverage = Coverage(BY_PLAN, indexed((LookupType.PLAN_CODE, "P2")), {})
    rows = [Occurrence("", "P1"), Occurrence("", "P2"), Occurrence("", "P3", "700"), Occurrence("", "P3")]
    assert ["override", "index:plan_code", "column", None] == [
        known and known.source for known in (coverage.of_row("", row) for row in rows)
    ]


def test_empty_overrides_cover_without_an_id() -> None:
    """`__EMPTY__` means: never look this up, and there is no id."""
    coverage = Coverage(Overrides({"P1": None}, {KEY: None}), EVERYTHING, {})
    assert [Known(None, IdSource.OVERRIDE)] * 2 == [coverage.of_name(KEY), coverage.of_row(KEY, ROW)]


def test_the_index_is_asked_for_names_and_for_rows_in_one_set() -> None:
    """Two types a name, the plan code raw, the plan with the name; no NUL, nothing too long."""
    long = "长" * 254
    assert {
        "customer_name": {KEY},
        "former_name": {KEY},
        "plan_code": {"P1"},
        "plan_customer": {f"P1|{KEY}"},
    } == index_keys({KEY}, [(KEY, ROW), ("", Occurrence("", "P1")), ("乙", Occurrence("乙", "P\0"))])
    assert None is plan_customer("P1", long)
