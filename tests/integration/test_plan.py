"""Plan: a source's names go into the ledger, known ones at once, in one transaction, and again at will."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from eqcbatch.domain.coverage import News
from eqcbatch.domain.model import Held, Occurrence, PlannedRun, Reason, Sighting
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.ledger import open_ledger
from eqcbatch.plan import plan
from eqcbatch.postgres import Postgres
from eqcbatch.source import Tally
from tests.conftest import Ran, Run
from tests.indexes import execute, hits, seed, select, standing
from tests.ledgers import ask, decide, dump, fail, plan_names, resolve, states, verdict
from tests.processes import CHECKOUT

NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/name"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's ledger is, or will be."""
    return tmp_path / "l.sqlite"


@pytest.fixture
def postgres(database_url: str) -> Postgres:
    """The test's own database."""
    return Postgres(database_url)


@pytest.fixture
def plan_csv(eqcbatch: Run, tmp_path: Path, path: Path) -> Callable[..., Ran]:
    """Write a CSV file of these names and plan it by the command."""

    def run(*raws: str, file: str = "month.csv", options: tuple[str, ...] = (), **environment: str) -> Ran:
        lines = ["客户名称,n", *(f'"{raw}",1' for raw in raws)]
        (tmp_path / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return eqcbatch("plan", tmp_path / file, "--ledger", path, "--json", *options, **environment)

    return run


def weights(path: Path) -> dict[str, tuple[int, float]]:
    return {
        key: (rows, weight) for key, rows, weight in ask(path, "SELECT lookup_key, rows, weight FROM names")
    }


# what a source becomes


def test_rows_are_counted_as_blank_or_behind_a_name(plan_csv: Callable[..., Ran]) -> None:
    """Blanks and placeholders name nobody; every other row stands behind exactly one name."""
    ran = plan_csv("甲公司", "", " ", "无", "N/A", "空白", "—", "甲公司", "乙公司")

    planned = json.loads(ran.out)
    assert 0 == ran.code
    assert {"rows": 9, "blank_rows": 6, "distinct_raw": 2, "distinct_names": 2} == {
        name: planned["run"][name] for name in ("rows", "blank_rows", "distinct_raw", "distinct_names")
    }
    assert {
        "total": 9,
        "blank": 6,
        "blank_covered": 0,
        "pending": 3,
        "cached": 0,
        "resolved": 0,
        "failed": 0,
    } == (planned["rows"])
    assert {"run", "names", "rows", "hit_rate", "forecast", "sheets", "remarks", "sums"} | {
        *("corrections", "uncovered", "forgotten", "taken_back", "overruled"),
        *("dropped", "outvoted", "odd_ids", "beside"),
        *("sources", "look_alike", "read_twice"),
    } == set(planned)


def test_the_ways_of_writing_a_name_share_its_key(path: Path) -> None:
    """Markers, blanks, widths and brackets make no other name; each way is kept as an occurrence."""
    written = [
        "中国平安（集团）",
        "中国平安-已转出",
        "（终止）中国平安",
        " 中国 平安 ",
        "中国平安",
        "中国平安",
    ]

    report = plan_names(path, *written, "乙公司")

    assert (7, 6, 2) == (report.run.rows, report.run.distinct_raw, report.run.distinct_names)
    assert {"中国平安": (6, 6.0), "乙公司": (1, 1.0)} == weights(path)
    assert dict.fromkeys(written, 1) | {"中国平安": 2} == dict(
        ask(path, "SELECT raw, rows FROM occurrences WHERE lookup_key = '中国平安'")
    )


def test_a_ledger_whose_keys_an_older_version_made_is_mended_by_the_next_plan(
    path: Path, eqcbatch: Run
) -> None:
    """0.2 made 管理 and 公司 of these. They retire, decisions and all, and the names are asked anew."""
    raws = ("保留账户管理 ", "甲公司.()", "乙公司")
    occurrences = tuple(Occurrence(raw) for raw in raws)
    with open_ledger(path, create=True) as ledger:
        plan(ledger.runs, Tally(3, occurrences, ("管理", "甲公司", "乙公司")), "month", {}, None)
    resolve(path, "管理")

    report = plan_names(path, *raws)

    assert 3 == report.run.distinct_names
    assert [
        ("乙公司", 1, "pending"),
        ("保留账户管理", 1, "pending"),
        ("甲公司", 0, "pending"),
        ("甲公司.", 1, "pending"),
        ("管理", 0, "resolved"),
    ] == ask(path, "SELECT lookup_key, rows, state FROM names ORDER BY lookup_key")
    assert 0 == eqcbatch("report", "--check", "--ledger", path).code


def test_eqc_is_asked_the_best_written_form(path: Path) -> None:
    """The key eats the first character of 原平市...; the query does not, nor does it keep decorations."""
    plan_names(path, "原平市热力有限公司-已转出", "（转出）原平市热力有限公司")

    assert [("平市热力有限公司", "原平市热力有限公司")] == ask(path, "SELECT lookup_key, query FROM names")


def test_a_source_written_better_improves_the_question(path: Path) -> None:
    """The query is the best form over all current sources, in whatever order they are planned."""
    plan_names(path, "ａｂｃ科技（已转出）", source="one")
    plan_names(path, "Abc 科技", source="two")
    once = ask(path, "SELECT lookup_key, query FROM names")
    other = path.with_name("other.sqlite")
    plan_names(other, "Abc 科技", source="two")
    plan_names(other, "ａｂｃ科技（已转出）", source="one")

    assert once == ask(other, "SELECT lookup_key, query FROM names")


def test_a_key_that_cannot_be_stored_or_asked_is_failed_at_once(path: Path, postgres: Postgres) -> None:
    """Over 255 characters or with NUL: failed/invalid, decided, never pending and never looked up."""
    names = ["x" * 255, "甲" * 255, "甲" * 256, "乙\0公司", "丙公司"]

    reports = [plan_names(path, *names, postgres=postgres) for _ in range(2)]

    assert [3, 3] == [report.looked_up for report in reports]
    assert {
        "X" * 255: "pending",
        "甲" * 255: "pending",
        "甲" * 256: "failed/invalid",
        "乙\0公司": "failed/invalid",
        "丙公司": "pending",
    } == states(path)
    with open_ledger(path) as ledger:
        assert [] == ledger.stats.imbalances()
        assert 3 == len(ledger.names.next_pending(limit=9))


def test_a_lone_surrogate_is_replaced(path: Path, postgres: Postgres) -> None:
    """What no UTF-8 can hold becomes U+FFFD, in key, query and occurrence, with or without an index."""
    for index in (None, postgres):
        plan_names(path, "甲\ud800公司", "乙公司", postgres=index)

    assert [("甲\ufffd公司", "甲\ufffd公司", "甲\ufffd公司")] == ask(
        path,
        "SELECT lookup_key, query, raw FROM names JOIN occurrences USING (lookup_key) WHERE raw LIKE '甲%'",
    )


def test_what_a_row_says_besides_its_name_is_kept(path: Path) -> None:
    """Plan code, id, rows and weight of each occurrence stand in the ledger; the weight orders the asking."""
    with open_ledger(path, create=True) as ledger:
        plan(
            ledger.runs,
            Tally.of(
                (
                    Occurrence("", "P9", None, 2, 2.0),
                    Occurrence("甲", "P1", "6", 7, 0.5),
                    Occurrence("甲", "P2", None, 2, 0.25),
                    Occurrence("乙", None, None, 1, 90.0),
                ),
            ),
            "month",
            {"sheet": "一"},
            None,
        )
        order = [name.lookup_key for name in ledger.names.next_pending(limit=9)]

    assert ["乙", "甲"] == order
    assert {"甲": (9, 0.75), "乙": (1, 90.0)} == weights(path)
    assert [("乙", None, None, 1, 90.0), ("甲", "P1", "6", 7, 0.5), ("甲", "P2", None, 2, 0.25)] == sorted(
        ask(path, "SELECT raw, plan_code, known_id, rows, weight FROM occurrences"), key=repr
    )
    assert [("month", 1, 12, 2, '{"sheet": "一"}')] == ask(
        path, "SELECT source, current, rows, blank_rows, options FROM runs"
    )


# what the index knows


def test_known_names_are_cached_with_who_knew_them(path: Path, postgres: Postgres, database_url: str) -> None:
    """customer_name before former_name; an id that is none is no knowledge; the rest is pending."""
    seed(
        database_url,
        ("峨眉山市殡葬服务中心", "former_name", "600000002", 0.9),
        ("峨眉山市殡葬服务中心", "customer_name", "600000001", 0.85),
        ("老名字", "former_name", "600000003", 0.9),
        ("假公司", "customer_name", "INABCDEFGHIJKLMNOP", 1.0),
        ("空公司", "customer_name", "N/A", 1.0),
        ("别家", "customer_name", "600000009", 1.0),
    )

    report = plan_names(
        path, "峨眉山市殡葬服务中心", "老名字-已转出", "假公司", "空公司", "新公司", postgres=postgres
    )

    assert (5, 2, None) == (report.looked_up, report.known, report.uncounted)
    assert {
        ("峨眉山市殡葬服务中心", "cached", "600000001", 0.85, "index:customer_name"),
        ("老名字", "cached", "600000003", 0.9, "index:former_name"),
        ("假公司", "pending", None, None, None),
        ("空公司", "pending", None, None, None),
        ("新公司", "pending", None, None, None),
    } == set(ask(path, "SELECT lookup_key, state, company_id, confidence, source FROM names"))


def test_each_plan_counts_a_hit_once_on_the_rows_it_used(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    """However often a name is written; not on rows it did not use, nor when the name is decided already."""
    seed(
        database_url,
        ("甲", "customer_name", "6", 1.0),
        ("甲", "former_name", "7", 1.0),
        ("乙", "former_name", "8", 1.0),
        ("丙", "customer_name", "NULL", 1.0),
        ("丁", "customer_name", "9", 1.0),
    )
    once = {("甲", "customer_name"): 1, ("乙", "former_name"): 1}

    plan_names(path, "甲", "甲", "甲-已转出", "乙", "丙", postgres=postgres)
    assert once == hits(database_url)
    plan_names(path, "甲", "甲", "甲-已转出", "乙", "丙", postgres=postgres)
    assert once == hits(database_url)
    plan_names(path.with_name("other.sqlite"), "甲", postgres=postgres)
    assert once | {("甲", "customer_name"): 2} == hits(database_url)


def test_a_plan_stands_though_hits_cannot_be_counted(
    path: Path, plan_csv: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """A user who may only read plans all the same, and is told what was not counted."""
    seed(database_url, ("甲公司", "customer_name", "6", 1.0))
    execute(
        database_url,
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE insufficient_privilege USING MESSAGE = 'read only here'; END $$""",
        """CREATE TRIGGER t BEFORE UPDATE ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION refuse()""",
    )
    plan_csv("甲公司", options=("--no-index",))

    ran = eqcbatch("plan", "month.csv", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)

    assert 0 == ran.code
    assert "The hit counts could not be raised" in ran.out
    assert "read only here" in ran.out
    assert {"甲公司": "cached"} == states(path)


def test_hit_rates_are_shares_of_names_and_of_their_rows(
    plan_csv: Callable[..., Ran], database_url: str
) -> None:
    """Known names over names, their rows over the rows behind names; blanks count for neither."""
    seed(database_url, ("甲公司", "customer_name", "6", 1.0), ("乙公司", "former_name", "7", 0.9))

    mixed = plan_csv(
        *["甲公司"] * 5, "乙公司-已转出", "丙公司", "丙公司", "", EQCBATCH_DATABASE_URL=database_url
    )
    empty = plan_csv("", "无", file="month.csv", EQCBATCH_DATABASE_URL=database_url)

    assert {"names": 0.6667, "rows": 0.75} == json.loads(mixed.out)["hit_rate"]
    assert {"names": None, "rows": None} == json.loads(empty.out)["hit_rate"]


def test_hit_rates_are_those_of_the_plan(path: Path, plan_csv: Callable[..., Ran], eqcbatch: Run) -> None:
    """What a drain resolves later is no hit."""
    plan_csv("甲公司", "乙公司")
    resolve(path, "甲公司")

    reported = json.loads(eqcbatch("report", "--ledger", path, "--json").out)

    assert {"names": 0.0, "rows": 0.0} == reported["hit_rate"]


# planning again


def test_planning_an_unchanged_source_again_changes_nothing_but_the_run(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    """Every table but `runs` reads the same, with names in all states and weights that are no integers."""
    seed(database_url, ("甲", "customer_name", "6", 1.0))
    month = Tally.of(
        (
            Occurrence("", None, None, 1, 1.0),
            *(Occurrence(raw, f"P{n}", None, 1, 0.1 * n) for n, raw in enumerate("甲乙丙丁丙戊戊戊", 1)),
        ),
    )

    def plan_month(source: str) -> None:
        with open_ledger(path, create=True) as ledger:
            plan(ledger.runs, month, source, {}, postgres)

    plan_month("one")
    plan_month("two")
    resolve(path, "乙")
    fail(path, "丙", retry_in_s=600)
    fail(path, "丁", Reason.NOT_FOUND)
    before, runs = dump(path), ask(path, "SELECT source, rows, blank_rows, hits FROM runs WHERE current = 1")
    plan_month("one")
    plan_month("one")
    plan_month("two")

    assert before == dump(path)
    assert runs == ask(path, "SELECT source, rows, blank_rows, hits FROM runs WHERE current = 1")
    assert [5] == ask(path, "SELECT count(*) FROM runs")


def test_a_changed_source_replaces_its_run(path: Path) -> None:
    """Names gone are retired: 0 rows, reported as such, kept in the ledger, and not asked any more."""
    plan_names(path, "甲", "甲", "乙", "")
    plan_names(path, "乙", "丙")

    with open_ledger(path) as ledger:
        names, rows = ledger.stats.names_and_rows()
        asked = {name.lookup_key for name in ledger.names.next_pending(limit=9)}

        assert (2, 2, 1) == (names.total, names.pending, names.retired)
        assert (2, 0, 2) == (rows.total, rows.blank, rows.pending)
        assert {"乙", "丙"} == asked
        assert [] == ledger.stats.imbalances()
    assert {"甲": (0, 0.0), "乙": (1, 1.0), "丙": (1, 1.0)} == weights(path)
    assert [(0,), (1,)] == [(current,) for current in ask(path, "SELECT current FROM runs ORDER BY id")]


def test_a_retired_name_that_comes_back_is_as_it_was(path: Path) -> None:
    """Its state, its id and its rounds were kept; its rows are those of the new run."""
    plan_names(path, "甲", "乙")
    resolve(path, "甲")
    fail(path, "乙", Reason.NOT_FOUND)
    before = states(path)
    plan_names(path, "丙")
    plan_names(path, "甲", "甲", "乙")

    assert before | {"丙": "pending"} == states(path)
    assert {"甲": (2, 2.0), "乙": (1, 1.0), "丙": (0, 0.0)} == weights(path)


def test_two_sources_add_up(path: Path) -> None:
    """Rows and weight are sums over the current runs; replacing one source leaves the other's share."""
    plan_names(path, "甲", "甲", "乙", source="one")
    plan_names(path, "甲", "丙", source="two")
    both = weights(path)
    plan_names(path, "丙", source="one")

    assert {"甲": (3, 3.0), "乙": (1, 1.0), "丙": (1, 1.0)} == both
    assert {"甲": (1, 1.0), "乙": (0, 0.0), "丙": (2, 2.0)} == weights(path)


def test_sheets_and_columns_of_a_file_are_different_sources(
    plan_csv: Callable[..., Ran], eqcbatch: Run, tmp_path: Path, path: Path
) -> None:
    """A source is its path, sheet and columns: another column adds up, the same one replaces."""
    (tmp_path / "two.csv").write_text("客户名称,计划名称\n甲,乙\n甲,丙\n", encoding="utf-8")

    for column in ("客户名称", "计划名称", "客户名称"):
        assert 0 == eqcbatch("plan", "two.csv", "--column", column, "--ledger", path).code

    assert {"甲": (2, 2.0), "乙": (1, 1.0), "丙": (1, 1.0)} == weights(path)


def test_every_undecided_name_is_looked_up_again(path: Path, postgres: Postgres, database_url: str) -> None:
    """Pending, failed and retired names of any run become cached once the index knows them."""
    plan_names(path, "甲", "乙", source="other")
    plan_names(path, "丙", "丁", "戊")
    fail(path, "乙", Reason.NOT_FOUND)
    fail(path, "丁", Reason.TIMEOUT, retry_in_s=60)
    plan_names(path, "丁", "戊")
    seed(database_url, *((key, "customer_name", f"6{n}", 1.0) for n, key in enumerate("甲乙丙丁己")))

    report = plan_names(path, "丁", "戊", "己", postgres=postgres)

    assert (6, 5) == (report.looked_up, report.known)
    assert dict.fromkeys("甲乙丙丁己", "cached") | {"戊": "pending"} == states(path)
    assert (2, 2) == (report.run.hits, report.run.hit_rows)
    assert [] == ask(path, "SELECT lookup_key FROM names WHERE state = 'cached' AND not_before IS NOT NULL")


def test_what_people_decided_is_not_looked_up(path: Path, postgres: Postgres, database_url: str) -> None:
    """It stays as decided, whatever the index says by now."""
    plan_names(path, "甲", "乙")
    decide(path, "甲", "600000006")
    decide(path, "乙", "none")
    seed(database_url, ("甲", "customer_name", "7", 1.0), ("乙", "customer_name", "7", 1.0))
    before = dump(path)

    report = plan_names(path, "甲", "乙", postgres=postgres)

    assert (0, 0, ()) == (report.looked_up, report.known, report.corrections)
    assert before == dump(path)
    assert {} == hits(database_url)


def test_all_names_of_a_source_are_looked_up_again(path: Path, postgres: Postgres, database_url: str) -> None:
    """Decided ones, too; where nothing is told that was not known, nothing changes."""
    seed(database_url, ("甲", "customer_name", "6", 1.0), ("丙", "former_name", "8", 0.9))
    plan_names(path, "甲", "乙", "丙", postgres=postgres)
    plan_names(path, "丁", source="other", postgres=postgres)
    resolve(path, "乙", verdict("600000001", 0.8))
    seed(database_url, ("乙", "customer_name", "600000001", 1.0))
    before = dump(path)

    report = plan_names(path, "甲", "乙", "丙", postgres=postgres)

    assert (4, 0, ()) == (report.looked_up, report.known, report.corrections)  # 丁 is undecided
    assert before == dump(path)


def test_what_the_index_corrected_is_corrected(
    path: Path, plan_csv: Callable[..., Ran], database_url: str
) -> None:
    """A row that somebody mended counts, whoever did; the plan says which id gave way to which."""
    seed(database_url, ("甲公司", "customer_name", "700006658", 0.9), source="legacy_migration")
    url = {"EQCBATCH_DATABASE_URL": database_url}
    plan_csv("甲公司", **url)
    assert ["legacy_migration"] == ask(path, "SELECT index_source FROM names")
    execute(
        database_url, "UPDATE enterprise.enrichment_index SET company_id = '900000001', source = 'manual'"
    )

    told = json.loads(plan_csv("甲公司", **url).out)

    assert [("甲公司", "700006658", "900000001", "index:customer_name", "manual", "the index (manual)")] == [
        tuple(one[key] for key in ("lookup_key", "before", "now", "source", "index_source", "by"))
        for one in told["corrections"]
    ]
    assert [("cached", "900000001", "manual")] == ask(
        path, "SELECT state, company_id, index_source FROM names"
    )
    assert [] == json.loads(plan_csv("甲公司", **url).out)["corrections"]


def test_a_plan_says_what_it_corrects(path: Path, eqcbatch: Run, plan_csv: Callable[..., Ran]) -> None:
    """One id on the line itself, several below it, and no more than twenty on a terminal."""
    raws = [f"第{number:02}公司" for number in range(23)]
    plan_csv(*raws)
    for raw in raws:
        resolve(path, raw, verdict("700006658"))

    def plan(*overridden: str) -> str:
        lines = [f"{raw}: '900000001'" for raw in overridden]
        Path("ids.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return eqcbatch("plan", "month.csv", "--ledger", path, "--overrides", "ids.yml", "--no-index").out

    assert "1 id corrected by ids.yml: 700006658 -> 900000001 (第00公司)\n" in plan(raws[0])
    many = plan(*raws)
    assert "22 ids corrected by ids.yml:\n  700006658 -> 900000001 (第01公司)\n" in many
    assert "\n  and 2 more (--json has all)\n" in many
    assert "corrected" not in plan(*raws)


def test_an_id_that_left_the_index_stays_and_is_said(
    path: Path, plan_csv: Callable[..., Ran], eqcbatch: Run, database_url: str
) -> None:
    """A wrong database must not make all names be asked again; who means it opens the name."""
    seed(database_url, ("甲公司", "customer_name", "6", 1.0))
    url = {"EQCBATCH_DATABASE_URL": database_url}
    plan_csv("甲公司", **url)
    execute(database_url, "TRUNCATE enterprise.enrichment_index")
    told = eqcbatch("plan", "month.csv", "--ledger", path, **url).out

    assert "The index has 1 id no more that came from it and stay here (甲公司)." in told
    assert ["甲公司"] == json.loads(plan_csv("甲公司", **url).out)["forgotten"]
    assert {"甲公司": "cached"} == states(path)
    assert 0 == eqcbatch("review", "set", "甲公司", "reopen", "--ledger", path).code
    assert {"甲公司": "pending"} == states(path)


def test_what_is_held_gives_way_to_what_is_known(path: Path, postgres: Postgres, database_url: str) -> None:
    """But not to a row of somebody else's with the very id that is in doubt."""
    plan_names(path, "甲", "乙", "丙")
    for raw in "甲乙丙":
        resolve(path, raw, verdict("600000001", 0.8, Held.CONTRADICTION))
    seed(database_url, ("甲", "customer_name", "600000001", 1.0), source="eqc_api")
    seed(database_url, ("乙", "customer_name", "600000002", 1.0), source="eqc_api")
    seed(database_url, ("丙", "customer_name", "600000001", 1.0), source="manual")

    report = plan_names(path, "甲", "乙", "丙", postgres=postgres)

    assert {"甲": "resolved", "乙": "cached", "丙": "cached"} == states(path)
    assert (2, ()) == (report.known, report.corrections)
    with open_ledger(path) as ledger:
        assert [] == ledger.stats.imbalances()


def test_our_own_row_that_waits_to_be_taken_back_tells_nothing(
    path: Path, postgres: Postgres, database_url: str, eqcbatch: Run
) -> None:
    """A name that was reverted while Postgres was away is not known by what it still has there."""
    plan_names(path, "甲")
    resolve(path, "甲", verdict("600000001", 0.8))
    environment = {"EQCBATCH_DATABASE_URL": database_url}
    assert 0 == eqcbatch("flush", "--ledger", path, **environment).code
    assert 7 == eqcbatch("flush", "--revert", 1, "--ledger", path, EQCBATCH_DATABASE_URL=NOWHERE).code

    report = plan_names(path, "甲", postgres=postgres)

    assert (0, {"甲": "resolved"}) == (report.known, states(path))
    assert ["reverted"] == ask(path, "SELECT held FROM names")


def test_a_second_source_says_which_names_it_makes_pending(path: Path, eqcbatch: Run, tmp_path: Path) -> None:
    """Another source knows them by its own ids alone; here are rows without one."""
    (tmp_path / "one.csv").write_text("客户名称,id\n甲公司,600000001\n乙公司,600000002\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("客户名称\n甲公司\n", encoding="utf-8")
    assert 0 == eqcbatch("plan", "one.csv", "--id-column", "id", "--ledger", path).code
    assert {"甲公司": "cached", "乙公司": "cached"} == states(path)

    told = eqcbatch("plan", "two.csv", "--ledger", path).out

    assert "To be asked from now on: 1 name that other rows have an id for" in told
    assert "(甲公司)" in told
    assert {"甲公司": "pending", "乙公司": "cached"} == states(path)


def test_a_column_of_ids_takes_the_place_of_an_answer(
    path: Path, eqcbatch: Run, tmp_path: Path, database_url: str
) -> None:
    """What was flushed of the answer leaves Postgres, and comes again only if it is asked for again."""
    month, url = tmp_path / "month.csv", {"EQCBATCH_DATABASE_URL": database_url}
    month.write_text("客户名称,id\n甲公司,\n", encoding="utf-8")
    plan = ("plan", "month.csv", "--id-column", "id", "--ledger", path)
    assert 0 == eqcbatch(*plan, **url).code
    resolve(path, "甲公司", verdict("600000001"))
    assert 0 == eqcbatch("flush", "--ledger", path, **url).code
    assert {"甲公司": ("600000001", 1.0, "eqc_api")} == standing(database_url)
    month.write_text("客户名称,id\n甲公司,600000007\n", encoding="utf-8")

    told = eqcbatch(*plan, **url).out

    assert "1 id corrected by the column id: 600000001 -> 600000007 (甲公司)" in told
    assert "Taken back from Postgres: 1 result of ours that a stronger word replaced." in told
    assert {} == standing(database_url)
    assert [("cached", None, "column", None)] == ask(
        path, "SELECT state, company_id, source, flushed_company_id FROM names"
    )
    before = dump(path)
    assert "corrected" not in eqcbatch(*plan, **url).out
    assert before == dump(path)
    assert 0 == eqcbatch("report", "--check", "--ledger", path).code


# one transaction


class Breaking(list[Sighting]):
    """Occurrences that end in something, after the ledger took the first of them."""

    def __init__(self, occurrences: Iterable[Sighting], end: Callable[[], None]) -> None:
        super().__init__(occurrences)
        self.end = end

    def __iter__(self) -> Iterator[Sighting]:
        yield from super().__iter__()
        self.end()


def break_down() -> None:
    raise MemoryError


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def record_and_break(path: Path, end: Callable[[], None]) -> None:
    """Record a run that replaces another, and come to an end when half of it is written."""
    with open_ledger(path) as ledger:
        ledger.runs.record(
            PlannedRun("month", 1, 0, 0, 1, 1, {}),
            [],
            Breaking([Sighting("乙", Occurrence("乙"))], end),
            [],
            News({}, {}),
        )


def test_an_error_amid_a_plan_leaves_the_ledger_as_it_was(path: Path) -> None:
    """The old run, its occurrences and its names stand as before."""
    plan_names(path, "甲", "乙")
    before, runs = dump(path), ask(path, "SELECT * FROM runs")

    with pytest.raises(MemoryError):
        record_and_break(path, break_down)

    assert (before, runs) == (dump(path), ask(path, "SELECT * FROM runs"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_amid_a_plan_leaves_the_ledger_as_it_was(path: Path) -> None:
    """kill -9 when half a run is written: the next opening finds the run before it, in balance."""
    plan_names(path, "甲", "乙")
    before, runs = dump(path), ask(path, "SELECT * FROM runs")

    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pathlib import Path; from tests.integration.test_plan import *; "
            f"record_and_break(Path({str(path)!r}), kill_myself)",
        ],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )

    assert -signal.SIGKILL == killed.returncode
    assert (before, runs) == (dump(path), ask(path, "SELECT * FROM runs"))
    with open_ledger(path) as ledger:
        assert [] == ledger.stats.imbalances()


# Postgres is away


def test_without_postgres_a_plan_writes_nothing_and_says_how_to_go_on(
    path: Path, plan_csv: Callable[..., Ran]
) -> None:
    """Exit 7 with --no-index in the message; an existing ledger is as before; with --no-index it works."""
    plan_csv("甲公司")
    before = dump(path)

    refused = plan_csv("乙公司", EQCBATCH_DATABASE_URL=NOWHERE)
    after = dump(path)
    planned = plan_csv("乙公司", options=("--no-index",), EQCBATCH_DATABASE_URL=NOWHERE)

    assert (7, "") == (refused.code, refused.out)
    assert "127.0.0.1:1 is not reachable" in refused.err
    assert "--no-index" in refused.err
    assert "hunter2" not in refused.err
    assert before == after
    assert (0, {"甲公司": "pending", "乙公司": "pending"}) == (planned.code, states(path))


def test_a_first_plan_without_postgres_leaves_no_ledger(path: Path, plan_csv: Callable[..., Ran]) -> None:
    """Nothing was planned, so nothing stands there that looks like a plan."""
    ran = plan_csv("甲公司", EQCBATCH_DATABASE_URL=NOWHERE)

    assert 7 == ran.code
    assert not path.exists()


def test_without_the_table_a_plan_says_how_to_make_it(
    path: Path, plan_csv: Callable[..., Ran], bare_database_url: str
) -> None:
    """Exit 7 with init-db in the message, nothing written."""
    ran = plan_csv("甲公司", EQCBATCH_DATABASE_URL=bare_database_url)

    assert 7 == ran.code
    assert "eqcbatch init-db" in ran.err
    assert not path.exists()


def test_a_plan_with_nothing_to_look_up_needs_no_postgres(path: Path) -> None:
    """Where every name is blank, or decided by a person, no connection is made."""
    plan_names(path, "甲")
    decide(path, "甲", "600000001")

    report = plan_names(path, "甲", "", postgres=Postgres(NOWHERE))

    assert (0, 0) == (report.looked_up, report.known)


# one statement


def logged_statements(url: str, log: Path, act: Callable[[], object]) -> list[str]:
    """What the server itself logs as executed in the test's database while `act` runs."""
    database = url.partition("?")[0].rpartition("/")[2]
    execute(url.replace(f"/{database}", "/postgres"), f"ALTER DATABASE {database} SET log_statement = 'all'")
    start = log.stat().st_size
    act()
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(start)
        text = file.read()
    return [
        entry.replace("\n", " ")
        for entry in text.split("LOG:  ")
        if entry.startswith(("statement: ", "execute "))
    ]


@pytest.mark.parametrize(
    ("count", "rows", "wanted"),
    [
        (100, 20_000, ["SELECT", "UPDATE"]),  # an array
        (5_000, 20_000, ["SELECT", "SELECT", "UPDATE"]),  # a look at the size, a temporary table
        (20_000, 20_000, ["SELECT", "SELECT", "UPDATE"]),  # a look at the size, the whole index
    ],
)
def test_all_names_are_looked_up_in_one_batch(
    path: Path, database_url: str, count: int, rows: int, wanted: list[str]
) -> None:
    """The server's own log has one statement that reads the index, and one that counts the hits."""
    execute(
        database_url,
        f"""INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
            SELECT 'C' || n, 'customer_name', '6' || n, 'manual' FROM generate_series(1, {2 * rows}, 2) n""",
    )
    (directory,) = select(database_url, "SHOW data_directory")
    names = [f"C{number}" for number in range(1, count + 1)]

    statements = logged_statements(
        database_url,
        Path(directory) / "log",
        lambda: plan_names(path, *names, postgres=Postgres(database_url)),
    )

    verbs = [
        statement.partition(": ")[2].split()[0] for statement in statements if "enrichment_index" in statement
    ]
    assert wanted == ["SELECT" if verb == "DECLARE" else verb for verb in verbs]  # with an older libpq
    assert len(statements) <= 14
    assert [count // 2] == ask(path, "SELECT count(*) FROM names WHERE state = 'cached'")
    assert [count // 2] == select(database_url, "SELECT sum(hit_count)::int FROM enterprise.enrichment_index")


def test_postgres_is_named_when_it_goes_away_amid_the_lookup(path: Path, database_url: str) -> None:
    """A lookup amid which the server ends the connection is exit 7's error, and leaves no ledger behind."""
    seed(database_url, ("甲", "customer_name", "6", 1.0))
    execute(
        database_url,
        "ALTER TABLE enterprise.enrichment_index RENAME TO rows_of_the_index",
        """CREATE VIEW enterprise.enrichment_index AS
           SELECT i.* FROM enterprise.rows_of_the_index i,
                           (SELECT pg_terminate_backend(pg_backend_pid())) AS goodbye""",
    )

    with pytest.raises(PostgresUnavailable, match="--no-index"):
        plan_names(path, "甲", postgres=Postgres(database_url))

    assert not path.exists()


def test_the_text_says_what_was_known_and_what_comes_next(
    plan_csv: Callable[..., Ran], eqcbatch: Run, database_url: str, path: Path
) -> None:
    """Rows, names, hits and their share, the forecast, and the command to type next."""
    seed(database_url, ("甲公司", "customer_name", "6", 1.0))
    plan_csv("甲公司", "甲公司-已转出", "乙公司", "")

    again = eqcbatch("plan", "month.csv", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    offline = eqcbatch("plan", "month.csv", "--ledger", path)

    for phrase in (
        "4 rows, 1 blank, 2 distinct names",
        "(50.0 %), 2 rows (66.7 %); 2 names looked up",
        "Left to ask: 1 request",
        "of running time",
        "It would be faster with:",
        "drain --in-flight auto",
        "Next: eqcbatch drain",
    ):
        assert phrase in again.out
    assert "no index was asked" in offline.out
