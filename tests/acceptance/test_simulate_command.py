"""`eqcbatch simulate` as a user starts it: a process of its own, asked over HTTP, ended by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.drains import companies

SEARCH = "/kg-api-hfd/api/search/?key="

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a Windows process cannot be sent these signals")


class Running:
    """A simulator that runs as a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.url = process.stdout.readline().strip()
        self._process = process

    def search(self, name: str, token: str = "any") -> requests.Response:
        """Ask for a name."""
        return requests.get(self.url + SEARCH + quote(name), headers={"token": token}, timeout=10)

    def end(self, number: signal.Signals = signal.SIGINT) -> dict[str, Any]:
        """Stop it as Ctrl-C does; its totals."""
        self._process.send_signal(number)
        out, err = self._process.communicate(timeout=10)
        assert (0, "") == (self._process.returncode, err)
        totals: dict[str, Any] = json.loads(out)
        return totals


@pytest.fixture
def simulate(start_eqcbatch: Callable[..., subprocess.Popen[str]]) -> Callable[..., Running]:
    """Start a simulator on a free port that answers at once."""

    def start(*options: object, **environment: str) -> Running:
        return Running(start_eqcbatch("simulate", "--port", 0, "--latency", "0", *options, **environment))

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_url_comes_first_and_the_totals_last(
    simulate: Callable[..., Running], number: signal.Signals
) -> None:
    """In between it answers like EQC; either signal ends it with exit 0."""
    eqc = simulate("--unknown", 0)
    found = eqc.search("深圳第1实业有限公司")

    totals = eqc.end(number)

    assert eqc.url.startswith("http://127.0.0.1:")
    assert 200 == found.status_code
    assert {"companyId", "companyFullName", "type"} <= found.json()["list"][0].keys()
    assert (1, {"200": 1}, 0) == (totals["requests"], totals["by_status"], totals["violations"])


def test_every_request_is_a_line_of_the_log(simulate: Callable[..., Running], tmp_path: Path) -> None:
    """In JSON, and without the token."""
    log = tmp_path / "requests.jsonl"
    eqc = simulate("--request-log", log)
    for name in companies(3):
        eqc.search(name, token="T-secret-77")

    assert 3 == eqc.end()["requests"]

    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert companies(3) == [line["parameter"] for line in lines]
    assert "T-secret-77" not in log.read_text(encoding="utf-8")


def test_it_knows_the_companies_of_a_file(simulate: Callable[..., Running], tmp_path: Path) -> None:
    """And no others."""
    listed = tmp_path / "companies.csv"
    listed.write_text("company_id,official_name\n600123,深圳第1实业有限公司\n", encoding="utf-8")
    eqc = simulate("--companies", listed)

    known, unknown = eqc.search("深圳第1实业有限公司").json(), eqc.search("甲乙丙").json()

    assert ["600123"] == [str(item["companyId"]) for item in known["list"]]
    assert [] == (unknown["list"] or [])


def test_faults_come_by_option(simulate: Callable[..., Running]) -> None:
    """By share, or from one request to another."""
    always = simulate("--fault", "503:100%")
    between = simulate("--fault-between", "401:2-3", "--fault-between", "expired:4-")

    assert [503] * 3 == [always.search(name).status_code for name in companies(3)]
    assert [200, 401, 401, 200] == [between.search(name).status_code for name in companies(4)]
    assert {"error": "TokenExpired"} == between.search("甲").json()
    assert {"503": 3} == always.end()["by_fault"]
    assert {"401": 2, "expired": 2} == between.end()["by_fault"]


def test_time_runs_faster_by_option(simulate: Callable[..., Running]) -> None:
    """At 600 times the speed a latency of 30 s is 0.05 s, and the limit's minute a tenth of a second."""
    eqc = simulate("--latency", "30", "--time-scale", 600)
    started = time.monotonic()
    statuses = [eqc.search(name).status_code for name in companies(12)]
    assert [200] * 12 == statuses
    assert 12 * 0.05 <= time.monotonic() - started < 10


def test_the_limit_is_enforced_unless_told_otherwise(simulate: Callable[..., Running]) -> None:
    """The third of two allowed requests is answered 429 with Retry-After; or counted and answered."""
    strict, lenient = simulate("--rate", "2/60s"), simulate("--rate", "2/60s", "--no-enforce")

    answers = [strict.search(name) for name in companies(3)]

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert [200, 200, 200] == [lenient.search(name).status_code for name in companies(3)]
    assert (1, 1) == (strict.end()["violations"], lenient.end()["violations"])


def test_the_token_is_that_of_a_file_at_any_time(simulate: Callable[..., Running], tmp_path: Path) -> None:
    """Or of the environment; without either any is good."""
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    by_file = simulate("--token-file", file)
    by_variable = simulate(EQCBATCH_SIMULATE_TOKEN="other")

    before = [by_file.search("甲", token).status_code for token in ("first", "second")]
    file.write_text("second", encoding="utf-8")
    after = [by_file.search("甲", token).status_code for token in ("first", "second")]

    assert ([200, 401], [401, 200]) == (before, after)
    assert [200, 401] == [by_variable.search("甲", token).status_code for token in ("other", "first")]
