"""`--backflow`: ids of overrides and own columns go into the index, where a person vouches for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.simulate import Simulator
from tests.conftest import Run
from tests.drains import LEDGER, Job, OneEach
from tests.indexes import execute, seed, select, snapshot
from tests.ledgers import ask, decide
from tests.schemas import checked

pytestmark = pytest.mark.every_schema

OVERRIDDEN, OWN, TWO_IDS, KNOWN, PENDING = (
    "甲贸易有限公司",
    "乙贸易有限公司",
    "丙贸易有限公司",
    "丁贸易有限公司",
    "戊贸易有限公司",
)
SOURCE = f"""客户名称,编号
{OVERRIDDEN},
{OWN},600000002
{OWN},600000002
{TWO_IDS},600000003
{TWO_IDS},600000004
{KNOWN},600000005
{PENDING},
"""


@pytest.fixture
def planned(eqcbatch: Run, database_url: str) -> str:
    """A source with an override and ids of its own, and an index that knows one of the names otherwise."""
    Path("m.csv").write_text(SOURCE, encoding="utf-8")
    Path("ids.yml").write_text(f'{OVERRIDDEN}: "600000001"\n', encoding="utf-8")
    assert 0 == plan(eqcbatch, database_url)
    seed(database_url, (KNOWN, "customer_name", "600000009", 0.8), source="eqc_api")
    return database_url


def plan(eqcbatch: Run, url: str, *options: str) -> int:
    options = options or ("--id-column", "编号", "--overrides", "ids.yml")
    return eqcbatch(
        "plan", "m.csv", "--as", "month", "--ledger", LEDGER, *options, EQCBATCH_DATABASE_URL=url
    ).code


def flush(eqcbatch: Run, url: str, *options: str) -> dict[str, Any]:
    ran = eqcbatch("flush", "--ledger", LEDGER, "--json", *options, EQCBATCH_DATABASE_URL=url)
    assert 0 == ran.code, ran.err
    return checked("flush-revert" if "--revert" in options else "flush", ran.out)


def rows(url: str) -> set[tuple[str, str, float, str, str]]:
    """What the index has of ours."""
    found = select(
        url,
        """SELECT lookup_key, company_id, confidence::float8, source, lookup_type
           FROM enterprise.enrichment_index WHERE source_domain = 'eqcbatch'""",
    )
    return set(found)


REVERT = ("flush", "--revert", "backflow")
VOUCHED = {
    (OVERRIDDEN, "600000001", 0.95, "backflow", "customer_name"),
    (OWN, "600000002", 0.95, "backflow", "customer_name"),
}


def test_nothing_goes_there_unless_somebody_vouches_for_it(planned: str, eqcbatch: Run) -> None:
    """A flush without the option leaves the index as it is."""
    before = snapshot(planned)
    assert 0 == flush(eqcbatch, planned)["backflow"]
    assert before == snapshot(planned)


def test_what_a_person_vouches_for_goes_into_the_index(planned: str, eqcbatch: Run) -> None:
    """With a source of its own; a row of somebody else stays, two ids are none; twice changes nothing."""
    told = flush(eqcbatch, planned, "--backflow", "--by", "anna")
    assert (2, 1) == (told["backflow"], told["backflow_refused"])
    assert VOUCHED == rows(planned)
    assert {("600000009", "eqc_api")} == set(
        select(
            planned,
            f"SELECT company_id, source FROM enterprise.enrichment_index WHERE lookup_key = '{KNOWN}'",
        )
    )
    assert {("override", "anna"), ("column", "anna")} == set(
        ask(LEDGER, "SELECT origin, vouched_by FROM backflow")
    )
    before = snapshot(planned)
    assert 0 == flush(eqcbatch, planned, "--backflow")["backflow"]
    assert before == snapshot(planned)
    ran = eqcbatch("report", "--ledger", LEDGER)
    assert "backflow: conflict: the index has 600000009 with confidence 0.80" in ran.out


LEFT_OUT = "--backflow leaves out 1 name: the rows have several ids"


def test_a_name_whose_rows_have_several_ids_is_told(planned: str, eqcbatch: Run) -> None:
    """By who vouches, and to nobody else."""
    for options, told in ((("--backflow",), True), ((), False)):
        ran = eqcbatch("flush", "--ledger", LEDGER, *options, EQCBATCH_DATABASE_URL=planned)
        assert (0, told) == (ran.code, LEFT_OUT in ran.err)


def test_a_row_that_stood_there_before_the_plan_is_a_conflict(eqcbatch: Run, database_url: str) -> None:
    """Though the index then tells the name's id; one that has the same id is none, and stays as it is."""
    ids = ((OWN, "600000002"), (KNOWN, "600000005"), (TWO_IDS, "600000003"), (TWO_IDS, "600000004"))
    lines = "".join(f"{name},{company}\n" for name, company in ids)
    Path("m.csv").write_text(f"客户名称,编号\n{lines}", encoding="utf-8")
    known = ((OWN, "600000009"), (KNOWN, "600000005"), (TWO_IDS, "600000003"))
    rows_before = [(name, "customer_name", company, 0.3) for name, company in known]
    seed(database_url, *rows_before, source="eqc_api")
    assert 0 == plan(eqcbatch, database_url, "--id-column", "编号")
    before = snapshot(database_url)
    told = flush(eqcbatch, database_url, "--backflow")
    assert (0, 1) == (told["backflow"], told["backflow_refused"])
    assert before == snapshot(database_url)
    assert [OWN] == ask(LEDGER, "SELECT lookup_key FROM backflow")
    assert "conflict: the index has 600000009" in eqcbatch("report", "--ledger", LEDGER).out


def test_a_row_that_a_person_wrote_is_never_written_over(planned: str, eqcbatch: Run) -> None:
    """However little it is worth."""
    seed(planned, (OWN, "customer_name", "600000008", 0.1))
    flush(eqcbatch, planned, "--backflow")
    assert {OVERRIDDEN} == {row[0] for row in rows(planned)}


def test_it_can_be_taken_back(planned: str, eqcbatch: Run) -> None:
    """What stands as we wrote it leaves; what others wrote over it stays."""
    before = select(planned, "SELECT lookup_key FROM enterprise.enrichment_index")
    flush(eqcbatch, planned, "--backflow")
    execute(
        planned,
        f"UPDATE enterprise.enrichment_index SET company_id = '600000007' WHERE lookup_key = '{OWN}'",
    )
    whole = snapshot(planned)
    preview = flush(eqcbatch, planned, "--revert", "backflow", "--dry-run")
    assert [OVERRIDDEN] == [one["lookup_key"] for one in preview["results"]]
    told = eqcbatch(*REVERT, "--dry-run", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=planned).out
    assert "1 result would leave Postgres. 1 would be left alone" in told
    assert whole == snapshot(planned)
    assert 1 == flush(eqcbatch, planned, "--revert", "backflow")["taken_back"]
    assert [*before, OWN] == select(planned, "SELECT lookup_key FROM enterprise.enrichment_index ORDER BY id")
    assert [] == ask(LEDGER, "SELECT * FROM backflow")
    for options in ((), ("--dry-run",)):
        again = eqcbatch(*REVERT, *options, "--ledger", LEDGER, EQCBATCH_DATABASE_URL=planned)
        assert (2, True) == (again.code, "Nobody vouches for ids by --backflow" in again.err)


def test_what_never_got_there_can_be_taken_back_too(planned: str, eqcbatch: Run) -> None:
    """Where every id is refused, nobody vouches for one after a revert."""
    seed(planned, *((name, "customer_name", "600000008", 1.0) for name in (OVERRIDDEN, OWN)))
    flush(eqcbatch, planned, "--backflow")
    assert 0 == flush(eqcbatch, planned, "--revert", "backflow")["taken_back"]
    assert [] == ask(LEDGER, "SELECT * FROM backflow")


def test_another_id_is_corrected_and_a_decision_ends_it(planned: str, eqcbatch: Run) -> None:
    """An override that changes corrects our row; where a person says `none`, the row leaves."""
    flush(eqcbatch, planned, "--backflow")
    Path("ids.yml").write_text(f'{OVERRIDDEN}: "600000011"\n', encoding="utf-8")
    assert 0 == plan(eqcbatch, planned)
    assert 1 == flush(eqcbatch, planned, "--backflow")["backflow"]
    assert "600000011" in {row[1] for row in rows(planned)}
    decide(LEDGER, OVERRIDDEN, "none")
    flush(eqcbatch, planned)
    assert {OWN} == {row[0] for row in rows(planned)}
    flush(eqcbatch, planned, "--backflow")
    assert {OWN} == {row[0] for row in rows(planned)}


def test_next_month_is_known_without_its_column(planned: str, eqcbatch: Run) -> None:
    """That is what it is for; and the row stays."""
    flush(eqcbatch, planned, "--backflow")
    assert 0 == plan(eqcbatch, planned, "--blank-names", "0")
    flush(eqcbatch, planned, "--backflow")
    assert VOUCHED == rows(planned)
    assert [("cached", "600000002", "index:customer_name")] == ask(
        LEDGER, f"SELECT state, company_id, source FROM names WHERE lookup_key = '{OWN}'"
    )


def test_a_drain_vouches_too(planned: str, eqcbatch: Run, simulator: Callable[..., Simulator]) -> None:
    """At its end, once."""
    job = Job(eqcbatch, simulator(registry=OneEach()))
    ran = job.drain("--backflow", EQCBATCH_DATABASE_URL=planned)
    assert (0, True) == (ran.code, LEFT_OUT in ran.err)
    assert {row for row in rows(planned) if row[3] == "backflow"} == VOUCHED


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--by", "anna"), "--by goes with --backflow"),
        (("--backflow", "--revert", "1"), "Choose one of --backflow and --revert"),
        (("--revert", "x"), "'x' is no session"),
    ],
)
def test_options_that_do_not_go_together(
    planned: str, eqcbatch: Run, options: tuple[str, ...], told: str
) -> None:
    ran = eqcbatch("flush", "--ledger", LEDGER, *options, EQCBATCH_DATABASE_URL=planned)
    assert (2, True) == (ran.code, told in ran.err), ran.err


def test_an_outage_loses_nothing(planned: str, eqcbatch: Run) -> None:
    """What was vouched for is sent by the next flush."""
    execute(planned, "ALTER TABLE enterprise.enrichment_index RENAME TO away")
    ran = eqcbatch("flush", "--ledger", LEDGER, "--backflow", "--json", EQCBATCH_DATABASE_URL=planned)
    assert (7, 0) == (ran.code, json.loads(ran.out)["backflow"])
    execute(planned, "ALTER TABLE enterprise.away RENAME TO enrichment_index")
    assert 2 == flush(eqcbatch, planned)["backflow"]


NOWHERE = "postgresql://127.0.0.1:1/nowhere"  # nothing listens there


@pytest.mark.parametrize("command", ["flush", "drain"])
def test_a_word_given_while_postgres_is_away_holds(
    planned: str, eqcbatch: Run, simulator: Callable[..., Simulator], command: str
) -> None:
    """Though results that are due are sent first, and fail."""
    job = Job(eqcbatch, simulator(registry=OneEach()))
    if command == "flush":
        assert 0 == job.drain("--no-flush").code
        ran = eqcbatch("flush", "--backflow", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=NOWHERE)
    else:
        ran = job.drain("--backflow", EQCBATCH_DATABASE_URL=NOWHERE)
    assert 7 == ran.code, ran.err
    assert 2 == flush(eqcbatch, planned)["backflow"]
    assert {row for row in rows(planned) if row[3] == "backflow"} == VOUCHED


def test_an_id_that_a_person_rejected_does_not_come_back(planned: str, eqcbatch: Run) -> None:
    """What a decision wrote over was ours: with `none` nothing of ours is left, with `reopen` it is back."""
    flush(eqcbatch, planned, "--backflow")
    for decision, stands in (("600000021", "600000021"), ("none", None)) * 2:
        decide(LEDGER, OVERRIDDEN, decision)
        flush(eqcbatch, planned)
        assert stands == {row[0]: row[1] for row in rows(planned)}.get(OVERRIDDEN)
    decide(LEDGER, OVERRIDDEN, "reopen")
    flush(eqcbatch, planned)
    assert VOUCHED == rows(planned)


def test_rows_with_two_ids_vouch_for_none_whoever_covers_them(eqcbatch: Run, database_url: str) -> None:
    """Two rows have an id of their own, one has another by its plan code."""
    lines = ("客户名称,编号,码", f"{OWN},600000002,", f"{OWN},600000002,", f"{OWN},,FP0001")
    Path("m.csv").write_text("\n".join(lines), encoding="utf-8")
    Path("ids.yml").write_text('plan_code:\n  FP0001: "600000003"\n', encoding="utf-8")
    options = ("--id-column", "编号", "--plan-code-column", "码", "--overrides", "ids.yml")
    assert 0 == plan(eqcbatch, database_url, *options)
    assert 0 == flush(eqcbatch, database_url, "--backflow")["backflow"]
    assert set() == rows(database_url)


def test_an_id_is_traced_to_whoever_vouches_for_it(planned: str, eqcbatch: Run) -> None:
    """Whether the index has it, or why not; also while it is still there though a person rejected it."""
    flush(eqcbatch, planned, "--backflow", "--by", "anna")

    def trace(company_id: str) -> dict[str, Any]:
        told = checked("report-id", eqcbatch("report", "--id", company_id, "--ledger", LEDGER, "--json").out)
        return {one["lookup_key"]: one["vouched"] for one in told["names"]}

    facts = ("company_id", "origin", "by", "flushed_company_id")
    for name, company_id, origin in ((OVERRIDDEN, "600000001", "override"), (OWN, "600000002", "column")):
        vouched = trace(company_id)[name]
        assert (company_id, origin, "anna", company_id) == tuple(vouched[fact] for fact in facts)
    assert "conflict" in trace("600000005")[KNOWN]["error"]
    text = eqcbatch("report", "--name", OWN, "--ledger", LEDGER).out
    assert "600000002, column, by anna" in text
    decide(LEDGER, OVERRIDDEN, "none")
    assert {OVERRIDDEN} == set(trace("600000001"))  # the index has it still
    flush(eqcbatch, planned)
    assert "by anna" not in eqcbatch("report", "--name", PENDING, "--ledger", LEDGER).out


@pytest.mark.parametrize("options", [(), ("--verify",)])
def test_p11_what_postgres_lost_is_sent_again(planned: str, eqcbatch: Run, options: tuple[str, ...]) -> None:
    """As with all that is flushed: it was vouched for. What others wrote since is no loss."""
    flush(eqcbatch, planned, "--backflow")
    execute(planned, "DELETE FROM enterprise.enrichment_index WHERE source = 'backflow'")
    seed(planned, (OWN, "customer_name", "600000008", 0.1))
    doctor = eqcbatch("check", "--no-request", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=planned)
    assert "1 of the latest 2 flushed results are not in enterprise.enrichment_index" in doctor.out
    sent = flush(eqcbatch, planned, *options)
    assert (1, 1) == (sent["lost"], sent["backflow"])
    assert {OVERRIDDEN} == {row[0] for row in rows(planned)}
    assert 0 == flush(eqcbatch, planned, *options)["lost"]


@pytest.mark.parametrize("away", [False, True])
def test_what_was_taken_back_can_be_vouched_for_again(planned: str, eqcbatch: Run, away: bool) -> None:
    """Though a plan took our own rows for what the index knows; also where Postgres hears of it later."""
    flush(eqcbatch, planned, "--backflow")
    assert 0 == plan(eqcbatch, planned)  # the index knows the name by now
    url = NOWHERE if away else planned
    assert (7 if away else 0) == eqcbatch(*REVERT, "--ledger", LEDGER, EQCBATCH_DATABASE_URL=url).code
    assert [("cached", None, "column")] == ask(
        LEDGER, f"SELECT state, company_id, source FROM names WHERE lookup_key = '{OWN}'"
    )
    if not away:
        assert set() == rows(planned)
    assert 0 == plan(eqcbatch, planned)
    flush(eqcbatch, planned, "--backflow")
    assert VOUCHED == rows(planned)


def test_an_override_is_withdrawn(planned: str, eqcbatch: Run) -> None:
    """Its line is taken out, which is told and changes nothing; then it is reopened, and leaves the index."""
    flush(eqcbatch, planned, "--backflow")
    Path("ids.yml").write_text("", encoding="utf-8")
    options = ("--ledger", LEDGER, "--id-column", "编号", "--overrides", "ids.yml")
    ran = eqcbatch("plan", "m.csv", "--as", "month", *options, EQCBATCH_DATABASE_URL=planned)
    assert f"Known by overrides that this plan has not, and kept: 1 name ({OVERRIDDEN})" in ran.out
    again = eqcbatch("plan", "m.csv", "--as", "month", *options, "--json", EQCBATCH_DATABASE_URL=planned)
    assert [OVERRIDDEN] == checked("plan", again.out)["dropped"]
    assert "review set NAME reopen" in eqcbatch("report", "--name", OVERRIDDEN, "--ledger", LEDGER).out
    assert VOUCHED == rows(planned)

    decide(LEDGER, OVERRIDDEN, "reopen")
    for _ in range(2):  # the row is there still at first, and of no account
        assert 0 == plan(eqcbatch, planned)
        assert ["pending"] == ask(LEDGER, f"SELECT state FROM names WHERE lookup_key = '{OVERRIDDEN}'")
        flush(eqcbatch, planned)
        assert {OWN} == {row[0] for row in rows(planned)}


def test_an_override_that_a_person_outvotes_is_told(planned: str, eqcbatch: Run) -> None:
    """Be it another id or none; one that agrees is not."""
    decide(LEDGER, OVERRIDDEN, "none")
    decide(LEDGER, OWN, "600000002")
    lines = f'{OVERRIDDEN}: "600000001"\n{OWN}: "600000002"\n'
    Path("ids.yml").write_text(lines, encoding="utf-8")
    options = ("--as", "month", "--ledger", LEDGER, "--overrides", "ids.yml")
    ran = eqcbatch("plan", "m.csv", *options, EQCBATCH_DATABASE_URL=planned)
    told = f"ids.yml is without effect for 1 name that a person decided otherwise ({OVERRIDDEN})."
    assert (0, True) == (ran.code, told in ran.out)
    ran = eqcbatch("plan", "m.csv", *options, "--json", EQCBATCH_DATABASE_URL=planned)
    assert [OVERRIDDEN] == checked("plan", ran.out)["outvoted"]
    Path("m.csv").write_text(f"客户名称,码\n{OVERRIDDEN},FP1001\n{OWN},FP1002\n", encoding="utf-8")
    Path("ids.yml").write_text('FP1001: "600000001"\nFP1002: "600000002"\n', encoding="utf-8")
    by_code = (*options, "--plan-code-column", "码", "--json")
    ran = eqcbatch("plan", "m.csv", *by_code, EQCBATCH_DATABASE_URL=planned)
    assert [OVERRIDDEN] == checked("plan", ran.out)["outvoted"]
