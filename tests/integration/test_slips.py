"""Slips of those who type options: one line each, before anything is sent or written."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, write_names
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
