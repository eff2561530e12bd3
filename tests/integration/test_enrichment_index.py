"""enterprise.enrichment_index on a real PostgreSQL: what is created, known, counted, stored, refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eqcbatch.domain.coverage import Coverage, Overrides, index_keys
from eqcbatch.domain.model import IdSource, Known, LookupType, Result, Written
from eqcbatch.errors import BadInput, PostgresUnavailable
from eqcbatch.postgres import Postgres, UpsertReport, create_missing
from tests.conftest import Run
from tests.indexes import execute, hits, seed, select, snapshot, standing

pytestmark = pytest.mark.every_schema
WITHOUT_CHECKS = pytest.mark.every_schema("ours", "newest")  # the oldest knows no former names

TABLES = ["enterprise.enrichment_index", "enterprise.base_info", "enterprise.enrichment_requests"]


def upsert(url: str, *results: Result) -> UpsertReport[Result]:
    with Postgres(url).enrichment() as index:
        return index.upsert(results, lambda _before: None)


def look_up(url: str, *names: str) -> dict[str, Known]:
    """What covers these names by the index alone."""
    with Postgres(url).enrichment() as index:
        coverage = Coverage(Overrides(), index.look_up(index_keys(set(names), ())), {})
    covers = {name: coverage.of_name(name) for name in names}
    return {name: cover._replace(index_key=None) for name, cover in covers.items() if cover}


def eqc(key: str, company_id: str, confidence: float = 0.8) -> Result:
    return Result(key, company_id, confidence, IdSource.EQC)


# creating


def catalog(url: str) -> list[Any]:
    """Columns, constraints and indexes of the schema, as the server writes them."""
    return select(
        url,
        """SELECT table_name, column_name, data_type, character_maximum_length::text, is_nullable,
                  column_default, is_identity
           FROM information_schema.columns WHERE table_schema = 'enterprise'
           UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', ''
           FROM pg_constraint WHERE connamespace = 'enterprise'::regnamespace
           UNION ALL SELECT tablename, indexname, indexdef, '', '', '', ''
           FROM pg_indexes WHERE schemaname = 'enterprise' ORDER BY 1, 2, 3""",
    )


def test_init_db_creates_what_is_missing_and_then_nothing(bare_database_url: str, eqcbatch: Run) -> None:
    """The first run names the three tables it made, the second changes nothing in the catalog."""
    first = eqcbatch("init-db", "--json", EQCBATCH_DATABASE_URL=bare_database_url)
    before = catalog(bare_database_url)
    second = eqcbatch("init-db", "--json", EQCBATCH_DATABASE_URL=bare_database_url)

    assert (0, {"created": TABLES}) == (first.code, json.loads(first.out))
    assert (0, '{"created": []}\n') == (second.code, second.out)
    assert before == catalog(bare_database_url)


_MAKE = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, is_identity,
       coalesce(column_default, '')
FROM information_schema.columns
WHERE table_schema = 'enterprise'
  AND table_name IN ('enrichment_index', 'base_info', 'enrichment_requests')
ORDER BY 1, 2"""
_INDEXES = """
SELECT replace(indexdef, 'base_info_pkey1', 'base_info_pkey') FROM pg_indexes
WHERE schemaname = 'enterprise' AND tablename IN ('enrichment_index', 'base_info', 'enrichment_requests')
ORDER BY 1"""


def test_init_db_makes_what_the_newest_chain_of_migrations_has(
    bare_database_url: str, database_url: str, schema: str
) -> None:
    """Column by column, and index by index; the oldest chain differs where docs/domain.md section 4 says."""
    with Postgres(bare_database_url).connect() as connection:
        create_missing(connection)
    ours, theirs = select(bare_database_url, _MAKE), select(database_url, _MAKE)
    if schema != "oldest":
        assert (ours, select(bare_database_url, _INDEXES)) == (theirs, select(database_url, _INDEXES))
    else:
        assert {
            *(("enrichment_index", "id"), ("enrichment_requests", "id")),
            *(
                ("base_info", name)
                for name in ("data_source", *(f"raw_{of}" for of in ("data", "business_info", "biz_label")))
            ),
            ("enrichment_requests", "next_retry_at"),
        } == {(table, column) for table, column, *_ in set(ours) ^ set(theirs)}


def test_the_table_of_an_older_installation_stays_as_it_is(bare_database_url: str) -> None:
    """A table with constraints of its own, without former_name, is used as it stands."""
    execute(
        bare_database_url,
        "CREATE SCHEMA enterprise",
        """CREATE TABLE enterprise.enrichment_index (
             id serial PRIMARY KEY, lookup_key varchar(255) NOT NULL,
             lookup_type varchar(20) NOT NULL CHECK (lookup_type IN ('plan_code', 'account_name',
                 'account_number', 'customer_name', 'plan_customer')),
             company_id varchar(100) NOT NULL,
             confidence numeric(3,2) NOT NULL DEFAULT 1.00 CHECK (confidence BETWEEN 0 AND 1),
             source varchar(50) NOT NULL CHECK (source IN ('yaml', 'eqc_api', 'manual', 'backflow',
                 'domain_learning', 'legacy_migration')),
             source_domain varchar(50), source_table varchar(100), hit_count integer NOT NULL DEFAULT 0,
             last_hit_at timestamp, created_at timestamp NOT NULL DEFAULT now(),
             updated_at timestamp NOT NULL DEFAULT now(), UNIQUE (lookup_key, lookup_type))""",
    )
    before = catalog(bare_database_url)

    with Postgres(bare_database_url).connect() as connection:
        created = create_missing(connection)
    seed(bare_database_url, ("甲", "customer_name", "6", 1.0))
    known = look_up(bare_database_url, "甲")
    report = upsert(bare_database_url, eqc("乙", "7"), Result("丙", "8", 1.0, IdSource.HARVEST))

    assert TABLES[1:] == created
    assert before == [row for row in catalog(bare_database_url) if row[0].endswith("enrichment_index")]
    assert {"甲": Known("6", IdSource.INDEX_CUSTOMER_NAME, 1.0, index_source="manual")} == known
    assert (2, ()) == (len(report.stored), report.refused)


# looking up


@WITHOUT_CHECKS
def test_customer_name_wins_over_former_name(database_url: str) -> None:
    """What a company is called today beats what another used to be called, whatever the confidences."""
    seed(
        database_url,
        ("峨眉山市殡葬服务中心", "former_name", "600000002", 1.0),
        ("峨眉山市殡葬服务中心", "customer_name", "600000001", 0.7),
        ("老名字", "former_name", "600000003", 0.9),
        ("计划", "plan_code", "600000004", 1.0),
        ("计划", "account_name", "600000004", 1.0),
        ("计划", "plan_customer", "600000004", 1.0),
    )

    assert {
        "峨眉山市殡葬服务中心": Known("600000001", IdSource.INDEX_CUSTOMER_NAME, 0.7, index_source="manual"),
        "老名字": Known("600000003", IdSource.INDEX_FORMER_NAME, 0.9, index_source="manual"),
    } == look_up(database_url, "峨眉山市殡葬服务中心", "老名字", "计划", "没有")


NO_IDS = ["", " ", "N", "na", "N/A", "None", "null", "NaN", "INABCDEFGHIJKLMNOP", " IN2345672345672345 "]


@WITHOUT_CHECKS
def test_an_id_that_is_none_is_not_known(database_url: str) -> None:
    """Placeholders and temporary ids in the index are ignored, and a former name stands in."""
    seed(database_url, *((f"{number}", "customer_name", no_id, 1.0) for number, no_id in enumerate(NO_IDS)))
    seed(database_url, ("3", "former_name", "600000001", 0.9))

    known = look_up(database_url, *(str(number) for number in range(len(NO_IDS))))

    assert {"3": Known("600000001", IdSource.INDEX_FORMER_NAME, 0.9, index_source="manual")} == known


@WITHOUT_CHECKS
def test_an_odd_confidence_is_brought_into_range(database_url: str) -> None:
    """numeric(3,2) holds up to 9.99, and NaN; the ledger takes 0..1, so a plan never stumbles on it."""
    seed(
        database_url,
        ("甲", "customer_name", "6", 9.99),
        ("乙", "customer_name", "7", -1.0),
        ("丙", "customer_name", "8", float("nan")),
    )

    assert {"甲": 1.0, "乙": 0.0, "丙": 0.0} == {
        key: known.confidence for key, known in look_up(database_url, *"甲乙丙").items()
    }


ODD_NAMES = [
    'O\'Neil & "Söhne"',
    "100%_公司%s %(keys)s",
    "back\\slash\\N",
    "\\N",
    "\\.",
    "tab\there",
    "line\nbreak\r",
    "🏭厂🇨🇳",
    "𠮷野家",
    "{a,b}",
    "NULL",
    "日本\u200b公司",
    "é e\u0301",
    "x" * 255,
]


@pytest.mark.parametrize(("others", "new"), [(0, True), (10_000, True), (10_000, False)])
def test_odd_names_go_to_the_server_unharmed(
    database_url: str, others: int, new: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotes, %, backslashes, tabs, line breaks and emoji are found, few or many, by an older libpq too."""
    for ability in ("has_pipeline", "has_stream_chunked"):
        monkeypatch.setattr(psycopg.capabilities, ability, lambda **_: new)
    results = [eqc(name, f"6{number}") for number, name in enumerate(ODD_NAMES)]

    report = upsert(database_url, *results)
    known = look_up(database_url, *ODD_NAMES, *(f"第{number}公司" for number in range(others)))

    assert (tuple(results), ()) == (report.stored, report.refused)
    assert {name: f"6{number}" for number, name in enumerate(ODD_NAMES)} == {
        key: found.company_id for key, found in known.items()
    }


def test_ten_thousand_names_are_looked_up_in_a_moment(database_url: str) -> None:
    """Through the temporary table, twice on one connection, against an index of 40,000 rows."""
    execute(
        database_url,
        """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
           SELECT 'company ' || n, 'customer_name', '6' || n, 'manual' FROM generate_series(1, 40000) n""",
    )
    keys = {LookupType.CUSTOMER_NAME: {f"company {number}" for number in range(35_001, 45_001)}}
    began = time.monotonic()

    with Postgres(database_url).enrichment() as index:
        first, second = index.look_up(keys), index.look_up(keys)

    assert 5_000 == len(first)
    assert first == second
    assert time.monotonic() - began < 3


@WITHOUT_CHECKS
def test_a_hit_is_counted_on_the_row_that_answered(database_url: str) -> None:
    """hit_count rises by one, last_hit_at is set, updated_at stays, and no other row is touched."""
    seed(
        database_url,
        ("甲", "customer_name", "6", 1.0),
        ("甲", "former_name", "7", 0.9),
        ("乙", "former_name", "8", 0.9),
        ("丙", "customer_name", "9", 1.0),
    )

    with Postgres(database_url).enrichment() as index:
        index.count_hits({(LookupType.CUSTOMER_NAME, "甲"), (LookupType.FORMER_NAME, "乙")})

    assert {("甲", "customer_name"): 1, ("乙", "former_name"): 1} == hits(database_url)
    assert [4] == select(
        database_url,
        "SELECT count(*) FROM enterprise.enrichment_index WHERE updated_at < now() - interval '1 day'",
    )


# storing


def test_a_result_is_stored_as_eqcbatch_stores_it(database_url: str) -> None:
    """customer_name, its id and confidence; eqc and harvest are eqc_api, manual stays; domain eqcbatch."""
    upsert(
        database_url,
        Result("甲", "6", 0.8, IdSource.EQC),
        Result("乙", "7", 1.0, IdSource.HARVEST),
        Result("丙", "8", 1.0, IdSource.MANUAL),
    )

    assert [
        ("甲", "customer_name", "6", "0.80", "eqc_api", "eqcbatch", 0),
        ("乙", "customer_name", "7", "1.00", "eqc_api", "eqcbatch", 0),
        ("丙", "customer_name", "8", "1.00", "manual", "eqcbatch", 0),
    ] == select(
        database_url,
        """SELECT lookup_key, lookup_type, company_id, confidence::text, source, source_domain, hit_count
           FROM enterprise.enrichment_index ORDER BY id""",
    )


@WITHOUT_CHECKS
def test_a_higher_confidence_replaces(database_url: str) -> None:
    """Id, source and confidence are replaced and updated_at set; a row of another type stays as it is."""
    seed(database_url, ("甲", "customer_name", "6", 0.79), ("甲", "former_name", "9", 0.5), source="yaml")

    report = upsert(database_url, eqc("甲", "7", 0.8))

    assert ((eqc("甲", "7", 0.8),), ()) == (report.stored, report.refused)
    assert [("customer_name", "7", "eqc_api", True), ("former_name", "9", "yaml", False)] == select(
        database_url,
        """SELECT lookup_type, company_id, source, updated_at > now() - interval '1 day'
           FROM enterprise.enrichment_index ORDER BY lookup_type""",
    )


def test_an_equal_or_lower_confidence_leaves_the_row_untouched(database_url: str) -> None:
    """Not even updated_at or the row's version changes; another id is reported as a conflict."""
    seed(database_url, *((key, "customer_name", "6", 0.8) for key in "甲乙丙丁"))
    before = snapshot(database_url)
    agreeing = eqc("甲", "6", 0.8), eqc("乙", "6", 0.5)
    conflicting = eqc("丙", "7", 0.8), eqc("丁", "7", 0.79)

    report = upsert(database_url, *agreeing, *conflicting)

    assert before == snapshot(database_url)
    assert (
        UpsertReport(
            agreeing,
            tuple((result, "conflict: the index has 6 with confidence 0.80") for result in conflicting),
        )
        == report
    )


def test_replaying_an_upsert_changes_nothing(database_url: str) -> None:
    """The same batch again, and in other parts: equal reports, and every row's version stays."""
    seed(database_url, ("甲", "customer_name", "6", 1.0), ("乙", "customer_name", "N/A", 1.0))
    batch = [eqc(key, f"6{ord(key)}", 0.805) for key in "甲乙丙丁"]

    first = upsert(database_url, *batch)
    before = snapshot(database_url)
    again = upsert(database_url, *batch)
    upsert(database_url, *batch[2:])

    assert (3, 1) == (len(first.stored), len(first.refused))
    assert first == again
    assert before == snapshot(database_url)


def test_an_id_that_is_none_gives_way_whatever_it_claims(database_url: str) -> None:
    """A placeholder or temporary id of confidence 1 is replaced by any real one."""
    keys = [str(number) for number in range(len(NO_IDS))]
    seed(database_url, *((key, "customer_name", no_id, 1.0) for key, no_id in zip(keys, NO_IDS, strict=True)))

    upsert(database_url, *(eqc(key, "6", 0.7) for key in keys))

    assert dict.fromkeys(keys, ("6", 0.7, "eqc_api")) == standing(database_url)


def test_a_row_refused_for_good_is_named_and_holds_up_nobody(database_url: str) -> None:
    """Too long an id, a NUL, another system's CHECK, its trigger: four named, the 96 others are stored."""
    execute(
        database_url,
        "ALTER TABLE enterprise.enrichment_index ADD CONSTRAINT no_nines CHECK (company_id <> '999')",
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF NEW.company_id = '888' THEN RAISE EXCEPTION 'no eights'; END IF; RETURN NEW; END $$""",
        """CREATE TRIGGER eights BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION refuse()""",
    )
    bad = {"name 07": "6" * 101, "name 31": "6\0", "name 64": "999", "name 99": "888"}
    results = [eqc(name, bad.get(name, "6")) for name in (f"name {number:02}" for number in range(100))]

    report = upsert(database_url, *results)

    assert 96 == len(report.stored) == len(standing(database_url))
    assert {
        "name 07": "enrichment_index.company_id takes 100",
        "name 31": "0x00",
        "name 64": "no_nines",
        "name 99": "no eights",
    } == {
        result.lookup_key: phrase
        for (result, why), phrase in zip(
            report.refused,
            ("enrichment_index.company_id takes 100", "0x00", "no_nines", "no eights"),
            strict=True,
        )
        if phrase in why
    }


def test_a_row_that_the_table_swallows_does_not_count_as_stored(database_url: str) -> None:
    """Where another system's trigger drops an insert silently, the result is refused, not flushed."""
    execute(
        database_url,
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        """CREATE TRIGGER swallow BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION drop_it()""",
    )

    report = upsert(database_url, eqc("甲", "6"))

    assert UpsertReport((), ((eqc("甲", "6"), "the index did not keep it"),)) == report


# what goes wrong


@pytest.fixture
def guest_url(database_url: str, postgres_server: str) -> Iterator[str]:
    """The database as a user sees it who may read the index and nothing else."""
    execute(
        database_url,
        "CREATE ROLE guest LOGIN PASSWORD 'hunter2'",
        "GRANT USAGE ON SCHEMA enterprise TO guest",
        "GRANT SELECT ON enterprise.enrichment_index TO guest",
    )
    yield make_conninfo(database_url, user="guest", password="hunter2")
    execute(database_url, "DROP OWNED BY guest")
    execute(postgres_server, "DROP ROLE guest")


def test_what_a_user_may_not_do_is_said_with_its_remedy(guest_url: str) -> None:
    """Reading works; counting and storing raise PostgresUnavailable that says what to grant."""
    assert {} == look_up(guest_url, "甲")
    with pytest.raises(PostgresUnavailable, match=r"permission denied.*Grant SELECT, INSERT and UPDATE"):
        upsert(guest_url, eqc("甲", "6"))
    with (
        pytest.raises(PostgresUnavailable, match="Grant SELECT, INSERT and UPDATE"),
        Postgres(guest_url).enrichment() as index,
    ):
        index.count_hits({(LookupType.CUSTOMER_NAME, "甲")})


def test_a_user_who_may_not_create_is_told_so(guest_url: str, eqcbatch: Run) -> None:
    """init-db needs no rights where all tables exist; where one is missing it ends with 7 and one line."""
    complete = eqcbatch("init-db", EQCBATCH_DATABASE_URL=guest_url)
    execute(guest_url.replace("user=guest", "user=postgres"), "DROP TABLE enterprise.base_info CASCADE")
    incomplete = eqcbatch("init-db", EQCBATCH_DATABASE_URL=guest_url)

    assert (0, "All tables exist; nothing was changed.\n") == (complete.code, complete.out)
    assert (7, "", 1) == (incomplete.code, incomplete.out, incomplete.err.count("\n"))
    assert "permission denied for schema enterprise" in incomplete.err


def test_a_table_of_another_shape_is_unavailable_not_a_defect(database_url: str) -> None:
    """A column that is missing raises PostgresUnavailable with its name."""
    execute(database_url, "ALTER TABLE enterprise.enrichment_index DROP COLUMN source_domain")

    with pytest.raises(PostgresUnavailable, match=r"another enrichment_index.*source_domain"):
        upsert(database_url, eqc("甲", "6"))


def test_a_missing_table_is_said_with_its_remedy(bare_database_url: str) -> None:
    """Without the table every use raises PostgresUnavailable that names init-db."""
    for use in (lambda: look_up(bare_database_url, "甲"), lambda: upsert(bare_database_url, eqc("甲", "6"))):
        with pytest.raises(PostgresUnavailable, match=r"enrichment_index.*eqcbatch init-db"):
            use()


def test_a_connection_that_breaks_is_unavailable(database_url: str) -> None:
    """A server that ends the connection amid the work raises PostgresUnavailable."""
    with pytest.raises(PostgresUnavailable, match="terminat"), Postgres(database_url).connect() as connection:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@127.0.0.1:1/name",
        "postgresql+psycopg2://user:hunter2@127.0.0.1:1/name",
        "host=127.0.0.1 port=1 user=user password=hunter2",
        "postgresql://user:hunter2@127.0.0.1:1/name?sslmode=hunter2",
    ],
)
def test_an_unreachable_server_is_named_without_the_password(url: str) -> None:
    """PostgresUnavailable says host and port, in its message and its causes never the password."""
    with pytest.raises(PostgresUnavailable, match=r"127\.0\.0\.1:1 is not reachable") as raised:
        look_up(url, "甲")

    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:hunter2@host/name",
        "postgresql://user:hunter2%@host/name",
        "postgresql://user:hunter2@host/name?no_such_option=1",
        "postgresql://user:at@hunter2@host/name",
        "postgresql://user:slash/hunter2@host/name",
        "postgresql://user:12/hunter2@host/name",
        "postgresql://user:hunter2/slash@host/name",
        "postgresql://user:pass@host:hunter2/name",
        "host=h password=two hunter2",
        "hunter2",
    ],
)
def test_a_url_that_cannot_be_read_is_bad_input_and_not_repeated(url: str, eqcbatch: Run) -> None:
    """BadInput shows how to write one, and no part of what was given: it may hold a password."""
    with pytest.raises(BadInput) as raised:
        Postgres(url)
    ran = eqcbatch("init-db", EQCBATCH_DATABASE_URL=url)

    assert 2 == ran.code
    assert "hunter2" not in str(raised.value) + ran.out + ran.err
    assert "%40" in str(raised.value) or "postgresql://user:password@host:5432/name" in str(raised.value)


def test_a_url_as_sqlalchemy_writes_it_is_understood(database_url: str) -> None:
    """`postgresql+driver://` and `postgres://` reach the same database as `postgresql://`."""
    for scheme in ("postgresql+psycopg2", "postgresql+asyncpg", "postgres", "postgresql"):
        assert {} == look_up(database_url.replace("postgresql", scheme, 1), "甲")


def test_several_hosts_may_be_tried(database_url: str) -> None:
    """libpq's own lists of hosts and ports stay possible."""
    with pytest.raises(PostgresUnavailable, match=r"127\.0\.0\.1"):
        look_up("postgresql://user:hunter2@127.0.0.1:1,127.0.0.1:2/name", "甲")


# Tables of another make


@pytest.mark.every_schema("oldest")
@pytest.mark.parametrize(
    "change_of_schema",
    [
        "ALTER TABLE enterprise.enrichment_index DROP hit_count, DROP last_hit_at, DROP source_table",
        "ALTER TABLE enterprise.enrichment_index ALTER confidence TYPE double precision",
        "ALTER TABLE enterprise.enrichment_index ALTER updated_at TYPE timestamp",
        "ALTER TABLE enterprise.enrichment_index ADD rank integer NOT NULL DEFAULT 1",
        "ALTER TABLE enterprise.enrichment_index ADD u text GENERATED ALWAYS AS (upper(lookup_key)) STORED",
        """ALTER TABLE enterprise.enrichment_index RENAME TO entries;
           CREATE VIEW enterprise.enrichment_index AS SELECT * FROM enterprise.entries""",
        """ALTER TABLE enterprise.enrichment_index RENAME TO old;
           CREATE TABLE enterprise.enrichment_index
               (LIKE enterprise.old INCLUDING DEFAULTS, UNIQUE (lookup_key, lookup_type))
               PARTITION BY LIST (lookup_type);
           ALTER TABLE enterprise.enrichment_index ALTER id DROP NOT NULL;
           CREATE TABLE enterprise.others PARTITION OF enterprise.enrichment_index DEFAULT""",
        """DO $$ BEGIN EXECUTE
               format('ALTER DATABASE %I SET search_path = warehouse', current_database()); END $$""",
        "ALTER TABLE enterprise.enrichment_index ENABLE ROW LEVEL SECURITY",
    ],
)
def test_an_index_of_another_make_is_read_and_written_all_the_same(
    database_url: str, change_of_schema: str
) -> None:
    """Looked up, counted, stored, raised and taken back."""
    execute(database_url, *change_of_schema.split(";\n"))
    for sent in (eqc("甲", "6", 0.8), eqc("甲", "7", 0.9)):
        assert (sent,) == upsert(database_url, sent).stored
    assert ["7"] == [known.company_id for known in look_up(database_url, "甲").values()]
    with Postgres(database_url).enrichment() as index:
        index.count_hits([(LookupType.CUSTOMER_NAME, "甲")])
        assert 1 == index.take_back([Written("甲", "7", 0.9)])
    assert {} == standing(database_url)


@pytest.mark.every_schema("oldest")
@pytest.mark.parametrize(
    ("change_of_schema", "named"),
    [
        (
            "ALTER TABLE enterprise.enrichment_index DROP source_domain",
            "enrichment_index lacks source_domain",
        ),
        (
            "ALTER TABLE enterprise.enrichment_index ADD tenant text NOT NULL",
            "enrichment_index.tenant takes no null, has no default, and eqcbatch does not write it",
        ),
        (
            "ALTER TABLE enterprise.enrichment_index ALTER company_id TYPE bigint USING company_id::bigint",
            "enterprise.enrichment_index.company_id is of the type bigint, where eqcbatch needs text",
        ),
        (
            "ALTER TABLE enterprise.enrichment_index ALTER confidence TYPE real",
            "confidence is of the type real, where eqcbatch needs numeric or double precision",
        ),
        (
            """CREATE TYPE enterprise.origin AS ENUM ('manual', 'eqc_api');
               ALTER TABLE enterprise.enrichment_index DROP CONSTRAINT IF EXISTS chk_enrichment_index_source;
               ALTER TABLE enterprise.enrichment_index
                   ALTER source TYPE enterprise.origin USING source::enterprise.origin""",
            "enrichment_index.source is of the type enterprise.origin, where eqcbatch needs text",
        ),
        (
            """ALTER TABLE enterprise.enrichment_index DROP source_domain;
               ALTER TABLE enterprise.enrichment_index
                   ADD source_domain text GENERATED ALWAYS AS (upper(source)) STORED""",
            "enterprise.enrichment_index.source_domain is generated, where eqcbatch writes it",
        ),
    ],
)
def test_what_stands_in_the_way_of_results_is_named_in_one_line(
    database_url: str, eqcbatch: Run, change_of_schema: str, named: str
) -> None:
    """The column, before anything is sent; `check` says the same the evening before."""
    execute(database_url, *change_of_schema.split(";\n"))

    with pytest.raises(PostgresUnavailable) as error:
        upsert(database_url, eqc("甲", "6"))

    assert named in str(error.value)
    assert "\n" not in str(error.value)
    assert named in eqcbatch("check", EQCBATCH_DATABASE_URL=database_url).out


def test_a_key_that_the_column_is_too_short_for_is_refused_with_the_columns_name(database_url: str) -> None:
    """Neither a key nor an id is ever cut; the others are stored."""
    execute(
        database_url,
        "ALTER TABLE enterprise.enrichment_index ALTER lookup_key TYPE varchar(5)",
    )
    long, short = eqc("一二三四五六", "6"), eqc("一二三四五", "5")
    report = upsert(database_url, long, short)
    assert ((short,), ((long, "6 characters, where enterprise.enrichment_index.lookup_key takes 5"),)) == (
        report.stored,
        report.refused,
    )


def test_a_sequence_that_is_behind_its_rows_is_told_and_refuses_no_row(
    database_url: str, eqcbatch: Run
) -> None:
    """As a restore or a copy leaves it: nothing is marked as refused, and the remedy is the whole remedy."""
    execute(
        database_url,
        """INSERT INTO enterprise.enrichment_index (id, lookup_key, lookup_type, company_id, source)
           SELECT n, 'K' || n, 'customer_name', n::text, 'legacy_migration' FROM generate_series(1, 3) n""",
    )
    with pytest.raises(PostgresUnavailable) as error:
        upsert(database_url, eqc("甲", "6"), eqc("乙", "7"))
    told = eqcbatch("check", EQCBATCH_DATABASE_URL=database_url).out
    remedy = str(error.value).partition("Run ")[2]
    execute(database_url, remedy)

    assert remedy in told
    assert 2 == len(upsert(database_url, eqc("甲", "6"), eqc("乙", "7")).stored)
    assert "behind its rows" not in eqcbatch("check", EQCBATCH_DATABASE_URL=database_url).out


def test_a_deferrable_key_is_no_key_for_an_upsert(database_url: str, eqcbatch: Run) -> None:
    """ON CONFLICT cannot rest on it, and `check` says so, too."""
    execute(
        database_url,
        "ALTER TABLE enterprise.enrichment_index DROP CONSTRAINT uq_enrichment_index_key_type",
        "ALTER TABLE enterprise.enrichment_index ADD UNIQUE (lookup_key, lookup_type) DEFERRABLE",
    )
    with pytest.raises(PostgresUnavailable, match="no unique key on enterprise"):
        upsert(database_url, *(eqc(f"公司{number}", "6") for number in range(10)))
    assert "has no unique key" in eqcbatch("check", EQCBATCH_DATABASE_URL=database_url).out


@pytest.mark.every_schema("oldest")
def test_rows_that_policies_hide_are_told(guest_url: str, eqcbatch: Run) -> None:
    """Row-level security hides rows from this role without a word: `check` has it."""
    execute(
        guest_url.replace("user=guest", "user=postgres"),
        "ALTER TABLE enterprise.enrichment_index ENABLE ROW LEVEL SECURITY",
    )
    told = eqcbatch("check", EQCBATCH_DATABASE_URL=guest_url).out
    assert "row-level security holds for guest on enterprise.enrichment_index" in told
