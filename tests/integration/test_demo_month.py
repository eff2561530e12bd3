"""The demo's month and index: as large, as skewed and as untidy as docs/domain.md sections 1 and 5 say."""

from __future__ import annotations

import csv
import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from eqcbatch.demo.company_names import company_names, written_forms
from eqcbatch.demo.month import COLUMNS, Month, index_rows, make_month, write_month
from eqcbatch.domain.names import lookup_key, usable_id


@pytest.fixture(scope="module")
def month() -> Month:
    """A month of full size."""
    return make_month(seed=3)


def known_keys(month: Month, coverage: float = 0.86) -> set[str]:
    """The keys that the index answers with a usable id."""
    return {
        row.lookup_key
        for row in index_rows(month, coverage)
        if row.lookup_type in ("customer_name", "former_name") and usable_id(row.company_id)
    }


def test_a_month_has_the_rows_and_some_8000_written_names_of_production(month: Month) -> None:
    """30,986 rows, about 8,000 written names, a few hundred keys less."""
    written, keys = len(month.written()), len(month.keys())

    assert 30_986 == len(month.rows)
    assert 7_600 <= written <= 8_400
    assert written - 800 <= keys <= written - 200


def test_the_collective_plans_and_most_single_plans_leave_the_customer_blank(month: Month) -> None:
    """87 % of 单一计划 and all of 集合计划 name nobody; blanks are a fifth to a quarter of all rows."""
    rows = Counter(row.plan_type for row in month.rows)
    blank = Counter(row.plan_type for row in month.rows if not lookup_key(row.customer))

    assert 0.87 == pytest.approx(blank["单一计划"] / rows["单一计划"], abs=0.001)
    assert rows["集合计划"] == blank["集合计划"]
    assert 0.20 <= blank.total() / len(month.rows) <= 0.25


def test_few_large_customers_fill_many_rows(month: Month) -> None:
    """A hundredth of the names has more than a sixth of the rows, and half of the names have one or two."""
    by_size = [count for _, count in month.keys().most_common()]

    assert sum(by_size[: len(by_size) // 100]) > sum(by_size) / 6
    assert by_size[len(by_size) // 2] <= 2


@pytest.mark.parametrize("seed", range(3))
def test_all_ways_of_writing_a_company_share_its_key(seed: int) -> None:
    """Status words, brackets, widths, spaces and quotes are noise to the lookup key."""
    dice = random.Random(seed)
    for name in islice(company_names(dice), 2_000):
        forms = written_forms(name, 4, dice)
        assert 4 == len(set(forms))
        assert {lookup_key(name)} == {lookup_key(form) for form in forms}


def test_the_index_has_the_rows_by_type_of_production(month: Month) -> None:
    """41,256 rows, no two with the same key and type, all within their columns."""
    rows = index_rows(month)

    assert {
        "customer_name": 15_322,
        "account_name": 10_945,
        "account_number": 10_265,
        "former_name": 3_620,
        "plan_code": 1_104,
    } == Counter(row.lookup_type for row in rows)
    assert 41_256 == len({(row.lookup_key, row.lookup_type) for row in rows})
    assert all(row.lookup_key and len(row.lookup_key) <= 255 and 0 < row.confidence <= 1 for row in rows)


@pytest.mark.parametrize("coverage", [0.0, 0.5, 0.86, 1.0])
def test_the_index_knows_the_share_of_the_month_that_it_is_told(month: Month, coverage: float) -> None:
    """Of the distinct keys exactly `coverage`, by a usable id; ids that are none do not count."""
    keys = set(month.keys())

    assert round(coverage * len(keys)) == len(keys & known_keys(month, coverage))


def test_some_names_stand_in_the_index_with_an_id_that_is_none(month: Month) -> None:
    """N and temporary ids are there for keys of the month, and leave them unknown."""
    no_ids = {row.lookup_key for row in index_rows(month) if not usable_id(row.company_id)}

    assert 20 < len(no_ids)
    assert no_ids <= set(month.keys()) - known_keys(month)


def test_the_same_seed_makes_the_same_month_and_another_seed_another() -> None:
    """Nothing but the seed decides."""
    assert make_month(1, 500) == make_month(1, 500)
    assert index_rows(make_month(1, 500)) == index_rows(make_month(1, 500))
    assert make_month(1, 500) != make_month(2, 500)


def test_the_file_holds_the_month_as_excel_wants_it(tmp_path: Path) -> None:
    """UTF-8 with its mark, a header, and every cell as it is, blanks and spaces too."""
    month, path = make_month(1, 500), tmp_path / "month.csv"

    write_month(month, path)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert COLUMNS == tuple(header)
    assert [tuple(row) for row in month.rows] == [tuple(row) for row in rows]
