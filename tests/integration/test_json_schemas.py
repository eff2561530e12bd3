"""The JSON outputs are those of the published schemas, in every state of a ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eqcbatch.check.finding import Severity, Subject
from eqcbatch.cli.exit_codes import code_of
from eqcbatch.domain.model import Endpoint, ExitReason, Outcome, Reason
from eqcbatch.errors import EqcbatchError
from eqcbatch.simulate import Faults, Simulator
from tests.conftest import TOKEN, Ran, Run
from tests.docs import DOCS
from tests.drains import LEDGER, Job, OneEach, companies, write_names
from tests.ledgers import ask, change
from tests.queues import Bureau
from tests.schemas import checked, published

COMMANDS = {
    "report": "report",
    "report-id": "report --id ID",
    "report-temp-ids": "report --resolved-temp-ids",
    "plan": "plan",
    "drain": "drain",
    "audit": "audit",
    "check": "check",
    "flush": "flush",
    "flush-revert": "flush --revert SESSION",
    "review-calibrate": "review calibrate",
    "review-export": "review export FILE",
    "review-import": "review import FILE",
    "review-replay": "review replay",
    "review-rescore": "review rescore",
    "review-set": "review set NAME ID|none|reopen",
    "sources": "sources",
    "sources-forget": "sources forget NAME",
    "apply": "apply SOURCE -o OUT",
    "config": "config",
    "init-db": "init-db",
    "demo": "demo",
}


def check_output(name: str, ran: Ran) -> dict[str, Any]:
    """Validate what a command printed."""
    return checked(name, ran.out)


@pytest.fixture
def report(eqcbatch: Run) -> Callable[..., dict[str, Any]]:
    """Report on the ledger, validated."""
    return lambda *options: check_output("report", eqcbatch("report", "--ledger", LEDGER, "--json", *options))


# The schemas themselves


def test_every_schema_is_known_here() -> None:
    """None is published that no test knows."""
    assert COMMANDS.keys() == {path.name.partition(".")[0] for path in (DOCS / "schema").iterdir()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_published_schema_is_one(name: str) -> None:
    """Of draft 2020-12; it names its command."""
    schema = published(name)
    Draft202012Validator.check_schema(schema)
    assert f"eqcbatch {COMMANDS[name]} --json" == schema["title"]


def test_the_schemas_describe_what_they_share_alike() -> None:
    """Each file stands alone, so names, rows and the like stand in several."""
    whole = published("report")
    described = whole["$defs"] | {"report": {key: whole[key] for key in ("type", "required", "properties")}}
    for name in ("plan", "drain", "demo"):
        for shared, definition in published(name)["$defs"].items():
            assert described[shared] == definition, (name, shared)


def test_the_words_of_the_schemas_are_all_there_are() -> None:
    """Outcomes, reasons, endpoints, ends of sessions, subjects of a checkup and its exit codes."""
    report, drain, check = (published(name)["properties"] for name in ("report", "drain", "check"))
    requests, finding = report["requests"]["properties"], check["checks"]["items"]["properties"]
    codes = {code_of(kind()) for kind in EqcbatchError.__subclasses__()} - {8}  # a checkup needs no lock

    assert list(Outcome) == requests["by_outcome"]["propertyNames"]["enum"]
    assert list(Endpoint) == requests["by_endpoint"]["propertyNames"]["enum"]
    assert list(Reason) == report["failed_by_reason"]["propertyNames"]["enum"]
    ends = [reason for reason in ExitReason if reason is not ExitReason.DIED]  # which no drain prints

    assert ends == drain["session"]["properties"]["exit_reason"]["enum"]
    assert list(Subject) == finding["subject"]["enum"]
    assert list(Severity) == finding["status"]["enum"]
    assert sorted({0} | codes) == check["exit_code"]["enum"]


# Outputs


def test_an_empty_ledger(job: Callable[..., Job], report: Callable[..., dict[str, Any]]) -> None:
    """A source without a name: no rate of hits, no latency, nothing left."""
    assert 0 == job().plan([]).code
    assert (0, None, None) == (
        (empty := report())["names"]["total"],
        empty["hit_rate"]["names"],
        empty["requests"]["latency_s"]["mean"],
    )


def test_a_ledger_without_a_run(job: Callable[..., Job], report: Callable[..., dict[str, Any]]) -> None:
    """`run` is null, as in a ledger whose first plan a kill cut short."""
    job().plan(["甲"])
    change(LEDGER, "DELETE FROM occurrences", "DELETE FROM names", "DELETE FROM runs")
    assert report()["run"] is None


def test_a_planned_ledger(job: Callable[..., Job], report: Callable[..., dict[str, Any]]) -> None:
    """The plan prints its part of the report."""
    planned = check_output("plan", job().plan(companies(7), "--json"))
    standing = report("--budget", "all")
    assert 7 == planned["forecast"]["requests_left"] == standing["forecast"]["requests_left"]
    assert standing["forecast"]["sessions_at_budget"] is None


def test_a_drained_ledger(
    job: Callable[..., Job], report: Callable[..., dict[str, Any]], database_url: str
) -> None:
    """With a Postgres, details and an end of the budget."""
    drained = job(registry=OneEach())
    drained.plan(companies(7))
    url = {"EQCBATCH_DATABASE_URL": database_url}
    first = check_output("drain", drained.drain("--json", "--budget", 3, **url))
    rest = check_output("drain", drained.drain("--json", "--details", "deferred", **url))

    assert ("budget", "queue_empty") == (first["session"]["exit_reason"], rest["session"]["exit_reason"])
    assert {"findDepart", "findLabels", "search"} == set(report()["requests"]["by_endpoint"])
    assert 2 == report("--since", "24h")["since"]["sessions"]


def test_a_ledger_with_held_and_failed_names(
    job: Callable[..., Job], report: Callable[..., dict[str, Any]]
) -> None:
    """A pinyin match is held, a name that EQC does not know is failed; so is a key too long to ask."""
    drained = job(registry=Bureau())
    drained.plan(["黄河拼音", "查无此人有限公司", "长" * 300])
    session = check_output("drain", drained.drain("--json"))["session"]
    assert (1, 1) == (session["held"], session["failed"])
    assert {"not_found": 1, "invalid": 1} == report()["failed_by_reason"]


@pytest.mark.parametrize(
    ("fault", "code"), [("500", 4), ("401", 5), ("403", 6)], ids=["outage", "token", "block"]
)
def test_a_drain_that_ends_with_an_error(
    job: Callable[..., Job], report: Callable[..., dict[str, Any]], fault: str, code: int
) -> None:
    """It prints its JSON all the same."""
    ill = job(faults=Faults({fault: 1.0}))
    ill.plan(companies(7))
    ran = ill.drain("--json", "--retries", 0)
    assert code == ran.code
    assert check_output("drain", ran)["names"]["pending"]
    assert report()["requests"]["total"]


def test_a_checkup(eqcbatch: Run, simulator: Callable[..., Simulator], tmp_path: Path) -> None:
    """Where all is well, and where nothing is."""
    arguments = ("check", "--json", "--ledger", LEDGER)
    well = eqcbatch(*arguments, "--eqc-url", simulator().url, EQCBATCH_EQC_TOKEN=TOKEN)
    ill = eqcbatch(
        *(*arguments, "--token-file", tmp_path / "none", "--eqc-url", "http://127.0.0.1:9"),
        EQCBATCH_DATABASE_URL="postgresql://user@127.0.0.1:1/name",
    )
    assert (0, 1) == (check_output("check", well)["failed"], check_output("check", well)["requests"])
    assert check_output("check", ill)["failed"]
    assert ill.code == check_output("check", ill)["exit_code"] != 0


def test_what_follows_a_drain(job: Callable[..., Job], eqcbatch: Run, database_url: str) -> None:
    """A review, a flush, a dataset with its ids, and a night that is taken back."""
    url = {"EQCBATCH_DATABASE_URL": database_url}
    month = write_names(["甲", "黄河拼音", "查无此人有限公司", ""])
    work = job(registry=Bureau())
    eqcbatch("plan", month, "--ledger", LEDGER)
    work.drain()

    def run(name: str, *words: str, **environment: str) -> dict[str, Any]:
        ran = eqcbatch(*words, "--ledger", LEDGER, "--json", **environment)
        assert 0 == ran.code, ran.err
        return check_output(name, ran)

    assert {"held": 1, "changed": 0, "controls": 0, "file": "held.csv"} == run(
        "review-export", "review", "export", "held.csv"
    )
    assert run("review-rescore", "review", "rescore")["applied"] is False
    assert 50 == run("review-calibrate", "review", "calibrate")["missing"]
    assert 3 == run("review-replay", "review", "replay")["same"]
    (found,) = ask(LEDGER, "SELECT company_id FROM names WHERE lookup_key = '甲'")
    assert ["甲"] == [one["lookup_key"] for one in run("report-id", "report", "--id", found)["names"]]
    assert run("review-rescore", "review", "rescore", "--apply", **url)["flushed"]
    assert 1 == run("review-import", "review", "import", "held.csv", **url)["undecided"]
    assert run("review-set", "review", "set", "查无此人有限公司", "none", **url)["changed"]
    run("review-set", "review", "set", "黄河拼音", "600000009", "--force", **url)
    Path("d.csv").write_text("lookup_key,decision,force\n黄河拼音,600000008,x\n", encoding="utf-8")
    again = run("review-import", "review", "import", "d.csv", "--change-decisions", **url)
    assert [1, 1] == [len(again["forced"]), len(again["changed"])]
    assert 0 == run("flush", "flush", **url)["flushed"]
    salt = {"EQCBATCH_TEMP_ID_SALT": "salt"}
    assert {"eqc": 1, "manual": 1} == run("apply", "apply", str(month), "-o", "out.csv", **salt)["filled"]
    assert run("flush-revert", "flush", "--revert", "1", "--dry-run", **url)["dry_run"]
    assert 1 == run("flush-revert", "flush", "--revert", "1", **url)["names"]


def test_a_database_is_set_up(eqcbatch: Run, bare_database_url: str) -> None:
    """What was created, and that nothing was."""
    url = {"EQCBATCH_DATABASE_URL": bare_database_url}
    assert check_output("init-db", eqcbatch("init-db", "--json", **url))["created"]
    assert [] == check_output("init-db", eqcbatch("init-db", "--json", **url))["created"]


def test_the_settings(eqcbatch: Run) -> None:
    """Of every origin, with a variable that nobody reads."""
    Path("eqcbatch.yml").write_text(
        "drain:\n  budget: 7\nprofiles:\n  p:\n    column: 客户\n", encoding="utf-8"
    )
    words = ("config", "--json", "--profile", "p", "plan", "--no-index")
    told = check_output("config", eqcbatch(*words, EQCBATCH_LEDGER="l.sqlite", EQCBATCH_BUGDET="1"))
    assert {"flag", "environment", "profile", "file", "default"} == {one["from"] for one in told["settings"]}
    (stray,) = told["unknown_variables"]
    assert "EQCBATCH_BUGDET" in stray
