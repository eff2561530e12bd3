"""The tables that ship: what their sources say, and read when they are asked for."""

from __future__ import annotations

import sys

import pytest
import write_tables as writers

from eqcbatch.domain.simplified import is_simplified, simplified
from eqcbatch.tables import lines


@pytest.mark.parametrize("table", list(writers.WRITERS))
def test_a_table_is_what_its_source_says(table: str) -> None:
    """`python scripts/write_tables.py` would write it so."""
    path = writers.TABLES / f"{table}.txt"
    assert "\n".join(writers.WRITERS[table]()) + "\n" == path.read_text(encoding="utf-8")


def test_a_table_that_is_stale_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check nothing is written."""
    monkeypatch.setattr(sys, "argv", ["write_tables.py", "--check"])
    assert 0 == writers.main()
    monkeypatch.setitem(writers.WRITERS, "sounds", lambda: iter(["# nothing"]))
    assert 1 == writers.main()
    assert "sounds is not what its source says" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["divisions", "no_places", "score", "simplified", "sounds", "trades"])
def test_a_table_says_where_it_comes_from(table: str) -> None:
    """At its head, which is no part of it."""
    path = writers.TABLES / f"{table}.txt"
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert not [line for line in lines(table) if not line or line.startswith("#")]


def test_words_kept_by_hand_stand_there_once() -> None:
    """And are words."""
    for table in ("no_places", "trades"):
        words = [word for line in lines(table) for word in line.split()]
        assert len(words) == len({*words})
        assert not [word for word in words if len(word) < 2]


def test_simplified_signs_stay_and_traditional_ones_are_told() -> None:
    """Sign by sign, in texts of any kind."""
    assert ("远山机械 ABC ，", "乾坤") == (simplified("遠山機械 ABC ，"), simplified("乾坤"))
    assert (True, True, False) == (is_simplified("远山"), is_simplified("ABC"), is_simplified("遠山"))
