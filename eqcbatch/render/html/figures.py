"""The three figures of the page: coverage, requests and latency, each with its words and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from eqcbatch.domain.model import Outcome
from eqcbatch.humanize import count
from eqcbatch.render.html.charts import Chart, Histogram, Pile, columns, distribution, stairs
from eqcbatch.render.html.labels import OUTCOME_KINDS, kind_of, percent, spoken
from eqcbatch.render.html.periods import Grain, Period, at
from eqcbatch.render.html.scales import moment_text
from eqcbatch.report import LatencySummary
from eqcbatch.report.timeline import Timeline

_MOST_LINES = 24  # of a table that stands for a curve
_MARGIN = 0.025  # of the time, behind the last step: so that it is seen


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, and all that it says in words: a sentence, and the same values as a table.

    legend: kind and meaning. head, lines: the table; its first column names the line.
    """

    id: str
    title: str
    says: str
    chart: Chart
    legend: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def coverage(timeline: Timeline, zone: tzinfo) -> Figure | None:
    """Shares of the rows and names that were known, over time; None where nothing ever changed."""
    moments = [at(reached.at, zone) for reached in timeline.reached]
    ends = [at(one.ended_at or one.started_at, zone) for one in timeline.sessions]
    if not moments or (end := max(moments + ends)) <= moments[0]:
        return None
    of_rows = [reached.rows / timeline.total.rows for reached in timeline.reached]
    of_names = [reached.names / timeline.total.names for reached in timeline.reached]
    first, now = ((percent(of_rows[at_end], 1), percent(of_names[at_end], 1)) for at_end in (0, -1))
    return Figure(
        "coverage",
        "Coverage over time",
        f"Known with an id: {first[0]} of rows and {first[1]} of names at first, {now[0]} and {now[1]} now. "
        "Held names do not count as known.",
        stairs(moments, end + (end - moments[0]) * _MARGIN, {"rows": of_rows, "names": of_names}),
        (("rows", f"rows, {now[0]}"), ("names", f"names, {now[1]}")),
        ("until", "rows", "names"),
        _sampled(
            [
                (moment_text(moment, "{day} %b %Y, %H:%M"), percent(rows, 1), percent(names, 1))
                for moment, rows, names in zip(moments, of_rows, of_names, strict=True)
            ]
        ),
    )


def requests(grain: Grain, nights: Sequence[Period]) -> Figure | None:
    """Requests by outcome, a bar a period; None before the first."""
    sent = sum(night.sent for night in nights)
    if not sent:
        return None
    seen = [outcome for outcome in Outcome if any(night.requests[outcome] for night in nights)]
    kinds = [kind for kind in OUTCOME_KINDS if any(kind_of(outcome) == kind for outcome in seen)]
    usable = sum(night.requests[outcome] for night in nights for outcome in seen if outcome.usable)
    return Figure(
        "requests",
        "Requests by outcome",
        f"{count(sent, 'request')}, of which {percent(usable, sent)} were answered, "
        f"if only by “no such company”. A bar is a {grain.noun}.",
        columns([_pile(night, kinds) for night in nights]),
        tuple((kind, OUTCOME_KINDS[kind]) for kind in kinds),
        (grain.noun, *(spoken(outcome) for outcome in seen)),
        tuple((night.label, *(f"{night.requests[outcome]:,}" for outcome in seen)) for night in nights),
    )


def latency(latencies_s: Sequence[float], summary: LatencySummary) -> Figure | None:
    """How long usable answers took; None before the first."""
    if summary.p50 is None or summary.p95 is None:
        return None
    histogram = Histogram.of(latencies_s)
    steps = [_step(histogram.step, number) for number in range(len(histogram.counts))]
    table = [*zip(steps, histogram.counts, strict=True), (f"{histogram.end:g} s or more", histogram.beyond)]
    labels = [f"{step}: {count(n, 'answer')}" for step, n in zip(steps, histogram.counts, strict=True)]
    return Figure(
        "latency",
        "Latency",
        f"Half of {count(len(latencies_s), 'answer')} took {seconds(summary.p50)} or less, "
        f"95 % of them {seconds(summary.p95)} or less, the slowest {seconds(summary.max)}."
        + (
            f" {histogram.beyond:,} of {histogram.end:g} s or more are not drawn." if histogram.beyond else ""
        ),
        distribution(histogram, labels, {"half": summary.p50, "95 %": summary.p95}, "s"),
        (),
        ("seconds", "answers"),
        tuple((step, f"{n:,}") for step, n in table if n),
    )


def seconds(value: float | None) -> str:
    """Seconds with as many digits as they deserve."""
    if value is None:
        return "-"
    return f"{value:.1f} s" if value >= 1 else f"{value:.3f} s"


def _pile(night: Period, kinds: Sequence[str]) -> Pile:
    parts = []
    for kind in kinds:
        outcomes = [outcome for outcome in Outcome if kind_of(outcome) == kind and night.requests[outcome]]
        how_many = sum(night.requests[outcome] for outcome in outcomes)
        told = ", ".join(f"{spoken(outcome)} {night.requests[outcome]:,}" for outcome in outcomes)
        parts.append((kind, how_many, f"{night.label}: {told}"))
    return Pile(night.short, tuple(parts))


def _step(step: float, number: int) -> str:
    return f"{step * number:g} to {step * (number + 1):g} s"


def _sampled(lines: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Evenly spread lines where there are too many; the first and the last stay."""
    if len(lines) <= _MOST_LINES:
        return tuple(lines)
    step = (len(lines) - 1) / (_MOST_LINES - 1)
    return tuple(lines[round(number * step)] for number in range(_MOST_LINES))
