"""Sources over months: by their names, weighed alike, listed, taken out, and told where they pile up."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from wcwidth import wcswidth

from eqcbatch.domain.model import Occurrence
from eqcbatch.ledger import open_ledger, writing
from eqcbatch.plan import plan as plan_tally
from eqcbatch.source import Tally
from tests.conftest import Ran, Run
from tests.drains import LEDGER
from tests.ledgers import ask, change, dump, resolve, states
from tests.schemas import checked

Plan = Callable[..., Ran]


@pytest.fixture
def plan(eqcbatch: Run) -> Plan:
    """Write a file of these names, one row each or so many, and plan it."""

    def run(path: str, names: Iterable[str] | dict[str, int], *options: object) -> Ran:
        amounts = names if isinstance(names, dict) else dict.fromkeys(names, 1)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        lines = ["客户名称,规模", *(f"{name},{amount}" for name, amount in amounts.items())]
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        ran = eqcbatch("plan", path, "--ledger", LEDGER, *options)
        assert 0 == ran.code, ran.err
        return ran

    return run


@pytest.fixture
def sources(eqcbatch: Run) -> Callable[..., Ran]:
    """The command."""
    return lambda *arguments: eqcbatch("sources", *arguments, "--ledger", LEDGER)


def weights() -> dict[str, float]:
    return dict(ask(LEDGER, "SELECT lookup_key, weight FROM names WHERE rows > 0"))


def balanced() -> bool:
    with open_ledger(LEDGER) as ledger:
        return not ledger.stats.imbalances()


# a name


def test_the_next_file_of_a_name_takes_its_place(plan: Plan, eqcbatch: Run) -> None:
    """November is in, October is out, and whose path it was is said."""
    plan("month-10.csv", ["甲", "乙", "丙"], "--as", "规模")
    ran = plan("month-11.csv", ["甲", "丁"], "--as", "规模")

    report = json.loads(eqcbatch("report", "--json", "--ledger", LEDGER).out)
    assert (2, 2, 2) == (report["rows"]["total"], report["names"]["total"], report["names"]["retired"])
    assert [("规模", str(Path("month-11.csv").absolute()))] == [
        (one["name"], one["location"]) for one in report["sources"]
    ]
    assert [("规模", 1)] == ask(LEDGER, "SELECT source, count(*) FROM runs WHERE current = 1")
    assert f"takes the place of 规模, read from {Path('month-10.csv').absolute()}" in ran.out
    assert balanced()


def test_a_month_in_two_sheets_is_replaced_by_the_next_one(eqcbatch: Run) -> None:
    """Planned and applied in one command each; November has its own rows alone."""
    for month, names in ((10, ["甲", "乙", "丙"]), (11, ["甲", "丁"])):
        book = Workbook()
        for title in ("规模明细", "收入明细"):
            sheet = book.create_sheet(title)
            for row in ("客户名称", *names):
                sheet.append([row])
        book.remove(book.worksheets[0])
        book.save(f"month-{month}.xlsx")
        options = ("--sheet", "*", "--ledger", LEDGER)
        assert 0 == eqcbatch("plan", f"month-{month}.xlsx", "--as", "规模", *options).code
        ran = eqcbatch("apply", f"month-{month}.xlsx", "-o", f"out-{month}.xlsx", "--no-temp-ids", *options)
        assert 0 == ran.code, ran.err
        assert (
            2 * len(names)
            == json.loads(eqcbatch("report", "--json", "--ledger", LEDGER).out)["rows"]["total"]
        )


def test_what_is_read_alike_counts_once_under_whatever_name(plan: Plan, sources: Callable[..., Ran]) -> None:
    """Named later, named otherwise, and planned without its name, which it keeps."""
    for options in ((), ("--as", "规模"), ("--as", "资产"), ()):
        plan("month.csv", ["甲", "乙"], *options)
        assert [2] == ask(LEDGER, "SELECT sum(rows) FROM runs WHERE current = 1")
    assert ["资产"] == [one["name"] for one in checked("sources", sources("--json").out)["sources"]]


def test_a_name_may_take_the_place_of_two(plan: Plan) -> None:
    """Of the one that is called so, and of the file itself, planned without a name before."""
    plan("month-10.csv", ["甲", "乙"], "--as", "规模")
    plan("month-11.csv", ["甲", "丙"])
    ran = plan("month-11.csv", ["甲", "丙"], "--as", "规模")

    assert 2 == ran.out.count("takes the place of")
    assert {"甲": 1.0, "丙": 1.0} == weights()
    assert balanced()


def test_a_profile_names_its_source(plan: Plan) -> None:
    """And `as` in it says another name; --as wins over both."""
    Path("eqcbatch.yml").write_text("profiles:\n  规模: {column: 客户名称}\n  收入: {as: 月收入}\n", "utf-8")
    for month, profile, options in (
        (10, "规模", ()),
        (11, "规模", ()),
        (10, "收入", ()),
        (9, "收入", ("--as", "旧")),
    ):
        plan(f"{profile}-{month}.csv", ["甲"], "--profile", profile, *options)
    assert ["规模", "月收入", "旧"] == ask(LEDGER, "SELECT name FROM runs WHERE current = 1 ORDER BY id")


@pytest.mark.parametrize("name", ["", "  ", "12", "１２", "a\nb", "x" * 101, "queue host", "甲]"])
def test_a_name_that_could_be_something_else_is_refused(eqcbatch: Run, name: str) -> None:
    """A number, a line break, what the ledger calls a source without a name."""
    Path("month.csv").write_text("客户名称\n甲\n", encoding="utf-8")
    ran = eqcbatch("plan", "month.csv", "--as", name, "--ledger", LEDGER)
    assert (2, False) == (ran.code, LEDGER.exists())


def test_apply_finds_the_plan_of_a_named_source(plan: Plan, eqcbatch: Run) -> None:
    """Its columns and row-level ids, by the file that it read."""
    Path("month.csv").write_text("投资者,id\n甲,600000001\n乙,\n", encoding="utf-8")
    options = ("--column", "投资者", "--id-column", "id", "--as", "规模")
    assert 0 == eqcbatch("plan", "month.csv", "--ledger", LEDGER, *options).code
    ran = eqcbatch("apply", "month.csv", "-o", "out.csv", "--no-temp-ids", "--ledger", LEDGER)
    assert 0 == ran.code, ran.err
    assert "甲,600000001,600000001,column" in Path("out.csv").read_text(encoding="utf-8-sig")


def test_a_query_can_be_named_too(eqcbatch: Run, database_url: str) -> None:
    """Last month's query is replaced by this month's."""
    for month in (10, 11):
        query = f"SELECT '公司' || {month} AS 客户名称"
        ran = eqcbatch("plan", database_url, "--sql", query, "--as", "规模", "--no-index", "--ledger", LEDGER)
        assert 0 == ran.code, ran.err
    assert {"公司11": 1.0} == weights()


# weights


def test_weights_of_one_kind_are_added(plan: Plan) -> None:
    """Two sources weighed by the same column are in the same unit, whatever it is."""
    plan("a.csv", {"甲": 1000, "乙": 10}, "--weight-column", "规模")
    plan("b.csv", {"甲": 500, "丙": 20}, "--weight-column", "规模")
    assert {"甲": 1500.0, "乙": 10.0, "丙": 20.0} == weights()


def test_weights_of_different_kinds_are_not_added(plan: Plan, eqcbatch: Run) -> None:
    """Each source counts for its rows, its weights say how they are spread; and back, once one has gone."""
    plan("a.csv", {"甲": 3_000_000, "乙": 1_000_000, "戊": 0}, "--weight-column", "规模")
    alone = weights()
    plan("b.csv", ["甲", "丙"])
    mixed = weights()
    told = eqcbatch("report", "--ledger", LEDGER).out
    plan("b.csv", {"甲": 5, "丙": 7}, "--weight-column", "规模")

    assert {"甲": 3e6, "乙": 1e6, "戊": 0.0} == alone
    assert {"甲": 1 + 2.25, "乙": 0.75, "丙": 1.0, "戊": 0.0} == mixed
    assert "weighed by their rows and 规模, which do not add up" in told
    assert {"甲": 3_000_005.0, "乙": 1e6, "丙": 7.0, "戊": 0.0} == weights()


def test_a_source_without_any_weight_changes_nobody_elses(plan: Plan) -> None:
    """Its column holds no number: there is nothing that could be added."""
    plan("a.csv", {"甲": 1000}, "--weight-column", "规模")
    plan("c.csv", {"丙": 0}, "--weight-column", "规模")
    assert {"甲": 1000.0, "丙": 0.0} == weights()


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_those_of_the_current_runs_in_any_order_of_plans(seed: int) -> None:
    """Whatever was planned, replaced and forgotten: rows, weights and retired names, and the balance."""
    dice = random.Random(seed)
    with open_ledger(LEDGER, create=True) as ledger:
        for _ in range(25):
            current = ledger.sources.current()
            if current and dice.random() < 0.25:
                ledger.sources.forget(
                    {one.number for one in dice.sample(current, dice.randint(1, 2) % 2 or 1)}
                )
            else:
                _plan_by_chance(ledger, dice)
            assert [] == ledger.stats.imbalances()
            _expect_sums()


def _plan_by_chance(ledger: Any, dice: random.Random) -> None:
    unit = dice.choice([None, None, "规模", "份额"])
    seen = [
        Occurrence(
            raw, rows=(rows := dice.randint(1, 9)), weight=rows if unit is None else dice.random() * 1e6
        )
        for raw in dice.sample(["", *"甲乙丙丁戊己"], dice.randint(0, 5))
    ]
    reading, name = f"/month-{dice.randint(1, 4)}.csv", dice.choice([None, "规模", "收入"])
    options = {"columns": ["客户名称"], "weight_column": unit}
    plan_tally(ledger.runs, Tally.of(seen), reading, options, None, name=name)


def _expect_sums() -> None:
    """Sum up anew, from the occurrences and what the runs say of themselves."""
    runs = ask(LEDGER, "SELECT id, weighed_by, rows - blank_rows, weight FROM runs WHERE current = 1")
    mixed = len({unit for _, unit, _, weight in runs if weight}) > 1
    scales = {run: rows / weight if mixed and weight else 1.0 for run, _, rows, weight in runs}
    expected: dict[str, tuple[int, float]] = {}
    for run, key, rows, weight in ask(LEDGER, "SELECT run_id, lookup_key, rows, weight FROM occurrences"):
        before = expected.get(key, (0, 0.0))
        expected[key] = before[0] + rows, before[1] + weight * scales[run]
    stored = ask(LEDGER, "SELECT lookup_key, rows, weight FROM names")
    assert {key: rows for key, (rows, _) in expected.items()} == {
        key: rows for key, rows, _ in stored if rows
    }
    for key, _, weight in stored:
        assert expected.get(key, (0, 0.0))[1] == pytest.approx(weight)


def test_an_older_ledger_of_both_kinds_is_weighed_anew(plan: Plan) -> None:
    """Its names had the sum of yuan and rows."""
    plan("a.csv", {"甲": 3_000_000, "乙": 1_000_000}, "--weight-column", "规模")
    plan("b.csv", ["甲", "丙"])
    now = weights()
    change(
        LEDGER,
        "DROP INDEX runs_current_reading",
        *(
            f"ALTER TABLE runs DROP COLUMN {column}"
            for column in ("name", "reading", "weighed_by", "weight", "scale")
        ),
        """UPDATE names SET weight = (SELECT sum(weight) FROM occurrences o
                                      WHERE o.lookup_key = names.lookup_key)""",
        "DELETE FROM _sqlite_migrations WHERE name = 'm011_sources'",
    )
    assert 3_000_001 == weights()["甲"]
    with open_ledger(LEDGER) as ledger:
        assert [None, None] == [one.name for one in ledger.sources.current()]
    assert now == weights()


# listed


def test_sources_are_listed_with_their_coverage_in_every_form(
    plan: Plan, sources: Callable[..., Ran], eqcbatch: Run
) -> None:
    """One line each, in the command, the report as text, Markdown and page, and in JSON."""
    plan("month.csv", ["甲", "乙", "丙", ""], "--as", "规模明细")
    plan("other.csv", ["甲", "丁"])
    resolve(LEDGER, "甲")

    forms = [
        sources().out,
        *(eqcbatch("report", "--ledger", LEDGER, *form).out for form in ((), ("--markdown",))),
    ]
    eqcbatch("report", "--ledger", LEDGER, "--html", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    listed = checked("report", eqcbatch("report", "--ledger", LEDGER, "--json").out)["sources"]

    for form in forms:
        (line,) = [line for line in form.splitlines() if "规模明细" in line and "Newest" not in line]
        assert "33.3 %" in line
        (line,) = [line for line in form.splitlines() if "other.csv" in line and "Newest" not in line]
        assert "50.0 %" in line
    assert "规模明细" in page
    assert [("规模明细", 4, 1, 1, 0.3333), (None, 2, 0, 1, 0.5)] == [
        (one["name"], one["rows"], one["blank_rows"], one["rows_identified"], one["coverage"])
        for one in listed
    ]
    assert checked("sources", sources("--json").out)["sources"] == listed


def test_one_source_has_the_coverage_of_the_ledger(plan: Plan, eqcbatch: Run) -> None:
    """It is counted once, and --run narrows the list to one."""
    plan("month.csv", ["甲", "乙"], "--as", "规模")
    resolve(LEDGER, "甲")
    alone = json.loads(eqcbatch("report", "--ledger", LEDGER, "--json").out)["sources"]
    plan("other.csv", ["丙"])
    narrowed = json.loads(eqcbatch("report", "--ledger", LEDGER, "--json", "--run", 1).out)["sources"]
    assert 0.5 == alone[0]["coverage"]
    assert alone == narrowed


def test_a_report_is_no_wider_than_a_terminal_by_its_sources(plan: Plan, eqcbatch: Run) -> None:
    """Chinese takes two columns: the middle of a long name is left out, so that its date still shows."""
    long = "某某养老保险股份有限公司企业年金计划规模明细表_全国各分公司汇总"
    plan(f"{long}_2026-10.csv", ["甲"])
    plan("b" * 90 + "-11.csv", ["甲"])
    told = eqcbatch("report", "--ledger", LEDGER).out.splitlines()
    table = [line for line in told if "2026-1" in line and "Newest" not in line]
    assert 2 == len(table)
    assert all("…" in line and wcswidth(line) <= 80 for line in table)
    assert "2026-10.csv" in table[0]
    assert "11.csv" in table[1]


def test_files_of_one_name_are_told_apart(plan: Plan, eqcbatch: Run) -> None:
    """By as much of what they are read from as it takes."""
    plan("north/month.csv", ["甲"])
    plan("south/month.csv", ["甲"])
    told = eqcbatch("report", "--markdown", "--ledger", LEDGER).out
    assert f"| 1 | {Path('north/month.csv').absolute()} |".replace("_", "\\_") in told.replace("\\-", "-")


def test_without_a_source_the_list_says_what_comes_next(sources: Callable[..., Ran]) -> None:
    """As after the last one was forgotten."""
    with open_ledger(LEDGER, create=True):
        assert "No source counts. Next: eqcbatch plan SOURCE" in sources().out


# taken out


def test_forgetting_retires_what_stands_nowhere_else(plan: Plan, sources: Callable[..., Ran]) -> None:
    """Decided names stay decided; those in other sources stay; undecided ones are asked no more."""
    plan("month.csv", ["甲", "乙", "丙"], "--as", "规模")
    plan("other.csv", ["丙", "丁"])
    resolve(LEDGER, "甲")

    forgotten = checked("sources-forget", sources("forget", "规模", "--json").out)

    assert {"names": 3, "elsewhere": 1, "undecided": 1, "decided": 1} == forgotten["names"]
    assert {"丙": 1.0, "丁": 1.0} == weights()
    assert {"甲": "resolved", "乙": "pending", "丙": "pending", "丁": "pending"} == states(LEDGER)
    assert [0] == ask(LEDGER, "SELECT count(*) FROM occurrences WHERE run_id = 1")
    assert balanced()


def test_a_forgotten_source_that_is_planned_again_is_as_it_was(
    plan: Plan, sources: Callable[..., Ran]
) -> None:
    """Nothing of what was decided is lost, and nothing is asked twice."""
    plan("month.csv", ["甲", "乙"], "--as", "规模")
    plan("other.csv", ["丙"])
    resolve(LEDGER, "甲")
    before = dump(LEDGER)
    assert 0 == sources("forget", "规模").code
    plan("month.csv", ["甲", "乙"], "--as", "规模")
    assert before == dump(LEDGER)


def test_a_name_whose_uncovered_rows_go_needs_no_asking(
    plan: Plan, eqcbatch: Run, sources: Callable[..., Ran]
) -> None:
    """Its other rows have ids of their own, as if the forgotten source had never been."""
    Path("ids.csv").write_text("客户名称,id\n甲,600000001\n", encoding="utf-8")
    plan("month.csv", ["甲"])
    assert 0 == eqcbatch("plan", "ids.csv", "--id-column", "id", "--ledger", LEDGER).code
    assert {"甲": "pending"} == states(LEDGER)
    assert 0 == sources("forget", "month.csv").code
    assert {"甲": "cached"} == states(LEDGER)


@pytest.mark.parametrize(
    "called",
    [
        ["规模", "2"],
        ["1", "收入"],
        ["month-10.csv", "m/other.csv"],
        ["规模", "other.csv"],
        ["规模", "规模", "2"],
    ],
)
def test_a_source_is_called_by_name_number_or_file(
    plan: Plan, sources: Callable[..., Ran], called: list[str]
) -> None:
    """Several at once, in one transaction; twice is once."""
    plan("month-10.csv", ["甲", "乙"], "--as", "规模")
    plan("m/other.csv", ["丙"], "--as", "收入")
    ran = sources("forget", *called)
    assert 0 == ran.code, ran.err
    assert {} == weights()
    assert {"甲", "乙", "丙"} == states(LEDGER).keys()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forget", "规漠"], "Did you mean '规模'?"),
        (["forget", "9"], "`eqcbatch sources` lists them"),
        (["forget", "规模", "nonsense"], "There is no source 'nonsense'"),
        (["forget", "month.csv"], "is more than one source. Say which, by its number: 2 or 3"),
        (["forget"], "Forget which?"),
        (["forgt", "规模"], "Did you mean 'forget'?"),
        (["规模"], "It knows `forget`."),
    ],
)
def test_a_wrong_name_changes_nothing(
    plan: Plan, sources: Callable[..., Ran], arguments: list[str], said: str
) -> None:
    """Exit 2, one line, with what may be meant; not even the right ones beside it are taken out."""
    plan("m.csv", ["甲"], "--as", "规模")
    plan("north/month.csv", ["甲"])
    plan("south/month.csv", ["甲"])
    before, runs = dump(LEDGER), ask(LEDGER, "SELECT * FROM runs")
    ran = sources(*arguments)
    assert (2, True) == (ran.code, said in ran.err), ran.err
    assert (before, runs) == (dump(LEDGER), ask(LEDGER, "SELECT * FROM runs"))


def test_a_ledger_in_use_is_not_touched(
    plan: Plan, start_eqcbatch: Callable[..., Any], sources: Callable[..., Ran]
) -> None:
    """The writer's lock: exit 8 while somebody else writes."""
    plan("m.csv", ["甲"], "--as", "规模")
    with writing(LEDGER, "drain"):
        process = start_eqcbatch("sources", "forget", "规模", "--ledger", LEDGER)
        process.communicate(timeout=60)
    assert 8 == process.returncode
    assert {"甲": 1.0} == weights()


# months that pile up


@pytest.mark.parametrize(
    ("october", "november"),
    [
        ("规模2026-10.csv", "规模2026-11.csv"),
        ("规模202610.csv", "规模2026-11.csv"),
        ("规模十月.csv", "规模十一月.csv"),
        ("２０２６年１０月.csv", "2026年11月.csv"),
        ("2026-10/规模.csv", "2026-11/规模.csv"),
        ("report Oct 2026.csv", "report November 2026.csv"),
        ("规模.csv", "规模 (1).csv"),
    ],
)
def test_months_that_pile_up_are_told(plan: Plan, eqcbatch: Run, october: str, november: str) -> None:
    """By the plan, the report and the check, with the command that helps, which does help."""
    first = plan(october, ["甲", "乙", "丙"])
    second = plan(november, ["甲", "乙"])
    told = [second.out, eqcbatch("report", "--ledger", LEDGER).out]
    checkup = eqcbatch("check", "--no-request", "--ledger", LEDGER).out

    assert "sources forget" not in first.out
    assert ["5 rows, of which the newest has 2"] * 2 == [
        phrase for text in told for phrase in ["5 rows, of which the newest has 2"] if phrase in text
    ]
    assert all("eqcbatch sources forget 1" in text for text in (*told, checkup))
    assert [[1, 2]] == json.loads(eqcbatch("report", "--json", "--ledger", LEDGER).out)["look_alike"]
    assert 0 == eqcbatch("sources", "forget", "1", "--ledger", LEDGER).code
    assert "sources forget" not in eqcbatch("report", "--ledger", LEDGER).out


def test_a_month_beside_a_named_one_is_told_its_name(plan: Plan) -> None:
    """What helps is to plan it by that name."""
    plan("规模-10.csv", ["甲"], "--as", "规模")
    assert "plan 规模-11.csv again with --as 规模." in plan("规模-11.csv", ["甲"]).out
    assert "look alike" not in plan("规模-11.csv", ["甲"], "--as", "规模").out
    assert [1] == ask(LEDGER, "SELECT count(*) FROM runs WHERE current = 1")


@pytest.mark.parametrize(
    ("one", "other"),
    [("三一重工.csv", "二一重工.csv"), ("规模-10.csv", "收入-10.csv"), ("a/x.csv", "b/x.csv")],
)
def test_other_sources_are_not_taken_for_months(plan: Plan, one: str, other: str) -> None:
    """Their names differ in more than digits and dates."""
    plan(one, ["甲"])
    assert "forget" not in plan(other, ["甲"]).out


def test_sources_that_are_read_otherwise_or_named_by_hand_are_no_months(plan: Plan, eqcbatch: Run) -> None:
    """Another column is another source; two names were given on purpose."""
    plan("规模-10.csv", ["甲"], "--as", "十月")
    plan("规模-11.csv", ["甲"], "--as", "十一月")
    Path("规模-12.csv").write_text("投资者\n甲\n", encoding="utf-8")
    ran = eqcbatch("plan", "规模-12.csv", "--column", "投资者", "--ledger", LEDGER)
    assert (0, False) == (ran.code, "forget" in ran.out)


def test_queries_of_months_pile_up_as_files_do(eqcbatch: Run, database_url: str) -> None:
    """Their texts differ in digits alone."""
    for month in (10, 11):
        query = f"SELECT '公司' AS 客户名称 WHERE 202600 < {month + 202600}"
        ran = eqcbatch("plan", database_url, "--sql", query, "--no-index", "--ledger", LEDGER)
    assert "eqcbatch sources forget 1" in ran.out


def _two_sheets(path: str) -> None:
    book = Workbook()
    for title in ("规模明细", "收入明细"):
        book.create_sheet(title).append(["客户名称"])
        book[title].append(["甲"])
    book.remove(book.worksheets[0])
    book.save(path)


def test_sources_that_read_the_same_sheet_are_told(eqcbatch: Run) -> None:
    """Of a sheet by itself and of all sheets, its rows count twice: plan, report and check say so."""
    _two_sheets("m.xlsx")
    first = eqcbatch("plan", "m.xlsx", "--sheet", "收入明细", "--ledger", LEDGER)
    other = eqcbatch("plan", "m.xlsx", "--sheet", "规模明细", "--ledger", LEDGER)
    third = eqcbatch("plan", "m.xlsx", "--sheet", "*", "--ledger", LEDGER)
    report = eqcbatch("report", "--ledger", LEDGER).out
    checkup = eqcbatch("check", "--no-request", "--ledger", LEDGER).out

    told = "Sources 1 and 3 read the same rows of m.xlsx (收入明细), which count for each."
    assert (False, False, True, True) == tuple(
        told in text for text in (first.out, other.out, third.out, report)
    )
    assert "2 sources read the same sheet, whose rows count for each: 2, 3" in checkup
    listed = checked("sources", eqcbatch("sources", "--json", "--ledger", LEDGER).out)
    assert [[1, 3], [2, 3]] == listed["read_twice"]
    assert [["收入明细"], ["规模明细"], ["规模明细", "收入明细"]] == [
        one["sheets_read"] for one in listed["sources"]
    ]
    assert 0 == eqcbatch("sources", "forget", "1", "2", "--ledger", LEDGER).code
    assert "read the same" not in eqcbatch("report", "--ledger", LEDGER).out


def test_a_new_name_beside_others_is_said(plan: Plan) -> None:
    """A slip in --as makes a second source, whose rows count beside those of the one that was meant."""
    first = plan("month-10.csv", ["甲", "乙"], "--as", "规模")
    slip = plan("month-11.csv", ["甲", "丙"], "--as", "规摸")
    again = plan("month-11.csv", ["甲", "丙"], "--as", "规摸")
    assert "规摸 is a new source, and counts beside 规模." in slip.out
    assert "new source" not in first.out + again.out


# a plan that adds up


def test_a_plan_adds_up(plan: Plan) -> None:
    """names = known + decided before + to ask, in text and JSON; invalid and blank beside them."""
    plan("a.csv", ["甲", "乙", "丁"])
    resolve(LEDGER, "甲")
    Path("ids.yml").write_text('丙: "600000003"\n', encoding="utf-8")
    names = ["甲", "乙", "丙", "戊", "x" * 300, "", ""]
    text = plan("b.csv", dict(zip(names, range(7), strict=False)), "--overrides", "ids.yml")
    planned = checked("plan", plan("b.csv", names, "--overrides", "ids.yml", "--json").out)

    assert "4 names = 1 known + 1 decided before + 2 to ask." in text.out
    assert "Never to be asked, too long or no text: 1 name." in text.out
    assert {
        "names": 4,
        "known": 1,
        "decided_before": 1,
        "to_ask": 2,
        "invalid": 1,
        "blank_rows": 1,
    } == planned["sums"]


@pytest.mark.parametrize("decided", [0, 1, 4])
def test_a_plan_adds_up_whichever_names_are_fewer(plan: Plan, decided: int) -> None:
    """The kind that the ledger has fewer of is counted, and the other one is the rest."""
    names = [f"第{number}公司" for number in range(5)]
    plan("a.csv", names)
    for name in names[:decided]:
        resolve(LEDGER, name)
    planned = json.loads(plan("b.csv", [*names[::2], "新公司"], "--json").out)["sums"]
    before = sum(number < decided for number in (0, 2, 4))
    assert (before, 4 - before) == (planned["decided_before"], planned["to_ask"])
