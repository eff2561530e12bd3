"""Overrides: the forms in which ids set by hand are understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from eqcbatch.domain.coverage import Overrides
from eqcbatch.source.overrides import read_overrides


@pytest.mark.parametrize(
    "text",
    [
        'plan_code:\n  FP0001: "600000001"\n  XNP596: "600000002"\n',
        '# by plan\nFP0001: "600000001"\n\n"XNP596": "600000002"\n',
        "FP0001: 600000001\nXNP596: 600000002.0\n",
        'plan_overrides:\n  FP0001: "600000001"\n  XNP596: "600000002"\n',
        'plan_code:\n  FP0001: "600000001"\nplan_overrides:\n  ＸＮＰ５９６: "600000002"\n',
    ],
)
def test_plan_codes_are_understood_in_a_file_of_their_own_too(tmp_path: Path, text: str) -> None:
    """As the system of today keeps them: one flat file by plan code, or under another word."""
    path = tmp_path / "company_id_overrides_plan.yml"
    path.write_text(text, encoding="utf-8")

    assert Overrides({"FP0001": "600000001", "XNP596": "600000002"}) == read_overrides(path)


def test_a_flat_file_of_names_is_one_by_name(tmp_path: Path) -> None:
    """Names in brackets or with Latin letters and digits are names; what is never looked up has no id."""
    path = tmp_path / "company_id_overrides_name.yml"
    path.write_text(
        '3M: "1"\n（甲公司）: "2"\n保留账户管理 : __EMPTY__\nABC有限公司: "A-1"\n', encoding="utf-8"
    )

    by_name = {"3M": "1", "甲公司": "2", "保留账户管理": None, "ABC有限公司": "A-1"}
    assert Overrides({}, by_name) == read_overrides(path)


def test_a_file_of_comments_says_nothing(tmp_path: Path) -> None:
    """Two of their files hold nothing else."""
    path = tmp_path / "company_id_overrides_account.yml"
    path.write_text("# account_number: company_id\n", encoding="utf-8")

    assert Overrides() == read_overrides(path)
