"""Row-level coverage through the real commands: plan codes, ids of the source, overrides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.indexes import hits, seed
from tests.ledgers import ask, dump

LEDGER = Path("l.sqlite")
ROWS = """客户名称,计划代码,id
甲公司,P1,
甲公司,P2,
乙公司,P1,
丙公司,,0070
丙公司,,N
丁公司,P3,
,P1,
,P9,
戊公司,P9,
"""


@pytest.fixture
def planned(eqcbatch: Run, database_url: str) -> Any:
    """Plan the rows as options say; the plan's JSON."""
    Path("rows.csv").write_text(ROWS, encoding="utf-8")
    seed(
        database_url,
        ("P1", "plan_code", "100", 1.0),
        ("P3|丁公司", "plan_customer", "300", 1.0),
        ("戊公司", "former_name", "500", 0.9),
    )

    def plan(*options: object) -> dict[str, Any]:
        columns = ("--plan-code-column", "计划代码", "--id-column", "id")
        ran = eqcbatch(
            *("plan", "rows.csv", "--ledger", LEDGER, "--json", *columns, *options),
            EQCBATCH_DATABASE_URL=database_url,
        )
        assert 0 == ran.code, ran.err
        content: dict[str, Any] = json.loads(ran.out)
        return content

    return plan


def names() -> dict[str, tuple[str, str | None, str | None]]:
    return {
        key: (state, company, source)
        for key, state, company, source in ask(
            LEDGER, "SELECT lookup_key, state, company_id, source FROM names"
        )
    }


def test_a_name_is_cached_when_all_its_rows_are_covered(planned: Any, database_url: str) -> None:
    """Covered in part is pending; covered by rows alone is cached without an id; blanks are counted."""
    content = planned()
    assert {
        "甲公司": ("pending", None, None),
        "乙公司": ("cached", None, "index:plan_code"),
        "丙公司": ("pending", None, None),
        "丁公司": ("cached", None, "index:plan_customer"),
        "戊公司": ("cached", "500", "index:former_name"),
    } == names()
    assert (9, 2, 1) == tuple(content["rows"][name] for name in ("total", "blank", "blank_covered"))
    assert {"names": 0.6, "rows": round(5 / 7, 4)} == content["hit_rate"]
    assert {"P1": 1, "P3|丁公司": 1, "戊公司": 1} == {
        key: count for (key, _), count in hits(database_url).items()
    }
    assert [("P1", "100"), (None, "0070")] == ask(
        LEDGER,
        """SELECT plan_code, company_id FROM occurrences
           WHERE lookup_key IN ('甲公司', '丙公司') AND source IS NOT NULL ORDER BY company_id DESC""",
    )


def test_planning_the_same_rows_again_changes_nothing(planned: Any) -> None:
    """Cover by rows included."""
    planned()
    before = dump(LEDGER)
    planned()
    assert before == dump(LEDGER)


def test_a_name_cached_by_its_rows_is_pending_when_a_row_without_cover_comes(planned: Any) -> None:
    """The new row's customer has to be asked for."""
    planned()
    rows = Path("rows.csv")
    rows.write_text(rows.read_text(encoding="utf-8") + "乙公司,,\n", encoding="utf-8")
    planned()
    assert ("pending", None, None) == names()["乙公司"]


def test_overrides_win_and_empty_means_never(planned: Any) -> None:
    """By plan code, then by name; `__EMPTY__` is neither looked up nor asked."""
    Path("o.yml").write_text(
        '甲公司-已转出: "0600"\n戊公司: __EMPTY__\nplan_code:\n  P9: "900"\n', encoding="utf-8"
    )
    content = planned("--overrides", "o.yml")
    seen = names()
    assert {"甲公司": ("cached", "0600", "override"), "戊公司": ("cached", None, "override")} == {
        name: seen[name] for name in ("甲公司", "戊公司")
    }
    assert 2 == content["rows"]["blank_covered"]


def test_overrides_of_plan_codes_say_when_they_have_no_effect(eqcbatch: Run) -> None:
    """A source that was read without its plan codes has none that could be covered."""
    Path("rows.csv").write_text(ROWS, encoding="utf-8")
    Path("o.yml").write_text("FP0001: '1'\nFP0002: '1'\n", encoding="utf-8")
    ran = eqcbatch("plan", "rows.csv", "--ledger", LEDGER, "--overrides", "o.yml", "--no-index")
    assert 0 == ran.code
    assert "The overrides of 2 plan codes have no effect" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "must hold"),
        ("甲公司: N\n", "no company id"),
        ("甲公司: '1'\n甲公司-已转出: '2'\n", "two different ids"),
        ("无: '1'\n", "blank by the name rules"),
        ("plan_code: P1\n", "must hold"),
        ("a: [\n", "cannot be read"),
        ("甲公司: '1'\n甲公司: '2'\n", "stands in it twice"),
        ("甲公司: 6E+08\n", "no company id"),
        ("FP0001: '1'\n甲公司: '2'\n", "'FP0001' stands among names and looks like a code"),
        ("12345678: '1'\n", "'12345678' stands among names and looks like a code"),
        ("plan_code:\n  P1: '1'\n  ' P1 ': '2'\n", "the plan code 'P1' has two different ids"),
        ("plan_code: {'#N/A': '1'}\n", "no plan code"),
    ],
)
def test_bad_overrides_are_one_clear_line(eqcbatch: Run, text: str, message: str) -> None:
    """Exit 2, and no ledger."""
    Path("rows.csv").write_text(ROWS, encoding="utf-8")
    Path("o.yml").write_text(text, encoding="utf-8")
    ran = eqcbatch("plan", "rows.csv", "--ledger", LEDGER, "--overrides", "o.yml")
    assert (2, False, True) == (ran.code, LEDGER.exists(), message in ran.err)
