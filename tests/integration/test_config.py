"""Profiles of datasets in eqcbatch.yml, and the command that shows which setting holds, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.cli.app import app
from eqcbatch.cli.command_tree import options_by_name, runnable
from eqcbatch.cli.config.file import PROFILE_OPTIONS
from tests.conftest import Ran, Run
from tests.drains import LEDGER, Job, companies, write_names
from tests.indexes import seed
from tests.ledgers import ask, states

PROFILES = """
plan:
  column: [客户]
profiles:
  annuity_performance:
    column: [客户名称, 计划名称]
    plan-code-column: 计划代码
    name-rules:
      计划名称: {only-where: {计划类型: 单一计划}, remove-suffix: 企业年金计划}
  annuity_income:
    column: 投资者
    overrides: ids.yml
"""
MONTH = """客户,客户名称,计划名称,计划代码,计划类型,投资者
一,甲公司,甲公司企业年金计划,P1,单一计划,丙公司
二,,乙公司企业年金计划,P2,单一计划,丙公司
三,,品牌企业年金计划,P3,集合计划,丁公司
"""


@pytest.fixture
def month() -> str:
    """A month with the columns that the profiles ask for, and a config file that has them."""
    Path("eqcbatch.yml").write_text(PROFILES, encoding="utf-8")
    Path("ids.yml").write_text('丁公司: "600000004"\n', encoding="utf-8")
    Path("month.csv").write_text(MONTH, encoding="utf-8")
    return "month.csv"


@pytest.fixture
def plan(eqcbatch: Run, month: str) -> Any:
    """Plan the month; the states of the names."""

    def run(*options: object, **environment: str) -> dict[str, str]:
        ran = eqcbatch("plan", month, "--ledger", LEDGER, *options, **environment)
        assert ran.code == 0, ran.err
        return states(LEDGER)

    return run


# Profiles


def test_a_profile_says_how_a_dataset_is_read(plan: Any) -> None:
    """Its columns and name rules; the rows of a collective plan name nobody."""
    assert {"甲公司", "乙公司"} == plan("--profile", "annuity_performance").keys()


def test_a_profile_may_name_overrides(plan: Any) -> None:
    """Ids set by hand, by dataset."""
    assert {"丙公司": "pending", "丁公司": "cached"} == plan("--profile", "annuity_income")


def test_without_a_profile_the_section_counts(plan: Any) -> None:
    """As before."""
    assert {"一", "二", "三"} == plan().keys()


@pytest.mark.parametrize(
    ("options", "environment", "names"),
    [
        (("--column", "客户名称"), {"EQCBATCH_PLAN_COLUMN": "投资者"}, {"甲公司"}),
        ((), {"EQCBATCH_PLAN_COLUMN": "客户"}, {"一", "二", "三"}),
        ((), {}, {"丙公司", "丁公司"}),
    ],
)
def test_a_flag_and_a_variable_win_over_a_profile_and_this_over_its_section(
    plan: Any, options: tuple[str, ...], environment: dict[str, str], names: set[str]
) -> None:
    """In this order."""
    assert names == plan("--profile", "annuity_income", *options, **environment).keys()


@pytest.mark.parametrize("before", [True, False])
def test_where_the_flags_stand_on_the_line_does_not_matter(plan: Any, before: bool) -> None:
    """A column before --profile and --config, or behind them."""
    Path("eqcbatch.yml").rename("other.yml")
    column = ("--column", "客户")
    named = ("--profile", "annuity_income", "--config", "other.yml")
    options = (*column, *named) if before else (*named, *column)
    assert {"一", "二", "三"} == plan(*options).keys()


def test_a_profile_may_come_from_the_environment_or_the_file(plan: Any) -> None:
    """EQCBATCH_PLAN_PROFILE, or `profile:` in the section of plan."""
    assert {"丙公司", "丁公司"} == plan(EQCBATCH_PLAN_PROFILE="annuity_income").keys()
    text = PROFILES.replace("plan:\n", "plan:\n  profile: annuity_performance\n")
    Path("eqcbatch.yml").write_text(text, encoding="utf-8")
    LEDGER.unlink()
    assert {"甲公司", "乙公司"} == plan().keys()


def test_the_profile_is_recorded_and_does_not_make_another_source(plan: Any) -> None:
    """With the run's options: the same columns without the profile are the same source."""
    plan("--profile", "annuity_income")
    plan("--column", "投资者")
    recorded = ask(LEDGER, "SELECT json_extract(options, '$.profile'), current FROM runs ORDER BY id")
    assert [("annuity_income", 0), (None, 1)] == recorded


def test_apply_knows_profiles_too(eqcbatch: Run, plan: Any, month: str) -> None:
    """The dataset is written by the columns of its profile."""
    plan("--profile", "annuity_income")
    plan("--profile", "annuity_performance")
    ran = eqcbatch(
        *("apply", month, "-o", "out.csv", "--profile", "annuity_income", "--no-temp-ids", "--ledger", LEDGER)
    )
    assert 0 == ran.code, ran.err
    assert Path("out.csv").read_text(encoding="utf-8-sig").count("600000004") == 1


def test_a_profile_may_hold_a_query(eqcbatch: Run, database_url: str) -> None:
    """Then plan needs no SOURCE."""
    seed(database_url, ("甲公司", "customer_name", "600000001", 1.0))
    Path("eqcbatch.yml").write_text(
        "profiles:\n  index:\n    sql: SELECT lookup_key AS 客户名称 FROM enterprise.enrichment_index\n",
        encoding="utf-8",
    )
    ran = eqcbatch("plan", "--profile", "index", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert (0, {"甲公司": "cached"}) == (ran.code, states(LEDGER))


WRONG = {
    "an unknown profile": (
        ("plan:", "plan:"),
        "annuity_incom",
        "Did you mean 'annuity_income'?",
    ),
    "nothing like it": (("plan:", "plan:"), "x", "eqcbatch.yml has: annuity_performance, annuity_income."),
    "an unknown key": (
        ("column: 投资者", "colum: 投资者"),
        "",
        "profiles: annuity_income: there is no option 'colum'. Did you mean 'column'?",
    ),
    "no option of a source": (
        ("column: 投资者", "budget: 5"),
        "",
        "profiles: annuity_income: there is no option 'budget'",
    ),
    "several values for one": (
        ("overrides: ids.yml", "overrides: [a, b]"),
        "annuity_income",
        "eqcbatch.yml, profile annuity_income: overrides takes one value",
    ),
    "a profile that is a value": (
        ("annuity_income:\n    column: 投资者\n    overrides: ids.yml", "annuity_income: 5"),
        "",
        "profiles: annuity_income must hold",
    ),
    "profiles that are a value": ((PROFILES, "profiles: 5"), "", "profiles must hold names"),
    "a word like it": (("profiles:", "profile_s:"), "", "Did you mean 'profiles'?"),
}


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(("change", "profile", "says"), WRONG.values(), ids=WRONG)
def test_a_profile_that_cannot_be_used_is_refused(
    eqcbatch: Run, change: tuple[str, str], profile: str, says: str
) -> None:
    """Exit 2, one line that names the nearest known word."""
    Path("eqcbatch.yml").write_text(PROFILES.replace(*change), encoding="utf-8")
    ran = eqcbatch("plan", "month.csv", *(("--profile", profile) if profile else ()))
    assert (2, True) == (ran.code, says in ran.err), ran.err
    assert not Path("ledgers").exists()


def test_a_profile_without_a_config_file_says_where_one_was_looked_for(eqcbatch: Run, tmp_path: Path) -> None:
    """The working directory, which under cron may be another one."""
    ran = eqcbatch("plan", write_names(["甲"]), "--profile", "annuity")
    assert (2, True) == (ran.code, f"no eqcbatch.yml in {tmp_path}" in ran.err)


def test_every_option_of_a_profile_is_one_of_plan() -> None:
    """And nothing of a profile is lost on the way."""
    assert options_by_name(app.commands["plan"]).keys() >= PROFILE_OPTIONS


# Wrong values


@pytest.mark.parametrize(
    ("file", "environment", "place"),
    [
        ("", {"EQCBATCH_DRAIN_RATE": "fast"}, "It comes from EQCBATCH_DRAIN_RATE."),
        ("drain:\n  rate: fast", {}, "It comes from eqcbatch.yml, drain."),
        ("rate: fast", {}, "It comes from eqcbatch.yml."),
    ],
)
def test_a_wrong_value_says_where_it_comes_from(
    eqcbatch: Run, file: str, environment: dict[str, str], place: str
) -> None:
    """A variable that was forgotten is found at once; of the command line nothing need be said."""
    Path("eqcbatch.yml").write_text(file, encoding="utf-8")
    ran = eqcbatch("drain", **environment)
    typed = eqcbatch("drain", "--rate", "slow", **environment)
    assert (2, True) == (ran.code, place in ran.err), ran.err
    assert (2, False) == (typed.code, "It comes from" in typed.err)


# The command config


def shown(ran: Ran) -> dict[tuple[str | None, str], tuple[str, str, str]]:
    """Value, origin and place by command and option."""
    assert ran.code == 0, ran.err
    return {
        (one["command"], one["option"]): (one["value"], one["from"], one["where"])
        for one in json.loads(ran.out)["settings"]
    }


def test_every_option_of_every_command_is_shown(eqcbatch: Run) -> None:
    """With its default, where nothing else is said."""
    settings = shown(eqcbatch("config", "--json"))
    for command in app.commands.values():
        for words, one in runnable(command).items():
            for name, option in options_by_name(one).items():
                assert ((words, name) in settings) == option.expose_value
    assert ("5", "default", "default") == settings["drain", "budget"]
    assert ("客户名称", "default", "default") == settings["plan", "column"]
    assert ("no", "default", "default") == settings["drain", "resume"]
    assert ("not set", "default", "default") == settings["drain", "until"]


@pytest.mark.usefixtures("month")
def test_each_setting_says_which_place_it_comes_from(eqcbatch: Run) -> None:
    """Flag, variable, profile, section, top level: the strongest that has it."""
    Path("eqcbatch.yml").write_text(f"rate: 5/60s\ndrain:\n  budget: 600{PROFILES}", encoding="utf-8")
    environment = {"EQCBATCH_DRAIN_TIMEOUT": "20s", "WDH_DATABASE__URI": "embedded"}
    settings = shown(eqcbatch("config", "drain", "--retries", 5, "--json", **environment))
    assert {
        "retries": ("5", "flag", "--retries"),
        "timeout": ("20s", "environment", "EQCBATCH_DRAIN_TIMEOUT"),
        "database-url": ("embedded", "environment", "WDH_DATABASE__URI"),
        "budget": ("600", "file", "eqcbatch.yml, drain"),
        "rate": ("5/60s", "file", "eqcbatch.yml"),
        "connect-timeout": ("5s", "default", "default"),
    }.items() <= {name: value for (command, name), value in settings.items() if command}.items()
    planned = shown(eqcbatch("config", "plan", "--profile", "annuity_income", "--json"))
    assert ("投资者", "profile", "eqcbatch.yml, profile annuity_income") == planned["plan", "column"]
    assert ("annuity_income", "flag", "--profile") == planned["plan", "profile"]
    by_variable = shown(eqcbatch("config", "plan", "--json", EQCBATCH_PLAN_PROFILE="annuity_income"))
    assert planned["plan", "column"] == by_variable["plan", "column"]


def test_check_is_shown_with_what_it_takes_from_drain(eqcbatch: Run) -> None:
    """And without what it does not."""
    Path("eqcbatch.yml").write_text("drain:\n  eqc-url: http://h\n  json: yes\n", encoding="utf-8")
    settings = shown(eqcbatch("config", "check", "--json", EQCBATCH_DRAIN_RATE="1/1s"))
    assert ("http://h", "file", "eqcbatch.yml, drain") == settings["check", "eqc-url"]
    assert ("1/1s", "environment", "EQCBATCH_DRAIN_RATE") == settings["check", "rate"]
    assert ("no", "default", "default") == settings["check", "json"]


def test_what_config_says_is_what_the_command_does(eqcbatch: Run) -> None:
    """The value and its place are those of a report that is run with the same settings."""
    Path("eqcbatch.yml").write_text("ledger: top\nreport:\n  ledger: section\n", encoding="utf-8")
    for environment in (
        {},
        {"EQCBATCH_LEDGER": "shared"},
        {"EQCBATCH_LEDGER": "a", "EQCBATCH_REPORT_LEDGER": "b"},
    ):
        value, _, _ = shown(eqcbatch("config", "report", "--json", **environment))["report", "ledger"]
        assert f"no ledger at {value}." in eqcbatch("report", **environment).err


def test_people_see_one_line_for_all_commands_of_one_value(eqcbatch: Run, tmp_path: Path) -> None:
    """What is set stands below what is not, then the secrets, then the file."""
    Path("eqcbatch.yml").write_text("ledger: l.sqlite\n", encoding="utf-8")
    everything = eqcbatch("config").out.splitlines()
    changed = eqcbatch("config", "--changed").out.splitlines()
    assert ["setting", "value", "from", "for"] == everything[0].split()
    assert ["ledger", "l.sqlite", "eqcbatch.yml", "all"] == changed[1].split()
    assert changed[1].split() == everything[-6].split()
    assert changed[2].split()[:2] == ["pace", "file"]
    assert changed[3].split()[:4] == ["EQC", "token", "not", "set"]
    assert f"Config file: {tmp_path / 'eqcbatch.yml'}" == changed[-1]


def test_without_a_file_it_says_where_one_was_looked_for(eqcbatch: Run, tmp_path: Path) -> None:
    """In the working directory; a file that is named counts instead."""
    Path("other.yml").write_text("", encoding="utf-8")
    assert f"none; looked for {tmp_path / 'eqcbatch.yml'}" in eqcbatch("config").out
    assert f"Config file: {tmp_path / 'other.yml'}" in eqcbatch("config", "--config", "other.yml").out
    assert json.loads(eqcbatch("config", "--json").out)["config_file"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("drian",), "Did you mean `config drain`?"),
        (("review", "exprt"), "Did you mean `config review export`?"),
        (("--budget", "3"), "There are: plan, drain"),
        (("drain", "--bugdet", "3"), "--budget"),
        (("plan", "--profile", "x"), "There is no profile 'x'."),
    ],
)
def test_what_config_does_not_know_is_refused(eqcbatch: Run, words: tuple[str, ...], says: str) -> None:
    """Exit 2, with the nearest that it does."""
    ran = eqcbatch("config", *words)
    assert (2, "", True) == (ran.code, ran.out, says in ran.err), ran.err


def test_a_group_shows_its_commands(eqcbatch: Run) -> None:
    """`config review` is all of them, `config review import` is one."""
    commands = {command for command, _ in shown(eqcbatch("config", "review", "--json"))}
    one = {command for command, _ in shown(eqcbatch("config", "review", "import", "--json"))}
    assert {
        None,
        *(f"review {name}" for name in ("calibrate", "export", "import", "replay", "rescore", "set")),
    } == commands
    assert {None, "review import"} == one


def test_a_variable_that_nobody_reads_is_named(eqcbatch: Run) -> None:
    """A file's unknown key is an error; a variable may be another program's, so it is told."""
    ran = eqcbatch("config", EQCBATCH_DRAIN_BUGET="5", EQCBATCH_EQC_TOKEN="x", EQCBATCH_TEMP_ID_SALT="y")
    assert ran.out.count("There is no variable") == 1
    assert "EQCBATCH_DRAIN_BUGET. Did you mean EQCBATCH_DRAIN_BUDGET?" in ran.out


def test_a_drain_warns_of_a_variable_that_nobody_reads(job: Callable[..., Job]) -> None:
    """It may have been meant as a limit."""
    work = job()
    work.plan(companies(1))
    ran = work.drain(EQCBATCH_DRAIN_BUGET="5")
    assert 0 == ran.code
    assert 1 == ran.err.count(
        "There is no variable EQCBATCH_DRAIN_BUGET. Did you mean EQCBATCH_DRAIN_BUDGET?"
    )


def test_secrets_are_set_or_not_set(eqcbatch: Run) -> None:
    """A token is never shown, nor is the command that prints it, nor user and password of a database."""
    Path("eqcbatch.yml").write_text(
        "database-url: postgresql://me:geheim@h:5432/d\nsimulate:\n  token: geheim\n", encoding="utf-8"
    )
    settings = shown(
        eqcbatch(
            *("config", "--json"),
            EQCBATCH_EQC_TOKEN="geheim",
            EQCBATCH_TEMP_ID_SALT="geheim",
            EQCBATCH_DRAIN_TOKEN_COMMAND="cat geheim",
            EQCBATCH_PLAN_SOURCE="postgresql://me:geheim@h/source",
            EQCBATCH_DRAIN_EQC_URL="https://me:geheim@eqc",
        )
    )
    assert "geheim" not in str(settings)
    assert "postgresql://h:5432/d" == settings["plan", "database-url"][0]
    assert "postgresql://h:5432/source" == settings["plan", "source"][0]
    assert "https://***@eqc" == settings["drain", "eqc-url"][0]
    assert ("set", "environment", "EQCBATCH_EQC_TOKEN") == settings[None, "EQC token"]
    assert "set" == settings["drain", "token-command"][0] == settings["simulate", "token"][0]


@pytest.mark.parametrize(
    "url", ["postgresql://me:ge@heim@h/d", "host=h password=heim", "postgresql://me:heim@h:x/d"]
)
def test_no_url_of_a_database_shows_its_password(eqcbatch: Run, url: str) -> None:
    """Written wrong, it is not shown at all."""
    outputs = [
        eqcbatch("config", EQCBATCH_DATABASE_URL=url),
        eqcbatch("config", "drain", "--database-url", url),
        eqcbatch("config", "plan", url, "--json"),
        eqcbatch("config", url),
    ]
    assert not [ran for ran in outputs if "heim" in ran.out + ran.err]


def test_where_a_source_is_read_profiles_are_known() -> None:
    """And config shows them."""
    knowing = {name for name, one in app.commands.items() if "profile" in options_by_name(one)}
    assert {"plan", "apply", "config"} == knowing
