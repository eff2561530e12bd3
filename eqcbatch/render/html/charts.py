"""The geometry of the charts. Values go in; places in percent of the drawing come out, y from its top. Pure.

In percent, so that one drawing fits a phone and a desk: lines stretch, texts keep their size.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eqcbatch.domain.forecast import percentile
from eqcbatch.render.html.scales import Mark, round_step, round_steps, thinned, time_marks

_BINS, _Y_STEPS, _X_MARKS = 28, 4, 6
_BAR = 0.72  # of the room that a bar has
_WIDEST_BAR = 7.0  # percent: two bars are no wall
_LEAST = 0.001  # seconds: an axis is no shorter
_UNUSUAL = 2.0  # times the 95th percentile: what is slower would press all else to the left


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart: the `d` of an SVG path in a box of 100 x 100. kind: how it is drawn."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar. kind: how it is filled. label: what it stands for."""

    kind: str
    y: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of stacked parts."""

    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing. across: the marks below it; up: those on its left; pointers: those within."""

    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    curves: tuple[Curve, ...] = ()
    bars: tuple[Bar, ...] = ()
    pointers: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Pile:
    """What a bar shows. label: below it, where there is room. parts: kind, how many, and what that says."""

    label: str
    parts: tuple[tuple[str, int, str], ...]

    @property
    def height(self) -> int:
        """All parts together."""
        return sum(how_many for _, how_many, _ in self.parts)


def stairs(moments: Sequence[datetime], end: datetime, shares: dict[str, Sequence[float]]) -> Chart:
    """Shares that grow in steps: each holds from its moment to the next, the last one to the end.

    shares: from 0 to 1, by kind, one a moment. The axis ends at 100 % and begins at a round number.
    """
    start, least = moments[0], min(value for values in shares.values() for value in values)
    floor = min(0.9, math.floor(least * 10) / 10)
    span = (end - start).total_seconds()
    places = [100 * (moment - start).total_seconds() / span for moment in moments]

    def up(share: float) -> float:
        return 100 * (1 - share) / (1 - floor)

    return Chart(
        across=tuple(time_marks(start, end, _X_MARKS)),
        up=tuple(_share_marks(floor)),
        curves=tuple(
            Curve(kind, stair_path(places, [up(value) for value in values]))
            for kind, values in shares.items()
        ),
    )


def stair_path(xs: Sequence[float], ys: Sequence[float]) -> str:
    """An SVG path that steps from one place to the next, and on to the right edge."""
    steps = [f"M{brief_number(xs[0])} {brief_number(ys[0])}"]
    for x, y in zip(xs[1:], ys[1:], strict=True):
        steps.append(f"H{brief_number(x)}V{brief_number(y)}")
    return "".join(steps) + "H100"


def columns(piles: Sequence[Pile]) -> Chart:
    """Stacked bars side by side, from the first kind at the bottom to the last at the top."""
    heights = round_steps(max((pile.height for pile in piles), default=0), _Y_STEPS)
    room = 100 / len(piles)
    width = min(_BAR * room, _WIDEST_BAR)
    bars, across = [], []
    for number, pile in enumerate(piles):
        middle = (number + 0.5) * room
        bars.append(Bar(middle - width / 2, width, _stacked(pile, heights[-1])))
        across.append(Mark(middle, pile.label))
    return Chart(
        across=tuple(thinned(across, _X_MARKS)),
        up=tuple(_count_marks(heights)),
        bars=tuple(bars),
    )


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie in each of equal steps from 0; a value on a border belongs to the step above.

    beyond: how many are larger than the last step, which is far beyond what is usual.
    """

    step: float
    counts: tuple[int, ...]
    beyond: int = 0

    @classmethod
    def of(cls, ordered: Sequence[float]) -> Histogram:
        """Count values, smallest first and at least one, in steps of a round size."""
        usual = percentile(ordered, 0.95) * _UNUSUAL
        highest = max(min(ordered[-1], usual), _LEAST)
        step = round_step(highest / _BINS)
        bins = math.floor(highest / step * (1 + 1e-12)) + 1
        counts = Counter(min(bins, int(value / step * (1 + 1e-12))) for value in ordered)
        return cls(step, tuple(counts[number] for number in range(bins)), counts[bins])

    @property
    def end(self) -> float:
        """Where the last step ends."""
        return len(self.counts) * self.step


def distribution(histogram: Histogram, labels: Sequence[str], pointers: dict[str, float], unit: str) -> Chart:
    """A histogram as bars, with pointers at some of its values. labels: what each bar says."""
    width, heights = 100 / len(histogram.counts), round_steps(max(histogram.counts), _Y_STEPS)
    piles = [
        Pile("", (("bin", how_many, label),))
        for how_many, label in zip(histogram.counts, labels, strict=True)
    ]

    def place(value: float) -> float:
        return 100 * value / histogram.end

    return Chart(
        across=tuple(
            Mark(place(value), f"{value:g} {unit}")
            for value in round_steps(histogram.end, _Y_STEPS)
            if value <= histogram.end
        ),
        up=tuple(_count_marks(heights)),
        bars=tuple(
            Bar((number + 0.04) * width, 0.92 * width, _stacked(pile, heights[-1]))
            for number, pile in enumerate(piles)
        ),
        pointers=tuple(Mark(place(value), label) for label, value in pointers.items()),
    )


def brief_number(number: float) -> str:
    """A place with two digits after the point at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _stacked(pile: Pile, highest: float) -> tuple[Part, ...]:
    parts, top = [], 100.0
    for kind, how_many, label in pile.parts:
        if how_many:
            height = 100 * how_many / highest
            top -= height
            parts.append(Part(kind, top, height, label))
    return tuple(parts)


def _count_marks(heights: Sequence[float]) -> list[Mark]:
    return [Mark(100 - 100 * value / heights[-1], f"{value:,.0f}") for value in heights if value.is_integer()]


def _share_marks(floor: float) -> list[Mark]:
    step = round_step((1 - floor) / _Y_STEPS * 100)
    step = 25.0 if step == 50 else step
    lowest, marks = round(floor * 100), []
    value = 100.0
    while value >= lowest:
        marks.append(Mark(100 * (100 - value) / (100 - lowest), f"{value:g} %"))
        value -= step
    return marks
