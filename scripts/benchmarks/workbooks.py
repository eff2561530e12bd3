"""Workbooks: `plan` and `apply` of a month's, beside what calamine alone takes to read the same file.

The workbook has 30,986 rows x 20 columns of texts and numbers, 33 MB of XML. The floor of an apply is that
reading, and the same parts packed once more.
"""

from __future__ import annotations

import random
from functools import partial
from operator import attrgetter
from pathlib import Path

import openpyxl

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.homes import COLUMN, Home
from benchmarks.processes import Ended, child, run
from benchmarks.rounds import by_turns, each
from benchmarks.traffic import SEED
from eqcbatch.demo.defaults import ROWS

COLUMNS, NAMES, TEXTS, QUICK_ROWS = 20, 4_000, 500, 2_000
READING, PACKING = "calamine: read all cells", "calamine: read; zip: pack again"
GOALS = {
    ("plan", "seconds"): [Goal("<=", 1.5, of_ratio=True)],
    ("plan", "peak_mib"): [Goal("<=", 130)],
}
FIGURES = {"seconds": ("", "s"), "cpu_s": (" on the CPU", "s"), "peak_mib": (": peak memory", "MiB")}


def measure(effort: Effort) -> Section:
    """Plan and copy the workbook, each beside its floor, by turns."""
    room = effort.room("workbooks")
    rows = QUICK_ROWS if effort.quick else ROWS
    path = room / "month.xlsx"
    write_workbook(path, rows)
    home = Home(room)
    floor = (*child("workbook_floor"), path)
    found: dict[str, list[Ended]] = by_turns(
        effort.runs,
        {
            "read": partial(run, room, floor),
            "plan": partial(home.eqcbatch, "plan", path, "--no-index", "--json"),
            "packed": partial(run, room, (*floor, room / "packed.xlsx")),
            "apply": partial(home.eqcbatch, "apply", path, "-o", room / "out.xlsx", "--no-temp-ids"),
        },
    )
    return Section(
        "Workbooks: seconds and peak memory",
        [row for way in ("plan", "apply") for row in _rows(f"{rows:,} rows x {COLUMNS} columns", way, found)],
        {"workbook": f"{path.stat().st_size / 1e6:.1f} MB, {NAMES:,} names"},
    )


def write_workbook(path: Path, rows: int, seed: int = SEED) -> None:
    """Write a workbook of a month as a finance department keeps it."""
    dice = random.Random(f"workbook {seed}")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("规模明细")
    named = ["月度", "业务类型", "计划类型", "计划代码", COLUMN, "公司ID"]
    sheet.append([*named, *(f"列{number}" for number in range(COLUMNS - len(named)))])
    for _ in range(rows):
        customer = dice.randrange(NAMES)
        row = [
            "2026-10",
            "受托",
            "单一计划",
            f"P{customer:05d}",
            f"深圳市第{customer}远山科技股份有限公司",
            None,
        ]
        others = (
            dice.random() * 1e6 if place % 2 else f"文本{dice.randrange(TEXTS)}"
            for place in range(COLUMNS - len(named))
        )
        sheet.append([*row, *others])
    book.save(path)


def _rows(what: str, way: str, found: dict[str, list[Ended]]) -> list[Row]:
    floor, name = ("read", READING) if way == "plan" else ("packed", PACKING)
    rows = []
    for figure, (words, unit) in FIGURES.items():
        ours, theirs = (each(found[of], attrgetter(figure)) for of in (way, floor))
        rows.append(Row(f"{what}: {way}{words}", unit, ours, theirs, name, GOALS.get((way, figure), [])))
    return rows
