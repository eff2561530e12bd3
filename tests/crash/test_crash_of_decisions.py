"""People's decisions under SIGKILL: a decision is taken or not, and once more ends as if nothing was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Held
from eqcbatch.ledger import open_ledger
from tests.crash.harness import KILLED, Zygote
from tests.indexes import execute, seed, select
from tests.ledgers import ask, decide, plan_names, resolve, verdict

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its commands")

FLUSHED, HELD, DECIDED, PENDING = "甲公司", "乙公司", "丙公司", "丁公司"
SHEET = f"lookup_key,decision,force\n{FLUSHED},none,\n{HELD},600000009,yes\n{DECIDED},reopen,\n"
COMMANDS = {
    "another id": ("review", "set", FLUSHED, "600000009", "--force"),
    "no company": ("review", "set", FLUSHED, "none"),
    "an id for a name to be asked": ("review", "set", PENDING, "600000009"),
    "opened again": ("review", "set", DECIDED, "reopen"),
    "a sheet": ("review", "import", "d.csv", "--change-decisions"),
}
ROWED, OWN, OVERRIDDEN = "戊公司", "己公司", "庚公司"
MONTH = f"客户名称,id\n{ROWED},\n{OWN},600000005\n{OVERRIDDEN},\n{FLUSHED},\n{HELD},\n{PENDING},\n"
IDS = "".join(f"{name}: '600000011'\n" for name in (OVERRIDDEN, FLUSHED, HELD))
PLAN = ("plan", "month.csv", "--id-column", "id", "--overrides", "ids.yml")
BACKFLOW = ("flush", "--backflow")
# The other ways to an id, each with the commands that go before.
OTHER_WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "overrides, a corrected row and an own column": (PLAN,),
    "a rescore": (("review", "rescore", "--apply", "--min-confidence", "0.5"),),
    "a revert": (("flush", "--revert", "3"),),  # that of the latest answer before the flush
    "backflow": (PLAN, BACKFLOW),
    "a revert of backflow": (PLAN, BACKFLOW, ("flush", "--revert", "backflow")),
    "a revert of backflow that a plan took for known": (
        PLAN,
        BACKFLOW,
        PLAN,
        ("flush", "--revert", "backflow"),
    ),
    "an override that is withdrawn": (PLAN, BACKFLOW, ("review", "set", OVERRIDDEN, "reopen")),
    "an audit": (PLAN, ("audit", "--sheet", "suspicious.csv")),
}
_BACKFLOW = "SELECT lookup_key, origin, company_id, flushed_company_id, flush_error FROM backflow ORDER BY 1"
_ROWS = "lookup_key, lookup_type, company_id, confidence, source, source_domain"
_NAMES = """SELECT lookup_key, state, reason, company_id, confidence, verdict, held, source,
                   flushed_at IS NOT NULL, flushed_company_id, flushed_confidence FROM names ORDER BY 1"""
_DECISIONS = "SELECT lookup_key, choice, decided_by, origin, forced, before, after FROM decisions ORDER BY id"


@dataclass
class Place:
    """A ledger and an index in which commands run, and are killed."""

    directory: Path
    url: str
    zygote: Zygote

    def prepare(self) -> None:
        """A ledger with a name flushed, one held, one that a person decided and one pending."""
        path = self.directory / "begun.sqlite"
        plan_names(path, FLUSHED, HELD, DECIDED, PENDING)
        for number, name in enumerate((FLUSHED, HELD, DECIDED)):
            held = Held.AMBIGUOUS if name == HELD else None
            resolve(path, name, verdict(f"60000000{number}", 0.8, held))
        decide(path, DECIDED, "600000007")
        assert 0 == self.run("begun", ("flush",))
        for file, text in (("d.csv", SHEET), ("month.csv", MONTH), ("ids.yml", IDS)):
            (self.directory / file).write_text(text, encoding="utf-8")
        seed(self.url, (ROWED, "customer_name", "600000011", 1.0))
        self.rows = select(self.url, f"SELECT {_ROWS} FROM enterprise.enrichment_index")

    def fresh(self, name: str) -> Path:
        """A copy of both as they begin."""
        execute(self.url, "TRUNCATE enterprise.enrichment_index")
        for row in self.rows:
            values = ", ".join("NULL" if one is None else f"'{one}'" for one in row)
            execute(self.url, f"INSERT INTO enterprise.enrichment_index ({_ROWS}) VALUES ({values})")
        return Path(shutil.copy(self.directory / "begun.sqlite", self.directory / f"{name}.sqlite"))

    def run(self, name: str, arguments: tuple[str, ...], kill_at: int | None = None) -> int:
        """Run a command on a ledger, and kill it at a boundary."""
        ours = (".csv", ".yml")
        words = [str(self.directory / one) if one.endswith(ours) else one for one in arguments]
        words += ["--ledger", str(self.directory / f"{name}.sqlite"), "-q"]
        environment = {"EQCBATCH_DATABASE_URL": self.url}
        return self.zygote.run(words, environment, self.directory / f"{name}.trace", kill_at)

    def trace(self, name: str) -> list[dict[str, Any]]:
        """The boundaries that a command passed."""
        text = (self.directory / f"{name}.trace").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def stands(self, path: Path) -> tuple[Any, Any, Any]:
        """Names, decisions and index."""
        rows = select(self.url, f"SELECT {_ROWS} FROM enterprise.enrichment_index ORDER BY 1, 2")
        return ask(path, _NAMES), ask(path, _DECISIONS), rows


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """Where commands run."""
    zygote = Zygote()
    place = Place(tmp_path, database_url, zygote)
    place.prepare()
    yield place
    zygote.close()


@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_kill_at_any_boundary_takes_a_decision_whole_or_not_at_all(
    command: str, place: Place, every_boundary: bool
) -> None:
    """Before or after each commit of ledger and Postgres; the same command again ends as without a kill."""
    begun = place.fresh("reference")
    before = place.stands(begun)
    assert 0 == place.run("reference", COMMANDS[command])
    after = place.stands(begun)
    trace = place.trace("reference")
    assert {"before ledger commit", "after ledger commit", "after Postgres commit"} <= {
        line["what"] for line in trace
    }
    assert before[1] != after[1]
    found = set()
    for line in trace if every_boundary else trace[::2] + trace[-1:]:
        name = f"at-{line['count']}"
        path = place.fresh(name)
        assert KILLED == place.run(name, COMMANDS[command], line["count"])
        decisions = place.stands(path)[1]
        found.add(repr(decisions))
        assert decisions in (before[1], after[1]), line
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
        assert 0 == place.run(name, COMMANDS[command]), line
        assert after == place.stands(path), line
    assert {repr(before[1]), repr(after[1])} == found


@pytest.mark.parametrize("way", list(OTHER_WAYS))
def test_a_kill_at_any_boundary_of_another_way_changes_nothing_in_the_end(
    way: str, place: Place, every_boundary: bool
) -> None:
    """The same command again, and a flush, end as without a kill."""
    *before, command = OTHER_WAYS[way]

    def begin(name: str) -> Path:
        path = place.fresh(name)
        for earlier in before:
            assert 0 == place.run(name, earlier)
        (place.directory / f"{name}.trace").unlink(missing_ok=True)
        return path

    def end(name: str, path: Path) -> Any:
        assert 0 == place.run(name, ("flush",))
        with open_ledger(path) as ledger:
            assert [] == ledger.stats.imbalances()
        return *place.stands(path), ask(path, _BACKFLOW)

    path = begin("reference")
    begun = (*place.stands(path), ask(path, _BACKFLOW))
    assert 0 == place.run("reference", command)
    trace = place.trace("reference")
    after = end("reference", path)
    assert (begun == after) == (way == "an audit")
    for line in trace if every_boundary else trace[::8] + trace[-1:]:
        name = f"at-{line['count']}"
        path = begin(name)
        assert KILLED == place.run(name, command, line["count"])
        again = place.run(name, command)
        assert again == 0 or ("--revert" in command and again == 2), line  # nothing is left to revert
        assert after == end(name, path), line
