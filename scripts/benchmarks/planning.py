"""Planning: `eqcbatch plan` of large sources, beside reading and counting the same column with pandas.

The whole command with an index of production's size: seconds by the wall and peak memory. Below it, the
phases of one more plan in a process of its own. The small source is the demo's month; the large ones have
13 distinct names in 100 rows, the large customers far more often than the small.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from benchmarks.databases import new_database
from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import COLUMN, Home, made_up_names
from benchmarks.processes import Ended, child, run
from benchmarks.rounds import by_turns, each
from benchmarks.traffic import SEED
from eqcbatch.demo.defaults import ROWS
from eqcbatch.demo.month import make_month, write_month
from eqcbatch.domain.names import lookup_key
from eqcbatch.postgres.embedded import embedded_postgres

MILLION, LARGEST, QUICK_LARGE = 1_000_000, 10_000_000, 50_000
DISTINCT = 0.13
INDEX_SIZE = 41_256
SKEW = 0.9  # the weight of the n-th largest customer is 1 / n ** SKEW
BLOCK = 100_000
FLOOR = "pandas: read and count"
PHASES = ("read", "names", "lookup", "ledger", "report")
GOALS = {
    MILLION: ([Goal("<=", round(26 / 6, 2))], []),
    LARGEST: ([Goal("<=", 2.5, of_ratio=True)], [Goal("<", 900)]),
}  # of seconds, and of MiB


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be planned, and the database whose index is asked."""

    path: Path
    rows: int
    database_url: str

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.path.suffix[1:]}"


def measure(effort: Effort) -> Section:
    """Plan each source and count it with pandas, by turns."""
    room = effort.room("planning")
    with embedded_postgres(room / "postgres") as url:
        rows = [row for source in _sources(effort, room, url) for row in _compare(effort.runs, source)]
    return Section(
        "Planning: seconds and peak memory",
        rows,
        {"index": f"{INDEX_SIZE:,} rows", "peak of a phase": "the most memory held until its end"},
    )


def _sources(effort: Effort, room: Path, server_url: str) -> Iterator[Source]:
    """Make one source after the other; each is removed when the next is asked for."""
    sizes = [QUICK_LARGE] if effort.quick else [MILLION, LARGEST] if effort.full else [MILLION]
    month, path = make_month(SEED, ROWS), room / "month.csv"
    write_month(month, path)
    keys = [lookup_key(name) for name in month.written()]
    yield Source(path, ROWS, _index(server_url, "month", keys))
    for size in sizes:
        path = room / f"{size}.csv"
        names = made_up_names(round(size * DISTINCT))
        write_large(path, size, names)
        url = _index(server_url, f"large_{size}", map(lookup_key, names[:INDEX_SIZE]))
        yield Source(path, size, url)
        if size != LARGEST and (parquet := _as_parquet(path)):
            yield Source(parquet, size, url)
            parquet.unlink()
        path.unlink()


def _index(server_url: str, name: str, keys: Iterator[str] | Sequence[str]) -> str:
    known = dict.fromkeys(keys)
    rows = [(key, "customer_name", str(600_000_000 + n), 1.0, "manual") for n, key in enumerate(known)]
    return new_database(server_url, name, rows[:INDEX_SIZE])


def write_large(path: Path, rows: int, names: Sequence[str], seed: int = SEED) -> None:
    """Write a CSV file of so many rows, block by block: every name once, the rest as large as they are."""
    dice = random.Random(f"rows {seed}")
    sizes = list(accumulate(1 / rank**SKEW for rank in range(1, len(names) + 1)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["计划代码", COLUMN])
        for begin in range(0, rows, BLOCK):
            end = min(rows, begin + BLOCK)
            block = list(names[begin * len(names) // rows : end * len(names) // rows])
            block += dice.choices(names, cum_weights=sizes, k=end - begin - len(block))
            dice.shuffle(block)
            writer.writerows((f"AN{number:08}", name) for number, name in enumerate(block, begin))


def _as_parquet(path: Path) -> Path | None:
    """The same rows as Parquet; None without pyarrow."""
    try:
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError:
        return None
    target = path.with_suffix(".parquet")
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(path), target)
    return target


def _compare(runs: int, source: Source) -> list[Row]:
    floor = partial(run, source.path.parent, (*child("pandas_floor"), source.path, COLUMN))
    found: dict[str, list[Ended]] = by_turns(runs, {"plan": partial(_plan, source), "floor": floor})
    seconds, peaks = GOALS.get(source.rows, ([], [])) if source.path.suffix == ".csv" else ([], [])

    def row(what: str, unit: str, figure: str, goals: Sequence[Goal]) -> Row:
        ours, rival = (each(found[way], lambda ended: getattr(ended, figure)) for way in ("plan", "floor"))
        return Row(f"{source}: {what}", unit, ours, rival, FLOOR, goals)

    return [
        row("plan", "s", "seconds", seconds),
        row("on the CPU", "s", "cpu_s", []),
        row("peak memory", "MiB", "peak_mib", peaks),
        *_phases(source),
    ]


def _plan(source: Source) -> Ended:
    home = _new_home(source)
    return home.eqcbatch("plan", source.path, "--json")


def _phases(source: Source) -> list[Row]:
    home = _new_home(source)
    words = (*child("plan_phases"), source.path, home.ledger, source.database_url)
    told = run(home.directory, words, home.settings).json()
    rows = []
    for phase in PHASES:
        spent = told[phase]
        peak = f", peak {spent['peak_mib']:.0f} MiB" if spent["peak_mib"] else ""
        rows.append(Row(f"· {phase}, on the CPU {spent['cpu_s']:.2f} s{peak}", "s", [spent["seconds"]]))
    return rows


def _new_home(source: Source) -> Home:
    room = source.path.parent
    place = room / f"plan-{len(list(room.iterdir()))}-{source.rows}"
    place.mkdir()
    return Home(place, source.database_url)
