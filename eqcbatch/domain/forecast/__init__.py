"""Forecast: how many requests, hours and nights are left, and what would make it faster. Pure.

What was measured (`experience`) is played through the rate on the lanes in use (`stride`); the sum over all
that is left, and how sure it is, is the `outlook`; `routine` says how drains are run.
"""

from eqcbatch.domain.forecast.concurrency import MOST_IN_FLIGHT, in_flight_needed, percentile
from eqcbatch.domain.forecast.forecast import Faster, Forecast, Left, Prospect, faster, forecast
from eqcbatch.domain.forecast.samples import RequestHistory, RequestSample
from eqcbatch.domain.forecast.schedule import Schedule, seconds_until_time

__all__ = [
    "MOST_IN_FLIGHT",
    "Faster",
    "Forecast",
    "Left",
    "Prospect",
    "RequestHistory",
    "RequestSample",
    "Schedule",
    "faster",
    "forecast",
    "in_flight_needed",
    "percentile",
    "seconds_until_time",
]
