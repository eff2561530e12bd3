"""A source that is replaced or forgotten under SIGKILL: the ledger is as it was before, or as it is after."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.ledger import open_ledger
from tests.crash.harness import KILLED, Copies, Zygote
from tests.ledgers import ask, dump, plan_names, resolve

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

BESIDE = ("--evidence-column", "地区")
COMMANDS = {
    "forget": ("sources", "forget", "规模", "other"),
    "replace": ("plan", "month-11.csv", "--as", "规模", "--weight-column", "规模", *BESIDE),
}


@pytest.fixture
def two_sources(tmp_path: Path) -> Path:
    """A ledger of a named source and of one without, with names decided and undecided in both."""
    (tmp_path / "month-10.csv").write_text(
        "客户名称,规模,地区\n甲,5,北京\n乙,7,\n丙,1,上海\n", encoding="utf-8"
    )
    (tmp_path / "month-11.csv").write_text("客户名称,规模,地区\n甲,6,上海\n丁,9,北京\n", encoding="utf-8")
    path = tmp_path / "planned.sqlite"
    plan_names(path, "丙", "戊", source="other")
    with pytest.raises(SystemExit):
        _main("plan", tmp_path / "month-10.csv", "--as", "规模", "--ledger", path, "-q", *BESIDE)
    resolve(path, "甲")
    return path


def _main(*arguments: object) -> None:
    from eqcbatch.cli.app import main

    main([str(one) for one in arguments])


def _standing(path: Path) -> tuple[Any, ...]:
    runs = ask(path, "SELECT source, rows, weighed_by, weight, scale, options FROM runs WHERE current = 1")
    tables = dump(path)
    del tables["names"]  # the moments of deciding differ
    names = ask(path, "SELECT lookup_key, state, company_id, rows, weight FROM names ORDER BY lookup_key")
    return runs, tables, names


@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_kill_at_any_boundary_leaves_a_source_as_it_was_or_as_it_becomes(
    command: str,
    two_sources: Path,
    zygote: Zygote,
    tmp_path: Path,
) -> None:
    """Before or after each commit and file; the accounts balance, and once more ends as if nothing was."""
    words = [str(tmp_path / one) if one.endswith(".csv") else one for one in COMMANDS[command]]
    copies = Copies(zygote, two_sources, words)
    before = _standing(two_sources)
    assert 0 == copies.run("reference")
    after = _standing(copies.path("reference"))
    steps = copies.steps("reference")

    assert before != after
    assert {"before ledger commit", "after ledger commit"} <= {one["what"] for one in steps}
    found = set()
    for boundary in [one["count"] for one in steps]:
        assert KILLED == copies.run(f"at-{boundary}", boundary)
        path = copies.path(f"at-{boundary}")
        standing = _standing(path)
        found.add(repr(standing))
        assert standing in (before, after)
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
        again = copies.run(f"at-{boundary}")
        assert again == (2 if command == "forget" and standing == after else 0)  # it is forgotten already
        assert after == _standing(path)
    assert {repr(before), repr(after)} == found
