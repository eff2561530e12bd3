"""A second question: asked once nothing is pending, and judged against the name as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import SecondQuestion
from eqcbatch.simulate import MatchType, Offer, Simulator, describe
from eqcbatch.simulate.registry import Company
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.drains import LEDGER, SCALE
from tests.ledgers import ask, change, decide, states
from tests.schemas import checked

HELD = "昆明森讯环保科技（原远山厂）有限公司"
RIGHT = describe("昆明森讯环保科技有限公司", company_id="600000001", status="存续")
ODD = describe("昆明远山贸易有限公司", company_id="600000009", status="存续")


KNOWN = {"中国平安": [describe("中国平安保险（集团）股份有限公司", status="存续")]}  # what any EQC finds


class Answers:
    """A registry that answers just these questions, and no other."""

    def __init__(self, answers: Mapping[str, Iterable[Company]]) -> None:
        self.answers = {key: list(found) for key, found in answers.items()}
        self.asked: list[str] = []

    def search(self, key: str) -> list[Offer]:
        """Offer what is there for it."""
        self.asked.append(key)
        return [Offer(one, MatchType.FUZZY, 90.0) for one in self.answers.get(key, ())]

    def company(self, company_id: str) -> None:
        """Tell nothing more."""


@pytest.fixture
def drain(eqcbatch: Run, simulator: Callable[..., Simulator]) -> Callable[..., Ran]:
    """Drain the ledger, EQC having these answers."""

    def run(registry: Answers, *options: object, second: bool = True) -> Ran:
        eqc = simulator(registry=registry)
        return eqcbatch(
            *("drain", "--resume", "--ledger", LEDGER, "--budget", "all", "--rate", FAST),
            *("--time-scale", SCALE, "--eqc-url", eqc.url, *(["--second-question"] if second else [])),
            *options,
            EQCBATCH_EQC_TOKEN=TOKEN,
        )

    return run


@pytest.fixture
def plan(eqcbatch: Run) -> Callable[..., None]:
    """Plan names, with a region beside each."""

    def run(*lines: str) -> None:
        Path("names.csv").write_text("\n".join(("客户名称,地区,计划", *lines)) + "\n", encoding="utf-8")
        beside = ("--evidence-column", "地区", "--evidence-column", "计划")
        assert 0 == eqcbatch("plan", "names.csv", "--ledger", LEDGER, "--no-index", *beside).code

    return run


def answered() -> int:
    """How many second questions were answered."""
    (count,) = ask(LEDGER, "SELECT count(*) FROM second_questions WHERE answered_at IS NOT NULL")
    return int(count)


def questions() -> list[tuple[Any, ...]]:
    """The second questions of the ledger."""
    return ask(LEDGER, "SELECT lookup_key, kind, query, settled FROM second_questions ORDER BY id")


def stands(name: str) -> tuple[Any, ...]:
    """How a name stands."""
    (found,) = ask(LEDGER, "SELECT company_id, verdict, held FROM names WHERE lookup_key = ?", [name])
    return tuple(found)


def replayed(eqcbatch: Run) -> dict[str, int]:
    """What a replay of all verdicts came to."""
    content = json.loads(eqcbatch("review", "replay", "--ledger", LEDGER, "--json").out)
    return {kind: count for kind, count in content.items() if count and isinstance(count, int)}


def unrescored(eqcbatch: Run) -> bool:
    """Whether a rescore would change nothing."""
    content = json.loads(eqcbatch("review", "rescore", "--ledger", LEDGER, "--json").out)
    return not any(value for key, value in content.items() if key not in ("names", "unjudged", "applied"))


def test_a_held_name_is_decided_by_what_another_question_brings(
    plan: Callable[..., None], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """By the evidence beside it, among all that were offered; each verdict comes out again."""
    name, other = (
        "森讯环保科技有限公司",
        describe("北京森讯环保科技有限公司", company_id="600000002", status="存续"),
    )
    registry = Answers({name: [other], f"昆明{name}": [RIGHT, other]})
    plan(f"{name},昆明分公司,")
    registry.answers[name].append(describe("上海森讯环保科技有限公司", company_id="600000003", status="存续"))
    ran = drain(registry)

    assert [(name, "with_place", f"昆明{name}", 1)] == questions()
    assert ("600000001", "evidence:region", None) == stands(name)
    assert [name, f"昆明{name}"] == registry.asked
    assert "Asked 1 second question: 1 name decided by them." in ran.out
    assert {"same": 1} == replayed(eqcbatch)
    assert unrescored(eqcbatch)
    told = json.loads(eqcbatch("report", "--ledger", LEDGER, "--name", name, "--json").out)
    assert f"昆明{name}" == told["provenance"]["request"]["parameter"]
    assert [0, 1, 2] == sorted(one["rank"] for one in told["candidates"])
    assert 2 == len(told["requests"])


def test_a_name_that_was_not_found_is_found_and_one_that_is_not_stays_so(
    plan: Callable[..., None], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """The first answer counts with the second; an answer that settles nothing changes nothing."""
    found, lost = "森讯环保科技（筹建处）", "北京远山环保科技有限公司"
    registry = Answers({"森讯环保科技": [RIGHT], "远山环保科技有限公司": [ODD]} | KNOWN)
    plan(f"{found},昆明,", f"{found},昆明,", f"{lost},,")
    before = drain(registry, second=False)
    assert 0 == before.code, before.err
    grounds = ask(LEDGER, "SELECT decided_at, attempts FROM names WHERE lookup_key = ?", [lost])
    ran = drain(registry)

    assert "failed/not_found" == states(LEDGER)[lost]
    assert grounds == ask(LEDGER, "SELECT decided_at, attempts FROM names WHERE lookup_key = ?", [lost])
    assert ["600000009"] == ask(LEDGER, "SELECT company_id FROM candidates WHERE lookup_key = ?", [lost])
    assert 0 == ran.code, ran.err
    assert unrescored(eqcbatch)
    assert {"different": 0} | replayed(eqcbatch) == {"different": 0, "same": 2}


def test_each_question_is_asked_once_in_the_life_of_a_ledger(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """And none without the option, none of a name that a person decided, none twice for one name."""
    registry = Answers({HELD: [ODD]})
    by_hand = "大理森讯环保科技有限公司"
    plan(f"{HELD},,", f"{by_hand},,")
    drain(registry, second=False)
    assert [] == questions()
    decide(LEDGER, by_hand, "none")
    registry.asked.clear()
    drain(registry)
    ways = ["昆明森讯环保科技有限公司", "森讯环保科技有限公司"]
    assert [(HELD, "without_bracket", ways[0], 0), (HELD, "without_place", ways[1], 0)] == questions()
    assert ways == [one for one in registry.asked if one in ways]
    registry.asked.clear()
    drain(registry)
    assert [] == registry.asked
    assert ("600000009", "contradiction:core", "contradiction") == stands(HELD)


def test_nothing_is_asked_a_second_time_while_names_are_pending(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """The budget goes to names first."""
    other = "大理远山水务有限公司"
    registry = Answers({HELD: [ODD], other: [ODD], RIGHT.official_name: [RIGHT]})
    plan(f"{HELD},,", f"{HELD},,", f"{other},,")
    drain(registry, "--budget", "2")
    assert 0 == answered()
    drain(registry, "--budget", "1")
    assert [HELD, other, RIGHT.official_name] == registry.asked
    assert 1 == answered()


def test_a_kind_that_does_not_pay_is_not_asked_any_more_and_that_is_said(
    plan: Callable[..., None], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """After forty requests; the drain and the report tell its yield."""
    names = [f"昆明森讯第{number}环保科技有限公司" for number in range(45)]
    registry = Answers({name: [ODD] for name in names} | {name[2:]: [ODD] for name in names})
    plan(*(f"{name},," for name in names))
    ran = drain(registry)
    assert 40 == len(questions())
    assert (
        "of the kind without_place are not asked any more: 40 requests decided 0 names, less than 5 %."
        in ran.err
    )
    assert 1 == ran.err.count("not asked any more")
    report = eqcbatch("report", "--ledger", LEDGER)
    assert "without_place 0 of 40 (0.0 %), not asked any more" in report.out
    content = checked("report", eqcbatch("report", "--ledger", LEDGER, "--json").out)
    assert content["second_questions"] == [
        {"kind": "without_place", "requests": 40, "settled": 0, "yield": 0.0, "asked_on": False}
    ]
    session = checked("drain", drain(registry, "--json").out)["session"]
    assert (0, 0) == (session["second_asked"], session["second_settled"])


def test_a_name_that_rules_would_settle_by_now_is_left_to_a_rescore(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """It needs no request."""
    name = "森讯环保科技有限公司"
    two = [RIGHT, describe("大理森讯环保科技有限公司", company_id="600000002", status="存续")]
    registry = Answers({name: two})
    plan(f"{name},,")
    drain(registry)
    assert "ambiguous" == stands(name)[1]
    plan(f"{name},昆明,")
    drain(registry)
    assert [] == questions()


def test_empty_answers_of_an_ill_eqc_are_taken_back(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """They are asked again when it is well, and count in no yield; the names stand as they did."""
    names = [f"昆明森讯第{number}环保科技有限公司" for number in range(6)]
    registry = Answers({name: [ODD] for name in names})
    plan(*(f"{name},," for name in names))
    drain(registry, second=False)
    before = ask(LEDGER, "SELECT * FROM names ORDER BY lookup_key")
    registry.answers.clear()
    ran = drain(registry)
    assert 4 == ran.code
    assert [0] == ask(LEDGER, "SELECT count(*) FROM second_questions WHERE answered_at IS NOT NULL")
    assert before == ask(LEDGER, "SELECT * FROM names ORDER BY lookup_key")
    right = {name[2:]: [describe(name, company_id=f"60000010{number}", status="存续")]
             for number, name in enumerate(names)}  # fmt: skip
    registry.answers = {name: [ODD] for name in names} | right
    again = drain(registry)
    assert 0 == again.code, again.err
    assert {"exact_name"} == set(ask(LEDGER, "SELECT verdict FROM names"))


def test_empty_second_answers_are_no_sign_of_an_ill_eqc(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """They do not make other names doubtful, nor count among the searches for names."""
    names = [f"昆明森讯第{number}环保科技有限公司" for number in range(30)]
    registry = Answers({name: [ODD] for name in names})
    plan(*(f"{name},," for name in names))
    ran = drain(registry)
    assert 0 == ran.code, ran.err
    assert {30} == {*ask(LEDGER, "SELECT count(*) FROM second_questions WHERE answered_at IS NOT NULL")}
    assert {"resolved"} == set(states(LEDGER).values())


def test_a_name_whose_session_was_taken_back_is_not_asked(
    plan: Callable[..., None], drain: Callable[..., Ran]
) -> None:
    """A session that was taken back is looked at by a person."""
    registry = Answers({HELD: [ODD], RIGHT.official_name: [RIGHT]})
    plan(f"{HELD},,")
    drain(registry, second=False)
    change(LEDGER, "UPDATE names SET held = 'reverted'")
    drain(registry)
    assert [] == questions()


def test_every_kind_is_one_that_the_ledger_takes() -> None:
    """Its CHECK and the enum have the same words."""
    from eqcbatch.ledger.second_tables import SECOND

    assert all(f"'{kind}'" in SECOND for kind in SecondQuestion)
