"""How long the rest takes, and what would make it faster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from eqcbatch.humanize import count, duration
from eqcbatch.render.plain_text import table

if TYPE_CHECKING:
    from eqcbatch.domain.forecast import Faster, Forecast
    from eqcbatch.report import Report


def forecast_text(report: Report) -> str:
    """How long the rest takes, and the other ways to run drains with the gain of each."""
    lines = [forecast_line(report.forecast)]
    if report.faster:
        ways = table([(f"drain {way.option}", gain_text(report.forecast, way)) for way in report.faster])
        lines += ["It would be faster with:", *(f"  {way}" for way in ways.splitlines())]
    return "\n".join(lines)


def forecast_line(forecast: Forecast) -> str:
    """How long the rest takes, in one line."""
    line = f"Left to ask: {requests_text(forecast)}, about {running_text(forecast)}"
    if forecast.nights_p50 is not None:
        line += f", in {_nights(forecast)}"
    return line + "."


def requests_text(forecast: Forecast) -> str:
    """How many requests, and for what, where that is not one for each question."""
    parts = (
        (forecast.questions_left, f"{forecast.questions_left:,} for names"),
        (forecast.details_left, f"{forecast.details_left:,} for details"),
        (forecast.retries_expected, f"{forecast.retries_expected:,} for retries"),
        (forecast.saved_expected, f"{forecast.saved_expected:,} saved by answers to other names"),
    )
    told = [text for number, text in parts if number]
    return count(forecast.requests_left, "request") + (f" ({', '.join(told)})" if len(told) > 1 else "")


def gain_text(now: Forecast, way: Faster) -> str:
    """What a way gains, in nights and in running time, whichever of them it shortens."""
    return "; ".join(_gains(now, way.forecast))


def _gains(now: Forecast, then: Forecast) -> Iterator[str]:
    if now.nights_p50 and (then.nights_p50 or 1) < now.nights_p50:
        fewer = "a single drain" if then.nights_p50 is None else count(then.nights_p50, "night")
        yield f"{fewer} instead of {count(now.nights_p50, 'night')}"
    if then.hours_p50 < now.hours_p50:
        less, more = duration(then.hours_p50 * 3600), duration(now.hours_p50 * 3600)
        if less != more:
            yield f"{less} of running time instead of {more}"
    if then.requests_left < now.requests_left:
        yield f"{count(now.requests_left - then.requests_left, 'request')} fewer for now"


def running_text(forecast: Forecast) -> str:
    """The middle, and the range where there is one."""
    low, middle, high = (
        duration(hours * 3600) for hours in (forecast.hours_p10, forecast.hours_p50, forecast.hours_p90)
    )
    return f"{middle} of running time" + (f" ({low} to {high})" if low != high else "")


def _nights(forecast: Forecast) -> str:
    low, middle, high = forecast.nights_p10 or 0, forecast.nights_p50 or 0, forecast.nights_p90 or 0
    return count(middle, "night") + (f" ({low:,} to {high:,})" if low != high else "")
