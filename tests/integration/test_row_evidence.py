"""What stands beside names in a source: read, kept with the run, judged with, shown, and gone with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.domain.model import EvidenceKind, RowEvidence
from eqcbatch.errors import BadInput
from eqcbatch.simulate import ListedRegistry, Simulator, describe
from eqcbatch.source import SourceSpec, read
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.drains import LEDGER
from tests.ledgers import ask, decide
from tests.schemas import checked

COMPANIES = [
    describe("上海森讯环保科技有限公司", company_id="600000001", status="存续"),
    describe("北京森讯环保科技有限公司", company_id="600000002", status="存续"),
    describe("昆明远山水务有限公司", company_id="600000003", status="存续"),
]
NAME = "森讯环保科技有限公司"
HEADER = "客户名称,地区,计划名称,计划代码,公司代码"


@pytest.fixture
def eqc(simulator: Callable[..., Simulator]) -> Simulator:
    """An EQC with two companies of one name but for their place."""
    return simulator(registry=ListedRegistry(COMPANIES, labels_exact=1.0))


@pytest.fixture
def plan(eqcbatch: Run) -> Callable[..., Ran]:
    """Plan lines of a source."""

    def run(lines: Iterable[str], *options: object, columns: Iterable[str] = ("地区", "计划名称")) -> Ran:
        Path("month.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        asked = [part for column in columns for part in ("--evidence-column", column)]
        ran = eqcbatch("plan", "month.csv", "--ledger", LEDGER, "--no-index", *asked, *options)
        assert 0 == ran.code, ran.err
        return ran

    return run


@pytest.fixture
def drain(eqcbatch: Run, eqc: Simulator) -> Callable[..., Ran]:
    """Drain the ledger."""
    return lambda *options: eqcbatch(
        *("drain", "--resume", "--ledger", LEDGER, "--budget", "all", "--rate", FAST, "--eqc-url", eqc.url),
        *options,
        EQCBATCH_EQC_TOKEN=TOKEN,
    )


def stands(name: str = NAME) -> tuple[Any, ...]:
    """How a name stands."""
    (found,) = ask(LEDGER, "SELECT company_id, verdict, held FROM names WHERE lookup_key = ?", [name])
    return tuple(found)


def kept() -> list[tuple[Any, ...]]:
    """All evidence of the ledger."""
    return ask(
        LEDGER, "SELECT lookup_key, kind, column_name, value, rows FROM row_evidence ORDER BY 1, 2, 3, 4"
    )


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([f"{NAME},,,,"], ("600000001", "ambiguous", "ambiguous")),
        ([f"{NAME},北京分公司,,,"], ("600000002", "evidence:region", None)),
        ([f"{NAME},北京,,,", f"{NAME},上海,,,"], ("600000001", "ambiguous", "ambiguous")),
        ([f"{NAME},北京,,,", f"{NAME},总部,,,", f"{NAME},0,-,,"], ("600000002", "evidence:region", None)),
        (
            [f"{NAME},深圳,北京森讯环保科技有限公司企业年金计划,,"],
            ("600000002", "evidence:plan_name", None),
        ),
    ],
)
def test_what_stands_beside_a_name_tells_which_company_it_means(
    plan: Callable[..., Ran],
    drain: Callable[..., Ran],
    lines: list[str],
    wanted: tuple[Any, ...],
) -> None:
    """From the source to the ledger, with the rule that says which evidence spoke."""
    plan(lines)
    drain()
    assert wanted == stands()


def test_the_plan_code_of_one_known_customer_tells_it(
    plan: Callable[..., Ran], drain: Callable[..., Ran]
) -> None:
    """By the ids that others of it have at the plan: the source's own, and what was decided before."""
    lines = ["北京森讯,,,P1,600000002", f"{NAME},,,P1,"]
    codes = ("--plan-code-column", "计划代码", "--id-column", "公司代码")
    plan(lines, *codes, columns=())
    assert [(NAME, "plan_code", "", "600000002", 1)] == kept()
    drain()
    assert ("600000002", "evidence:plan_code", None) == stands()


def test_a_plan_code_of_several_customers_says_nothing(
    plan: Callable[..., Ran], drain: Callable[..., Ran]
) -> None:
    """Nor does one with many names, of which one is known: a collective plan's."""
    codes = ("--plan-code-column", "计划代码", "--id-column", "公司代码")
    plan(["甲,,,P1,600000002", "乙,,,P1,600000003", f"{NAME},,,P1,"], *codes, columns=())
    assert [] == kept()
    many = [f"第{number}公司,,,P1," for number in range(9)]
    plan(["甲,,,P1,600000002", *many, f"{NAME},,,P1,"], *codes, columns=())
    assert [] == kept()


def test_rows_of_the_name_that_have_an_id_tell_it(
    plan: Callable[..., Ran], drain: Callable[..., Ran]
) -> None:
    """A row without one is asked for, and takes the company that the others have, if it may be meant."""
    plan([f"{NAME},,,,600000002", f"{NAME},,,,"], "--id-column", "公司代码", columns=())
    assert [(NAME, "rows", "", "600000002", 1)] == kept()
    drain()
    assert ("600000002", "evidence:rows", None) == stands()


def test_evidence_is_kept_of_names_that_may_be_asked_and_goes_with_the_run(
    plan: Callable[..., Ran], eqcbatch: Run
) -> None:
    """A new plan of the source brings its own; a source that is forgotten takes its evidence with it."""
    told = plan([f"{NAME},北京,,,", f"{NAME},北京,,,", "远山,昆明,,,600000003"], "--id-column", "公司代码")
    assert "Evidence stands beside 1 name to tell which company is meant." in told.out
    assert [(NAME, "column", "地区", "北京", 2)] == kept()
    content = checked("plan", plan([f"{NAME},上海,,,"], "--json").out)
    assert 1 == content["beside"]
    assert [(NAME, "column", "地区", "上海", 1)] == kept()
    plan([f"{NAME},上海,,,"], columns=())
    assert [] == kept()
    plan([f"{NAME},上海,,,"], "--as", "规模")
    assert 0 == eqcbatch("sources", "forget", "规模", "--ledger", LEDGER).code
    assert [] == kept()


def test_rescore_judges_by_the_evidence_of_now_and_replay_by_that_of_then(
    plan: Callable[..., Ran], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """What a later plan brings settles what was held; every verdict comes out again as it stands."""

    def replayed() -> int:
        content = json.loads(eqcbatch("review", "replay", "--ledger", LEDGER, "--json").out)
        return int(content["same"])

    plan([f"{NAME},,,,"])
    drain()
    plan([f"{NAME},北京,,,"])
    assert 1 == replayed()
    ran = eqcbatch("review", "rescore", "--apply", "--ledger", LEDGER, "--json")
    assert 0 == ran.code, ran.err
    assert ("600000002", "evidence:region", None) == stands()
    plan([f"{NAME},上海,,,"])
    assert 1 == replayed()
    assert ("600000002", "evidence:region", None) == stands()


def test_a_name_that_is_opened_again_is_judged_by_its_evidence(
    plan: Callable[..., Ran], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """As the drain would, and so that a replay comes to the same."""
    plan([f"{NAME},,,,"])
    drain()
    decide(LEDGER, NAME, "none")
    plan([f"{NAME},北京,,,"])
    decide(LEDGER, NAME, "reopen")
    assert ("600000002", "evidence:region", None) == stands()
    assert 1 == json.loads(eqcbatch("review", "replay", "--ledger", LEDGER, "--json").out)["same"]


def test_a_report_and_a_sheet_say_what_each_piece_says(
    plan: Callable[..., Ran], drain: Callable[..., Ran], eqcbatch: Run
) -> None:
    """Two regions that fit different companies leave the name held, and that is seen."""
    plan([f"{NAME},北京,,,", f"{NAME},北京,,,", f"{NAME},上海,年金一号,,"])
    drain()
    text = eqcbatch("report", "--ledger", LEDGER, "--name", NAME).out
    assert (
        "地区 北京 (2 rows): fits 600000002\n  地区 上海 (1 row): fits 600000001\n  计划名称 年金一号 (1 row)"
        in text
    )
    content = json.loads(eqcbatch("report", "--ledger", LEDGER, "--name", NAME, "--json").out)
    assert content["evidence"][0] == {
        "kind": "column",
        "column": "地区",
        "value": "北京",
        "rows": 2,
        "rule": "evidence:region",
        "speaks_for": ["600000002"],
        "sure": True,
    }
    assert 0 == eqcbatch("review", "export", "held.csv", "--ledger", LEDGER).code
    assert "地区 北京 (2 rows): fits 600000002" in Path("held.csv").read_text(encoding="utf-8-sig")
    plan([f"{NAME},北京,,,"])
    eqcbatch("review", "rescore", "--apply", "--ledger", LEDGER)
    assert (
        "confidence  0.80 (evidence:region, 模糊匹配)"
        in eqcbatch("report", "--ledger", LEDGER, "--name", NAME).out
    )


def test_a_missing_column_is_told_as_any_other_and_an_idle_one_too(
    plan: Callable[..., Ran], eqcbatch: Run
) -> None:
    """A slip of the pen, and a column that holds nothing that says where or who."""
    plan([f"{NAME},北京,,,"])
    ran = eqcbatch("plan", "month.csv", "--ledger", LEDGER, "--no-index", "--evidence-column", "地域")
    assert 2 == ran.code
    assert "has no column '地域'" in ran.err
    assert "Did you mean '地区'?" in ran.err
    idle = plan([f"{NAME},华东,,P1,"], columns=("地区", "计划代码"))
    assert "The column '地区' is no evidence" in idle.err
    assert "The column '计划代码' is no evidence" in idle.err
    assert "no evidence" not in plan([f"{NAME},北京,,,"], columns=("地区",)).err


def test_a_column_that_is_asked_for_twice_is_read_once(plan: Callable[..., Ran]) -> None:
    """With a blank that somebody pasted along, too."""
    plan([f"{NAME},北京,,,"], columns=("地区", "地区 "))
    assert [(NAME, "column", "地区", "北京", 1)] == kept()


def test_a_profile_and_the_environment_may_name_the_columns(plan: Callable[..., Ran], eqcbatch: Run) -> None:
    """As of any other column of a source."""
    plan([f"{NAME},北京,,,"], columns=())
    Path("eqcbatch.yml").write_text("profiles:\n  规模:\n    evidence-column: [地区]\n", encoding="utf-8")
    asked = ("plan", "month.csv", "--ledger", LEDGER, "--no-index")
    assert 0 == eqcbatch(*asked, "--profile", "规模").code
    assert [(NAME, "column", "地区", "北京", 1)] == kept()
    assert 0 == eqcbatch(*asked, EQCBATCH_PLAN_EVIDENCE_COLUMN="计划名称").code


def test_the_commonest_values_of_a_name_are_kept() -> None:
    """Eight of a column; fillers, errors and what is no text beside them are none."""
    many = [f"{NAME},第{number}区" for number in range(12) for _ in range(number + 1)]
    fillers = [f"{NAME},{cell}" for cell in ("", " ", "0", "-", "其他", "#N/A", "N/A", "未知", "123")]
    Path("m.csv").write_text("\n".join(("客户名称,地区", *many, *fillers, f'{NAME},="北京"')) + "\n", "utf-8")
    evidence = read(SourceSpec("m.csv", evidence_columns=("地区",))).evidence
    assert [(f"第{number}区", number + 1) for number in range(11, 3, -1)] == [
        (piece.value, piece.rows) for piece in evidence[NAME]
    ]


def test_evidence_changes_neither_names_nor_rows_nor_weights() -> None:
    """It is no part of a key, in a counted source and in one with weights as well."""
    lines = ["客户名称,count,地区", "甲公司,3,北京", "甲公司,2,上海", "乙公司,4,"]
    Path("c.csv").write_text("\n".join(lines) + "\n", "utf-8")
    plain = read(SourceSpec("c.csv", counted=True))
    told = read(SourceSpec("c.csv", counted=True, evidence_columns=("地区",)))
    assert plain == told
    column = (EvidenceKind.COLUMN, "地区")
    assert {
        "甲公司": (RowEvidence(column[0], "北京", 3, column[1]), RowEvidence(column[0], "上海", 2, column[1]))
    } == (told.evidence)
    with pytest.raises(BadInput, match="has no column '地域'"):
        read(SourceSpec("c.csv", counted=True, evidence_columns=("地域",)))


def test_a_query_may_have_columns_of_evidence(database_url: str, eqcbatch: Run) -> None:
    """Postgres groups by them."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "CREATE TABLE month AS SELECT %s AS n, %s AS r UNION ALL SELECT %s, %s", [NAME, "北京"] * 2
        )
    ran = eqcbatch(
        *("plan", "--ledger", LEDGER, "--no-index", "--sql", "SELECT n, r FROM month", "--column", "n"),
        *("--evidence-column", "r"),
        EQCBATCH_PLAN_SOURCE=database_url,
    )
    assert 0 == ran.code, ran.err
    assert [(NAME, "column", "r", "北京", 2)] == kept()
