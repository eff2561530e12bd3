"""What a forecast goes by: the rate and the limits of a drain, for commands that send nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from eqcbatch.cli.options import in_order, rate_option
from eqcbatch.cli.values import parse_budget, parse_in_flight, parse_latency, parse_time_of_day, reading
from eqcbatch.forecast import Routine
from eqcbatch.settings import DEFAULT_BUDGET

_OPTIONS = in_order(
    click.option(
        "--budget",
        callback=reading(parse_budget),
        metavar="N|all",
        default=str(DEFAULT_BUDGET),
        show_default=True,
        help="Forecast: requests a drain.",
    ),
    click.option("--daily-budget", type=click.IntRange(min=1), metavar="N", help="Forecast: requests a day."),
    click.option(
        "--until",
        callback=reading(parse_time_of_day),
        metavar="HH:MM",
        help="Forecast: when a night's drain ends. It begins when the latest one did, or now.",
    ),
    click.option(
        "--max-minutes",
        type=click.FloatRange(min=0, min_open=True),
        help="Forecast: how long a drain runs.",
    ),
    click.option(
        "--in-flight",
        callback=reading(parse_in_flight),
        metavar="N|auto",
        default="1",
        show_default=True,
        help="Forecast: requests at a time.",
    ),
    click.option(
        "--details",
        type=click.Choice(("none", "deferred")),
        default="none",
        show_default=True,
        help="Forecast: whether companies are asked for theirs, too.",
    ),
    click.option(
        "--latency",
        callback=reading(parse_latency),
        metavar="MIN-MAX",
        default="5-20",
        show_default=True,
        help="Forecast: seconds a request takes, until five are measured.",
    ),
    rate_option,
)


def forecast_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--rate and how else drains are run: the command is given all of it as one `routine`."""

    @functools.wraps(command)
    def run(*arguments: Any, latency: tuple[float, float], details: str, **options: Any) -> Any:
        limits = {
            name: options.pop(name)
            for name in ("rate", "budget", "daily_budget", "until", "max_minutes", "in_flight")
        }
        routine = Routine(**limits, details=details == "deferred", latency_s=latency)
        return command(*arguments, routine=routine, **options)

    return _OPTIONS(run)
