"""What a benchmark is asked, and what it found: rows of ours beside a rival's, with the goal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from tabulate import tabulate

_OF_RIVALS = ("rival", "ours / rival", "against")
_SIGNS = {"<=": float.__le__, "<": float.__lt__, ">=": float.__ge__}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured, and where files may stand.

    runs: rounds of each comparison. names: of the baseline. quick: small sizes. full: the largest, too.
    before: the Python of an environment with an earlier eqcbatch, None for none.
    """

    directory: Path
    runs: int = 3
    names: int = 100
    quick: bool = False
    full: bool = False
    before: Path | None = None

    def room(self, name: str) -> Path:
        """A new directory for a part of the work."""
        place = self.directory / name
        place.mkdir()
        return place


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must be. sign: `<=`, `<` or `>=`. of_ratio: whether it is about ours / rival's."""

    sign: str
    limit: float
    of_ratio: bool = False

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}{'x' if self.of_ratio else ''}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, as often as it was measured. rival: the same of `against`, round by round, if any."""

    what: str
    unit: str
    ours: Sequence[float]
    rival: Sequence[float] = ()
    against: str = ""
    goals: Sequence[Goal] = ()

    @property
    def value(self) -> float | None:
        """The median of ours."""
        return _median(self.ours)

    @property
    def rival_value(self) -> float | None:
        """The median of the rival's."""
        return _median(self.rival)

    @property
    def ratio(self) -> float | None:
        """Ours to the rival's: the median over the rounds, each of which a busy machine slows as a whole."""
        pairs = zip(self.ours, self.rival, strict=False)
        return _median([ours / rival for ours, rival in pairs if rival])

    def met(self, goal: Goal) -> bool | None:
        """Whether a goal is met; None where nothing was measured."""
        found = self.ratio if goal.of_ratio else self.value
        return None if found is None else _SIGNS[goal.sign](float(found), float(goal.limit))

    def verdict(self) -> str:
        """The goals in words."""
        words = {True: "met", False: "MISSED", None: "not measured"}
        return ", ".join(f"{goal}: {words[self.met(goal)]}" for goal in self.goals)

    def as_json(self) -> dict[str, Any]:
        """The row, with every measurement."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": self.value,
            "rival": self.rival_value,
            "against": self.against or None,
            "ratio": self.ratio,
            "goals": [{"goal": str(goal), "met": self.met(goal)} for goal in self.goals],
            "runs": {"ours": list(self.ours), "rival": list(self.rival)},
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the benchmark. facts: what its figures rest on."""

    title: str
    rows: Sequence[Row]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_text(self) -> str:
        """The section as a table, and below it its facts."""
        facts = "".join(f"\n  {name}: {fact}" for name, fact in self.facts.items())
        return f"{self.title}\n\n{self._table('simple')}{facts}\n"

    def as_markdown(self) -> str:
        """The section for a page of the docs."""
        facts = "".join(f"\n- {name}: {fact}" for name, fact in self.facts.items())
        return f"**{self.title}**\n\n{self._table('github')}\n{facts}\n"

    def _table(self, style: str) -> str:
        """The rows; of rivals only where a row has one."""
        columns: list[tuple[str, str, Callable[[Row], str]]] = [
            ("", "left", lambda row: row.what),
            ("ours", "right", lambda row: shown(row.value)),
            ("rival", "right", lambda row: shown(row.rival_value)),
            ("", "left", lambda row: row.unit),
            ("ours / rival", "right", lambda row: shown(row.ratio)),
            ("against", "left", lambda row: row.against),
            ("goals", "left", Row.verdict),
        ]
        if not any(row.rival for row in self.rows):
            columns = [column for column in columns if column[0] not in _OF_RIVALS]
        heads, aligned, cells = zip(*columns, strict=True)
        body = [[cell(row) for cell in cells] for row in self.rows]
        return tabulate(body, heads, style, disable_numparse=True, colalign=aligned)

    def as_json(self) -> dict[str, Any]:
        """The section, with every measurement."""
        return {
            "title": self.title,
            "rows": [row.as_json() for row in self.rows],
            "facts": {name: str(fact) for name, fact in self.facts.items()},
        }

    def without_goals(self) -> Section:
        """The section for sizes that no goal is about."""
        return replace(self, rows=[replace(row, goals=()) for row in self.rows])

    @property
    def missed(self) -> bool:
        """Whether any goal is missed."""
        return any(row.met(goal) is False for row in self.rows for goal in row.goals)


def shown(value: float | None) -> str:
    """A figure with about three digits; "" for none."""
    if value is None:
        return ""
    if value == 0 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def _median(measured: Sequence[float]) -> float | None:
    return median(measured) if measured else None
