"""The closing table of a demo: what was measured beside the targets, and what that does not show."""

from __future__ import annotations

from textwrap import fill

from eqcbatch.demo.defaults import ROWS
from eqcbatch.demo.outcome import TODAY, DemoResult
from eqcbatch.humanize import duration
from eqcbatch.render.plain_text import share, table
from eqcbatch.safe_text import visible
from eqcbatch.settings import DEFAULT_LATENCY_S

_WIDTH = 100


def demo_text(result: DemoResult) -> str:
    """The table, what is assumed and scaled in it, and the commands for real data."""
    return "\n\n".join(
        [table(_lines(result), ("", "measured", "target", "verdict")), *_caveats(result), _next(result)]
    )


def _lines(result: DemoResult) -> list[tuple[str, str, str, str]]:
    targets, report = result.targets, result.report
    requests, violations = result.requests, result.simulator.violations
    at_most = f"under {targets.hours:g} h"
    return [
        (
            "names known from the index",
            f"{share(result.names - result.misses, result.names)} of {result.names:,}",
            f"over {100 * targets.hit_rate:g} %",
            _verdict(result.hit_rate > targets.hit_rate),
        ),
        (
            "EQC requests",
            f"{requests:,}",
            f"under {targets.requests:,}",
            _verdict(requests < targets.requests),
        ),
        (
            "EQC requests, the sharper target",
            f"{requests:,}",
            f"{targets.requests_in_time:,} in {targets.hours:g} h",
            _verdict(requests <= targets.requests_in_time),
        ),
        (
            "hours at EQC's rate, fully used",
            _hours(result.hours_at_full_rate),
            at_most,
            _verdict(result.hours_at_full_rate < targets.hours),
        ),
        (
            "hours one request at a time",
            _hours(result.hours_one_at_a_time),
            at_most,
            _verdict(result.hours_one_at_a_time < targets.hours),
        ),
        ("requests over EQC's limit", f"{violations:,}", "0", _verdict(violations == 0)),
        ("names left to ask", f"{report.names.pending:,}", "0", _verdict(report.names.pending == 0)),
        ("accounts", "balance" if report.balanced else "OFF", "balance", _verdict(report.balanced)),
    ]


def _caveats(result: DemoResult) -> list[str]:
    sentences = (_assumed(result), _scaled(result), _unused(result))
    return [fill(sentence, _WIDTH) for sentence in sentences]


def _assumed(result: DemoResult) -> str:
    small = result.report.rows.total < ROWS
    return (
        f"Assumed: that the index knows {100 * result.coverage:g} % of the names is the generator's choice, "
        "so the hit rate shows what the lookup finds, not what your index holds."
        + (f" The targets are those of a month of {ROWS:,} rows." if small else "")
    )


def _scaled(result: DemoResult) -> str:
    return (
        "Scaled: EQC's answers (5-20 s) and its limit (10 requests in 60 s) ran "
        f"{result.time_scale:g} times as fast, and the report has the times as they ran. The hours are "
        f"brought back: {result.requests:,} requests at {result.latency_s:.1f} s each, "
        f"{sum(DEFAULT_LATENCY_S) / 2:g} s of it EQC's, the rest this machine's own, magnified. "
        f"The demo took {duration(result.seconds)}."
    )


def _unused(result: DemoResult) -> str:
    return (
        f"Unused: a strictly sequential drain, like this one, sends {10 * result.rate_used:.1f} of the 10 "
        "requests a minute that EQC allows; two or three in flight would use them all, and nothing can use "
        f"more. As done today, with {TODAY.requests_a_name} requests a name, the same "
        f"{result.misses:,} names take {_hours(result.hours_today)}."
    )


def _next(result: DemoResult) -> str:
    return "\n".join(
        [
            f"All of it stays in {visible(result.directory)}. On your own data, with EQCBATCH_DATABASE_URL "
            "and EQCBATCH_EQC_TOKEN set:",
            "  eqcbatch plan 规模明细.xlsx --column 客户名称",
            "  eqcbatch drain --resume --budget 600",
            "  eqcbatch report",
        ]
    )


def _hours(hours: float) -> str:
    return duration(hours * 3600)


def _verdict(met: bool) -> str:
    return "met" if met else "missed"
