"""Kill a drain at a boundary, resume it, and hold the end against that of a drain nobody killed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eqcbatch.cli.app import main
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN

LIMIT, PERIOD_S = 24, 1.0
KILLED = -9
Question = tuple[str, str | None]  # endpoint and parameter
_STATE = """SELECT lookup_key, query, state, reason, company_id, official_name, confidence, verdict, held,
                   source, rows, flushed_at IS NOT NULL, flushed_company_id, flushed_confidence, flush_error
            FROM names ORDER BY lookup_key"""
_COMPANIES = """SELECT company_id, official_name, unite_code, weight, confidence, search_keyword,
                       search_answer, business_info, labels, flushed_at IS NOT NULL, flush_error
                FROM companies ORDER BY company_id"""
_BASE_INFO = """SELECT (to_jsonb(b) - 'api_fetched_at' - 'updated_at')::text
                FROM enterprise.base_info b ORDER BY company_id"""
_INDEX = """SELECT lookup_key, lookup_type, company_id, confidence, source, source_domain
            FROM enterprise.enrichment_index ORDER BY lookup_key, lookup_type"""


class Zygote:
    """The forking process of `tests.crash.zygote`."""

    def __init__(self) -> None:
        checkout = str(Path(__file__).resolve().parent.parent.parent)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": checkout},
        )

    def run(self, arguments: list[str], environment: dict[str, str], trace: Path, kill_at: int | None) -> int:
        """Run a command to its end, or to its death at boundary `kill_at`; its status."""
        assert self._process.stdin
        assert self._process.stdout
        order = {
            "arguments": arguments,
            "environment": environment,
            "trace": str(trace),
            "kill_at": kill_at,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the zygote died"
        return int(json.loads(answer)["status"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Copies:
    """Runs of one command, each on a copy of its own of one ledger, with a pace file of its own."""

    def __init__(self, zygote: Zygote, ledger: Path, command: Sequence[str], **environment: str) -> None:
        self._zygote = zygote
        self._ledger = ledger
        self._command = command
        self._environment = environment

    def run(self, name: str, kill_at: int | None = None) -> int:
        """Run the command on the copy of this name, made where there is none; its status."""
        path = self.path(name)
        if not path.exists():
            shutil.copy(self._ledger, path)
        environment = {"EQCBATCH_PACE_FILE": str(path.with_suffix(".pace.json"))} | self._environment
        words = [*self._command, "--ledger", str(path), "-q"]
        return self._zygote.run(words, environment, path.with_suffix(".trace"), kill_at)

    def path(self, name: str) -> Path:
        """The copy of this name."""
        return self._ledger.with_name(f"{name}.sqlite")

    def steps(self, name: str) -> list[dict[str, Any]]:
        """The boundaries that its last run passed."""
        text = self.path(name).with_suffix(".trace").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def output(self, name: str) -> str:
        """What its last run said."""
        return self.path(name).with_suffix(".trace.output").read_text(encoding="utf-8")


@dataclass
class Sweep:
    """What a sweep over the boundaries came to: points by kind, and every violation of a promise."""

    points: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Boundaries tried, by kind."""
        lines = [f"{count:6}  {kind}" for kind, count in sorted(self.points.items())]
        total = f"{sum(self.points.values()):6}  kill points, {len(self.violations)} violations"
        return "\n".join([*lines, total, *self.violations])


class Workshop:
    """A planned ledger, a Postgres and an EQC on which a drain can be run again and again."""

    def __init__(
        self,
        directory: Path,
        database_url: str,
        eqc: Simulator,
        in_flight: int = 1,
        details: str = "none",
    ) -> None:
        self._directory = directory
        self._database_url = database_url
        self._eqc = eqc
        self.in_flight = in_flight
        self._details = details
        self._planned = directory / "planned.sqlite"
        self._zygote = Zygote()
        self.reference: tuple[list[Any], ...] = ([],)
        self.trace: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the helper process."""
        self._zygote.close()

    def plan(self, source: Path) -> None:
        """Plan once; every run starts from a copy. The reference is a drain that nobody kills."""
        with pytest.raises(SystemExit) as ended:
            main(["plan", str(source), "--ledger", str(self._planned), "-q"])
        assert not ended.value.code
        home = self._fresh("reference")
        assert self._drain(home, None) == 0
        self.reference = self._end_state(home)
        self.trace = self._read_trace(home)

    def kill_and_resume(self, kill_at: list[int], sweep: Sweep) -> None:
        """Kill a drain at each of these boundaries in turn, resume it each time, and check the promises."""
        home = self._fresh("-".join(map(str, kill_at)))
        asked_before = len(self._eqc.requests)
        statuses, archived = [], []
        for boundary in kill_at:
            statuses.append(self._drain(home, boundary))
            archived.append((self._archived(home), len(self._eqc.requests)))
        final = self._drain(home, None)
        where = self._read_trace(home)
        killed_at = [line["what"] for line in where if line["count"] in kill_at][: len(kill_at)]
        sweep.points[" then ".join(killed_at[-1:]) or "beyond the end"] += 1
        for violation in self._violations(home, statuses, final, archived, asked_before):
            sweep.violations.append(f"killed at {kill_at} ({killed_at}): {violation}")
        shutil.rmtree(home)

    def _violations(
        self,
        home: Path,
        statuses: list[int],
        final: int,
        archived: list[tuple[set[Question], int]],
        asked_before: int,
    ) -> list[str]:
        found = []
        if any(status not in (KILLED, 0) for status in statuses) or final != 0:
            output = (home / "trace.output").read_text(encoding="utf-8")[-600:]
            found.append(f"statuses {statuses}, then {final}: {output}")
        if self._end_state(home) != self.reference:
            found.append("P2: the end state differs from that of an uninterrupted drain")
        for questions, asked_then in archived:
            again = {(seen.endpoint, seen.parameter) for seen in self._eqc.requests[asked_then:]} & questions
            if again:
                found.append(f"P2: asked again though archived: {again}")
        sent = Counter((seen.endpoint, seen.parameter) for seen in self._eqc.requests[asked_before:])
        repeats = sum(count - 1 for count in sent.values())
        if repeats > len(statuses) * self.in_flight:
            found.append(f"P2: {repeats} requests repeated")
        found += self._window_violations(home)
        found += self._ledger_violations(home, sum(sent.values()), statuses)
        return found

    def _window_violations(self, home: Path) -> list[str]:
        sends = sorted(line["at"] for line in self._read_trace(home) if line["what"] == "before request")
        over = [b - a for a, b in zip(sends, sends[LIMIT:], strict=False) if b - a < PERIOD_S]
        return [f"P3: {LIMIT + 1} requests within {min(over):.3f} s"] if over else []

    def _ledger_violations(self, home: Path, sent: int, statuses: list[int]) -> list[str]:
        found = []
        with open_ledger(home / "l.sqlite") as ledger:
            found += [f"P7: {line}" for line in ledger.stats.imbalances()]
            requests = ledger.stats.requests()
        if requests.by_outcome.get("in_flight"):
            found.append("P7: a request is in flight for ever")
        if requests.by_outcome.get("unknown", 0) > len(statuses) * self.in_flight:
            found.append(f"P2: {requests.by_outcome['unknown']} requests unknown")
        if requests.total < sent:
            found.append(f"P4: {sent} requests sent, {requests.total} booked")
        return found

    def _fresh(self, name: str) -> Path:
        home = self._directory / f"run-{name}"
        home.mkdir()
        shutil.copy(self._planned, home / "l.sqlite")
        with psycopg.connect(self._database_url) as connection:
            connection.execute("TRUNCATE enterprise.enrichment_index, enterprise.base_info")
        return home

    def _drain(self, home: Path, kill_at: int | None) -> int:
        arguments = [
            *("drain", "--resume", "--budget", "all", "--ledger", str(home / "l.sqlite"), "-q"),
            *("--eqc-url", self._eqc.url, "--rate", f"{LIMIT}/{PERIOD_S:g}s"),
            *("--in-flight", str(self.in_flight), "--details", self._details),
        ]
        environment = {
            "EQCBATCH_EQC_TOKEN": TOKEN,
            "EQCBATCH_DATABASE_URL": self._database_url,
            "EQCBATCH_PACE_FILE": str(home / "pace.json"),
        }
        return self._zygote.run(arguments, environment, home / "trace", kill_at)

    def _end_state(self, home: Path) -> tuple[list[Any], ...]:
        with sqlite3.connect(home / "l.sqlite") as ledger:
            held = [ledger.execute(question).fetchall() for question in (_STATE, _COMPANIES)]
        ledger.close()
        with psycopg.connect(self._database_url) as connection:
            kept = [connection.execute(question).fetchall() for question in (_INDEX, _BASE_INFO)]
        return (*held, *kept)

    def _archived(self, home: Path) -> set[Question]:
        """What is archived: the archive's keys are digests, so by trying all that may be asked."""
        from eqcbatch.domain.model import Endpoint
        from eqcbatch.eqc import open_archive

        if not archive_path(home / "l.sqlite").exists():
            return set()
        with open_archive(archive_path(home / "l.sqlite")) as archive:
            names, companies = self.reference[:2]
            questions = [(Endpoint.SEARCH, row[1]) for row in names]
            for endpoint in (Endpoint.FIND_DEPART, Endpoint.FIND_LABELS):
                questions += [(endpoint, row[0]) for row in companies]
            return {(str(endpoint), asked) for endpoint, asked in questions if archive.find(endpoint, asked)}

    @staticmethod
    def _read_trace(home: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (home / "trace").read_text(encoding="utf-8").splitlines()]
