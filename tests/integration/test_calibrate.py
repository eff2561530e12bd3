"""`review calibrate`: the proposals are fitted to what people decided, and shown to be better or not kept."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.names import lookup_key
from tests.conftest import Ran, Run
from tests.integration.test_review import answer, company, write
from tests.ledgers import ask, dump, plan_names
from tests.schemas import checked

SIGNS = "甲乙丙丁戊己庚辛"
NAMES = [f"宁波青{one}{other}贸易有限公司" for one in SIGNS for other in SIGNS]  # each of another city, held


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with held names, for which EQC offers a company of that name in another city."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *NAMES)
    for at, name in enumerate(NAMES):
        answer(path, name, company(0, str(600_000_001 + at), f"杭州{name[2:]}"))
    return path


@pytest.fixture
def review(path: Path, eqcbatch: Run) -> Callable[..., Ran]:
    """Run `eqcbatch review` on the ledger."""
    return lambda *arguments: eqcbatch("review", *arguments, "--ledger", path)


def sure() -> dict[str, tuple[str, float]]:
    """What the sheet proposes, and how sure it is."""
    with Path("held.csv").open(encoding="utf-8-sig", newline="") as file:
        return {line["lookup_key"]: (line["proposal"], float(line["sure"])) for line in csv.DictReader(file)}


def decide(review: Callable[..., Ran], names: list[str], **ids: str) -> None:
    """Let people say that it is the offered company in spite of its city; or these."""
    said = [(lookup_key(name), ids.get(name, str(600_000_001 + NAMES.index(name)))) for name in names]
    assert 0 == review("import", write(Path("d.csv"), *said)).code


def calibrated(review: Callable[..., Ran]) -> dict[str, Any]:
    ran = review("calibrate", "--json")
    assert 0 == ran.code, ran.err
    return checked("review-calibrate", ran.out)


def test_too_few_decisions_change_nothing(path: Path, review: Callable[..., Ran]) -> None:
    """How many are missing is said."""
    decide(review, NAMES[:20])
    before = dump(path)
    told = calibrated(review)
    assert (20, 30, False, []) == tuple(told[key] for key in ("decisions", "missing", "kept", "after"))
    assert "20 decisions by people on names with candidates: 30 more are needed." in review("calibrate").out
    assert before == dump(path)


def test_decisions_make_proposals_surer(path: Path, review: Callable[..., Ran]) -> None:
    """People take companies of another city here: the next sheet proposes these, and says so surely."""
    review("export", "held.csv")
    key = lookup_key(NAMES[-1])
    assert "none" == sure()[key][0]
    decide(review, NAMES[:55])

    told = calibrated(review)
    assert (55, 0, True) == tuple(told[name] for name in ("decisions", "missing", "kept"))
    assert told["loss_after"] < told["loss_before"]
    assert [(55, 55)] == [(one["proposed"], one["right"]) for one in told["after"] if one["sure"] == 0.9]
    assert [55] == ask(path, "SELECT decisions FROM score_fits")

    review("export", "held.csv")
    company_id, after = sure()[key]
    assert str(600_000_001 + len(NAMES) - 1) == company_id
    assert 0.9 < after < 1
    text = review("calibrate").out
    assert "Fitted to 55 decisions by people; each name is told by a fit to others." in text
    assert "Kept: `eqcbatch review export` goes by the fit now." in text


def test_what_was_opened_again_teaches_nothing(review: Callable[..., Ran]) -> None:
    """Nor does a name without candidates; an id that EQC did not offer says that no candidate is the one."""
    decide(review, NAMES[:52])
    for name in NAMES[:2]:
        assert 0 == review("set", name, "reopen").code
    assert 50 == calibrated(review)["decisions"]
