"""`eqcbatch audit --budget`: rows of the index are asked, and tell what share of it is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import Faults, Simulator, describe
from eqcbatch.simulate.faults import Fault
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.drains import LEDGER, SCALE, Bearers, companies, spans, write_names
from tests.indexes import execute, seed, snapshot
from tests.ledgers import ask, dump
from tests.schemas import checked

pytestmark = pytest.mark.every_schema

NAMES = companies(20)
KNOWN = [
    describe(name, company_id=str(600000000 + number), status="存续") for number, name in enumerate(NAMES)
]
WRONG = 5  # of the rows have the id of the next company


def fill(url: str) -> None:
    """An index of the 20 names, the first 5 of them with a wrong id; base_info knows nobody."""
    ids = [one.company_id for one in KNOWN]
    given = [*ids[1 : WRONG + 1], *ids[WRONG:]]
    seed(url, *[(name, "customer_name", one, 0.8) for name, one in zip(NAMES, given, strict=True)])


class Audits:
    """Audits with a budget, of this test's database, by its simulator."""

    def __init__(self, eqcbatch: Run, eqc: Simulator, url: str) -> None:
        self.eqc, self.url = eqc, url
        self._eqcbatch = eqcbatch

    def __call__(self, *options: object, **environment: str) -> Ran:
        return self._eqcbatch(
            *("audit", "--ledger", LEDGER, "--budget", 100, "--rate", FAST, "--time-scale", SCALE),
            *("--eqc-url", self.eqc.url, *options),
            **{"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_DATABASE_URL": self.url} | environment,
        )

    def sample(self, *options: object) -> dict[str, Any]:
        """The sample that a good audit prints."""
        ran = self(*options, "--json")
        assert 0 == ran.code, ran.err
        found: dict[str, Any] = checked("audit", ran.out)["sample"]
        return found

    def drain(self, *options: object) -> Ran:
        return self._eqcbatch(
            *("drain", "--resume", "--ledger", LEDGER, "--budget", "all", "--rate", FAST, "--no-flush"),
            *("--time-scale", SCALE, "--eqc-url", self.eqc.url, *options),
            EQCBATCH_EQC_TOKEN=TOKEN,
        )


@pytest.fixture
def audits(eqcbatch: Run, simulator: Callable[..., Simulator], database_url: str) -> Callable[..., Audits]:
    """A filled index, a ledger with one name, and an EQC of these options."""
    fill(database_url)
    assert 0 == eqcbatch("plan", write_names(["甲有限公司"]), "--ledger", LEDGER).code

    def make(**options: Any) -> Audits:
        return Audits(eqcbatch, simulator(**{"registry": Bearers(KNOWN)} | options), database_url)

    return make


def outcomes() -> dict[str, int]:
    return dict(ask(LEDGER, "SELECT outcome, count(*) FROM requests GROUP BY outcome"))


def test_an_index_that_is_asked_whole_is_known(audits: Callable[..., Audits]) -> None:
    """Each row by one request, booked and settled; the share has no margin left."""
    audit = audits()
    sample = audit.sample()
    assert (20, 20, 0, 15, 5) == tuple(sample[key] for key in ("rows", "wanted", "left", "right", "wrong"))
    assert {"share": 0.25, "low": 0.25, "high": 0.25} == sample["wrong_share"]
    assert {"answered": 20} == outcomes()
    assert 20 == len(audit.eqc.requests)
    with open_ledger(LEDGER) as ledger:
        assert [] == ledger.stats.imbalances()


def test_neither_the_index_nor_a_name_is_changed(audits: Callable[..., Audits]) -> None:
    """What EQC said is noted with the rows of the sample, and nowhere else."""
    audit = audits()
    before = snapshot(audit.url), dump(LEDGER)["names"], dump(LEDGER)["candidates"]
    audit.sample()
    assert before == (snapshot(audit.url), dump(LEDGER)["names"], dump(LEDGER)["candidates"])


def test_a_budget_is_a_sample_with_an_interval(audits: Callable[..., Audits]) -> None:
    """Of ten rows; the share lies between its limits, and these within what the ten leave possible."""
    audit = audits()
    sample = audit.sample("--budget", 10)
    assert (10, 10) == (sample["wanted"], len(audit.eqc.requests))
    share = sample["wrong_share"]
    assert 0 <= share["low"] <= share["share"] <= share["high"] <= 1
    assert sample["wrong"] / 20 <= share["low"]
    assert share["high"] <= 1 - sample["right"] / 20
    text = audit("--budget", 10, "--new").out
    assert "with 95 % confidence" in text
    assert "Sample of postgresql://" in text


def test_a_sample_that_is_done_makes_room_for_another(audits: Callable[..., Audits]) -> None:
    """What EQC answered before is taken from the archive."""
    audit = audits()
    first = audit.sample()
    ran = audit("--json")
    second = checked("audit", ran.out)
    assert (first["number"], 20) == (second["sample"]["number"] - 1, second["session"]["replays"])
    assert 20 == len(audit.eqc.requests)


def test_a_sample_goes_on_until_it_is_done_unless_a_new_one_is_wanted(
    audits: Callable[..., Audits],
) -> None:
    """Requests are the budget; rows that it did not suffice for are asked by the next."""
    audit = audits()
    execute(audit.url, "DELETE FROM enterprise.enrichment_index WHERE false")
    audit("--until", "00:00", "--daily-budget", 7)
    assert 7 == len(audit.eqc.requests)
    (standing,) = ask(LEDGER, "SELECT count(*) FROM audits")
    assert 1 == standing
    rest = audit.sample()
    assert (1, 0) == (rest["number"], rest["left"])
    assert 20 == len(audit.eqc.requests)


def test_what_it_found_counts_in_the_next_audit(audits: Callable[..., Audits], eqcbatch: Run) -> None:
    """EQC's answers are known companies from then on: the wrong rows contradict, the others agree."""
    audit = audits()
    before = checked("audit", eqcbatch(*_free(audit)).out)
    audit.sample()
    after = checked("audit", eqcbatch(*_free(audit)).out)
    assert (0, 5) == (before["suspicious"], after["suspicious"])
    assert {"contradiction:number"} == {one["verdict"] for one in after["ranked"]}
    assert before["sample"] is None
    assert after["sample"]["wrong"] == 5


def _free(audit: Audits) -> tuple[object, ...]:
    return ("audit", "--ledger", LEDGER, "--json", "--database-url", audit.url)


def test_the_gate_goes_by_the_estimate(audits: Callable[..., Audits]) -> None:
    """Where a sample is asked."""
    audit = audits()
    assert 0 == audit("--fail-over", 0.25).code
    refused = audit("--fail-over", 0.24)
    assert (10, True) == (refused.code, "25.00 % of the rows are estimated to be wrong" in refused.err)


def test_p6_an_outage_decides_nothing(audits: Callable[..., Audits], simulator: Any) -> None:
    """Exit 4; the rows concerned are asked again."""
    audit = audits(faults=spans((Fault.SERVER_ERROR, 6, None)))
    ran = audit("--retries", 0)
    assert 4 == ran.code, ran.err
    decided, left = ask(LEDGER, "SELECT answer IS NULL, count(*) FROM audit_samples GROUP BY 1 ORDER BY 1")
    assert ((0, 5), (1, 15)) == (decided, left)
    assert [0] == ask(LEDGER, "SELECT DISTINCT attempts FROM audit_samples")
    audit.eqc = simulator(registry=Bearers(KNOWN))
    assert 5 == audit.sample()["wrong"]


def test_p6_an_eqc_that_finds_nothing_any_more_decides_nothing(
    audits: Callable[..., Audits], simulator: Any
) -> None:
    """Empty answers in a row are doubted, whatever they are about; none of them stays."""
    audit = audits(registry=Bearers([]))
    ran = audit()
    assert 4 == ran.code, ran.err
    assert [] == ask(LEDGER, "SELECT id FROM audit_samples WHERE answer IS NOT NULL")
    execute(
        audit.url,
        f"""INSERT INTO enterprise.base_info (company_id, company_full_name)
            VALUES ('600000019', '{NAMES[19]}')""",
    )
    audit.eqc = simulator(registry=Bearers(KNOWN))
    assert 15 == audit.sample()["right"]


def test_rows_that_eqc_does_not_know_are_told_apart(audits: Callable[..., Audits]) -> None:
    """They are no wrong rows, and no right ones."""
    sample = audits(registry=Bearers(KNOWN[:15])).sample()
    assert (5, 10, 5) == (sample["not_found"], sample["right"], sample["wrong"])
    assert 0.25 == sample["undecided_share"]
    assert (0.25, 0.5) == (sample["if_right"]["share"], sample["if_wrong"]["share"])


@pytest.mark.parametrize(("fault", "code"), [("401", 5), ("403", 6)])
def test_a_session_that_cannot_ask_says_so(audits: Callable[..., Audits], fault: str, code: int) -> None:
    """By the exit code, with what is known without a request all the same."""
    ran = audits(faults=Faults({fault: 1.0}))("--json", "--retries", 0)
    assert code == ran.code
    assert 20 == checked("audit", ran.out)["sample"]["left"]


def test_a_round_without_an_answer_is_another_sessions_and_three_are_the_end(
    audits: Callable[..., Audits],
) -> None:
    """It is neither right nor wrong then, as if it had not been drawn."""
    audit = audits(faults=spans(*((Fault.SERVER_ERROR, number, number) for number in (3, 21, 22))))
    left = [audit.sample("--retries", 0)["left"] for _ in range(3)]
    assert [1, 1, 0] == left
    answers = Counter(ask(LEDGER, "SELECT answer FROM audit_samples"))
    assert (1, 19) == (answers["failed"], answers["right"] + answers["wrong"])
    assert 22 == len(audit.eqc.requests)


def test_a_ledger_is_needed_for_requests(eqcbatch: Run, database_url: str) -> None:
    """It alone remembers what was asked."""
    ran = eqcbatch("audit", "--budget", 5, EQCBATCH_DATABASE_URL=database_url)
    assert (2, True) == (ran.code, "There is no ledger" in ran.err)


def test_an_empty_index_has_nothing_to_ask(audits: Callable[..., Audits]) -> None:
    """No request, and no share."""
    audit = audits()
    execute(audit.url, "TRUNCATE enterprise.enrichment_index")
    sample = audit.sample("--fail-over", 0)
    assert (0, 0, None) == (sample["rows"], sample["wanted"], sample["wrong_share"])
    assert "It has no row that could be asked." in audit().out
    assert [] == list(audit.eqc.requests)


def test_a_drain_after_it_asks_its_own_names(audits: Callable[..., Audits]) -> None:
    """And goes on where an audit was cut short; what an audit sent is no name's request."""
    audit = audits()
    audit("--daily-budget", 7)
    assert 0 == audit.drain().code
    assert ["甲有限公司"] == [one.parameter for one in list(audit.eqc.requests)[7:8]]
    report = json.loads(json.dumps(ask(LEDGER, "SELECT state FROM names")))
    assert ["failed"] == report


def test_a_report_tells_of_the_latest_audit(audits: Callable[..., Audits], eqcbatch: Run) -> None:
    """In all its forms; before the first it is null."""
    audit = audits()

    def report(*options: object) -> str:
        ran = eqcbatch("report", "--ledger", LEDGER, *options)
        assert 0 == ran.code, ran.err
        return ran.out

    assert checked("report", report("--json"))["audit"] is None
    audit.sample()
    assert 0.25 == checked("report", report("--json"))["audit"]["wrong_share"]["share"]
    said = "Wrong rows: 25.0 %, between 25.0 % and 25.0 % with 95 % confidence"
    assert said in report()
    assert said in report("--markdown")
    report("--html", "r.html")
    assert said in Path("r.html").read_text(encoding="utf-8")
