"""How long the rest takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eqcbatch.cli.render.words import count, duration, share

if TYPE_CHECKING:
    from eqcbatch.forecast import Forecast
    from eqcbatch.report import Report


def forecast_text(report: Report) -> str:
    """How long the rest takes, and what of EQC's rate one request at a time leaves unused."""
    slow, fast = report.forecast.hours_p50, report.forecast_in_flight.hours_p50
    line = forecast_line(report.forecast)
    if fast > 0.9 * slow:
        return line
    return (
        f"{line}\nOne request at a time leaves {share(slow - fast, slow)} of EQC's rate unused: "
        f"with drain --in-flight auto it takes about {duration(fast * 3600)}."
    )


def forecast_line(forecast: Forecast) -> str:
    """How long the rest takes, in one line."""
    low, middle, high = (
        duration(hours * 3600) for hours in (forecast.hours_p10, forecast.hours_p50, forecast.hours_p90)
    )
    span = f"{middle} of running time" if low == high else f"{middle} of running time ({low} to {high})"
    line = f"Left to ask: {count(forecast.requests_left, 'request')}, about {span}"
    if forecast.sessions_at_budget:
        line += f", {count(forecast.sessions_at_budget, 'session')} at this budget"
    return line + "."
