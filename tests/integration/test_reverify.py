"""`drain --reverify`: companies are asked of again with what a night has left, the oldest first."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import LIGHT_QUESTION, open_archive
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.simulate import Simulator, describe
from eqcbatch.simulate.faults import Fault
from eqcbatch.simulate.registry import Company
from tests.conftest import Run
from tests.drains import LEDGER, Bearers, Job, companies, spans
from tests.indexes import seed, select, snapshot
from tests.ledgers import ask, change, decide
from tests.schemas import checked

SAME, RENAMED, DEREGISTERED, MERGED, VANISHED, TAKEN = (
    f"深圳{brand}实业有限公司" for brand in ("远山", "青禾", "白石", "长河", "云岭", "赤水")
)
NAMES = (SAME, RENAMED, DEREGISTERED, MERGED, VANISHED, TAKEN)
IDS = {name: str(600_000_001 + number) for number, name in enumerate(NAMES)}
NEW_NAME, HEIR, HEIRS_NAME = "深圳青禾科技股份有限公司", "600000091", "深圳长河控股有限公司"
AGAIN = ("--reverify", "0s")
KINDS = ("unchanged", "renamed", "deregistered", "merged", "vanished")


def company(name: str, **facts: Any) -> Company:
    return replace(describe(name, company_id=IDS.get(name, ""), status="存续"), **facts)


BEFORE = [company(name) for name in NAMES]
AFTER = [
    company(SAME),
    company(RENAMED, official_name=NEW_NAME, former_names=(RENAMED,)),
    company(DEREGISTERED, status="注销"),
    company(MERGED, status="吊销，未注销"),
    company(HEIRS_NAME, company_id=HEIR, former_names=(MERGED,)),
    company(TAKEN, company_id="600000092"),
]


class Registry(Bearers):
    """A registry that may mix ids up. mixed_up: whose details it tells for every id, None for its own."""

    mixed_up: Company | None = None

    def company(self, company_id: str) -> Company | None:
        """Find a company, or the other one."""
        return self.mixed_up or super().company(company_id)


NewJob = Callable[..., Job]


@pytest.fixture
def registry() -> Registry:
    return Registry(BEFORE)


@pytest.fixture
def job(eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry) -> Job:
    """All six names, decided, and then time that passed."""
    job = Job(eqcbatch, simulator(registry=registry))
    assert 0 == job.plan(NAMES, "--no-index").code
    assert 0 == job.drain("--no-flush").code
    registry.pass_time(AFTER)
    return job


def found() -> dict[str, str]:
    return dict(ask(LEDGER, "SELECT company_id, finding FROM reverified"))


def names_as_they_stand() -> list[Any]:
    """All of the names but what a person has seen of their companies."""
    columns = ask(LEDGER, "SELECT name FROM pragma_table_info('names') WHERE name <> 'change_seen_at'")
    return ask(LEDGER, f"SELECT {', '.join(columns)} FROM names ORDER BY lookup_key")


def asked(job: Job, endpoint: str) -> list[str | None]:
    return [one.parameter for one in job.eqc.requests if one.endpoint == endpoint]


def test_what_became_of_companies_is_found_and_no_name_is_changed(job: Job) -> None:
    """By the id alone, and by the name where it is gone; each finding is counted in the report."""
    before, searches = names_as_they_stand(), len(asked(job, "search"))
    ran = job.drain(*AGAIN, "--json", "--no-flush")
    session = checked("drain", ran.out)["session"]
    assert {
        IDS[SAME]: "unchanged",
        IDS[RENAMED]: "renamed",
        IDS[DEREGISTERED]: "deregistered",
        IDS[MERGED]: "merged",
        IDS[VANISHED]: "vanished",
        IDS[TAKEN]: "merged",
    } == found()
    assert {"unchanged": 1, "renamed": 1, "deregistered": 1, "merged": 2, "vanished": 1} == session[
        "reverified"
    ]
    assert sorted(IDS.values()) == sorted(filter(None, asked(job, "findDepart")))
    assert {DEREGISTERED, MERGED, VANISHED, TAKEN} == set(asked(job, "search")[searches:])
    assert before == names_as_they_stand()
    assert [(HEIR, HEIRS_NAME), ("600000092", TAKEN)] == ask(
        LEDGER, "SELECT heir_id, heir_name FROM reverified WHERE heir_id IS NOT NULL ORDER BY 1"
    )
    with open_ledger(LEDGER) as ledger:
        assert [] == ledger.stats.imbalances()
        assert (True, False) == ledger.streaks.found_in(2)  # a search for a company is no canary


@pytest.mark.parametrize("options", [AGAIN, ("--details", "deferred")])
def test_the_details_of_another_company_are_believed_of_none(
    job: Job, registry: Registry, options: tuple[str, ...]
) -> None:
    """They are an answer in vain, be it a detail or a company that is asked of again; nothing is learned."""
    registry.mixed_up = company("上海别人有限公司", company_id="699999999")
    job.drain(*options, "--no-flush")
    assert ["bad_response"] == ask(
        LEDGER, "SELECT DISTINCT outcome FROM requests WHERE endpoint = 'findDepart'"
    )
    assert {} == found()
    assert [] == ask(LEDGER, "SELECT 1 FROM companies WHERE official_name LIKE '%别人%'")


def test_one_new_name_for_several_companies_is_learned_of_none(job: Job, registry: Registry) -> None:
    """Nor where all else is as it should be: all of them await a review, however often it is told."""
    official_names = "SELECT company_id, official_name FROM companies ORDER BY company_id"
    registry.pass_time(BEFORE)
    job.drain(*AGAIN, "--no-flush")
    before = ask(LEDGER, official_names)
    registry.pass_time([company(name, official_name=NEW_NAME, former_names=()) for name in NAMES])
    told = []
    for _ in range(2):
        job.drain(*AGAIN, "--no-flush")
        assert before == ask(LEDGER, official_names)
        told.append(ask(LEDGER, "SELECT company_id, finding, heir_id, found_at FROM reverified"))
    assert (told[0], {"merged"}, 6) == (
        told[1],
        set(found().values()),
        job.report()["reverified"]["awaiting_review"],
    )


def test_a_name_without_a_letter_is_no_new_name(job: Job, registry: Registry) -> None:
    """The company is called as it was."""
    registry.pass_time([company(SAME), company(RENAMED, official_name="12345")])
    job.drain(*AGAIN, "--no-flush")
    assert "unchanged" == found()[IDS[RENAMED]]
    assert [] == ask(LEDGER, "SELECT 1 FROM companies WHERE official_name = '12345'")


def test_the_report_says_what_was_found_and_what_awaits_review(job: Job, eqcbatch: Run) -> None:
    """As text, as Markdown and as JSON."""
    assert 0 == job.report()["reverified"]["companies"]
    job.drain(*AGAIN, "--no-flush")
    told = checked("report", eqcbatch("report", "--ledger", LEDGER, "--json").out)["reverified"]
    assert (6, 1, 1, 2, 1, 3) == tuple(told[key] for key in ("companies", *KINDS[1:], "awaiting_review"))
    for form in ((), ("--markdown",)):
        text = eqcbatch("report", "--ledger", LEDGER, *form).out
        assert "1 renamed, 1 deregistered, 2 merged, 1 vanished" in text
        assert "Awaiting a review, their company has changed: 3 names." in text


def test_an_id_is_traced_to_what_became_of_its_company(job: Job, eqcbatch: Run) -> None:
    """With the session, the heir, and the answers by their hashes."""

    def trace(company_id: str) -> Any:
        told = eqcbatch("report", "--id", company_id, "--ledger", LEDGER, "--json").out
        return checked("report-id", told)["reverified"]

    assert trace(IDS[MERGED]) is None
    job.drain(*AGAIN, "--no-flush")
    merged = trace(IDS[MERGED])
    assert (2, "merged", HEIR, MERGED) == tuple(
        merged[fact] for fact in ("session", "finding", "heir_id", "name_before")
    )
    answers = set(ask(LEDGER, "SELECT answer_sha256 FROM requests WHERE session_id = 2"))
    assert {merged["by_id_sha256"], merged["by_name_sha256"]} <= answers
    assert trace(IDS[SAME])["by_name_sha256"] is None
    text = eqcbatch("report", "--id", IDS[MERGED], "--ledger", LEDGER).out
    assert f"merged into {HEIR} {HEIRS_NAME}; answers sha256 {merged['by_id_sha256']}" in text


def test_pending_names_come_first_and_the_budget_holds(job: Job) -> None:
    """The night's budget is for what is new; what it leaves goes to the oldest companies."""
    for number, name in enumerate(reversed(NAMES)):
        change(LEDGER, f"UPDATE names SET decided_at = '2020-01-0{number + 1}' WHERE lookup_key = '{name}'")
    assert 0 == job.plan([*NAMES, "深圳新来实业有限公司"], "--no-index").code
    sent = len(job.eqc.requests)
    job.drain(*AGAIN, "--no-flush", "--budget", 3)
    assert [
        ("search", "深圳新来实业有限公司"),
        ("findDepart", IDS[TAKEN]),
        ("search", TAKEN),
    ] == [(one.endpoint, one.parameter) for one in job.eqc.requests][sent:]


def test_the_daily_budget_counts_it_too_and_the_environment_may_ask_for_it(job: Job) -> None:
    """Six searches were sent today; a session that may send two more sends two."""
    sent = len(job.eqc.requests)
    ran = job.drain("--no-flush", "--daily-budget", 8, EQCBATCH_DRAIN_REVERIFY="0s")
    assert (0, sent + 2) == (ran.code, len(job.eqc.requests))
    assert "Session 2 ended: daily_budget." in ran.out
    assert 8 == job.report()["requests"]["total"]


def test_only_what_is_old_enough_is_asked(job: Job) -> None:
    """And what was asked is young again."""
    change(LEDGER, f"UPDATE names SET decided_at = '2020-01-01' WHERE lookup_key IN ('{SAME}', '{RENAMED}')")
    job.drain("--reverify", "365d", "--no-flush")
    assert {IDS[SAME]: "unchanged", IDS[RENAMED]: "renamed"} == found()
    sent = len(job.eqc.requests)
    job.drain("--reverify", "365d", "--no-flush")
    assert sent == len(job.eqc.requests)


def test_a_night_without_the_option_asks_of_no_company(job: Job) -> None:
    """It is opt-in."""
    change(LEDGER, "UPDATE names SET decided_at = '2020-01-01'")
    sent = len(job.eqc.requests)
    job.drain("--no-flush")
    assert sent == len(job.eqc.requests)


def test_a_new_name_is_learned_and_the_old_one_is_a_former_name(
    eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry, database_url: str
) -> None:
    """In the ledger, in base_info, and in the index; later details do not bring the old one back."""
    job = Job(eqcbatch, simulator(registry=registry))
    assert 0 == job.plan(NAMES).code
    assert 0 == job.drain("--details", "deferred", EQCBATCH_DATABASE_URL=database_url).code
    registry.pass_time(AFTER)
    for _ in range(2):
        assert 0 == job.drain("--details", "deferred", *AGAIN, EQCBATCH_DATABASE_URL=database_url).code
        assert [NEW_NAME] == ask(
            LEDGER, f"SELECT official_name FROM companies WHERE company_id = '{IDS[RENAMED]}'"
        )
        assert [(NEW_NAME, RENAMED)] == select(
            database_url,
            f"""SELECT company_full_name, company_former_name FROM enterprise.base_info
                WHERE company_id = '{IDS[RENAMED]}'""",
        )
        assert [(IDS[RENAMED], "eqc_api")] == select(
            database_url,
            f"""SELECT company_id, source FROM enterprise.enrichment_index
                WHERE lookup_type = 'former_name' AND lookup_key = '{RENAMED}'""",
        )


def test_details_are_refreshed_by_age(job: Job, registry: Registry) -> None:
    """findLabels of what is old is asked again, findDepart once for both purposes; young ones are not."""
    registry.pass_time(BEFORE)
    assert 0 == job.drain("--details", "deferred", "--no-flush").code
    change(LEDGER, "UPDATE names SET decided_at = '2020-01-01'")
    change(LEDGER, f"UPDATE companies SET labels_at = '2020-01-01' WHERE company_id = '{IDS[SAME]}'")
    sent = len(job.eqc.requests)
    job.drain("--details", "deferred", "--reverify", "365d", "--no-flush")
    again = [(one.endpoint, one.parameter) for one in job.eqc.requests][sent:]
    assert [("findLabels", IDS[SAME])] == [one for one in again if one[0] != "searchAll"]
    assert set(IDS.values()) == set(found())  # by the young answers to findDepart in the archive
    assert 6 == len(ask(LEDGER, "SELECT 1 FROM companies WHERE labels_at > '2021' AND labels IS NOT NULL"))


def test_a_detail_on_its_way_is_not_asked_of_beside_it(
    eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry
) -> None:
    """While findDepart of a company is on its way, its reverification waits for that answer."""
    job = Job(eqcbatch, simulator(registry=registry, faults=spans((Fault.TIMEOUT, 3, 4))))
    job.plan([SAME], "--no-index")
    job.drain("--no-flush")
    ran = job.drain("--details", "deferred", *AGAIN, "--in-flight", 2, "--timeout", 1, "--no-flush")
    assert (0, {IDS[SAME]: "unchanged"}) == (ran.code, found()), ran.err
    sent = ask(LEDGER, "SELECT company_id, outcome FROM requests WHERE endpoint = 'findDepart' ORDER BY id")
    assert [(IDS[SAME], "timeout"), (IDS[SAME], "answered")] == sent


def test_what_people_and_stronger_sources_decided_stays_and_awaits_review(job: Job, eqcbatch: Run) -> None:
    """A sheet has the heir first; a decision, or a confirmation, ends the waiting."""
    decide(LEDGER, MERGED, IDS[MERGED])
    Path("ids.yml").write_text(f'{TAKEN}: "{IDS[TAKEN]}"\n', encoding="utf-8")
    assert 0 == job.plan(NAMES, "--no-index", "--overrides", "ids.yml").code
    before = names_as_they_stand()
    job.drain(*AGAIN, "--no-flush")
    assert before == names_as_they_stand()
    exported = eqcbatch("review", "export", "r.csv", "--ledger", LEDGER, "--json")
    assert (0, 3) == tuple(checked("review-export", exported.out)[key] for key in ("held", "changed"))
    with open("r.csv", encoding="utf-8-sig", newline="") as file:
        sheet = {line["lookup_key"]: line for line in csv.DictReader(file)}
    assert (HEIR, HEIRS_NAME, "merged") == tuple(sheet[MERGED][key] for key in ("id_1", "name_1", "held"))
    assert ("600000092", IDS[TAKEN]) == (sheet[TAKEN]["id_1"], sheet[TAKEN]["id_2"])
    assert ("vanished", IDS[VANISHED]) == (sheet[VANISHED]["held"], sheet[VANISHED]["id_1"])
    decisions = f"lookup_key,decision\n{MERGED},{IDS[MERGED]}\n{TAKEN},600000092\n{VANISHED},none\n"
    Path("d.csv").write_text(decisions, encoding="utf-8")
    assert 0 == eqcbatch("review", "import", "d.csv", "--ledger", LEDGER).code
    told = dict(ask(LEDGER, "SELECT lookup_key, coalesce(company_id, reason) FROM names"))
    assert (IDS[MERGED], "600000092", "no_company") == (told[MERGED], told[TAKEN], told[VANISHED])
    assert 0 == job.report()["reverified"]["awaiting_review"]
    job.drain(*AGAIN, "--no-flush")  # the same, once more: it was seen
    assert 0 == job.report()["reverified"]["awaiting_review"]


def test_set_confirms_an_id_whose_company_has_changed(job: Job, eqcbatch: Run) -> None:
    """A person who lets an id stand is not asked again until something else is found."""
    decide(LEDGER, MERGED, IDS[MERGED])
    job.drain(*AGAIN, "--no-flush")
    before = job.report()["reverified"]["awaiting_review"]
    ran = eqcbatch("review", "set", MERGED, IDS[MERGED], "--ledger", LEDGER)
    assert (0, before - 1) == (ran.code, job.report()["reverified"]["awaiting_review"])


def test_what_a_person_has_seen_does_not_come_back(job: Job, registry: Registry, eqcbatch: Run) -> None:
    """A company that has vanished and is still so, whatever EQC called it before."""
    registry.pass_time(BEFORE)
    job.drain(*AGAIN, "--no-flush")
    registry.pass_time(AFTER)
    job.drain(*AGAIN, "--no-flush")
    before = job.report()["reverified"]["awaiting_review"]
    eqcbatch("review", "set", VANISHED, IDS[VANISHED], "--ledger", LEDGER)
    for _ in range(2):
        assert before - 1 == job.report()["reverified"]["awaiting_review"]
        job.drain(*AGAIN, "--no-flush")


def test_a_changed_company_is_confirmed_though_its_name_is_drawn_as_a_control(
    job: Job, eqcbatch: Run
) -> None:
    """Its line is there for the change: what a person says of it ends the waiting, and corrects nothing."""
    change(LEDGER, "UPDATE control_draw SET share = 1")
    job.drain(*AGAIN, "--no-flush")
    before = job.report()["reverified"]["awaiting_review"]
    Path("d.csv").write_text(f"lookup_key,decision\n{VANISHED},{IDS[VANISHED]}\n", encoding="utf-8")
    ran = eqcbatch("review", "import", "d.csv", "--ledger", LEDGER, "--json")
    told = json.loads(ran.out)
    assert (0, 1, 0) == (ran.code, told["decided"], told["controls_corrected"])
    assert before - 1 == job.report()["reverified"]["awaiting_review"]


@pytest.mark.parametrize("decided", [False, True])
def test_opening_a_name_again_lets_no_id_stand(job: Job, eqcbatch: Run, decided: bool) -> None:
    """`reopen` forgets what people said, and says nothing of a company that has changed."""
    if decided:
        decide(LEDGER, MERGED, IDS[MERGED])
    job.drain(*AGAIN, "--no-flush")
    before = job.report()["reverified"]["awaiting_review"]
    Path("d.csv").write_text(f"lookup_key,decision\n{MERGED},reopen\n", encoding="utf-8")
    for command in (("set", MERGED, "reopen"), ("import", "d.csv")):
        assert 0 == eqcbatch("review", *command, "--ledger", LEDGER).code
        assert before == job.report()["reverified"]["awaiting_review"]


def test_a_sheet_is_taken_whole_or_not_at_all(job: Job, eqcbatch: Run) -> None:
    """Where what confirms an id cannot be noted, the decisions beside it do not count either."""
    decide(LEDGER, MERGED, IDS[MERGED])
    job.drain(*AGAIN, "--no-flush")
    change(
        LEDGER,
        f"""CREATE TRIGGER full BEFORE UPDATE OF change_seen_at ON names WHEN NEW.lookup_key = '{MERGED}'
            BEGIN SELECT RAISE(ABORT, 'full'); END""",
    )
    before = names_as_they_stand()
    decisions = f"lookup_key,decision\n{MERGED},{IDS[MERGED]}\n{VANISHED},none\n"
    Path("d.csv").write_text(decisions, encoding="utf-8")
    assert 0 != eqcbatch("review", "import", "d.csv", "--ledger", LEDGER).code
    assert before == names_as_they_stand()


def test_a_company_of_the_index_is_asked_of_too(
    eqcbatch: Run, simulator: Callable[..., Simulator], database_url: str
) -> None:
    """Its row stays as it is, and what became of it awaits a review."""
    seed(database_url, (MERGED, "customer_name", IDS[MERGED], 1.0))
    job = Job(eqcbatch, simulator(registry=Registry(AFTER)))
    assert 0 == job.plan([MERGED], "--database-url", database_url).code
    before = snapshot(database_url)
    assert 0 == job.drain(*AGAIN, EQCBATCH_DATABASE_URL=database_url).code
    assert {IDS[MERGED]: "merged"} == found()
    assert before == snapshot(database_url)
    assert 1 == job.report()["reverified"]["awaiting_review"]
    ran = eqcbatch(*("review", "set", MERGED, HEIR, "--ledger", LEDGER), EQCBATCH_DATABASE_URL=database_url)
    assert (0, 0) == (ran.code, job.report()["reverified"]["awaiting_review"])


def test_a_company_that_was_gone_already_is_no_news(
    eqcbatch: Run, simulator: Callable[..., Simulator]
) -> None:
    """Nobody has to look at what everybody knew."""
    job = Job(eqcbatch, simulator(registry=Registry([company(SAME, status="注销")])))
    job.plan([SAME], "--no-index")
    job.drain("--no-flush")
    job.drain(*AGAIN, "--no-flush")
    assert {IDS[SAME]: "unchanged"} == found()


def test_whom_another_name_lists_as_gone_may_be_merged_all_the_same(job: Job, registry: Registry) -> None:
    """What EQC said when the company's own names were decided is what was known of it."""
    other = "一一实业有限公司"  # asked last, and first by its key
    merged = company(MERGED, status="吊销，未注销", former_names=(other,))
    registry.pass_time([*(one for one in AFTER if one.official_name != MERGED), merged])
    job.plan([*NAMES, other], "--no-index")
    job.drain("--no-flush")
    assert "吊销，未注销" in ask(
        LEDGER, f"SELECT registered_status FROM candidates WHERE lookup_key = '{other}'"
    )
    job.drain(*AGAIN, "--no-flush")
    assert "merged" == found()[IDS[MERGED]]


def test_aged_labels_wait_for_the_reverification(job: Job, registry: Registry) -> None:
    """Also while the light question is on its way."""
    registry.pass_time(BEFORE)
    assert 0 == job.drain("--details", "deferred", "--no-flush").code
    sent = len(job.eqc.requests)
    job.drain("--details", "deferred", *AGAIN, "--in-flight", 2, "--no-flush")
    endpoints = [one.endpoint for one in job.eqc.requests][sent:]
    assert ["searchAll", *["findDepart"] * 5] == endpoints[:6]
    assert (6, 6) == (endpoints.count("findDepart"), endpoints.count("findLabels"))


def test_labels_stay_until_others_come(
    eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry
) -> None:
    """Where EQC has none any more, those of before are kept; that it has none is settled."""
    job = Job(eqcbatch, simulator(registry=registry, faults=spans((Fault.NOT_FOUND, 5, 5))))
    job.plan([SAME], "--no-index")
    job.drain("--details", "deferred", "--no-flush")
    kept = ask(LEDGER, "SELECT labels FROM companies")
    change(LEDGER, "UPDATE companies SET labels_at = '2020-01-01'")
    job.drain("--details", "deferred", "--reverify", "365d", "--no-flush")
    assert "findLabels" == job.eqc.requests[4].endpoint
    assert ([], kept) == (
        ask(LEDGER, "SELECT 1 FROM companies WHERE coalesce(labels_at, '') < '2021'"),
        ask(LEDGER, "SELECT labels FROM companies"),
    )


def test_labels_that_a_sick_eqc_does_not_have_are_asked_again(
    eqcbatch: Run, simulator: Callable[..., Simulator]
) -> None:
    """Those of before stay meanwhile, and hide from nobody that they are due."""
    names = companies(25)
    registry = Registry(known := [describe(name, company_id=str(700 + at)) for at, name in enumerate(names)])
    job = Job(eqcbatch, simulator(registry=registry))
    job.plan(names, "--no-index")
    job.drain("--details", "deferred", "--no-flush")
    change(LEDGER, "UPDATE companies SET labels_at = '2020-01-01'")
    registry.pass_time([])
    aged = ("--details", "deferred", "--reverify", "365d", "--no-flush")
    assert 4 == job.drain(*aged).code
    assert [] == ask(LEDGER, "SELECT 1 FROM companies WHERE labels IS NULL")
    registry.pass_time(known)
    asked_before = len(asked(job, "findLabels"))
    assert 0 == job.drain(*aged).code
    assert 25 <= len(asked(job, "findLabels")) - asked_before
    assert [] == ask(LEDGER, "SELECT 1 FROM companies WHERE labels IS NULL OR labels_at IS NULL")


def test_a_search_in_vain_goes_behind_the_others_too(
    eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry
) -> None:
    """As findDepart does: the company was tried."""
    job = Job(eqcbatch, simulator(registry=registry, faults=spans((Fault.ERROR, 9, 9))))
    job.plan(NAMES, "--no-index")
    job.drain("--no-flush")
    registry.pass_time(AFTER)
    change(LEDGER, "UPDATE names SET decided_at = '2020-01-01'")
    change(LEDGER, f"UPDATE names SET decided_at = '2018-01-01' WHERE lookup_key = '{VANISHED}'")
    change(LEDGER, f"UPDATE names SET decided_at = '2019-01-01' WHERE lookup_key = '{SAME}'")
    job.drain(*AGAIN, "--no-flush", "--budget", 3)
    assert [("findDepart", IDS[VANISHED]), ("search", VANISHED)] == [
        (one.endpoint, one.parameter) for one in job.eqc.requests
    ][7:]
    job.drain("--reverify", "365d", "--no-flush", "--budget", 2)
    assert (IDS[SAME], [VANISHED]) == (asked(job, "findDepart")[-1], asked(job, "search")[6:])


def test_an_answer_stays_until_another_one_comes(job: Job) -> None:
    """What a search told is not forgotten because the budget ends before it is asked anew."""
    change(LEDGER, f"UPDATE names SET decided_at = '2018-01-01' WHERE lookup_key = '{VANISHED}'")
    with open_archive(archive_path(LEDGER)) as archive:
        before = archive.find(Endpoint.SEARCH, VANISHED)
    for options, stays in ((("--budget", 2), True), ((), False)):
        job.drain(*AGAIN, "--no-flush", *options)
        with open_archive(archive_path(LEDGER)) as archive:
            assert (archive.find(Endpoint.SEARCH, VANISHED) == before) is stays


def test_companies_that_fail_hold_up_no_night(
    eqcbatch: Run, simulator: Callable[..., Simulator], registry: Registry
) -> None:
    """What was asked in vain is not asked again in its session, and goes behind the others in the next."""
    first, second = IDS[SAME], IDS[RENAMED]
    job = Job(eqcbatch, simulator(registry=registry, faults=spans((Fault.ERROR, 8, 8))))
    job.plan(NAMES, "--no-index")
    job.drain("--no-flush")
    change(LEDGER, "UPDATE names SET decided_at = '2020-01-01'")
    for name, year in ((SAME, 2018), (RENAMED, 2019)):
        change(LEDGER, f"UPDATE names SET decided_at = '{year}-01-01' WHERE lookup_key = '{name}'")
    ran = job.drain(*AGAIN, "--no-flush", "--budget", 3)
    assert [first, second] == asked(job, "findDepart")
    assert "Asked again of 1 company: none has changed; 1 in vain." in ran.out
    job.drain("--reverify", "365d", "--no-flush")
    assert (first, 1) == (asked(job, "findDepart")[-1], asked(job, "findDepart").count(second))
    assert set(IDS.values()) == set(found())


def test_a_server_that_knows_nobody_makes_no_company_vanish(
    eqcbatch: Run, simulator: Callable[..., Simulator]
) -> None:
    """Twenty empty answers in a row are doubted: what EQC had before is asked, and all is forgotten again."""
    names = companies(30)
    known = [describe(name, company_id=str(700 + at), status="存续") for at, name in enumerate(names)]
    registry = Registry(known)
    job = Job(eqcbatch, simulator(registry=registry))
    job.plan(names, "--no-index")
    job.drain("--no-flush")
    job.drain(*AGAIN, "--no-flush", "--budget", 11)
    registry.pass_time([])
    ran = job.drain("--reverify", "0s", "--no-flush")
    assert 4 == ran.code, ran.out
    assert {"vanished"}.isdisjoint(found().values())
    registry.pass_time(known)
    job.drain("--reverify", "0s", "--no-flush")
    assert {"unchanged"} == set(found().values())
    assert 30 == len(found())


@pytest.mark.parametrize(("merged", "code"), [(2, 0), (3, 4)])
def test_what_was_found_before_outlasts_a_sick_server(
    eqcbatch: Run, simulator: Callable[..., Simulator], merged: int, code: int
) -> None:
    """Mergers stay, doubted or not, heirs and all; and no summary says that they have vanished."""
    names = NAMES[:merged]
    registry = Registry([company(name) for name in names])
    job = Job(eqcbatch, simulator(registry=registry))
    job.plan(names, "--no-index")
    job.drain("--no-flush")
    registry.pass_time([company(name, company_id=str(700 + at)) for at, name in enumerate(names)])
    job.drain(*AGAIN, "--no-flush")
    findings = "SELECT company_id, finding, found_at, heir_id, heir_name FROM reverified"
    before = ask(LEDGER, findings)
    registry.pass_time([])
    ran = job.drain(*AGAIN, "--no-flush")
    assert (code, before, {"merged"}) == (ran.code, ask(LEDGER, findings), set(found().values()))
    assert "vanished" not in ran.out
    assert merged == job.report()["reverified"]["awaiting_review"]


def test_doubted_findings_are_in_no_summary(job: Job, registry: Registry) -> None:
    """Nothing has vanished where it is not known whether EQC is well."""
    registry.pass_time([])
    ran = job.drain(*AGAIN, "--no-flush")
    assert (4, {}, False) == (ran.code, found(), "vanished" in ran.out)


def test_a_sick_server_unlearns_nothing(eqcbatch: Run, simulator: Callable[..., Simulator]) -> None:
    """A learned name stays, who was asked in vain is asked first, and nobody while it is sick."""
    names = companies(30)
    known = [describe(name, company_id=str(700 + at), status="存续") for at, name in enumerate(names)]
    renamed = [
        replace(one, official_name=f"{one.official_name[:-6]}科技有限公司", former_names=(one.official_name,))
        for one in known
    ]
    registry = Registry(known)
    job = Job(eqcbatch, simulator(registry=registry))
    job.plan(names, "--no-index")
    job.drain("--no-flush")
    registry.pass_time(renamed)
    job.drain(*AGAIN, "--no-flush")
    registry.pass_time([])
    assert 4 == job.drain(*AGAIN, "--no-flush").code
    assert [] == ask(LEDGER, "SELECT official_name FROM companies WHERE official_name NOT LIKE '%科技%'")
    assert {"renamed"} == set(found().values())  # what was found before its answers were doubted
    assert [] == ask(LEDGER, "SELECT 1 FROM reverified WHERE name_before = official_name")
    doubted = set(ask(LEDGER, "SELECT company_id FROM reverified WHERE asked_at = ''"))
    registry.pass_time([describe(str(LIGHT_QUESTION.parameter))])  # the light question tells nothing then
    sent = len(asked(job, "findDepart"))
    assert (4, sent) == (job.drain(*AGAIN, "--no-flush").code, len(asked(job, "findDepart")))
    registry.pass_time(renamed)
    job.drain("--reverify", "365d", "--no-flush")
    assert doubted == set(asked(job, "findDepart")[sent:]) != set()
    assert (30, {"renamed", "unchanged"}) == (len(found()), set(found().values()))
