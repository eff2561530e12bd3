"""Forecast: how many requests, hours and nights are left, and what would make it faster. Pure.

From the bottom up: `samples` holds what was measured of the latest requests, and what is left to ask;
`schedule` says how drains are run, night by night; `concurrency`, how many requests in flight use all of the
rate; `throughput` plays measured requests through the rate; `forecast` sums that up over all that is left,
and says how sure it is. The ledger fills samples, the command line a schedule; nobody else need come below
`forecast`.
"""

from eqcbatch.domain.forecast.concurrency import MOST_IN_FLIGHT, in_flight_needed, percentile
from eqcbatch.domain.forecast.forecast import Faster, Forecast, faster, forecast
from eqcbatch.domain.forecast.samples import Left, Prospect, RequestHistory, RequestSample
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
