"""Where an id comes from: run, session, request, archived answer, rules, person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from eqcbatch import __version__
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import Endpoint
from eqcbatch.domain.names import temporary_id
from eqcbatch.eqc import open_archive
from eqcbatch.ledger import archive_path
from eqcbatch.simulate import describe
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job, OneEach, companies
from tests.ledgers import ask, change

NewJob = Callable[..., Job]
NAME = "深圳市远山科技有限公司"
COMPANY = describe(NAME, company_id="600000001", former_names=("深圳市近水科技有限公司",), status="存续")


def told(ran: Any) -> dict[str, Any]:
    """What a command printed as JSON."""
    assert 0 == ran.code, ran.err
    content: dict[str, Any] = json.loads(ran.out)
    return content


@pytest.fixture
def report(eqcbatch: Run) -> Callable[..., Any]:
    """Report on the ledger."""
    return lambda *options, **environment: eqcbatch("report", "--ledger", LEDGER, *options, **environment)


def test_a_session_records_version_rules_and_settings(job: NewJob) -> None:
    """What a verdict was made by can be told years later; no secret is among it."""
    work = job(registry=OneEach())
    work.plan(companies(2))
    assert 0 == work.drain("--min-confidence", "0.75", "--retries", 1).code

    ((settings, version, rule_set, minimum),) = ask(
        LEDGER,
        """SELECT settings, version, rule_set, minimum
           FROM sessions JOIN rulebooks ON rulebooks.id = sessions.rulebook""",
    )

    kept = json.loads(settings)
    assert (__version__, RULE_SET, 0.75) == (version, rule_set, minimum)
    assert (1, None, 0.75, work.eqc.url) == (
        *(kept["retries"], kept["budget"]),
        *(kept["rule"]["minimum"], kept["eqc_url"]),
    )
    assert "T-marked" not in settings


def test_a_name_is_traced_to_the_archived_answer(job: NewJob, report: Callable[..., Any]) -> None:
    """From its id to run, session, request, and the hash of the very body that EQC sent."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([NAME])
    work.drain()

    traced = told(report("--name", NAME, "--json"))["provenance"]

    with open_archive(archive_path(LEDGER)) as archive:
        kept = archive.find(Endpoint.SEARCH, NAME)
    assert kept is not None
    digest = hashlib.sha256(kept.body).hexdigest()
    assert {"sha256": digest, "standing": "archived", "archived_at": kept.archived_at} == traced["answer"]
    assert (1, "search", NAME, "answered", digest) == tuple(
        traced["request"][key] for key in ("number", "endpoint", "parameter", "outcome", "answer_sha256")
    )
    assert (1, __version__, RULE_SET) == (
        traced["judged_in"]["number"],
        traced["judged_by"]["version"],
        traced["judged_by"]["rule_set"],
    )
    assert [(1, 1)] == [(run["number"], run["rows"]) for run in traced["runs"]]
    text = report("--name", NAME).out
    assert f"sha256 {digest}, archived " in text
    assert f"in session 1 by eqcbatch {__version__}, rule set {RULE_SET}" in text


def test_an_id_is_traced_to_all_names_that_have_it(job: NewJob, report: Callable[..., Any]) -> None:
    """The name that was asked, the one that its answer decided too, and one that a row's own key covers."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([NAME, f"{NAME}-已转出", COMPANY.former_names[0]])
    work.drain()

    traced = told(report("--id", COMPANY.company_id, "--json"))

    assert {NAME, COMPANY.former_names[0]} == {one["lookup_key"] for one in traced["names"]}
    assert {COMPANY.company_id} == {one["company_id"] for one in traced["names"]}
    assert all(one["answer"]["standing"] == "archived" for one in traced["names"])
    assert "Id 600000001: 2 names" in report("--id", COMPANY.company_id).out


def test_a_harvested_name_is_traced_to_the_request_of_the_other_one(
    job: NewJob, report: Callable[..., Any]
) -> None:
    """No request was sent for it; the answer of another name's decided it."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([COMPANY.former_names[0], COMPANY.former_names[0], NAME])
    work.drain()
    assert [NAME] == ask(LEDGER, "SELECT lookup_key FROM names WHERE source = 'harvest'")

    traced = told(report("--name", NAME, "--json"))["provenance"]

    assert (1, COMPANY.former_names[0]) == (traced["request"]["number"], traced["request"]["parameter"])
    assert "archived" == traced["answer"]["standing"]


def test_an_id_that_nobody_has_is_refused(job: NewJob, report: Callable[..., Any]) -> None:
    """In one line that says what to do."""
    job().plan([NAME])
    ran = report("--id", "600000009")
    assert (2, True) == (ran.code, "The ledger has nothing with the id '600000009'" in ran.err)


def test_a_temporary_id_is_traced_to_its_name(job: NewJob, report: Callable[..., Any]) -> None:
    """With the salt it was made with; without it, nobody can tell."""
    job().plan([NAME])
    temporary = temporary_id(NAME, "s")
    traced = told(report("--id", temporary, "--json", EQCBATCH_TEMP_ID_SALT="s"))
    assert (True, [NAME]) == (traced["temporary"], [one["lookup_key"] for one in traced["names"]])
    assert 2 == report("--id", temporary).code


@pytest.mark.parametrize(
    ("statement", "standing"),
    [
        ("UPDATE names SET answer_sha256 = 'another'", "replaced"),
        ("UPDATE names SET answer_sha256 = NULL", "unknown"),
    ],
)
def test_an_answer_that_is_not_the_archived_one_is_told(
    job: NewJob, report: Callable[..., Any], statement: str, standing: str
) -> None:
    """Asked anew since, or decided by a version that kept no hash."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([NAME])
    work.drain()
    change(LEDGER, statement, "UPDATE requests SET answer_sha256 = NULL")
    assert standing == told(report("--name", NAME, "--json"))["provenance"]["answer"]["standing"]


def test_without_the_archive_an_answer_is_told_by_its_hash_alone(
    job: NewJob, report: Callable[..., Any]
) -> None:
    """And an archive that lost it says so."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([NAME])
    work.drain()
    with open_archive(archive_path(LEDGER)) as archive:
        archive.supersede(Endpoint.SEARCH, NAME)
    assert "missing" == told(report("--name", NAME, "--json"))["provenance"]["answer"]["standing"]
    archive_path(LEDGER).unlink()
    assert "unknown" == told(report("--name", NAME, "--json"))["provenance"]["answer"]["standing"]
    assert not archive_path(LEDGER).exists()


def test_what_a_killed_session_left_is_traced_like_the_rest(job: NewJob, report: Callable[..., Any]) -> None:
    """A request that the archive completed has the hash, too."""
    work = job(registry=Bearers([COMPANY]))
    work.plan([NAME])
    work.drain()
    change(
        LEDGER,
        "UPDATE requests SET outcome = 'in_flight', finished_at = NULL, answer_sha256 = NULL",
        """UPDATE names SET state = 'pending', company_id = NULL, source = NULL, confidence = NULL,
                            verdict = NULL, answer_sha256 = NULL""",
        "UPDATE sessions SET ended_at = NULL, exit_reason = NULL",
    )
    work.drain()

    traced = told(report("--name", NAME, "--json"))["provenance"]

    assert (1, 1, 2) == (
        *(traced["request"]["number"], traced["request"]["session"]["number"]),
        traced["judged_in"]["number"],
    )
    assert traced["answer"]["sha256"] == traced["request"]["answer_sha256"]
