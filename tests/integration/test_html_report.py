"""`report --html`: what the page says, that it is one file of its own, and that every name is text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from eqcbatch.domain.forecast import Schedule
from eqcbatch.domain.model import Candidate, Held, Reason, Verdict, VerdictRule
from eqcbatch.ledger import open_ledger
from eqcbatch.render.html.document import page
from eqcbatch.report import report
from eqcbatch.report.timeline import timeline
from eqcbatch.safe_text import visible
from eqcbatch.simulate import Faults
from tests.conftest import Run
from tests.drains import LEDGER, Job, companies
from tests.indexes import seed
from tests.integration.test_hostile import HOSTILE
from tests.ledgers import ask, change, fail, plan_names, resolve, verdict
from tests.pages import Page, source_hash

NewJob = Callable[..., Job]
MADE = datetime(2026, 11, 24, 7, 30, tzinfo=timezone(timedelta(hours=8)))
SECTIONS = ("states", "forecast", "nights", "failures", "accounts", "missing", "held")
FIGURES = ("coverage", "requests", "latency")
OURS = re.findall(
    r"\w+",
    """article b bdi body code dd desc details div dl dt figcaption figure footer h1 h2 h3 head header html
       li line link main meta ol p path rect script section small span strong style summary svg
       table tbody td text tfoot th thead time title tr ul""",
)
MARKUP = (
    "<script>alert(1)</script>公司",
    "</style><b>公司",
    "]]><!-- 公司 -->",
    "\"' onmouseover=alert(1) 公司",
    "&lt;b&gt;公司&amp;",
    "{{ 7 * 7 }}公司",
)


@pytest.fixture
def filled() -> Path:
    """A ledger with a name in every state, one of them held with two candidates."""
    plan_names(LEDGER, "甲公司", "甲公司", "乙公司", "丙公司", "丁公司", "戊公司", "")
    resolve(LEDGER, "甲公司")
    chosen = Candidate(0, "600000007", "乙实业公司", "模糊匹配", 9.0, None, "存续", ("老乙公司",))
    resolve(LEDGER, "乙公司", Verdict(chosen, 0.8, VerdictRule.CONTRADICTING_CORE, Held.CONTRADICTION))
    fail(LEDGER, "丙公司", Reason.NOT_FOUND)
    fail(LEDGER, "丁公司", Reason.TIMEOUT, retry_in_s=600)
    return LEDGER


def write(eqcbatch: Run, *options: object, file: str = "page.html") -> Page:
    """Let the command write the page, and read it."""
    ran = eqcbatch("report", "--ledger", LEDGER, "--html", file, *options)
    assert 0 == ran.code, ran.err
    return Page.of(file)


# what it says


def test_a_page_of_a_real_drain_tells_all(job: NewJob, eqcbatch: Run, database_url: str) -> None:
    """Every section and every figure, with the numbers of the report."""
    known = companies(60)
    seed(
        database_url, *((name, "customer_name", str(610000000 + n), 1.0) for n, name in enumerate(known[:20]))
    )
    drained = job(faults=Faults({"500": 0.1, "error": 0.05}))
    drained.plan([*known, ""], "--database-url", database_url)
    drained.drain("--budget", 25, "--database-url", database_url)
    drained.drain("--budget", 10, "--database-url", database_url)

    shown, told = write(eqcbatch), drained.report()

    assert [] == shown.unclosed
    assert set(SECTIONS + FIGURES) <= set(shown.texts)
    assert f"names {told['names']['total']:,} = {told['names']['pending']} pending" in shown.says("accounts")
    assert "The accounts balance" in shown.says("accounts")
    assert f"requests {told['requests']['total']:,} =" in shown.says("accounts")
    assert f"{told['resolved']['flushed']} results stand in Postgres" in shown.says("states")
    assert f"cached known before asking {told['names']['cached']} 33.3 %" in shown.says("states")
    assert f"{told['forecast']['requests_left']} requests to EQC" in shown.says("forecast")
    assert 2 == shown.says("nights").count("budget spent")
    assert "of which" in shown.says("requests")
    for reason in told["failed_by_reason"]:
        assert reason.replace("_", " ") in shown.says("failures")


def test_the_headline_is_the_share_of_rows_with_an_id_that_may_be_used(filled: Path, eqcbatch: Run) -> None:
    """Two rows of six; a held name does not count."""
    shown = write(eqcbatch).says()

    assert "33.3 % of named rows have a company id" in shown
    assert "2 of 6 rows that name a company. 1 name is left to ask EQC. 1 name waits for a review." in shown


def test_a_held_name_is_shown_with_its_candidates(filled: Path, eqcbatch: Run) -> None:
    """Why it is held, who is offered, what agrees and what contradicts."""
    held = write(eqcbatch).says("held")

    for words in (
        "乙公司 the offered name contradicts (core), 1 row, confidence 0.80",
        "乙实业公司 once 老乙公司",
        "600000007 · 模糊匹配 · 存续",
        "contradicts: core",
        "eqcbatch review export held.xlsx",
    ):
        assert words in held


def test_missing_names_are_shown_heaviest_first(filled: Path, eqcbatch: Run) -> None:
    """With the reason, and when a failed one is asked again."""
    change(filled, "UPDATE names SET weight = 3 WHERE lookup_key = '戊公司'")

    missing = write(eqcbatch).says("missing")

    assert "3 names without an id, 3 rows in all." in missing
    assert missing.index("戊公司 pending 1 3") < missing.index("丁公司 timeout asked again after")
    assert "丙公司 not found 1 1" in missing


def test_long_lists_say_how_much_more_there_is(eqcbatch: Run) -> None:
    """At most 50 missing and 100 held names, the first 12 of them unfolded."""
    plan_names(
        LEDGER, *(f"缺{number}公司" for number in range(60)), *(f"留{number}公司" for number in range(102))
    )
    for number in range(102):
        resolve(LEDGER, f"留{number}公司", verdict("600000007", 0.6, Held.LOW_CONFIDENCE))

    shown = write(eqcbatch)

    assert "The first 50 of 60 names without an id" in shown.says("missing")
    assert "The first 100 of 102 names" in shown.says("held")
    assert "88 names more" in shown.says("held")
    assert 100 == len(shown.attributes["article"])


def test_a_run_narrows_the_page(filled: Path, eqcbatch: Run) -> None:
    """Names and rows are those of the run; nights are of all, and the page says so."""
    plan_names(filled, "甲公司", source="two")

    shown = write(eqcbatch, "--run", 2)

    assert "100.0 % of named rows have a company id" in shown.says()
    assert "Run 2 two" in shown.says()
    assert "Of all runs, not of this one alone." in shown.says("nights")


def test_accounts_out_of_balance_are_told_at_the_top(filled: Path, eqcbatch: Run) -> None:
    """With what does not add up; --check still ends with 9."""
    change(filled, "UPDATE runs SET rows = rows + 1")

    ran = eqcbatch("report", "--ledger", filled, "--html", "page.html", "--check")
    shown = Page.of("page.html")

    assert 9 == ran.code
    assert "The accounts do not balance." in shown.says()
    assert "rows in = blank + rows behind names: 8 is not 7" in shown.says("accounts")


def test_what_postgres_refused_is_told(filled: Path, eqcbatch: Run) -> None:
    """Each reason with how many."""
    change(filled, "UPDATE names SET flush_error = 'value <too> long' WHERE lookup_key = '甲公司'")

    assert "1 result: value <too> long" in write(eqcbatch).says("failures")


def test_the_page_is_the_same_but_for_its_time(filled: Path) -> None:
    """Made twice at one moment, byte for byte; it says when, and by which version."""
    with open_ledger(filled) as ledger:
        standing, told = report(ledger, Schedule(budget=5)), timeline(ledger)
    one, other = (page(standing, told, MADE) for _ in range(2))

    assert one == other
    assert "24 Nov 2026, 07:30 by eqcbatch" in Page(one).says()
    assert "all times are UTC+08:00" in Page(one).says()


# ledgers of all kinds


def test_a_ledger_without_a_name_has_a_page(eqcbatch: Run) -> None:
    """It says so, and divides nothing by zero."""
    plan_names(LEDGER, "", "无")

    shown = write(eqcbatch)

    assert [] == shown.unclosed
    assert "No names yet" in shown.says()
    assert "no drain has run" in shown.says("nights")
    assert not set(FIGURES) & set(shown.texts)


def test_a_ledger_that_was_never_drained_has_a_page(eqcbatch: Run) -> None:
    """What is left is told, what is not there yet is not drawn."""
    plan_names(LEDGER, *companies(30))

    shown = write(eqcbatch, "--budget", 10)

    assert "0.0 % of named rows have a company id" in shown.says()
    assert "30 requests to EQC, in 3 nights." in shown.says("forecast")
    assert not set(FIGURES) & set(shown.texts)


def test_thousands_of_sessions_are_told_by_the_year(filled: Path, eqcbatch: Run) -> None:
    """The page stays small, and loses no request."""
    change(
        filled,
        "DELETE FROM requests",
        "DELETE FROM sessions",
        """WITH RECURSIVE night(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM night WHERE n < 3000)
           INSERT INTO sessions (id, started_at, ended_at, pid, host, requests, exit_reason)
           SELECT n, strftime('%Y-%m-%dT22:00:00.000000+00:00', '2018-01-01', '+' || n || ' days'),
                  strftime('%Y-%m-%dT23:00:00.000000+00:00', '2018-01-01', '+' || n || ' days'),
                  1, 'host', 1, 'budget' FROM night""",
        """INSERT INTO requests (session_id, endpoint, attempt, started_at, finished_at, elapsed_ms, outcome)
           SELECT id, 'search', 1, started_at, ended_at, 9000, 'answered' FROM sessions""",
    )

    shown = write(eqcbatch)

    assert "A bar is a year." in shown.says("requests")
    assert "2018 364 15 d 4 h 364" in shown.says("nights")
    assert len(Path("page.html").read_bytes()) < 100_000


# names that want to be more than text


def cut(name: str) -> str:
    """A name as the page shows it: all of it is visible, and a page of letters has an end."""
    shown = visible(name)
    return shown if len(shown) <= 120 else f"{shown[:119]}…"


@pytest.mark.parametrize("raw", [*MARKUP, *HOSTILE])
def test_a_hostile_name_is_text(raw: str, eqcbatch: Run) -> None:
    """Missing, or held and offered, it is shown as it is: no element, no attribute, no end of one."""
    plan_names(LEDGER, raw, source=raw)
    missing = write(eqcbatch)
    offered = Candidate(0, "<i>1</i>", raw, "<b>模糊</b>", 1.0, None, "</li>", (raw,))
    resolve(LEDGER, raw, Verdict(offered, 0.8, VerdictRule.FIRST_CANDIDATE, Held.AMBIGUOUS))
    held = write(eqcbatch)

    (query,) = ask(LEDGER, "SELECT query FROM names")
    assert cut(query) in missing.texts["missing"]
    assert cut(query) in held.texts["held"]
    assert 2 <= held.texts["held"].count(cut(raw))
    for words in ("<i>1</i>", "<b>模糊</b>", "</li>"):
        assert words in held.texts["held"]
    for shown in (missing, held):
        assert [] == shown.unclosed
        assert not set(shown.attributes).difference(OURS)
        assert (1, 1) == (len(shown.attributes["script"]), len(shown.attributes["style"]))
        attributes = {name for tags in shown.attributes.values() for one in tags for name in one}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


# one file, nothing from outside


def test_the_page_allows_its_own_script_and_style_and_nothing_else(filled: Path, eqcbatch: Run) -> None:
    """The policy names both by their hash; no element refers to anything outside of the file."""
    shown = write(eqcbatch)

    policy = shown.policy()
    assert "'none'" == policy["default-src"]
    assert source_hash(shown.contents["script"][0]) == policy["script-src"]
    assert source_hash(shown.contents["style"][0]) == policy["style-src"]
    assert "data:" == policy["img-src"]
    references = [
        one[name]
        for tags in shown.attributes.values()
        for one in tags
        for name in ("src", "href", "action", "data", "srcset")
        if name in one
    ]
    assert ["data:,"] == references


def test_every_figure_has_its_words_and_its_table(job: NewJob, eqcbatch: Run) -> None:
    """Title and description are tied to the drawing; the values stand in a table below it."""
    drained = job()
    drained.plan(companies(40))
    drained.drain("--budget", 30)

    shown = write(eqcbatch)

    charts = [one for one in shown.attributes["svg"] if one.get("class") == "chart"]
    assert [f"{name}-title {name}-says" for name in FIGURES] == [one["aria-labelledby"] for one in charts]
    assert {"img"} == {one["role"] for one in charts}
    for name in FIGURES:
        assert shown.says(f"{name}-title")
        assert shown.says(f"{name}-says") in shown.says(name)
        assert "As a table" in shown.says(name)


# the file


def test_the_command_says_what_it_wrote(filled: Path, eqcbatch: Run) -> None:
    """Instead of the text; with --json stdout is still one JSON object. Directories are made."""
    ran = eqcbatch("report", "--ledger", filled, "--html", "a/b/page.html")
    as_json = eqcbatch("report", "--ledger", filled, "--html", "a/b/page.html", "--json")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith(f"Wrote {Path('a/b/page.html')}: ")
    assert 5 == json.loads(as_json.out)["names"]["total"]
    assert ["page.html"] == [path.name for path in Path("a/b").iterdir()]


@pytest.mark.parametrize(
    ("file", "words"), [("l.sqlite/page.html", "cannot be written"), (".", "is a directory")]
)
def test_a_place_that_cannot_be_written_is_one_line(
    filled: Path, eqcbatch: Run, file: str, words: str
) -> None:
    """Exit 2; nothing is left behind."""
    before = sorted(Path().iterdir())

    ran = eqcbatch("report", "--ledger", filled, "--html", file)

    assert (2, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert words in ran.err
    assert before == sorted(Path().iterdir())


def test_an_earlier_page_stays_whole_until_the_new_one_is(filled: Path, eqcbatch: Run) -> None:
    """The page is written beside it, and moved into its place."""
    write(eqcbatch)
    first = Path("page.html").stat().st_ino
    write(eqcbatch)

    assert first != Path("page.html").stat().st_ino
    assert [Path("page.html")] == [path for path in Path().iterdir() if "page.html" in path.name]


@pytest.mark.parametrize("options", [("--csv",), ("--name", "甲公司")])
def test_the_page_goes_with_the_report_alone(filled: Path, eqcbatch: Run, options: tuple[str, ...]) -> None:
    """Not with all names as CSV, nor with the story of one."""
    ran = eqcbatch("report", "--ledger", filled, "--html", "page.html", *options)

    assert 2 == ran.code
    assert "--html goes with the report itself" in ran.err
    assert not Path("page.html").exists()


def test_without_jinja2_the_command_says_what_to_install(
    filled: Path, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, in one line; the text report needs none of it."""
    monkeypatch.delitem(sys.modules, "eqcbatch.render.html.document", raising=False)
    monkeypatch.setitem(sys.modules, "jinja2", None)

    ran = eqcbatch("report", "--ledger", filled, "--html", "page.html")

    assert (2, 1) == (ran.code, ran.err.count("\n"))
    assert "pip install 'eqcbatch[html]'" in ran.err
    assert 0 == eqcbatch("report", "--ledger", filled).code
