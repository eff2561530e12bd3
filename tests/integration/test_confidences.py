"""The confidence map (docs/domain.md section 3) is configuration, for drain and review rescore alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.simulate import MatchType, Offer, describe
from tests.conftest import Run
from tests.drains import LEDGER, Job
from tests.indexes import standing
from tests.ledgers import ask

NewJob = Callable[..., Job]
FUZZY, PINYIN = "秦岭贸易", "泰山矿业"
PLAIN = [(FUZZY, 0.8, None), (PINYIN, 0.6, "low_confidence")]
MAPPED = [(FUZZY, 0.65, "low_confidence"), (PINYIN, 0.75, None)]
MAP = "{模糊匹配: 0.65, 拼音: 0.75}"


class Likenesses:
    """A registry that offers for every name one company that is called nearly so."""

    def search(self, key: str) -> list[Offer]:
        """Offer it, as a fuzzy match or by its sound."""
        kind = MatchType.PINYIN if key == PINYIN else MatchType.FUZZY
        return [Offer(describe(f"{key}有限公司", status="存续"), kind, 50.0)]

    def company(self, company_id: str) -> None:
        """Tell nothing more."""


@pytest.fixture
def work(job: NewJob) -> Job:
    """A job whose two names EQC knows by likeness alone."""
    work = job(registry=Likenesses())
    work.plan([FUZZY, PINYIN])
    return work


def decided() -> list[tuple[str, float | None, str | None]]:
    return ask(LEDGER, "SELECT lookup_key, confidence, held FROM names ORDER BY lookup_key DESC")


def test_without_a_map_that_of_the_domain_holds(work: Job) -> None:
    """A fuzzy match is worth 0.80, pinyin 0.60 and held."""
    work.drain()
    assert PLAIN == decided()


@pytest.mark.parametrize("where", ["section", "top", "variable", "line"])
def test_a_drain_goes_by_the_map_wherever_it_is_set(work: Job, database_url: str, where: str) -> None:
    """Other confidences, and another name held; Postgres gets what the map makes good enough."""
    files = {
        "section": "drain:\n  confidences:\n    模糊匹配: 0.65\n    拼音: 0.75\n",
        "top": f"confidences: {MAP}\n",
    }
    if where in files:
        Path("eqcbatch.yml").write_text(files[where], encoding="utf-8")
    variables = {"EQCBATCH_DRAIN_CONFIDENCES": MAP} if where == "variable" else {}
    line = ("--confidences", MAP) if where == "line" else ()

    assert 0 == work.drain(*line, EQCBATCH_DATABASE_URL=database_url, **variables).code

    assert MAPPED == decided()
    assert {PINYIN: 0.75} == {key: row[1] for key, row in standing(database_url).items()}


def test_a_rescore_after_a_change_of_the_map_moves_results(
    work: Job, database_url: str, eqcbatch: Run
) -> None:
    """What falls below the minimum leaves Postgres, what rises above it goes there; no request is sent."""
    environment = {"EQCBATCH_DATABASE_URL": database_url}
    work.drain(**environment)
    assert {FUZZY: 0.8} == {key: row[1] for key, row in standing(database_url).items()}
    Path("eqcbatch.yml").write_text(f"confidences: {MAP}\n", encoding="utf-8")
    rescore = ("review", "rescore", "--ledger", LEDGER, "--json")

    shown = json.loads(eqcbatch(*rescore, **environment).out)
    before = decided()
    eqcbatch(*rescore, "--apply", **environment)

    assert [PINYIN] == [one["lookup_key"] for one in shown["newly_confident"]]
    assert [FUZZY] == [one["lookup_key"] for one in shown["newly_held"]]
    assert (PLAIN, MAPPED) == (before, decided())
    assert {PINYIN: 0.75} == {key: row[1] for key, row in standing(database_url).items()}


def test_the_minimum_goes_with_the_map(work: Job) -> None:
    """Both options make one rule."""
    work.drain("--confidences", MAP, "--min-confidence", "0.6")
    assert [(FUZZY, 0.65, None), (PINYIN, 0.75, None)] == decided()


@pytest.mark.parametrize(
    ("confidences", "said"),
    [
        ("{模湖匹配: 0.8}", "There is no match type '模湖匹配'. Did you mean '模糊匹配'?"),
        ("{拼音: 60}", "The confidence of '拼音' is '60'. Write a number from 0 to 1"),
        ("0.8", "Confidences are `match type: number` lines."),
    ],
)
@pytest.mark.parametrize("where", ["file", "line"])
def test_a_wrong_map_is_told_and_nothing_is_asked(work: Job, confidences: str, said: str, where: str) -> None:
    """Exit 2, the mistake, and what to write."""
    if where == "file":
        Path("eqcbatch.yml").write_text(f"drain:\n  confidences: {confidences}\n", encoding="utf-8")
    ran = work.drain(*(("--confidences", confidences) if where == "line" else ()))
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert [(FUZZY, None, None), (PINYIN, None, None)] == decided()
