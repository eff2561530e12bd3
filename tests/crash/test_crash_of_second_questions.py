"""Second questions under SIGKILL: names, questions and Postgres end as in a drain that nobody killed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import MatchType, Offer, Simulator, describe
from tests.conftest import FAST, TOKEN
from tests.crash.harness import KILLED, Copies, Zygote
from tests.indexes import execute, select
from tests.ledgers import ask, plan_names

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

HELD, SETTLED, UNKNOWN = (
    "昆明森讯（原远山厂）环保有限公司",
    "大理青禾（筹建处）贸易有限公司",
    "北京白鹭水务有限公司",
)
_KEPT = (
    "lookup_key, state, company_id, verdict, held, reason FROM names",
    "lookup_key, kind, query, attempts, settled FROM second_questions",
    "lookup_key, rank, company_id, second FROM candidates",
)
_ROWS = "SELECT lookup_key, company_id, confidence, source FROM enterprise.enrichment_index ORDER BY 1"


class Answers:
    """A registry that finds one of the names by another question alone."""

    def search(self, key: str) -> list[Offer]:
        """Offer what is like it."""
        odd = Offer(describe("昆明远山贸易有限公司", status="存续"), MatchType.FUZZY, 70.0)
        right = Offer(describe("大理青禾贸易有限公司", status="存续"), MatchType.FUZZY, 90.0)
        if key == UNKNOWN:
            return []
        return [right] if key == right.company.official_name else [odd]

    def company(self, company_id: str) -> None:
        """Tell nothing more."""


def _standing(path: Path, url: str) -> list[Any]:
    return [*(ask(path, f"SELECT {what} ORDER BY 1, 2") for what in _KEPT), select(url, _ROWS)]


def test_a_kill_at_any_boundary_asks_no_second_question_twice(
    zygote: Zygote,
    tmp_path: Path,
    database_url: str,
    simulator: Callable[..., Simulator],
    every_boundary: bool,
) -> None:
    """Before and after each commit, archive write, pace-file write and request; the accounts balance."""
    prepared, eqc = tmp_path / "prepared.sqlite", simulator(registry=Answers())
    plan_names(prepared, HELD, SETTLED, UNKNOWN)
    drain = ("drain", "--resume", "--second-question", "--budget", "50", "--rate", FAST, "--eqc-url", eqc.url)
    copies = Copies(zygote, prepared, drain, EQCBATCH_EQC_TOKEN=TOKEN, EQCBATCH_DATABASE_URL=database_url)

    assert 0 == copies.run("reference"), copies.output("reference")
    reference = _standing(copies.path("reference"), database_url)
    assert {HELD: 0, SETTLED: 1, UNKNOWN: 0} == {key: settled for key, *_, settled in reference[1]} | {
        UNKNOWN: 0
    }
    asked_once = Counter(one.parameter for one in eqc.requests)
    steps = copies.steps("reference")
    for boundary in [one["count"] for one in steps][:: 1 if every_boundary else 5]:
        began, path = len(eqc.requests), copies.path(f"at-{boundary}")
        execute(database_url, "TRUNCATE enterprise.enrichment_index, enterprise.base_info")
        assert KILLED == copies.run(path.stem, boundary)
        assert 0 == copies.run(path.stem), copies.output(path.stem)
        assert reference == _standing(path, database_url), boundary
        times = Counter(one.parameter for one in list(eqc.requests)[began:])
        assert asked_once.keys() == times.keys()
        assert times.total() <= asked_once.total() + 1  # what was in flight at the kill
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
