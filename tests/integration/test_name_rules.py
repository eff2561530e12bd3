"""Names by a rule (docs/domain.md section 5.3), from files of every kind, through plan and apply."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eqcbatch.domain.model import Occurrence
from eqcbatch.domain.names import lookup_key, temporary_id
from eqcbatch.errors import BadInput
from eqcbatch.source import NameRule, SourceSpec, Tally, read
from tests.conftest import Run
from tests.ledgers import ask, resolve, verdict

LEDGER = Path("l.sqlite")
COLUMNS = ("客户名称", "计划名称")
SINGLE, COLLECTIVE = "单一计划", "集合计划"
RULE = NameRule("计划名称", (("计划类型", (SINGLE,)),), ("企业年金计划",))
HEADER = ["客户名称", "计划类型", "计划名称", "计划代码", "id", "w", "n"]
ROWS = [
    ["甲公司", SINGLE, "别家企业年金计划", "P1", "", 1.5, 1],
    ["", SINGLE, "乙公司企业年金计划", "P2", "7", 2.5, 2],
    ["空白", f" {SINGLE} ", " 乙公司 企业年金计划 ", "P2", "7", 4.0, 3],
    ["", COLLECTIVE, "如意企业年金计划", "P3", "", 8.0, 4],
    ["", SINGLE, "企业年金计划", "P3", "", 16.0, 5],
    ["", SINGLE, "丙公司", "", "", 32.0, 6],
    ["", "", "丁公司企业年金计划", "P3", "", 64.0, 7],
]
CONFIG = f"""plan:
  column: [客户名称, 计划名称]
  name-rules:
    计划名称:
      only-where: {{计划类型: {SINGLE}}}
      remove-suffix: 企业年金计划
"""


@pytest.fixture(params=["x.csv", "x.xlsx", "x.parquet"])
def source(request: pytest.FixtureRequest) -> str:
    """The rows in a file of some kind."""
    return written(request.param)


def written(name: str, rows: list[list[Any]] = ROWS) -> str:
    frame = pd.DataFrame(rows, columns=HEADER)
    write: dict[str, Callable[..., Any]] = {
        "x.csv": frame.to_csv,
        "x.xlsx": frame.to_excel,
        "x.parquet": frame.to_parquet,
    }
    write[name](name, index=False)
    return name


def test_a_rule_restricts_and_trims_what_a_column_gives(source: str) -> None:
    """A row that it does not concern, or of which nothing is left, is blank; the first name still wins."""
    assert Tally.of(
        (
            Occurrence("", None, None, 3, 3.0),
            Occurrence("丙公司", None, None, 1, 1.0),
            Occurrence("乙公司", None, None, 2, 2.0),
            Occurrence("甲公司", None, None, 1, 1.0),
        ),
    ) == read(SourceSpec(source, COLUMNS, rules=(RULE,)))


def test_the_other_columns_are_read_beside_a_rule(source: str) -> None:
    """Plan code, id, weight and counts stay those of their rows."""
    others: dict[str, Any] = {"plan_code_column": "计划代码", "id_column": "id", "weight_column": "w"}
    assert Tally.of(
        (
            Occurrence("", "P3", None, 3, 88.0),
            Occurrence("丙公司", None, None, 1, 32.0),
            Occurrence("乙公司", "P2", "7", 2, 6.5),
            Occurrence("甲公司", "P1", None, 1, 1.5),
        ),
    ) == read(SourceSpec(source, COLUMNS, rules=(RULE,), **others))


def test_a_counted_source_may_have_a_rule(tmp_path: Path) -> None:
    """The column that it asks about is not taken for the counts, wherever it stands."""
    Path("x.csv").write_text(f"计划名称,kind,count\n甲计划,{SINGLE},3\n乙计划,x,4\n", encoding="utf-8")
    rule = NameRule("计划名称", (("kind", (SINGLE,)),), ("计划",))
    assert Tally.of((Occurrence("", None, None, 4, 4.0), Occurrence("甲", None, None, 3, 3.0))) == read(
        SourceSpec("x.csv", ("计划名称",), counted=True, rules=(rule,))
    )


def test_a_rule_may_ask_about_several_columns_and_each_column_have_one(source: str) -> None:
    """All columns must hold one of their values; a row falls through to the next column."""
    rules = (
        NameRule("客户名称", (("id", ("none",)),)),
        NameRule("计划名称", (("计划类型", (SINGLE, COLLECTIVE)), ("计划代码", ("P1", "P3")))),
    )
    tally = read(SourceSpec(source, COLUMNS, rules=rules))
    assert {"": 5, "别家企业年金计划": 1, "如意企业年金计划": 1} == {
        seen.raw: seen.rows for seen in tally.occurrences
    }


def test_a_rule_asks_about_a_column_that_is_there() -> None:
    """A missing one is named, with the nearest that exists."""
    written("x.csv")
    rule = NameRule("计划名称", (("计划类别", ("x",)),))
    with pytest.raises(BadInput, match="no column '计划类别'") as caught:
        read(SourceSpec("x.csv", COLUMNS, rules=(rule,)))
    assert "Did you mean '计划类型'?" in str(caught.value)


def test_rules_are_read_from_the_config_file(eqcbatch: Run, source: str) -> None:
    """As a block of lines; planned again without them the same source has other names."""
    Path("eqcbatch.yml").write_text(CONFIG, encoding="utf-8")
    with_rules = json.loads(eqcbatch("plan", source, "--ledger", LEDGER, "--json").out)
    Path("eqcbatch.yml").write_text("plan:\n  column: [客户名称, 计划名称]\n", encoding="utf-8")
    without = json.loads(eqcbatch("plan", source, "--ledger", LEDGER, "--json").out)
    assert (3, 3) == (with_rules["run"]["distinct_names"], with_rules["run"]["blank_rows"])
    assert (5, 1) == (without["run"]["distinct_names"], without["run"]["blank_rows"])
    assert [0, 1] == ask(LEDGER, "SELECT current FROM runs ORDER BY id")
    recorded = [json.loads(options)["name_rules"] for options in ask(LEDGER, "SELECT options FROM runs")]
    rule = {"only-where": {"计划类型": [SINGLE]}, "remove-suffix": ["企业年金计划"]}
    assert [{"计划名称": rule}, {}] == recorded


@pytest.mark.parametrize("where", ["line", "variable", "top"])
def test_rules_may_come_from_anywhere(eqcbatch: Run, where: str) -> None:
    """As YAML text on the line and in the environment, too; at the top level they are apply's as well."""
    rules = f"{{计划名称: {{only-where: {{计划类型: {SINGLE}}}, remove-suffix: 企业年金计划}}}}"
    columns = [word for column in COLUMNS for word in ("--column", column)]
    if where == "top":
        Path("eqcbatch.yml").write_text(f"name-rules: {rules}", encoding="utf-8")
    line = ("--name-rules", rules) if where == "line" else ()
    environment = {"EQCBATCH_PLAN_NAME_RULES": rules} if where == "variable" else {}
    planned = eqcbatch("plan", written("x.csv"), *columns, *line, "--ledger", LEDGER, "--json", **environment)
    applied = eqcbatch("apply", "x.csv", "-o", "y.csv", *columns, "--no-temp-ids", "--ledger", LEDGER)
    assert 3 == json.loads(planned.out)["run"]["distinct_names"]
    assert (0, "") == (applied.code, applied.err)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("[计划名称]", "Name rules are"),
        ("计划名称", "Name rules are"),
        ("{计划名称: {only-were: x}}", "Did you mean 'only-where'?"),
        ("{计划名: {remove-suffix: x}}", "Did you mean '计划名称'?"),
        ("{计划名称: {only-where: {计划类别: x}}}", "has no column '计划类别'"),
    ],
)
@pytest.mark.parametrize("where", ["file", "line"])
def test_a_wrong_rule_is_told_in_two_lines(eqcbatch: Run, rules: str, said: str, where: str) -> None:
    """Exit 2, and nothing is planned."""
    setting = f"plan:\n  column: [客户名称, 计划名称]\n  name-rules: {rules if where == 'file' else ''}\n"
    Path("eqcbatch.yml").write_text(setting, encoding="utf-8")
    line = ("--name-rules", rules) if where == "line" else ()
    ran = eqcbatch("plan", written("x.csv"), *line, "--ledger", LEDGER)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert not LEDGER.exists()


def test_rules_that_are_no_yaml_are_told(eqcbatch: Run) -> None:
    """And a better place is named."""
    ran = eqcbatch("plan", written("x.csv"), "--name-rules", "{a: [", "--ledger", LEDGER)
    assert 2 == ran.code
    assert "no YAML" in ran.err
    assert "eqcbatch.yml" in ran.err


def test_apply_gives_names_by_a_rule_their_ids(eqcbatch: Run, source: str) -> None:
    """By the rules of the plan; a blank row gets nothing, a name without an id its temporary one."""
    Path("eqcbatch.yml").write_text(CONFIG, encoding="utf-8")
    out = f"y{Path(source).suffix}"
    columns = [word for column in COLUMNS for word in ("--column", column)]
    assert 0 == eqcbatch("plan", source, "--ledger", LEDGER).code
    resolve(LEDGER, "乙公司", verdict("600000002"))
    ran = eqcbatch("apply", source, "-o", out, *columns, "--ledger", LEDGER, EQCBATCH_TEMP_ID_SALT="s")
    assert (0, "") == (ran.code, ran.err)
    first, third = (temporary_id(lookup_key(name), "s") for name in ("甲公司", "丙公司"))
    assert [first, "600000002", "600000002", "", "", third, ""] == ids(out)


def ids(name: str) -> list[str]:
    """The column company_id."""
    if name.endswith(".csv"):
        with Path(name).open(encoding="utf-8", newline="") as file:
            return [row["company_id"] for row in csv.DictReader(file)]
    parquet = name.endswith(".parquet")
    frame = pd.read_parquet(name) if parquet else pd.read_excel(name, dtype=str, engine="calamine")
    return ["" if value is None or value != value else str(value) for value in frame["company_id"]]
