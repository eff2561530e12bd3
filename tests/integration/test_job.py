"""The main job on real input: plan, drain, flush and report against a real PostgreSQL and a real HTTP EQC."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from eqcbatch.domain.names import lookup_key
from eqcbatch.simulate import Simulator
from tests.conftest import FAST, TOKEN, Run


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """A small month: 400 rows with noise, blanks and several ways of writing a name."""
    chance = random.Random(7)
    names = [
        f"{city}{word}科技有限公司"
        for city in ("北京", "上海", "广州")
        for word in ("长城", "黄河", "泰山", "东海")
    ]
    noisy = [
        *names,
        *(f"{name}-已转出" for name in names),
        *(f"（终止）{name}" for name in names),
        "",
        "无",
        " 北京长城 科技有限公司",
    ]
    path = tmp_path / "month.xlsx"
    pd.DataFrame({"月度": 202601, "客户名称": [chance.choice(noisy) for _ in range(400)]}).to_excel(
        path, index=False
    )
    return path


def seed_index(url: str, rows: list[tuple[str, str, str, float]]) -> None:
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(
            """INSERT INTO enterprise.enrichment_index
                   (lookup_key, lookup_type, company_id, confidence, source)
               VALUES (%s, %s, %s, %s, 'manual')""",
            rows,
        )


def index_rows(url: str) -> dict[tuple[str, str], tuple[str, float, str, int]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """SELECT lookup_key, lookup_type, company_id, confidence, source, hit_count
               FROM enterprise.enrichment_index"""
        ).fetchall()
    return {
        (key, kind): (company, float(confidence), source, hits)
        for key, kind, company, confidence, source, hits in rows
    }


def test_the_numbers_agree_with_an_independent_count(
    month: Path, database_url: str, eqcbatch: Run, simulator: Callable[..., Simulator]
) -> None:
    """Rows, blanks, distinct keys and what Postgres holds are those of a pandas one-off."""
    eqc = simulator()
    raw = pd.read_excel(month, engine="openpyxl", keep_default_na=False)["客户名称"].astype(str)
    rows_by_key = Counter(key for key in raw.map(lookup_key) if key)
    known = sorted(rows_by_key)[0]
    seed_index(database_url, [(known, "customer_name", "600000001", 1.0)])
    common = ("--ledger", "l.sqlite")

    planned = eqcbatch(
        "plan", month, "--column", "客户名称", *common, "--database-url", database_url, "--json"
    )
    drained = eqcbatch(
        "drain",
        "--budget",
        "all",
        *common,
        "--eqc-url",
        eqc.url,
        "--rate",
        FAST,
        "--json",
        EQCBATCH_EQC_TOKEN=TOKEN,
        EQCBATCH_DATABASE_URL=database_url,
    )
    reported = eqcbatch("report", *common, "--json")

    plan, drain, report = (json.loads(ran.out) for ran in (planned, drained, reported))
    assert (0, 0, 0) == (planned.code, drained.code, reported.code)
    assert {"total": len(rows_by_key), "cached": 1, "pending": len(rows_by_key) - 1} == {
        name: plan["names"][name] for name in ("total", "cached", "pending")
    }
    assert {"total": 400, "blank": int((raw.map(lookup_key) == "").sum()), "cached": rows_by_key[known]} == {
        name: report["rows"][name] for name in ("total", "blank", "cached")
    }
    assert 0 == report["names"]["pending"]
    assert report["balanced"]
    assert len(rows_by_key) - 1 == drain["session"]["requests"] == eqc.totals.requests
    assert drain["session"]["flushed"] == report["resolved"]["flushed"] == len(index_rows(database_url)) - 1
    assert ("600000001", 1.0, "manual", 1) == index_rows(database_url)[known, "customer_name"]
    assert 0 == eqcbatch("report", *common, "--check").code
