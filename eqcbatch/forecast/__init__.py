"""Forecast: how many requests, hours and nights are left, and what would make it faster. Pure.

What was measured (`experience`) is played through the rate on the lanes in use (`stride`); the sum over all
that is left, and how sure it is, is the `outlook`; `routine` says how drains are run.
"""

from eqcbatch.forecast.experience import Experience, Spell
from eqcbatch.forecast.lanes import MOST_LANES, lanes_needed, percentile
from eqcbatch.forecast.outlook import Faster, Forecast, Left, Prospect, faster, forecast
from eqcbatch.forecast.routine import Routine, seconds_until_time

__all__ = [
    "MOST_LANES",
    "Experience",
    "Faster",
    "Forecast",
    "Left",
    "Prospect",
    "Routine",
    "Spell",
    "faster",
    "forecast",
    "lanes_needed",
    "percentile",
    "seconds_until_time",
]
