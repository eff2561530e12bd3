"""Commands in any order, with faults and kills among them: what they come to is what an oracle says.

The oracle (`tests.oracle`) is told each command and works out by itself what must have become of every name,
of the index, of the request queue and of the report; Hypothesis chooses the commands, and shrinks what fails.

    pytest tests/integration/test_any_order.py --examples 500     # other ones, for longer than the gate
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eqcbatch.simulate import Fault, Faults, Simulator, SimulatorOptions, Span
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.crash.harness import KILLED, Zygote
from tests.oracle import Ending, Heard, Name, Oracle
from tests.world import (
    NAMES,
    NOBODY,
    OFFERED,
    SHORT,
    SIBLINGS,
    TWINS,
    VERDICTS,
    WALL,
    Bureau,
    Request,
    Row,
    World,
)

SCALE = 600  # a minute is a tenth of a second
MINIMA = (0.5, 0.7, 0.85, 0.95)
MOST_FALSE = 2  # empties at the end of a session that nobody can tell from true ones
IN_THE_GATE = 6  # orders of commands, always the same
CAN_KILL = hasattr(os, "fork")
_NAMES = """SELECT lookup_key, state, reason, company_id, confidence, held, verdict IS 'manual',
                   flushed_at IS NOT NULL, flush_error IS NOT NULL,
                   state = 'failed' AND not_before IS NOT NULL
            FROM names"""
_INDEX = """SELECT lookup_key, company_id, confidence::float8, source, source_domain
            FROM enterprise.enrichment_index"""
_QUEUE = """SELECT status, resolved_company_id, split_part(last_error, ': the index has', 1)
            FROM enterprise.enrichment_requests ORDER BY id"""

Spelled = Callable[[str], str]
Seen = tuple[str, str, int]  # a name, how it is spelled, and in how many rows
SPELLINGS: Mapping[str, Spelled] = {
    "plain": lambda name: name,
    "spaced": lambda name: f" {name[:2]} {name[2:]}\u3000",
    "marked": lambda name: f"{name}-已转出",
    "marked first": lambda name: f"（已转出）{name}",
}


@dataclass(frozen=True)
class Weather:
    """How EQC is in a drain: a fault from one request to another (None: for ever). codes: how it may end."""

    fault: str | None = None
    first: int = 1
    last: int | None = None
    codes: tuple[int, ...] = (0,)

    def faults(self) -> Faults:
        """The same for the simulator."""
        return Faults(between=(Span(Fault(self.fault), self.first, self.last),)) if self.fault else Faults()


def _spell(fault: str, most: int) -> st.SearchStrategy[Weather]:
    return st.builds(
        lambda first, length: Weather(fault, first, first + length - 1, (0, 4)),
        st.integers(1, 6),
        st.integers(1, most),
    )


CALM = Weather()
UNSETTLED = st.sampled_from(("500", "reset", "404")).flatmap(lambda fault: _spell(fault, 4)) | _spell(
    "error", 1
)
ILL = st.builds(
    lambda ill, first: Weather(ill[0], first, None, (0, ill[1])),
    st.sampled_from(
        (("500", 4), ("reset", 4), ("empty", 4), ("empty", 4), ("401", 5), ("html", 5), ("403", 6))
    ),
    st.integers(1, 4),
)
RAWS = st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(SPELLINGS)), st.integers(1, 3))
MONTHS = st.lists(RAWS, min_size=3, max_size=9)
KILLS = st.none() | st.integers(1, 60) if CAN_KILL else st.none()
MACHINES = st.integers(0, 1)
QUEUED = (WALL, SHORT, TWINS, NOBODY)  # few, so that both machines are after the same ones


@dataclass
class Surroundings:
    """What commands run in: the command itself, a directory, a Postgres, a process to be killed."""

    eqcbatch: Run
    directory: Path
    database_url: str
    zygote: Zygote | None

    def run(self, arguments: Sequence[object], kill_at: int | None = None) -> int:
        """Run a command; with `kill_at`, in a process that is killed at that boundary, if it gets there."""
        words = [*map(str, arguments), "--database-url", self.database_url, "-q"]
        if kill_at is None:
            ran: Ran = self.eqcbatch(*words, EQCBATCH_EQC_TOKEN=TOKEN)
            assert ran.code != 1, ran.err
            return ran.code
        assert self.zygote
        trace = self.directory / "trace"
        trace.unlink(missing_ok=True)
        environment = {"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_PACE_FILE": str(self.directory / "pace.json")}
        return self.zygote.run(words, environment, trace, kill_at)

    def again_until_done(self, arguments: Sequence[object], kill_at: int | None) -> int:
        """Run a command; killed, once more."""
        if kill_at is not None and (code := self.run(arguments, kill_at)) != KILLED:
            return code
        return self.run(arguments)

    def query(self, question: str) -> list[Any]:
        """Rows of Postgres."""
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(question.encode()).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        """Change something in Postgres, as another program does."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(statement.encode(), values)


class AnyOrder(RuleBasedStateMachine):
    """Two machines with a ledger each, on one Postgres and one EQC."""

    around: Surroundings

    def __init__(self) -> None:
        super().__init__()
        self.home = self.around.directory / "example"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()
        self.around.execute(
            """TRUNCATE enterprise.enrichment_index, enterprise.enrichment_requests, enterprise.base_info
               RESTART IDENTITY"""
        )
        self.world = World()
        self.oracles = [Oracle(self.world, machine) for machine in range(2)]
        self.requests = [0, 0]  # as EQC heard them
        self.acted: set[int] = set()
        self.kills = [0, 0]  # since the last drain that came to its end
        self.unsent = [0, 0]  # booked at most by processes that were killed before they sent

    @initialize(first=MONTHS, second=MONTHS)
    def begin(self, first: list[Seen], second: list[Seen]) -> None:
        """Each machine has a month."""
        for machine, month in enumerate((first, second)):
            self.plan(machine, "a", month, 0, None)

    # what is done

    @rule(
        machine=MACHINES, source=st.sampled_from("ab"), month=MONTHS, blank=st.integers(0, 2), kill_at=KILLS
    )
    def plan(self, machine: int, source: str, month: list[Seen], blank: int, kill_at: int | None) -> None:
        """A month comes, or comes again with other rows: what it has no more is retired."""
        raws = [SPELLINGS[how](name) for name, how, rows in month for _ in range(rows)] + [""] * blank
        file = self.home / f"{source}{machine}.csv"
        file.write_text("客户名称\n" + "\n".join(f'"{raw}"' for raw in raws) + "\n", encoding="utf-8")
        arguments = ("plan", file, "--ledger", self.ledger(machine))
        assert 0 == self.around.again_until_done(arguments, kill_at)
        rows = Counter({name: 0 for name, _, _ in month})
        for name, _, count in month:
            rows[name] += count
        if blank:
            rows[""] = blank
        self.oracles[machine].plan(source, rows)

    @rule(
        machine=MACHINES,
        names=st.lists(st.sampled_from(QUEUED), max_size=3),
        limit=st.none() | st.integers(1, 3),
        kill_at=KILLS,
    )
    def plan_queue(self, machine: int, names: list[str], limit: int | None, kill_at: int | None) -> None:
        """Another pipeline leaves names in the queue; a machine takes what the other one does not have."""
        for name in names:
            self.around.execute(
                """INSERT INTO enterprise.enrichment_requests (raw_name, normalized_name)
                   SELECT said, said FROM (VALUES (%s)) AS request (said)""",
                name,
            )
            self.world.queue.append(Request(name))
        limited = () if limit is None else ("--limit", limit)
        kill_at = kill_at if limit is None else None  # what was taken by a killed one is taken
        arguments = ("plan", "--queue", *limited, "--ledger", self.ledger(machine))
        assert 0 == self.around.again_until_done(arguments, kill_at)
        self.oracles[machine].plan_queue(limit)

    @rule(
        data=st.data(),
        confidence=st.sampled_from((0.6, 0.8, 1.0)),
        other=st.booleans(),
        source=st.sampled_from(("manual", "legacy_migration")),
    )
    def others_write(self, data: st.DataObject, confidence: float, other: bool, source: str) -> None:
        """Another system writes a row of the index, most often of a name that is to be decided here."""
        to_ask = {key for oracle in self.oracles for key in oracle.to_ask()} & VERDICTS.keys()
        name = data.draw(st.sampled_from(sorted(to_ask or VERDICTS)), "written")
        row = Row("900" if other else VERDICTS[name].company_id, confidence, source)
        self.around.execute(
            """INSERT INTO enterprise.enrichment_index
                 (lookup_key, lookup_type, company_id, confidence, source)
               VALUES (%s, 'customer_name', %s, %s, %s)
               ON CONFLICT (lookup_key, lookup_type) DO UPDATE SET company_id = excluded.company_id,
                 confidence = excluded.confidence, source = excluded.source, source_domain = NULL""",
            *(name, *row.what, source),
        )
        self.world.index[name] = row

    @rule(data=st.data())
    @precondition(lambda self: self.world.index)
    def lose(self, data: st.DataObject) -> None:
        """Postgres is restored from a backup that has not got a row yet."""
        name = data.draw(st.sampled_from(sorted(self.world.index)), "lost")
        self.around.execute("DELETE FROM enterprise.enrichment_index WHERE lookup_key = %s", name)
        del self.world.index[name]

    @rule(machine=MACHINES, budget=st.none() | st.integers(1, 4), minimum=st.sampled_from(MINIMA))
    def calm_drain(self, machine: int, budget: int | None, minimum: float) -> None:
        """A night in which nothing goes wrong; some end with their budget."""
        self.drain(machine, CALM, budget, minimum, False)

    @rule(machine=MACHINES, weather=UNSETTLED, minimum=st.sampled_from(MINIMA), retry=st.booleans())
    def unsettled_drain(self, machine: int, weather: Weather, minimum: float, retry: bool) -> None:
        """A night in which some requests fail."""
        self.drain(machine, weather, None, minimum, retry)

    @rule(machine=MACHINES, weather=ILL, minimum=st.sampled_from(MINIMA), retry=st.booleans())
    def ill_drain(self, machine: int, weather: Weather, minimum: float, retry: bool) -> None:
        """A night in which EQC falls ill for good."""
        self.drain(machine, weather, None, minimum, retry)

    def drain(self, machine: int, weather: Weather, budget: int | None, minimum: float, retry: bool) -> None:
        """A night, in any weather."""
        oracle = self.oracles[machine]
        if retry:
            oracle.retry_failed()
        options = ("--retry-failed",) if retry else ()
        code, heard = self.run_drain(machine, minimum, weather, budget, options)
        assert code in weather.codes, (code, heard)
        oracle.session = self.ask(machine, "SELECT max(id) FROM sessions")[0][0]
        oracle.flush(again=True)
        ending = Ending(well=code == 0, done=code == 0 and budget is None)
        self.hold_against_the_log(machine, heard, weather, budget, code)
        self.kills[machine] = 0
        self.adopt(machine, oracle.ends(heard, minimum, ending))
        oracle.flush()

    @rule(machine=MACHINES, minimum=st.sampled_from(MINIMA), kill_at=st.integers(1, 90))
    @precondition(lambda self: CAN_KILL)
    def killed_drain(self, machine: int, minimum: float, kill_at: int) -> None:
        """A night that ends by SIGKILL; nothing but --resume goes on from there."""
        oracle = self.oracles[machine]
        booked = self.ask(machine, "SELECT count(*) FROM requests")[0][0]
        code, heard = self.run_drain(machine, minimum, kill_at=kill_at)
        assert code in (KILLED, 0)
        self.unsent[machine] += self.ask(machine, "SELECT count(*) FROM requests")[0][0] - booked - len(heard)
        oracle.session = self.ask(machine, "SELECT max(id) FROM sessions")[0][0]
        self.kills[machine] += code == KILLED
        if code == 0:
            oracle.flush(again=True)
            self.adopt(machine, oracle.ends(heard, minimum, Ending(well=True, done=True)))
            oracle.flush()
            return
        self.adopt(machine, oracle.ends(heard, minimum, Ending(well=False, done=False, killed=True)))
        self.adopt_flushed(machine)
        if self.ask(machine, "SELECT 1 FROM sessions WHERE ended_at IS NULL"):
            assert 2 == self.around.run(self.drain_command(machine, minimum, "http://127.0.0.1:9"))

    @rule(machine=MACHINES, kill_at=KILLS)
    def flush(self, machine: int, kill_at: int | None) -> None:
        """What is due goes to Postgres."""
        arguments = ("flush", "--ledger", self.ledger(machine))
        assert 0 == self.around.again_until_done(arguments, kill_at)
        self.oracles[machine].flush(again=True, refused=True)

    @rule(machine=MACHINES, data=st.data(), kill_at=KILLS)
    def revert(self, machine: int, data: st.DataObject, kill_at: int | None) -> None:
        """What a session sent is taken back."""
        oracle = self.oracles[machine]
        if sessions := oracle.sessions():
            session = data.draw(st.sampled_from(sessions), "session")
            arguments = ("flush", "--revert", session, "--ledger", self.ledger(machine))
            assert self.around.again_until_done(arguments, kill_at) in ((0,) if kill_at is None else (0, 2))
            oracle.revert(session)

    @rule(machine=MACHINES, data=st.data(), kill_at=KILLS)
    def review(self, machine: int, data: st.DataObject, kill_at: int | None) -> None:
        """What is held goes out as a sheet; decisions come back on it and on names that are not held."""
        oracle = self.oracles[machine]
        sheet, ledger = self.home / "sheet.csv", ("--ledger", self.ledger(machine))
        sheet.unlink(missing_ok=True)
        assert 0 == self.around.eqcbatch("review", "export", sheet, *ledger).code
        with sheet.open(encoding="utf-8-sig", newline="") as file:
            assert oracle.held() == {line["lookup_key"] for line in csv.DictReader(file)}
        keys = data.draw(
            st.lists(st.sampled_from(sorted(oracle.names)), min_size=1, max_size=3, unique=True), "decided"
        )
        decisions = {
            key: data.draw(st.sampled_from(["none", "900", "reopen", *OFFERED.get(key, [])]), "decision")
            for key in keys
        }
        lines = [f"{key},{text},yes" for key, text in decisions.items()]
        sheet.write_text("lookup_key,decision,force\n" + "\n".join(lines) + "\n", encoding="utf-8")
        change = data.draw(st.booleans(), "change")
        options = ("--change-decisions",) if change else ()
        code = self.around.again_until_done(("review", "import", *options, sheet, *ledger), kill_at)
        assert (0 if oracle.decide(decisions, change=change) else 2) == code

    @rule(machine=MACHINES, data=st.data(), kill_at=KILLS)
    def review_one(self, machine: int, data: st.DataObject, kill_at: int | None) -> None:
        """One name is decided, whatever it is; most often one that a person decided before."""
        oracle = self.oracles[machine]
        manual = [key for key, name in oracle.names.items() if name.manual]
        key = data.draw(st.sampled_from(sorted(manual or oracle.names)), "decided")
        text = data.draw(st.sampled_from(["none", "900", "reopen"]), "decision")
        arguments = ("review", "set", key, text, "--force", "--ledger", self.ledger(machine))
        assert 0 == self.around.again_until_done(arguments, kill_at)
        oracle.decide({key: text})

    @rule(machine=MACHINES, minimum=st.sampled_from(MINIMA), kill_at=KILLS)
    def rescore(self, machine: int, minimum: float, kill_at: int | None) -> None:
        """Stored answers are judged by another minimum."""
        arguments = ("review", "rescore", "--apply", "--min-confidence", minimum)
        assert 0 == self.around.again_until_done((*arguments, "--ledger", self.ledger(machine)), kill_at)
        self.oracles[machine].rescore(minimum)

    # what must be

    @invariant()
    def the_index_holds_what_it_must(self) -> None:
        """Every row, and no other."""
        assert self.world.index == self.rows_of_index()

    @invariant()
    def the_queue_says_what_it_must(self) -> None:
        """Of every request."""
        assert [_marks(one) for one in self.world.queue] == self.around.query(_QUEUE)

    @invariant()
    def ledgers_and_reports_say_what_they_must(self) -> None:
        """Every name, every sum, and no request that EQC did not hear."""
        for machine, oracle in enumerate(self.oracles):
            assert oracle.names == self.names(machine)
        for machine in self.acted:
            oracle = self.oracles[machine]
            ran = self.around.eqcbatch("report", "--ledger", self.home / f"{machine}.sqlite", "--json")
            assert 0 == ran.code, ran.err
            report = json.loads(ran.out)
            expected = oracle.report()
            assert expected.pop("hit_rate") == pytest.approx(report["hit_rate"]["names"], abs=1e-3)
            assert expected == {part: report[part] for part in expected}
            assert report["balanced"]
            total, heard = report["requests"]["total"], self.requests[machine]
            assert heard <= total <= heard + self.unsent[machine]
        self.acted.clear()

    # how

    def ledger(self, machine: int) -> Path:
        """Where a machine has its ledger; whoever asks is about to do something with it."""
        self.acted.add(machine)
        return self.home / f"{machine}.sqlite"

    def drain_command(self, machine: int, minimum: float, url: str) -> tuple[object, ...]:
        """A drain, a minute being a tenth of a second."""
        return (
            *("drain", "--ledger", self.ledger(machine), "--eqc-url", url, "--rate", FAST),
            *("--time-scale", SCALE, "--min-confidence", minimum),
        )

    def run_drain(
        self,
        machine: int,
        minimum: float,
        weather: Weather = CALM,
        budget: int | None = None,
        options: Sequence[object] = (),
        kill_at: int | None = None,
    ) -> tuple[int, list[Heard]]:
        """Run a drain; its exit code, and the searches that EQC heard."""
        eqc = SimulatorOptions(
            latency=(0, 0), rate=None, token=TOKEN, registry=Bureau(), faults=weather.faults()
        )
        with Simulator(eqc) as simulator:
            command = self.drain_command(machine, minimum, simulator.url)
            code = self.around.run(
                (*command, "--resume", "--budget", "all" if budget is None else budget, *options), kill_at
            )
            seen = simulator.requests
        self.requests[machine] += len(seen)
        assert budget is None or len(seen) <= budget
        return code, [Heard(one.parameter or "", one.fault) for one in seen if one.endpoint == "search"]

    def hold_against_the_log(
        self, machine: int, heard: Sequence[Heard], weather: Weather, budget: int | None, code: int
    ) -> None:
        """What EQC heard is what there was to ask, in its order; and what befell it, the exit code tells."""
        oracle = self.oracles[machine]
        struck = [one for one in heard if one.fault]
        if struck and weather.last is None and budget is None and weather.fault != "empty":
            assert code, "a drain ended well though EQC did not"
        if weather.fault == "empty" and not code:
            assert len({one.name for one in struck}) <= MOST_FALSE
        (canaries,) = self.ask(
            machine,
            f"SELECT count(*) FROM requests WHERE lookup_key IS NULL AND session_id = {oracle.session}",
        )[0]
        found = oracle.answered & VERDICTS.keys()
        again = sum(one.name in found for one in heard)
        if weather == CALM:  # else it is asked what it knew, to see whether it is ill
            assert again <= canaries + self.kills[machine], "what EQC found is asked once"
        order = [key for key in oracle.to_ask() if key not in SIBLINGS]
        asked = [key for key in dict.fromkeys(one.name for one in heard) if key in order]
        if weather == CALM:
            assert order[: len(asked)] == asked

    def adopt(self, machine: int, ends: Mapping[str, list[Name]]) -> None:
        """Go on from where the names are; each must be where it may."""
        oracle = self.oracles[machine]
        for key, found in self.names(machine).items():
            bare = replace(found, flushed=False, refused=False)
            if oracle.is_open(key):
                assert bare in ends[key], (key, bare, ends[key])
                oracle.names[key] = bare
                if bare.state == "resolved":
                    oracle.offered.add(key)
                elif bare.reason == "not_found":
                    oracle.offered.discard(key)

    def adopt_flushed(self, machine: int) -> None:
        """After a kill: what was due may have been sent, and what was sent may have been marked."""
        oracle, found, index = self.oracles[machine], self.names(machine), self.rows_of_index()
        if any(name.flushed and not found[key].flushed for key, name in oracle.names.items()):
            oracle.verify()
        for key, name in oracle.names.items():
            if found[key].flushed == name.flushed and index.get(key) == self.world.index.get(key):
                continue
            sent = oracle.sent.get(key)
            assert key in oracle.due()
            oracle.send(key)
            if not found[key].flushed:  # Postgres has it, and the ledger does not know
                oracle.names[key] = name
                oracle.sent.pop(key)
                oracle.sent.update({key: sent} if sent else {})
        before = list(self.world.queue)
        oracle.mark_queue()
        for at, row in enumerate(self.around.query(_QUEUE)):
            if row == _marks(before[at]):
                self.world.queue[at] = before[at]

    def ask(self, machine: int, question: str) -> list[Any]:
        """Rows of a ledger."""
        with closing(sqlite3.connect(self.home / f"{machine}.sqlite")) as connection:
            return connection.execute(question).fetchall()

    def names(self, machine: int) -> dict[str, Name]:
        """The names of a ledger as it has them."""
        return {
            key: Name(*facts, *map(bool, flags))
            for key, *facts, m, f, r, d in self.ask(machine, _NAMES)
            for flags in [(m, f, r, d)]
        }

    def rows_of_index(self) -> dict[str, Row]:
        """The index as Postgres has it."""
        return {key: Row(*facts) for key, *facts in self.around.query(_INDEX)}


def _marks(request: Request) -> tuple[str, str | None, str | None]:
    return request.status, request.company_id, request.error


@pytest.fixture
def around(eqcbatch: Run, tmp_path: Path, database_url: str) -> Iterator[Surroundings]:
    """A directory, a Postgres, and a process that forks commands to be killed."""
    zygote = Zygote() if CAN_KILL else None
    yield Surroundings(eqcbatch, tmp_path, database_url, zygote)
    if zygote:
        zygote.close()


def test_commands_in_any_order_come_to_what_the_oracle_says(
    around: Surroundings, pytestconfig: pytest.Config
) -> None:
    """Of every name, in the index, in the queue and in the report, after each command."""
    examples = pytestconfig.getoption("--examples")
    run_state_machine_as_test(
        type("Here", (AnyOrder,), {"around": around}),
        settings=settings(
            max_examples=examples or IN_THE_GATE,
            derandomize=not examples,
            stateful_step_count=12,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
