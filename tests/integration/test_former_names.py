"""drain --details deferred: former names into the index, where one company alone bore them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from eqcbatch.simulate import Offer, describe
from eqcbatch.simulate.registry import Company
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job
from tests.indexes import execute, seed, select, snapshot, standing
from tests.ledgers import ask, change

pytestmark = pytest.mark.every_schema("ours", "newest")  # the oldest knows no former names

NewJob = Callable[..., Job]
DEFERRED = ("--details", "deferred")

FORMER = """SELECT lookup_key, company_id, confidence::float, source, source_domain
            FROM enterprise.enrichment_index WHERE lookup_type = 'former_name'
            ORDER BY lookup_key COLLATE "C" """
OLD = "北京旧城实业有限公司"
RENAMED = describe("北京长城实业有限公司", company_id="700000001", former_names=(OLD, "北京古城厂-已转出"))
RIVAL = describe("上海长城实业有限公司", company_id="700000002", former_names=(OLD,))
OURS = (OLD, "700000001", 0.9, "eqc_api", "eqcbatch")
OTHER = ("北京古城厂", "700000001", 0.9, "eqc_api", "eqcbatch")


def drained(job: NewJob, url: str, *known: Company) -> Job:
    """A job whose companies were all asked for their details."""
    work = job(registry=Bearers(known))
    work.plan([company.official_name for company in known])
    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=url).code
    return work


def test_former_names_go_to_the_index_once(job: NewJob, database_url: str, eqcbatch: Run) -> None:
    """By their lookup key, with 0.9 of the company's confidence; flushing again changes nothing."""
    work = drained(job, database_url, RENAMED)
    assert [OTHER, OURS] == select(database_url, FORMER)
    before = snapshot(database_url)
    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url).code
    change(LEDGER, "UPDATE former_names SET flushed_company_id = NULL, flushed_confidence = NULL")
    ran = eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, before) == (ran.code, snapshot(database_url))
    assert "Flushed 2 former names to Postgres." in ran.out


def test_a_reverted_session_takes_its_former_names_along(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """They rest on ids that are not held to be right any more; other machines must not take them up."""
    drained(job, database_url, RENAMED)
    ran = eqcbatch("flush", "--revert", 1, "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert 0 == ran.code, ran.err
    assert ([], {}) == (select(database_url, FORMER), standing(database_url))


def test_find_depart_tells_former_names_that_the_search_did_not(job: NewJob, database_url: str) -> None:
    """Both are witnesses."""

    class Forgetful(Bearers):
        def search(self, key: str) -> list[Offer]:
            """Offer the bearer without its past."""
            return [
                Offer(replace(offer.company, former_names=()), offer.match_type, offer.score)
                for offer in super().search(key)
            ]

    work = job(registry=Forgetful([RENAMED]))
    work.plan([RENAMED.official_name])
    work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url)
    assert [OTHER, OURS] == select(database_url, FORMER)


def test_without_details_no_former_name_is_written(job: NewJob, database_url: str) -> None:
    """They come with the option alone."""
    work = job(registry=Bearers([RENAMED]))
    work.plan([RENAMED.official_name])
    work.drain(EQCBATCH_DATABASE_URL=database_url)
    assert [] == select(database_url, FORMER)


def test_a_former_name_of_two_companies_is_usable_for_neither(job: NewJob, database_url: str) -> None:
    """Claimed by a second company, it leaves the index again, where it stands as we wrote it."""
    work = drained(job, database_url, RENAMED)
    work.eqc.stop()
    work = job(registry=Bearers([RENAMED, RIVAL]))
    work.plan([RIVAL.official_name, RENAMED.official_name])
    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url).code
    assert [OTHER] == select(database_url, FORMER)


def test_what_others_wrote_meanwhile_is_not_taken_back(job: NewJob, database_url: str) -> None:
    """A row that is not as we wrote it is not ours any more."""
    drained(job, database_url, RENAMED).eqc.stop()
    execute(
        database_url, f"UPDATE enterprise.enrichment_index SET source = 'manual' WHERE lookup_key = '{OLD}'"
    )
    work = job(registry=Bearers([RENAMED, RIVAL]))
    work.plan([RIVAL.official_name, RENAMED.official_name])
    assert 0 == work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url).code
    assert [OTHER, (*OURS[:3], "manual", "eqcbatch")] == select(database_url, FORMER)


def test_another_id_in_the_index_is_left_alone(job: NewJob, database_url: str, eqcbatch: Run) -> None:
    """Whatever its confidence: a conflict, reported, and not tried at every flush."""
    seed(database_url, (OLD, "former_name", "999", 0.1))
    drained(job, database_url, RENAMED)
    assert [OTHER, (OLD, "999", 0.1, "manual", None)] == select(database_url, FORMER)
    assert "former name: conflict: the index has 999" in eqcbatch("report", "--ledger", LEDGER).out


def test_a_name_that_another_company_bears_today_is_no_former_name(job: NewJob, database_url: str) -> None:
    """The real case of docs/domain.md section 4: who bears it today counts, not who used to."""
    drained(job, database_url, RENAMED, describe(OLD, company_id="700000009"))
    assert [OTHER] == select(database_url, FORMER)


def test_a_held_or_reverted_company_loses_its_former_names(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """Where no name resolves to it any more, what we wrote is taken back with the next flush."""
    drained(job, database_url, RENAMED)
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, "--revert", 1, EQCBATCH_DATABASE_URL=database_url).code
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert [] == select(database_url, FORMER)
    assert {} == standing(database_url)


def test_a_higher_confidence_of_the_company_raises_its_former_names(job: NewJob, database_url: str) -> None:
    """A row that stands as we wrote it follows the ledger."""
    work = drained(job, database_url, RENAMED)
    change(LEDGER, "UPDATE names SET confidence = 0.8")
    work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url)
    assert [0.72, 0.72] == [row[2] for row in select(database_url, FORMER)]


def test_a_former_name_below_the_minimum_is_not_written(job: NewJob, database_url: str) -> None:
    """It carries 0.9 of its company's confidence, and that is what must be enough (promise P5)."""
    work = job(registry=Bearers([RENAMED]))
    work.plan([RENAMED.official_name])
    work.drain(*DEFERRED, "--min-confidence", "0.91", EQCBATCH_DATABASE_URL=database_url)
    assert ([], {RENAMED.official_name}) == (select(database_url, FORMER), set(standing(database_url)))
    work.drain(*DEFERRED, "--min-confidence", "0.9", EQCBATCH_DATABASE_URL=database_url)
    assert [OTHER, OURS] == select(database_url, FORMER)


def test_a_higher_minimum_takes_former_names_back(job: NewJob, database_url: str) -> None:
    """With the next drain that sees to details."""
    work = drained(job, database_url, RENAMED)
    work.drain(*DEFERRED, "--min-confidence", "0.95", EQCBATCH_DATABASE_URL=database_url)
    assert [] == select(database_url, FORMER)


def test_a_rescore_sees_to_former_names_too(job: NewJob, database_url: str, eqcbatch: Run) -> None:
    """A higher minimum takes them back, the former one sends them again."""
    drained(job, database_url, RENAMED)
    rescore = ("review", "rescore", "--apply", "--ledger", LEDGER)
    environment = {"EQCBATCH_DATABASE_URL": database_url}
    assert 0 == eqcbatch(*rescore, "--min-confidence", "0.95", **environment).code
    assert [] == select(database_url, FORMER)
    assert 0 == eqcbatch(*rescore, **environment).code
    assert [OTHER, OURS] == select(database_url, FORMER)


def test_a_rescore_brings_no_former_names_where_nobody_asked_for_details(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """They come with drain --details deferred alone."""
    work = job(registry=Bearers([RENAMED]))
    work.plan([RENAMED.official_name])
    work.drain(EQCBATCH_DATABASE_URL=database_url)
    ran = eqcbatch("review", "rescore", "--apply", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, []) == (ran.code, select(database_url, FORMER))


def test_an_index_without_former_names_is_asked_once_and_stops_nothing(
    job: NewJob, database_url: str, eqcbatch: Run
) -> None:
    """An older CHECK refuses them: noted, reported, not tried at every flush; `flush` tries again."""
    execute(
        database_url,
        """ALTER TABLE enterprise.enrichment_index ADD CONSTRAINT types
           CHECK (lookup_type IN ('plan_code', 'customer_name'))""",
    )
    work = drained(job, database_url, RENAMED)
    assert {RENAMED.official_name} == set(standing(database_url))
    (error,) = set(ask(LEDGER, "SELECT flush_error FROM former_names"))
    assert "violates check constraint" in error
    assert "former name: new row" in eqcbatch("report", "--ledger", LEDGER).out
    execute(database_url, "ALTER TABLE enterprise.enrichment_index DROP CONSTRAINT types")
    work.drain(*DEFERRED, EQCBATCH_DATABASE_URL=database_url)
    assert [] == select(database_url, FORMER)
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert [OTHER, OURS] == select(database_url, FORMER)


def test_a_former_name_that_is_none_or_too_long_is_not_written(job: NewJob, database_url: str) -> None:
    """Placeholders have no key, and the index has no room for more than 255 characters."""
    drained(job, database_url, replace(RENAMED, former_names=("--", "长" * 256, OLD)))
    assert [OURS] == select(database_url, FORMER)
