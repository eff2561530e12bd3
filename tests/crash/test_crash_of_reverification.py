"""A night that asks of companies again, under SIGKILL: run again, it ends as one that nobody killed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Candidate, Verdict, VerdictRule
from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import Simulator, describe
from tests.conftest import FAST, TOKEN
from tests.crash.harness import KILLED, Copies, Zygote
from tests.drains import Bearers, companies
from tests.indexes import execute, select
from tests.ledgers import ask, change, decide, plan_names, resolve

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

SAME, RENAMED, DEREGISTERED, MERGED, VANISHED = NAMES = companies(5)
IDS = {name: str(700 + number) for number, name in enumerate(NAMES)}
TODAY = [
    describe(SAME, company_id=IDS[SAME], status="存续"),
    describe("深圳新名实业有限公司", company_id=IDS[RENAMED], former_names=(RENAMED,), status="存续"),
    describe(DEREGISTERED, company_id=IDS[DEREGISTERED], status="注销"),
    describe(MERGED, company_id=IDS[MERGED], status="注销"),
    describe("深圳继承实业有限公司", company_id="799", former_names=(MERGED,), status="存续"),
]
FOUND = {SAME: "unchanged", RENAMED: "renamed", DEREGISTERED: "deregistered"} | {
    MERGED: "merged",
    VANISHED: "vanished",
}
_KEPT = (
    "lookup_key, state, company_id, official_name, verdict, source FROM names",
    "company_id, official_name, former_names, business_info FROM companies",
    "company_id, finding, name_before, official_name, heir_id FROM reverified",
    "lookup_key, company_id, flushed_company_id FROM former_names",
)
_ROWS = """SELECT lookup_key, lookup_type, company_id, confidence, source FROM enterprise.enrichment_index
           ORDER BY 1, 2"""
_BASE_INFO = """SELECT (to_jsonb(b) - 'api_fetched_at' - 'updated_at')::text
                FROM enterprise.base_info b ORDER BY company_id"""


def _prepare(path: Path) -> None:
    """All five names decided years ago, one of them by a person; no answer is archived any more."""
    plan_names(path, *NAMES)
    for name in NAMES:
        company = Candidate(0, IDS[name], name, registered_status="存续")
        resolve(path, name, Verdict(company, 1.0, VerdictRule.EXACT_NAME))
    decide(path, MERGED, IDS[MERGED])
    change(path, "UPDATE names SET decided_at = '2020-01-01'")


def _standing(path: Path, url: str) -> list[Any]:
    """Names, companies and findings, and what Postgres has."""
    return [
        *(ask(path, f"SELECT {what} ORDER BY 1") for what in _KEPT),
        select(url, _ROWS),
        select(url, _BASE_INFO),
    ]


def test_a_kill_at_any_boundary_costs_no_company_and_no_answer(
    zygote: Zygote,
    tmp_path: Path,
    database_url: str,
    simulator: Callable[..., Simulator],
    every_boundary: bool,
) -> None:
    """Before and after each commit, archive write, pace-file write and request; budget and accounts hold."""
    prepared, eqc = tmp_path / "prepared.sqlite", simulator(registry=Bearers(TODAY))
    _prepare(prepared)

    command = (
        "drain",
        "--resume",
        "--reverify",
        "365d",
        "--budget",
        "50",
        "--rate",
        FAST,
        "--eqc-url",
        eqc.url,
    )
    copies = Copies(zygote, prepared, command, EQCBATCH_EQC_TOKEN=TOKEN, EQCBATCH_DATABASE_URL=database_url)

    assert 0 == copies.run("reference")
    reference = _standing(copies.path("reference"), database_url)
    assert {IDS[name]: finding for name, finding in FOUND.items()} == {row[0]: row[1] for row in reference[2]}
    asked_once = Counter((one.endpoint, one.parameter) for one in eqc.requests)
    steps = copies.steps("reference")
    assert {"before request", "after archive commit", "after ledger commit"} <= {one["what"] for one in steps}
    for boundary in [one["count"] for one in steps][:: 1 if every_boundary else 6]:
        began, path = len(eqc.requests), copies.path(f"at-{boundary}")
        execute(database_url, "TRUNCATE enterprise.enrichment_index, enterprise.base_info")
        assert KILLED == copies.run(path.stem, boundary)
        assert 0 == copies.run(path.stem), copies.output(path.stem)
        assert reference == _standing(path, database_url), boundary
        times = Counter((one.endpoint, one.parameter) for one in list(eqc.requests)[began:])
        light = times.pop(("searchAll", "中国平安"))
        assert asked_once.keys() - {("searchAll", "中国平安")} == times.keys()
        assert light <= 2  # a session asks it once
        assert sum(times.values()) <= len(times) + 1  # what was in flight at the kill may be asked again
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
            assert ledger.stats.requests().total >= sum(times.values())
