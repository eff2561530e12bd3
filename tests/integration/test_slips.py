"""Slips of those who type options: one line each, before anything is sent or written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import FAST, TOKEN, Run
from tests.drains import LEDGER, Job, companies, write_names
from tests.ledgers import ask

_HUGE = "9" * 20  # over 2^63


@pytest.fixture
def planned(eqcbatch: Run) -> None:
    """A ledger of one name."""
    assert 0 == eqcbatch("plan", write_names(["甲公司"]), "--ledger", LEDGER).code


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ("drain", option, value)
            for option, value in (
                ("--budget", _HUGE),
                ("--daily-budget", _HUGE),
                ("--retry-not-found-after", "999999d"),
                ("--timeout", "999999d"),
                ("--connect-timeout", "999999d"),
                ("--timeout", "0s"),
                ("--connect-timeout", "0"),
                ("--rate", "10/999999d"),
                ("--max-minutes", "nan"),
                ("--max-minutes", "inf"),
                ("--max-minutes", "1e300"),
                ("--time-scale", "nan"),
                ("--time-scale", "inf"),
                ("--time-scale", "1e-300"),
                ("--min-confidence", "nan"),
            )
        ),
        ("report", "--run", _HUGE),
        ("report", "--watch", "999999d"),
        ("report", "--latency", "1-999999d"),
        ("report", "--since", "999999d"),
        ("flush", "--revert", _HUGE, "--database-url", "postgresql://127.0.0.1:9/x"),
        ("plan", "--queue", "--limit", _HUGE, "--database-url", "postgresql://127.0.0.1:9/x"),
    ],
    ids=" ".join,
)
def test_a_number_beyond_all_measure_is_refused_in_a_line(eqcbatch: Run, arguments: tuple[str, ...]) -> None:
    """Exit 2, what is wrong and where help is; it is never a traceback, and nothing is asked."""
    ran = eqcbatch(*arguments, "--ledger", LEDGER)
    assert (2, True) == (ran.code, ran.err.count("\n") <= 2), ran.err
    assert [] == ask(LEDGER, "SELECT id FROM requests")


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("option", ["--reverify", "--retry-not-found-after"])
def test_an_age_without_its_unit_is_refused(eqcbatch: Run, option: str) -> None:
    """365 would be seconds, and every night would ask of all; so it is in a file of settings, too."""
    drain = ("drain", "--resume", "--ledger", LEDGER)
    told = eqcbatch(*drain, option, "365")
    Path("eqcbatch.yml").write_text(f"drain:\n  {option[2:]}: 365\n", encoding="utf-8")
    for ran in (told, eqcbatch(*drain)):
        assert (2, True) == (ran.code, "'365' has no unit. Write 365d for days, or s, m, h." in ran.err)
    assert [] == ask(LEDGER, "SELECT id FROM requests")


def test_a_count_that_no_ledger_holds_names_its_row(eqcbatch: Run) -> None:
    """Sums of what is left stay below what SQLite holds."""
    for count, code in ((_HUGE, 2), ("9223372036854775807", 2), ("1000000000000", 0)):
        Path("counts.csv").write_text(f"name,count\n甲公司,{count}\n乙公司,{count}\n", encoding="utf-8")
        ran = eqcbatch("plan", "counts.csv", "--counted", "--column", "name", "--ledger", "c.sqlite")
        assert (code, True) == (ran.code, ran.err.count("\n") <= 2), ran.err
    assert "has the count '9223372036854775807' for '甲公司'" in eqcbatch_error(eqcbatch)


def eqcbatch_error(eqcbatch: Run) -> str:
    """What is said of such a count."""
    Path("counts.csv").write_text("name,count\n甲公司,9223372036854775807\n", encoding="utf-8")
    return eqcbatch("plan", "counts.csv", "--counted", "--column", "name", "--ledger", "c.sqlite").err


def test_a_weight_beyond_all_measure_stays_a_number(eqcbatch: Run) -> None:
    """Two of 1e308 would add up to what JSON has no word for."""
    Path("w.csv").write_text("客户名称,w\n甲公司,1e308\n甲公司,1e308\n", encoding="utf-8")
    assert 0 == eqcbatch("plan", "w.csv", "--weight-column", "w", "--ledger", LEDGER).code
    assert [2e12] == ask(LEDGER, "SELECT weight FROM names")


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("expires", ["1e400", "-1e400", "Infinity", "NaN", "1e17", "9" * 400, '"x"', "null"])
def test_a_token_that_expires_at_no_moment_is_one_that_does_not_say(eqcbatch: Run, expires: str) -> None:
    """The doctor and the drain go on with it."""
    claims = base64.urlsafe_b64encode(f'{{"exp": {expires}}}'.encode()).decode().rstrip("=")
    token = f"{TOKEN}.{claims}.x"
    ran = eqcbatch("check", "--no-request", "--ledger", LEDGER, EQCBATCH_EQC_TOKEN=token)
    assert (0, "") == (ran.code, ran.err)
    ran = eqcbatch(
        *("drain", "--ledger", LEDGER, "--eqc-url", "http://127.0.0.1:9", "--max-minutes", "0.01"),
        EQCBATCH_EQC_TOKEN=token,
    )
    assert (0, False) == (ran.code, "expire" in ran.err), ran.err


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("where", ["option", "variable", "config"])
def test_p3_a_time_scale_is_refused_for_a_host_that_is_not_this_machine(eqcbatch: Run, where: str) -> None:
    """Left over from a rehearsal, in the shell or in the config file: 40 requests would go in 2 s."""
    Path("c.yml").write_text("drain:\n  time-scale: 100\n", encoding="utf-8")
    options = {"option": ("--time-scale", "100"), "config": ("--config", "c.yml")}.get(where, ())
    environment = {"EQCBATCH_DRAIN_TIME_SCALE": "100"} if where == "variable" else {}
    for url in ("https://eqc.pingan.com", "http://eqc.example.test:8765"):
        ran = eqcbatch("drain", "--ledger", LEDGER, "--eqc-url", url, *options, **environment)
        assert (2, 1) == (ran.code, ran.err.count("\n")), ran.err
        assert f"--time-scale 100 is for a simulator on this machine, and {url} is none" in ran.err


def test_a_missing_column_names_the_option_that_says_where_the_names_stand(eqcbatch: Run) -> None:
    """Of the names alone: a missing plan code has an option of its own."""
    Path("m.csv").write_text("公司,规模\n甲公司,1\n", encoding="utf-8")
    missing = eqcbatch("plan", "m.csv", "--ledger", "m.sqlite")
    code = eqcbatch("plan", "m.csv", "--ledger", "m.sqlite", "--column", "公司", "--plan-code-column", "计划")
    assert (2, 2) == (missing.code, code.code)
    assert "Name the column of the customers: --column NAME." in missing.err
    assert "--column NAME" not in code.err


@pytest.mark.parametrize("command", ["drain", "audit"])
def test_minutes_that_no_request_fits_into_are_told(eqcbatch: Run, database_url: str, command: str) -> None:
    """Exit 0 each night, and nothing would ever be asked: a line says so, with -q too."""
    assert 0 == eqcbatch("init-db", "--database-url", database_url).code
    assert 0 == eqcbatch("plan", write_names(["甲公司"]), "--ledger", "m.sqlite").code
    options = (command, "--ledger", "m.sqlite", "--eqc-url", "http://127.0.0.1:9", "--budget", 1, "-q")
    short = eqcbatch(
        *options, "--max-minutes", "0.4", EQCBATCH_EQC_TOKEN=TOKEN, EQCBATCH_DATABASE_URL=database_url
    )
    assert (0, 1) == (short.code, short.err.count("Nothing will be sent: --max-minutes 0.4 is less")), short


def test_a_daily_budget_that_is_used_up_says_when_it_goes_on(job: Callable[..., Job]) -> None:
    """A day after the request that is the first to leave the 24 hours."""
    work = job()
    work.plan(companies(4))
    assert "used up" not in work.drain("--daily-budget", 3, "--budget", 2).out
    spent = work.drain("--daily-budget", 3)
    first = datetime.fromisoformat(ask(LEDGER, "SELECT min(started_at) FROM requests")[0])
    goes_on = (first + timedelta(days=1)).astimezone()
    told = f"The daily budget is used up; a request may go again from {goes_on:%A %H:%M} on.\n"
    assert (0, 1) == (spent.code, spent.out.count(told)), spent


def test_what_to_type_next_can_be_pasted(job: Callable[..., Job], eqcbatch: Run) -> None:
    """With the ledger, the URL and the time scale that were typed, where the command takes them."""
    work = job()
    write_names(companies(3))
    planned = eqcbatch("plan", "names.csv", "--ledger", "my ledger.sqlite", "--time-scale", 60)
    assert "Next: eqcbatch drain --resume --ledger 'my ledger.sqlite' --time-scale 60\n" in planned.out
    options = ("--eqc-url", work.eqc.url, "--time-scale", 600, "--rate", FAST, "--budget", 1)
    drained = eqcbatch("drain", "--ledger", "my ledger.sqlite", *options, EQCBATCH_EQC_TOKEN=TOKEN)
    kept = f"--ledger 'my ledger.sqlite' --eqc-url {work.eqc.url} --time-scale 600"
    again = "eqcbatch drain --resume --budget all"
    assert f"Next: {again} {kept} (or a larger --budget than 1)\n" in drained.out
    drained = eqcbatch(
        "drain", *options[:-1], "all", EQCBATCH_LEDGER="my ledger.sqlite", EQCBATCH_EQC_TOKEN=TOKEN
    )
    assert "Next: eqcbatch report --time-scale 600\n" in drained.out


def test_a_report_forecasts_by_the_time_scale_of_drains(job: Callable[..., Job], eqcbatch: Run) -> None:
    """Typed, or as it is set for drain."""
    work = job()
    work.plan(companies(40))
    options = ("report", "--ledger", LEDGER, "--budget", "all", "--latency", "0-0.001", "--json")
    hours = [
        json.loads(eqcbatch(*options, *scale, **environment).out)["forecast"]["hours_p50"]
        for scale, environment in (
            ((), {}),
            (("--time-scale", "100"), {}),
            ((), {"EQCBATCH_DRAIN_TIME_SCALE": "100"}),
        )
    ]
    assert hours[0] > 20 * hours[1] == 20 * hours[2] > 0
