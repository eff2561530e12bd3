"""Measure eqcbatch beside its rivals: every figure in the docs comes from here.

Needs the `[test]` extra and no internet; starts and stops everything itself. Rivals run by turns, several
times; the table shows medians, and the ratio is the median of the rounds' ratios. Goals are printed
beside the figures.

    python scripts/benchmark.py                      # all sections; half an hour or more
    python scripts/benchmark.py --quick              # small sizes, to see that it works; no goals
    python scripts/benchmark.py --only c,f --full    # with 10 million rows and a million names
    python scripts/benchmark.py --only a --names 1000 --runs 1 --json baseline.json
    python scripts/benchmark.py --full --page docs/performance.md    # the tables of that page, measured anew
    python scripts/benchmark.py --only e --before old/bin/python    # beside the version installed there
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import (
    baseline,
    html_report,
    lookup,
    month,
    names,
    overhead,
    planning,
    resuming,
    startup,
    verdicts,
    workbooks,
)
from benchmarks.findings import Effort, Section

SECTIONS: dict[str, tuple[Callable[[Effort], Section], ...]] = {
    "a": (baseline.measure,),
    "b": (month.measure,),
    "c": (planning.measure,),
    "d": (names.measure, lookup.measure),
    "e": (overhead.measure,),
    "f": (resuming.measure,),
    "g": (startup.measure,),
    "h": (html_report.measure,),
    "i": (workbooks.measure,),
    "j": (verdicts.measure,),
}
CONTENTS = ", ".join(f"{letter} {way.__module__.split('.')[-1]}" for letter, (way, *_) in SECTIONS.items())


def main() -> int:
    """Measure what is asked for and print it; 1 if a goal is missed and `--strict` is given."""
    options = parsed_options()
    effort = Effort(Path(), options.runs, options.names, options.quick, options.full, options.before)
    found: dict[str, list[Section]] = {}
    machine = _machine()
    print("  ".join(f"{name} {fact}" for name, fact in machine.items()), end="\n\n", flush=True)
    for letter in options.only:
        for measure in SECTIONS[letter]:
            section = _measured(measure, effort)
            if options.quick:
                section = section.without_goals()
            found.setdefault(letter, []).append(section)
            print(f"{letter})  {section.as_text()}", flush=True)
    if options.json:
        _write(options.json, machine, options, found)
    if options.page:
        _renew(options.page, machine, found)
    missed = any(section.missed for sections in found.values() for section in sections)
    return int(options.strict and missed)


def _measured(measure: Callable[[Effort], Section], effort: Effort) -> Section:
    """Measure one section in a directory of its own; it tells how long it took, and how busy all was."""
    before, started = _load(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="eqcbatch-benchmark-", ignore_cleanup_errors=True) as directory:
        section = measure(replace(effort, directory=Path(directory).resolve()))
    took = {
        "measured in": f"{time.monotonic() - started:.0f} s",
        "load of the machine before, after": f"{before}, {_load()}",
    }
    return replace(section, facts={**section.facts, **took})


def parsed_options() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_letters, default=tuple(SECTIONS), metavar="a,c", help=CONTENTS)
    parser.add_argument("--runs", type=_positive, help="rounds of each comparison (3; 1 with --quick)")
    parser.add_argument("--names", type=_positive, default=100, help="names of the baseline (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--full", action="store_true", help="the largest sizes, too")
    parser.add_argument(
        "--before", type=Path, metavar="PYTHON", help="e: beside the eqcbatch that this Python has"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, every round")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="put the tables between the marks of a page"
    )
    parser.add_argument("--strict", action="store_true", help="end with 1 if a goal is missed")
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 3)
    return options


def _letters(text: str) -> tuple[str, ...]:
    letters = tuple(text.replace(" ", "").split(","))
    if unknown := [letter for letter in letters if letter not in SECTIONS]:
        raise argparse.ArgumentTypeError(f"no section {', '.join(unknown)}; there are {CONTENTS}")
    return letters


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "load": _load(),
    }


def _load() -> str:
    """Processes that want a CPU, in the mean of the last minute; "?" on Windows."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"


def _write(
    path: Path, machine: dict[str, object], options: argparse.Namespace, found: dict[str, list[Section]]
) -> None:
    asked = {name: getattr(options, name) for name in ("runs", "names", "quick", "full")}
    content: dict[str, Any] = {
        "machine": machine,
        "asked": asked,
        "sections": {letter: [one.as_json() for one in sections] for letter, sections in found.items()},
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _renew(page: Path, machine: dict[str, object], found: dict[str, list[Section]]) -> None:
    """Put each section's tables where the page has `<!-- a:begin -->` and `<!-- a:end -->`."""
    told = ", ".join(f"{name} {fact}" for name, fact in machine.items())
    text = page.read_text(encoding="utf-8")
    for letter, sections in found.items():
        tables = "\n".join(section.as_markdown() for section in sections)
        begin, end = f"<!-- {letter}:begin -->", f"<!-- {letter}:end -->"
        if begin not in text or end not in text:
            sys.exit(
                f"{page} has no marks {begin} and {end}. Write them where the tables of that section belong."
            )
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\nMeasured {date.today()}: {told}.\n\n{tables}{end}{rest.partition(end)[2]}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
