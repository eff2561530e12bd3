"""The Postgres of the simulated world does what a real one does, whatever is asked of both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated.postgres_model import ModelledPostgres, Server
from simulated.postgres_tables import POISON, REFUSAL

from eqcbatch.clock import Clock
from eqcbatch.domain.model import IdSource, IndexKey, LookupType, PriorRow, Result, Written
from eqcbatch.domain.model.companies import CompanyFacts, CompanyInfo
from eqcbatch.postgres import Postgres, UpsertReport
from tests.indexes import execute, select

TRIGGER = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.lookup_type = 'customer_name' AND NEW.lookup_key LIKE '%{POISON}%' THEN
        RAISE EXCEPTION '{REFUSAL}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON enterprise.enrichment_index
    FOR EACH ROW EXECUTE FUNCTION refuse()"""
ROWS = """SELECT lookup_type, lookup_key, company_id, confidence::text, source, source_domain, hit_count
          FROM enterprise.enrichment_index ORDER BY 1, 2"""
COMPANIES = """SELECT company_id, search_key_word, company_full_name, province, raw_data::text
               FROM enterprise.base_info ORDER BY 1"""

keys = st.sampled_from(["甲公司", "乙公司", "丙公司", "丁公司", f"{POISON}公司", f"戊{POISON}"])
ids = st.sampled_from(["1", "2", "3", "N/A", " ", "INABCDEFGHIJKLMNOP"])
confidences = st.sampled_from([0.5, 0.6, 0.645, 0.7, 0.72, 0.8, 0.85, 0.9, 1.0])
own_sources = st.sampled_from([IdSource.EQC, IdSource.HARVEST, IdSource.MANUAL])
priors = st.none() | st.builds(
    PriorRow,
    ids,
    confidences,
    st.sampled_from(["yaml", "eqc_api", "manual"]),
    st.sampled_from(["eqcbatch", None]),
)
written = st.builds(Written, keys, ids, confidences, priors, st.booleans(), st.booleans())
corrected = st.builds(
    lambda key, one: Written(key, one.company_id, one.confidence, by_a_person=one.by_a_person), keys, written
)


def results(of: st.SearchStrategy[IdSource]) -> st.SearchStrategy[list[Result]]:
    """Results of different names."""
    instead = st.none() | st.tuples(ids, confidences, st.none(), st.booleans(), st.booleans())
    one = st.builds(
        lambda key, company_id, confidence, source, old: Result(
            key, company_id, confidence, source, Written(key, *old) if old else None
        ),
        *(keys, st.sampled_from(["1", "2", "3"]), confidences, of, instead),
    )
    return st.lists(one, max_size=5, unique_by=lambda result: result.lookup_key)


texts = st.none() | st.sampled_from(["甲公司", " 乙公司 ", "  "])
infos = st.lists(
    st.builds(
        lambda company_id, keyword, name, province, raw: CompanyInfo(
            company_id, keyword, CompanyFacts(company_full_name=name, province=province), raw, None, None, NOW
        ),
        *(st.sampled_from(["1", "2", "3"]), texts, texts, texts, st.none() | st.just('{"a": 1}')),
    ),
    max_size=3,
    unique_by=lambda info: info.company_id,
)
NOW = "2026-11-28T00:00:00+00:00"
kinds = st.sampled_from([LookupType.CUSTOMER_NAME, LookupType.FORMER_NAME])
deeds = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), kinds, keys, ids, confidences, st.sampled_from(["yaml", "eqc_api", "manual"])
        ),
        st.tuples(st.just("upsert"), results(own_sources)),
        st.tuples(st.just("write"), results(st.just(IdSource.EQC))),
        st.tuples(st.just("take back"), st.lists(written, max_size=3, unique_by=lambda one: one.lookup_key)),
        st.tuples(
            st.just("take names back"), st.lists(written, max_size=3, unique_by=lambda one: one.lookup_key)
        ),
        st.tuples(st.just("companies"), infos),
        st.tuples(st.just("look up"), st.sets(keys)),
    ),
    min_size=2,
    max_size=9,
)


class Still(Clock):
    """A clock by which nobody waits."""

    def sleep(self, seconds: float) -> None:
        """Go on."""


@pytest.fixture
def url(database_url: str) -> str:
    """A database that refuses some rows."""
    execute(database_url, TRIGGER)
    return database_url


def put(postgres: Any, url: str, kind: LookupType, *row: Any) -> None:
    """Write a row as another program does."""
    key, company_id, confidence, source = row
    if isinstance(postgres, ModelledPostgres):
        domain = "eqcbatch" if source != "yaml" else None
        postgres._server.tables.put((kind, key), company_id, confidence, source, domain)
        return
    domain = "'eqcbatch'" if source != "yaml" else "NULL"
    execute(
        url,
        f"DELETE FROM enterprise.enrichment_index WHERE lookup_type = '{kind}' AND lookup_key = '{key}'",
        f"""INSERT INTO enterprise.enrichment_index
                (lookup_key, lookup_type, company_id, confidence, source, source_domain)
            VALUES ('{key}', '{kind}', '{company_id}', {confidence}, '{source}', {domain})""",
    )


def done(postgres: Any, url: str, deed: tuple[Any, ...]) -> Any:
    """What a deed comes to, in words that compare."""
    what, *how = deed
    if what == "put":
        if POISON in how[1]:
            return None
        return put(postgres, url, *how)
    if what == "write":
        with postgres.former_names() as rows:
            return told(rows.write(how[0]))
    if what == "take names back":
        with postgres.former_names() as rows:
            return rows.take_back(how[0])
    if what == "companies":
        with postgres.base_info() as table:
            table.upsert(how[0])
            return table.standing(["1", "2", "3"]), postgres.official_name()
    with postgres.enrichment() as index:
        if what == "take back":
            return index.take_back(how[0])
        if what == "look up":
            return looked_up(index, how[0])
        noted: dict[str, PriorRow | None] = {}
        report = index.upsert(how[0], lambda pairs: noted.update((one.lookup_key, row) for one, row in pairs))
        stored = {result.lookup_key for result in report.stored}
        return told(report), {key: row for key, row in noted.items() if key in stored}


def looked_up(index: Any, wanted: set[str]) -> Any:
    """What is known, with a hit counted for each; and what stands there."""
    known = index.look_up({LookupType.CUSTOMER_NAME: wanted, LookupType.FORMER_NAME: wanted})
    hit: set[IndexKey] = {one.index_key for one in known.values()}
    index.count_hits(hit)
    return known, index.standing(LookupType.CUSTOMER_NAME, sorted(wanted))


def told(report: UpsertReport[Result]) -> tuple[set[str], dict[str, str]]:
    """The keys that were stored, and why others were not."""
    stored = {result.lookup_key for result in report.stored}
    return stored, {result.lookup_key: why for result, why in report.refused}


def rows_of(server: Server) -> list[tuple[Any, ...]]:
    """The rows of the model, as a real one tells them."""
    return sorted(
        (str(kind), key, row.company_id, str(row.confidence), row.source, row.source_domain, row.hit_count)
        for (kind, key), row in server.tables.index.items()
    )


@contextmanager
def emptied(url: str) -> Iterator[Postgres]:
    """The real one, without rows."""
    execute(url, "TRUNCATE enterprise.enrichment_index, enterprise.base_info")
    yield Postgres(url)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(story=deeds)
def test_the_model_does_what_postgres_does(url: str, story: list[tuple[Any, ...]]) -> None:
    """Deed by deed the same answers, and the same rows at the end."""
    server = Server(lambda: 0.0, random.Random(1))
    model = ModelledPostgres(server, Still())
    with emptied(url) as real:
        for deed in story:
            assert done(real, url, deed) == done(model, url, deed)
        assert sorted(select(url, ROWS)) == rows_of(server)
        companies = server.tables.base_info.values()
        assert select(url, COMPANIES) == sorted(
            (
                one.company_id,
                one.search_key_word,
                one.facts.company_full_name,
                one.facts.province,
                one.raw_data,
            )
            for one in companies
        )
