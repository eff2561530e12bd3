"""Names from a query: Postgres groups and counts its rows, and only what is distinct travels."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.domain.model import Group, Occurrence
from eqcbatch.errors import BadInput
from eqcbatch.plan import read_query
from eqcbatch.postgres import Postgres
from eqcbatch.postgres.query import bare
from eqcbatch.source import NameRule, SourceSpec, Tally, read
from tests.conftest import Ran, Run
from tests.indexes import execute, seed, select
from tests.integration.test_plan import logged_statements
from tests.ledgers import ask, states

LEDGER = Path("l.sqlite")
NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/name"
MONTH = """CREATE TABLE month ("客户名称" text, "计划类型" text, "计划名称" text, code varchar(9), id bigint,
                               w numeric, f double precision, n integer, note text)"""
ROWS = """INSERT INTO month VALUES
    ('甲公司', '单一计划', '别家企业年金计划', 'P1', NULL, 1.5, 'NaN', 1, '%s'),
    ('甲公司', '单一计划', NULL, ' P1 ', NULL, 'NaN', 'Infinity', NULL, '1'),
    (NULL, '单一计划', '乙公司企业年金计划', 'P2', 7, -2, '-Infinity', 2, '2'),
    ('空白', ' 单一计划', ' 乙公司 企业年金计划 ', 'P2', 7, 0.1, 0.1, 3, '3'),
    ('', '集合计划', '如意企业年金计划', 'P3', NULL, 0.2, 0.2, -4, '4'),
    ('丙公司', NULL, NULL, NULL, 12345678901234567, NULL, NULL, 5, '5')"""


@pytest.fixture
def month(database_url: str) -> str:
    """The URL of a database with a table of six rows."""
    execute(database_url, MONTH, ROWS)
    return database_url


@pytest.fixture
def plan_sql(eqcbatch: Run, month: str) -> Callable[..., Ran]:
    """Plan a query of that database by the command."""

    def run(query: str, *options: object, **environment: str) -> Ran:
        urls = {"EQCBATCH_PLAN_SOURCE": month} | environment
        return eqcbatch("plan", "--sql", query, "--ledger", LEDGER, *options, **urls)

    return run


def tally_of(url: str, query: str = "SELECT * FROM month", **how: Any) -> Tally:
    return read_query(Postgres(url), SourceSpec("", query=query, **how))[1]


# what a query becomes


def test_a_query_is_tallied_as_a_file_of_its_rows_is(month: str) -> None:
    """Names, plan codes, ids, weights and rules: the same occurrences, whatever cells they come from."""
    rule = NameRule("计划名称", (("计划类型", ("单一计划",)),), ("企业年金计划",))
    ways: list[dict[str, Any]] = [
        {},
        {"columns": ("客户名称", "计划名称")},
        {"columns": ("客户名称", "计划名称"), "rules": (rule,)},
        {"columns": ("计划名称", "客户名称"), "rules": (rule,), "plan_code_column": "code"},
        {"plan_code_column": "code", "id_column": "id", "weight_column": "n"},
        {"columns": ("客户名称 ",), "weight_column": "w"},
        {"columns": ("客户名称", "计划名称"), "rules": (rule,), "weight_column": "f", "id_column": "id"},
        {"plan_code_column": "客户名称"},
    ]
    with (
        psycopg.connect(month) as connection,
        connection.cursor().copy("COPY month TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')") as copy,
        Path("month.csv").open("wb") as file,
    ):
        file.writelines(bytes(block) for block in copy)

    for how in ways:
        assert read(SourceSpec("month.csv", **how)) == tally_of(month, **how), how


def test_null_is_blank_and_rows_are_counted(month: str) -> None:
    """Spelled out once, so that both ways of reading cannot be wrong together."""
    assert Tally.of(
        (
            Occurrence("", "P2", "7", 2, 0.1),
            Occurrence("", "P3", None, 1, 0.2),
            Occurrence("丙公司", None, "12345678901234567", 1, 0.0),
            Occurrence("甲公司", "P1", None, 2, 1.5),
        ),
    ) == tally_of(month, plan_code_column="code", id_column="id", weight_column="w")


@pytest.mark.parametrize(
    "kind", ["smallint", "integer", "bigint", "real", "double precision", "numeric(9,2)"]
)
def test_a_weight_is_of_any_type_of_numbers(month: str, kind: str) -> None:
    """Also of a domain over one."""
    execute(month, f"CREATE DOMAIN amount AS {kind}")
    for cast in (kind, "amount"):
        query = f"""SELECT '甲' AS "客户名称", w::{cast} AS w FROM (VALUES (2), (3), (-1), (NULL)) AS v (w)"""
        assert (Occurrence("甲", None, None, 4, 5.0),) == tally_of(
            month, query, weight_column="w"
        ).occurrences


def test_weights_add_up_the_same_in_any_order(month: str) -> None:
    """So that planning an unchanged query again changes nothing."""
    query = (
        """SELECT '甲' AS "客户名称", 0.1::float8 * n AS w FROM generate_series(1, 9999) AS n ORDER BY n"""
    )
    up, down = (tally_of(month, query + order, weight_column="w") for order in ("", " DESC"))
    assert up == down
    assert (Occurrence("甲", None, None, 9999, 4_999_500.0),) == up.occurrences


# what travels


def test_as_many_groups_travel_as_are_distinct(month: str) -> None:
    """Of 30,000 rows with three names in two plans, six lines."""
    query = "SELECT 'C' || n % 3 AS name, n % 2 AS plan, n AS other FROM generate_series(1, 30000) AS n"
    with Postgres(month).query(query) as asked:
        assert ("name", "plan", "other") == asked.header
        groups = list(asked.groups([0, 1], 2))
    assert 6 == len(groups)
    assert 30_000 == sum(group.rows for group in groups)
    assert Group(("C0", "0"), 5_000, 75_015_000.0) in groups


def test_one_statement_counts_all(month: str) -> None:
    """By the server's own log the query is run once, grouped, in a transaction that only reads."""
    (directory,) = select(month, "SHOW data_directory")
    statements = logged_statements(month, Path(directory) / "log", lambda: tally_of(month))
    about = [statement for statement in statements if "FROM month" in statement]
    assert [(True, False), (False, True)] == [("LIMIT 0" in one, "GROUP BY" in one) for one in about]
    assert any("BEGIN READ ONLY" in statement for statement in statements)
    assert not any("COPY" in statement or "FETCH" in statement for statement in statements)


# the query's text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("SELECT 1", "SELECT 1"),
        (" SELECT 1 ; ", "SELECT 1"),
        ("SELECT 1;\n-- all's said;\n", "SELECT 1"),
        ("SELECT 1 -- said", "SELECT 1"),
        ("SELECT 1 /* said; */;;", "SELECT 1"),
        ("-- first\nSELECT 1", "-- first\nSELECT 1"),
        ("SELECT '; -- said'", "SELECT '; -- said'"),
        ("SELECT ';''; -- said' ;", "SELECT ';''; -- said'"),
        ("SELECT E'\\'; -- said' ;", "SELECT E'\\'; -- said'"),
        ('SELECT 1 AS "; -- said";', 'SELECT 1 AS "; -- said"'),
        ("SELECT $a$; -- $b$ said$a$;", "SELECT $a$; -- $b$ said$a$"),
        ("SELECT 1 - -1", "SELECT 1 - -1"),
        (" ; -- nothing", ""),
    ],
)
def test_what_ends_a_query_is_taken_off(text: str, query: str) -> None:
    """Semicolons, comments and blanks, where they are none of its texts."""
    assert query == bare(text)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM month;",
        "SELECT * FROM month -- all of them",
        "SELECT * FROM month WHERE note LIKE '%' OR note = '%s' OR note = '{}';  -- 100 %",
        "TABLE month",
        "WITH rows AS (SELECT * FROM month) SELECT * FROM rows ORDER BY id LIMIT 6",
    ],
)
def test_a_query_may_be_written_in_any_way(plan_sql: Callable[..., Ran], query: str) -> None:
    """It is wrapped as it stands."""
    ran = plan_sql(query)
    assert (0, "") == (ran.code, ran.err)
    assert {"甲公司": "pending", "丙公司": "pending"} == states(LEDGER)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", 'syntax error at or near "1"'),
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("SELECT nothing FROM month", 'column "nothing" does not exist'),
        ("SELECT code FROM month a, month b", 'column reference "code" is ambiguous'),
        ('SELECT a.*, a."客户名称" FROM month a', "'客户名称' 2 times, as its columns 1 and 10"),
        ('SELECT 1/0 AS "客户名称"', "division by zero"),
        ("SELECT 1; SELECT 2", 'syntax error at or near ";"'),
        ("SELECT code FROM month", "The query has no column '客户名称'"),
        (";", "The query is empty"),
    ],
)
def test_a_wrong_query_is_told_in_postgress_own_words(
    plan_sql: Callable[..., Ran], query: str, said: str
) -> None:
    """Exit 2, in two lines at most; nothing is planned."""
    ran = plan_sql(query)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert not LEDGER.exists()


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM month RETURNING *",
        "WITH gone AS (DELETE FROM month RETURNING *) SELECT * FROM gone",
        "SELECT 1) AS q; COMMIT; DELETE FROM month; SELECT * FROM (SELECT 1",
        "SELECT nextval('s')::text AS \"客户名称\"",
        'SELECT empty()::text AS "客户名称"',
    ],
)
def test_a_query_changes_nothing(plan_sql: Callable[..., Ran], month: str, query: str) -> None:
    """It cannot: its transaction only reads, and is one statement."""
    execute(
        month,
        "CREATE SEQUENCE s",
        """CREATE FUNCTION empty() RETURNS int LANGUAGE plpgsql AS
           $$ BEGIN DELETE FROM month; RETURN 1; END $$""",
    )
    assert 2 == plan_sql(query).code
    assert [6] == select(month, "SELECT count(*) FROM month")


def test_text_that_is_not_utf_8_is_told(month: str) -> None:
    """A database without an encoding may hold anything; what is UTF-8 in it is read."""
    execute(
        month, "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    name = month.partition("?")[0].rpartition("/")[2]
    url = month.replace(f"/{name}", "/ascii")
    try:
        query = """SELECT convert_from('\\x{}', 'SQL_ASCII') AS name"""
        good, bad = "甲公司".encode().hex(), "甲公司".encode("gb18030").hex()
        assert ["甲公司"] == [
            seen.raw for seen in tally_of(url, query.format(good), columns=("name",)).occurrences
        ]
        with pytest.raises(BadInput, match="invalid byte sequence"):
            tally_of(url, query.format(bad), columns=("name",))
    finally:
        execute(month, "DROP DATABASE ascii")


# the command


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sheet", "一"), "--sheet goes with a file"),
        (("--counted",), "--counted goes with a file"),
        (("--weight-column", "note"), "The column 'note' of the query holds no numbers but text"),
        (("--weight-column", "weight"), "The query has no column 'weight'"),
        (("--column", "客户"), "Did you mean '客户名称'?"),
        (("--name-rules", "{客户名称: {only-where: {计划类别: x}}}"), "Did you mean '计划类型'?"),
        (("--name-rules", "{计划: {remove-suffix: x}}"), "which is no asked column"),
    ],
)
def test_what_makes_no_sense_with_a_query_is_refused(
    plan_sql: Callable[..., Ran], options: tuple[str, ...], said: str
) -> None:
    """Exit 2, in two lines at most."""
    ran = plan_sql("SELECT * FROM month", *options)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert len(ran.err.splitlines()) <= 2


def test_the_source_is_a_url_or_the_configured_database(eqcbatch: Run, month: str) -> None:
    """From the line, the environment or --database-url; they name one and the same source."""
    query = ("--sql", "SELECT * FROM month", "--ledger", LEDGER)
    for ran in (
        eqcbatch("plan", month, *query),
        eqcbatch("plan", *query, EQCBATCH_PLAN_SOURCE=month),
        eqcbatch("plan", *query, EQCBATCH_DATABASE_URL=month),
        eqcbatch("plan", *query, "--no-index", EQCBATCH_DATABASE_URL=month),
        eqcbatch("plan", month, *query, EQCBATCH_PLAN_SOURCE=NOWHERE),
    ):
        assert (0, "") == (ran.code, ran.err)
    assert 1 == len(set(ask(LEDGER, "SELECT source FROM runs")))
    assert [1] == ask(LEDGER, "SELECT count(*) FROM runs WHERE current = 1")


def test_names_of_a_query_are_looked_up_in_the_index(plan_sql: Callable[..., Ran], month: str) -> None:
    """As those of a file are: in the configured database, whichever the source is."""
    seed(month, ("甲公司", "customer_name", "6", 1.0))
    ran = plan_sql("SELECT * FROM month", "--json", EQCBATCH_DATABASE_URL=month)
    assert {"names": 0.5, "rows": 0.6667} == json.loads(ran.out)["hit_rate"]
    assert {"甲公司": "cached", "丙公司": "pending"} == states(LEDGER)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "There is no SOURCE"),
        (("--sql", "SELECT 1"), 2, "--sql needs a database"),
        ((NOWHERE,), 2, "use `plan --sql QUERY`"),
        (("postgresql+psycopg2://u:hunter2@h/d",), 2, "use `plan --sql QUERY`"),
        (("host=h password=hunter2",), 2, "use `plan --sql QUERY`"),
        (("month.csv", "--sql", "SELECT 1"), 2, "The database URL cannot be read"),
        ((NOWHERE, "--sql", "SELECT 1"), 7, "127.0.0.1:1 is not reachable"),
    ],
)
def test_a_source_that_is_none_is_told(
    eqcbatch: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Without its password, and without a ledger left behind."""
    ran = eqcbatch("plan", *arguments, "--ledger", LEDGER)
    assert (code, "") == (ran.code, ran.out)
    assert said in ran.err
    assert "hunter2" not in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert not LEDGER.exists()


def test_a_source_that_goes_away_is_exit_7(plan_sql: Callable[..., Ran]) -> None:
    """Amid the query; nothing is planned."""
    ran = plan_sql('SELECT pg_terminate_backend(pg_backend_pid())::text AS "客户名称"')
    assert (7, "") == (ran.code, ran.out)
    assert not LEDGER.exists()


def test_apply_does_not_show_the_url_of_a_database(eqcbatch: Run) -> None:
    """It writes files only."""
    ran = eqcbatch("apply", NOWHERE, "-o", "x.csv", "--no-temp-ids", "--ledger", LEDGER)
    assert 2 == ran.code
    assert "hunter2" not in ran.err


def test_queries_and_files_add_up(plan_sql: Callable[..., Ran], eqcbatch: Run) -> None:
    """Each query is a source of its own, and replaces its own earlier run only."""
    Path("x.csv").write_text("客户名称\n甲公司\n丁公司\n", encoding="utf-8")
    some = "SELECT * FROM month WHERE \"计划类型\" = '单一计划'"
    eqcbatch("plan", "x.csv", "--ledger", LEDGER)
    for query in ("SELECT * FROM month", some, f"{some};", "SELECT * FROM month -- again"):
        assert 0 == plan_sql(query).code
    rows = dict(ask(LEDGER, "SELECT lookup_key, rows FROM names"))
    assert {"甲公司": 5, "丁公司": 1, "丙公司": 1} == rows
    assert [3] == ask(LEDGER, "SELECT count(*) FROM runs WHERE current = 1")


def test_planning_an_unchanged_query_again_changes_nothing(plan_sql: Callable[..., Ran]) -> None:
    """The occurrences and the weights of its names are the same."""
    seen = []
    for _ in range(2):
        plan_sql("SELECT * FROM month", "--weight-column", "f", "--column", "计划名称")
        with closing(sqlite3.connect(LEDGER)) as ledger:
            seen.append(list(ledger.execute("SELECT lookup_key, rows, weight FROM names ORDER BY 1")))
    assert seen[0] == seen[1]
    assert 3 == len(seen[0])


def test_the_ledger_knows_the_database_and_the_query_and_no_user(
    plan_sql: Callable[..., Ran], month: str
) -> None:
    """Where it is, what was asked, how it was read; the text says the same in short."""
    query = "SELECT *\n  FROM month\n WHERE note <> '0' AND note <> '1' AND note <> '2' AND note <> '8'"
    ran = plan_sql(f"{query};", "--name-rules", "{客户名称: {remove-suffix: 司}}")
    (name,) = select(month, "SELECT current_database()::text")
    [(source, options)] = ask(LEDGER, "SELECT source, options FROM runs")
    place = source.partition(" ")[0]
    assert place.endswith(f":5432/{name}")
    assert "postgres:" not in source.removeprefix("postgresql:")
    assert f'{place} {query} ["客户名称"]' == source
    assert query == json.loads(options)["query"]
    assert {"客户名称": {"only-where": {}, "remove-suffix": ["司"]}} == json.loads(options)["name_rules"]
    assert f"Planned {place} ({' '.join(query.split())[:60]}…): 4 rows" in ran.out


def test_the_embedded_database_is_a_source_like_any(eqcbatch: Run) -> None:
    """Named in one place, started when needed, and the same source each time."""
    query = ("--sql", "SELECT '甲' || n AS \"客户名称\" FROM generate_series(1, 3) AS n", "--ledger", LEDGER)
    for _ in range(2):
        ran = eqcbatch("plan", *query, "--no-index", EQCBATCH_DATABASE_URL="embedded")
        assert (0, "") == (ran.code, ran.err)
    sources = ask(LEDGER, "SELECT source FROM runs")
    assert f"embedded:{Path('postgres').absolute()} " in sources[0]
    assert sources[0] == sources[1]
    assert dict.fromkeys(("甲1", "甲2", "甲3"), "pending") == states(LEDGER)
