"""review replay: every verdict once more from the archive gives the one that stands, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import open_archive
from eqcbatch.ledger import archive_path
from eqcbatch.simulate import GeneratedRegistry, describe
from tests.conftest import Ran, Run
from tests.drains import LEDGER, Bearers, Job, OneEach, companies
from tests.ledgers import ask, change, dump

NewJob = Callable[..., Job]


@pytest.fixture
def replay(eqcbatch: Run) -> Callable[..., Ran]:
    """Replay the ledger."""
    return lambda *options: eqcbatch("review", "replay", "--ledger", LEDGER, *options)


def counted(ran: Ran) -> dict[str, Any]:
    """The counts that are not 0, and the keys that differ, by what they came to."""
    assert 0 == ran.code, ran.err
    content = json.loads(ran.out)
    differing = content.pop("differences")
    return {kind: count for kind, count in content.items() if count} | {
        "keys": {(one["came_to"], one["lookup_key"]) for one in differing}
    }


def test_every_verdict_comes_out_as_it_stands(job: NewJob, replay: Callable[..., Ran]) -> None:
    """Exact, fuzzy, pinyin and unknown names, two spellings, harvested ones; by confidences of that drain."""
    work = job(registry=GeneratedRegistry(seed=5, unknown=0.15, pinyin=0.2))
    names = [*companies(60), "北京长城厂-已转出", "（北京）长城厂", "甲小贷（深圳）", "甲小贷（仁怀）"]
    work.plan(names)
    work.drain("--confidences", "{拼音: 0.9, 模糊匹配: 0.75}")
    before = dump(LEDGER)
    total = len(before["names"])

    assert {"same": total, "keys": set()} == counted(replay("--json"))
    assert before == dump(LEDGER)
    assert {"resolved", "failed"} <= set(ask(LEDGER, "SELECT state FROM names"))
    assert f"Replayed {total} verdicts from the archive: {total} the same." in replay().out


def test_a_harvested_name_is_replayed_by_the_answer_of_the_other_one(
    job: NewJob, replay: Callable[..., Ran]
) -> None:
    """It was never asked itself, and stands by the answer that named its company."""
    name, former = "深圳市远山科技有限公司", "深圳市近水科技有限公司"
    company = describe(name, company_id="600000001", former_names=(former,), status="存续")
    work = job(registry=Bearers([company]))
    work.plan([former, former, name])
    work.drain()
    assert {(former, "eqc"), (name, "harvest")} == set(ask(LEDGER, "SELECT lookup_key, source FROM names"))
    assert {"same": 2, "keys": set()} == counted(replay("--json"))


@pytest.mark.parametrize(
    ("statements", "came_to"),
    [
        (["company_id = '1'"], "different"),
        (["confidence = 0.5"], "different"),
        (["held = 'ambiguous'"], "different"),
        (["held = 'reverted'"], "same"),
        (["company_id = '1'", "answer_sha256 = NULL"], "on_unknown_grounds"),
        (["answer_sha256 = NULL", "rulebook = NULL"], "same"),
        (["answer_sha256 = 'another'"], "replaced"),
    ],
)
def test_what_does_not_come_out_so_is_told_with_the_reason(
    job: NewJob, replay: Callable[..., Ran], statements: list[str], came_to: str
) -> None:
    """A ledger that was changed by hand, one that a version before wrote, a question that was asked anew."""
    first, second = companies(2)
    work = job(registry=OneEach())
    work.plan([first, second])
    work.drain()
    change(LEDGER, f"UPDATE names SET {', '.join(statements)} WHERE lookup_key = '{first}'")

    found = counted(replay("--json"))

    keys = set() if came_to == "same" else {(came_to, first)}
    assert ({came_to: 1, "same": 1} if keys else {"same": 2}) | {"keys": keys} == found


def test_a_verdict_by_other_rules_is_told_apart(job: NewJob, replay: Callable[..., Ran]) -> None:
    """What an older rule set judged may differ without a defect."""
    (name,) = companies(1)
    work = job(registry=OneEach())
    work.plan([name])
    work.drain()
    change(LEDGER, "UPDATE names SET verdict = 'first_candidate'", "UPDATE rulebooks SET rule_set = 0")
    ran = replay()
    assert "1: the rules are others than those that judged it" in ran.out
    assert "Next: eqcbatch review rescore" in ran.out


def test_spellings_that_no_source_has_any_more_count_as_they_did(
    job: NewJob, replay: Callable[..., Ran]
) -> None:
    """Two places behind one key made the name ambiguous; the months that wrote so are gone."""
    work = job(registry=OneEach())
    work.plan(["甲小贷公司（深圳）", "甲小贷公司（仁怀）"])
    work.drain()
    assert ["ambiguous"] == ask(LEDGER, "SELECT held FROM names")
    work.plan(companies(1))
    assert 1 == counted(replay("--json"))["same"]


def test_without_an_archive_there_is_nothing_to_replay(job: NewJob, replay: Callable[..., Ran]) -> None:
    """And where one answer is gone, its name is missing."""
    first, second = companies(2)
    work = job(registry=OneEach())
    work.plan([first, second])
    work.drain()
    with open_archive(archive_path(LEDGER)) as archive:
        archive.supersede(Endpoint.SEARCH, first)
    assert {"same": 1, "missing": 1, "keys": {("missing", first)}} == counted(replay("--json"))
    archive_path(LEDGER).unlink()
    ran = replay()
    assert (2, True) == (ran.code, "There is no archive" in ran.err)


def test_names_of_people_and_of_the_index_are_not_judged(job: NewJob, replay: Callable[..., Ran]) -> None:
    """They are counted apart."""
    first, second = companies(2)
    work = job(registry=OneEach())
    work.plan([first, second])
    work.drain()
    change(LEDGER, f"UPDATE names SET source = 'manual', verdict = 'manual' WHERE lookup_key = '{first}'")
    assert {"same": 1, "not_by_eqc": 1, "keys": set()} == counted(replay("--json"))


def test_what_a_rescore_decided_is_replayed_by_its_confidences(
    job: NewJob, eqcbatch: Run, replay: Callable[..., Ran]
) -> None:
    """A new least confidence holds names; the replay goes by that one, not by that of the drain."""
    work = job(registry=GeneratedRegistry(seed=5, unknown=0.0, fuzzy=0.0, exact=0.0, pinyin=1.0))
    work.plan(companies(30))
    work.drain("--confidences", "{拼音: 0.9}")
    options = ("--confidences", "{拼音: 0.5}", "--apply")
    assert 0 == eqcbatch("review", "rescore", *options, "--ledger", LEDGER).code
    assert 0.5 in ask(LEDGER, "SELECT confidence FROM names")
    assert {"same": 30, "keys": set()} == counted(replay("--json"))


def test_what_was_asked_anew_in_doubt_is_not_missing(job: NewJob, replay: Callable[..., Ran]) -> None:
    """Companies were asked of again, EQC found nothing, and what was doubted made room in the archive."""
    names = companies(25)
    registry = Bearers(
        [describe(name, company_id=str(700 + at), status="存续") for at, name in enumerate(names)]
    )
    work = job(registry=registry)
    work.plan(names)
    work.drain()
    registry.pass_time([])
    assert 4 == work.drain("--reverify", "0s").code
    came_to = counted(replay("--json"))
    assert ({"same", "replaced", "not_by_eqc"} >= came_to.keys() - {"keys"}, 25) == (
        True,
        came_to.get("same", 0) + came_to["replaced"],
    )
    assert came_to["replaced"] > 0
