"""The options of an audit that asks EQC."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from eqcbatch.cli.options.confidence import confidence_options
from eqcbatch.cli.options.drain import (
    daily_budget_option,
    expect_loopback,
    request_options,
    server_options,
    time_scale_option,
    window_options,
)
from eqcbatch.cli.options.shared import in_order, rate_option
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.cli.parsing import MOST_REQUESTS
from eqcbatch.settings import Rate, Timeouts

_UNCHANGED = ("budget", "daily_budget", "until", "max_minutes", "retries", "in_flight", "rule")

file_options = in_order(
    click.option(
        "--html", "html_file", type=OutputFile(), metavar="FILE", help="Write the audit as a page, too."
    ),
    click.option(
        "--sheet",
        "sheet_file",
        type=OutputFile(dir_okay=False),
        metavar="FILE",
        help="Write the names that something speaks against to a sheet, .xlsx or .csv: decisions in it go "
        "to the index by `eqcbatch review import`.",
    ),
)

_OPTIONS = in_order(
    click.option(
        "--budget",
        type=click.IntRange(1, MOST_REQUESTS),
        metavar="N",
        help="Ask EQC for a sample of so many rows, by so many requests at most.",
    ),
    click.option("--new", is_flag=True, help="With --budget: a new sample, though the last one is not done."),
    daily_budget_option,
    window_options,
    request_options,
    server_options,
    confidence_options,
    time_scale_option,
    rate_option,
)


def sample_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--budget and how its requests are sent: the command is given that as `settings`, too."""

    @functools.wraps(command)
    def run(*arguments: Any, connect_timeout: float, timeout: float, rate: Rate, **options: Any) -> Any:
        from eqcbatch.drain.settings import DrainSettings

        expect_loopback(options["time_scale"], options["eqc_url"])
        settings = DrainSettings(
            resume=True,
            audit=True,
            rate=rate.faster(options["time_scale"]),
            timeouts=Timeouts(connect_timeout, timeout),
            **{name: options[name] for name in _UNCHANGED},
        )
        return command(*arguments, settings=settings, **options)

    return _OPTIONS(run)
