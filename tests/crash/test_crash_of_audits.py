"""An audit with a budget under SIGKILL: run again, it ends as one that nobody killed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.simulate import Simulator, describe
from tests.conftest import FAST, TOKEN
from tests.crash.harness import KILLED, Copies, Zygote
from tests.drains import Bearers, companies
from tests.indexes import seed, snapshot
from tests.ledgers import ask, plan_names

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

NAMES = companies(5)
KNOWN = [describe(name, company_id=str(700 + number), status="存续") for number, name in enumerate(NAMES)]


def _standing(path: Path) -> list[Any]:
    """What the answers came to, whatever the order in which they were drawn."""
    return ask(
        path,
        """SELECT lookup_key, company_id, answer, found_id, attempts FROM audit_samples
           WHERE audit_id = (SELECT max(id) FROM audits) ORDER BY lookup_key""",
    )


def test_a_kill_at_any_boundary_costs_no_row_and_no_answer(
    zygote: Zygote,
    tmp_path: Path,
    database_url: str,
    simulator: Callable[..., Simulator],
    every_boundary: bool,
) -> None:
    """Before and after each commit, archive write, pace-file write and request; budget and accounts hold."""
    seed(
        database_url,
        *[(name, "customer_name", str(700 + (number or 1)), 0.8) for number, name in enumerate(NAMES)],
    )
    planned, eqc = tmp_path / "planned.sqlite", simulator(registry=Bearers(KNOWN))
    plan_names(planned, "甲有限公司")
    before = snapshot(database_url)

    command = ("audit", "--budget", "50", "--rate", FAST, "--eqc-url", eqc.url)
    copies = Copies(zygote, planned, command, EQCBATCH_EQC_TOKEN=TOKEN, EQCBATCH_DATABASE_URL=database_url)

    assert 0 == copies.run("reference")
    reference = _standing(copies.path("reference"))
    assert Counter(answer for _, _, answer, _, _ in reference) == {"right": 4, "wrong": 1}
    steps = copies.steps("reference")
    assert {"before request", "after archive commit", "after ledger commit"} <= {one["what"] for one in steps}
    for boundary in [one["count"] for one in steps][:: 1 if every_boundary else 4]:
        asked = len(eqc.requests)
        path = copies.path(f"at-{boundary}")
        assert KILLED == copies.run(path.stem, boundary)
        ended = ask(path, "SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL")
        assert 0 == copies.run(path.stem), copies.output(path.stem)
        assert reference == _standing(path)
        times = Counter(one.parameter for one in list(eqc.requests)[asked:])
        assert set(NAMES) == set(times)
        assert sum(times.values()) <= len(NAMES) + 1  # what was in flight at the kill may be asked again
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
            assert ledger.stats.requests().total >= sum(times.values())
        assert [1 + ended[0]] == ask(path, "SELECT count(*) FROM audits")  # one that is done is followed
        assert archive_path(path).exists()
    assert before == snapshot(database_url)
