"""The options of drain, by what they concern. check has some of them, too; a forecast goes by others."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli.options.shared import in_order, rate_option
from eqcbatch.cli.parsing import (
    MOST_REQUESTS,
    Number,
    parse_age,
    parse_budget,
    parse_in_flight,
    parse_latency,
    parse_time_of_day,
    parse_timeout,
    reading,
)
from eqcbatch.domain.forecast import Schedule
from eqcbatch.domain.model import Reason
from eqcbatch.errors import BadInput
from eqcbatch.ownership import our_name
from eqcbatch.settings import (
    DEFAULT_BUDGET,
    DEFAULT_EQC_URL,
    DEFAULT_NOT_FOUND_AGE,
    Rate,
    Timeouts,
    is_loopback,
)

if TYPE_CHECKING:
    from eqcbatch.drain.settings import DrainSettings
    from eqcbatch.ledger import Ledger

_UNCHANGED = (
    *("resume", "budget", "daily_budget", "until", "max_minutes"),
    *("retries", "in_flight", "rule", "retry_failed", "second_question"),
)
_REASONS = [str(reason) for reason in Reason if reason not in (Reason.INVALID, Reason.NO_COMPANY)]

# What a drain is asked for, and a forecast of drains, too: each says in its help what it does with it.
_budget = partial(
    click.option,
    "--budget",
    callback=reading(parse_budget),
    metavar="N|all",
    default=str(DEFAULT_BUDGET),
    show_default=True,
)
_daily_budget = partial(click.option, "--daily-budget", type=click.IntRange(1, MOST_REQUESTS), metavar="N")
_until = partial(click.option, "--until", callback=reading(parse_time_of_day), metavar="HH:MM")
_max_minutes = partial(click.option, "--max-minutes", type=Number(0, MOST_REQUESTS, min_open=True))
_in_flight = partial(
    click.option,
    "--in-flight",
    callback=reading(parse_in_flight),
    metavar="N|auto",
    default="1",
    show_default=True,
)
_details = partial(
    click.option, "--details", type=click.Choice(("none", "deferred")), default="none", show_default=True
)

_time_scale = partial(click.option, "--time-scale", type=Number(1e-3, 1e9), default=1.0)

time_scale_option = _time_scale(
    help="Rate and waits run so many times faster: for a simulator that does, too."
)

daily_budget_option = _daily_budget(help="Requests at most in any 24 hours, over all sessions of the ledger.")

window_options = in_order(
    _until(help="Start no request that could not end by this local time."),
    _max_minutes(help="The same, so long from now."),
)

limit_options = in_order(
    _budget(help="Requests at most, retries and checks included."), daily_budget_option, window_options
)

retry_options = in_order(
    click.option("--retry-failed", is_flag=True, help="Ask again for failed names, given up or not."),
    click.option(
        "--reason",
        type=click.Choice(_REASONS),
        help="With --retry-failed: only this reason.  [default: any but not_found]",
    ),
    click.option(
        "--retry-not-found-after",
        callback=reading(parse_age),
        metavar="TIME",
        default=DEFAULT_NOT_FOUND_AGE,
        show_default=True,
        help="Ask again for names that EQC did not know so long ago.",
    ),
)

timeout_options = in_order(
    click.option(
        "--connect-timeout",
        callback=reading(parse_timeout),
        metavar="TIME",
        default="5s",
        show_default=True,
        help="To connect.",
    ),
    click.option(
        "--timeout",
        callback=reading(parse_timeout),
        metavar="TIME",
        default="30s",
        show_default=True,
        help="For the whole request.",
    ),
)

request_options = in_order(
    timeout_options,
    click.option(
        "--retries",
        type=click.IntRange(0, 10),
        default=2,
        show_default=True,
        help="Further attempts for a failed request.",
    ),
    _in_flight(
        help="Requests at a time; more than 1 use the rate while answers are slow, and never exceed it."
    ),
)

reverify_option = click.option(
    "--reverify",
    callback=reading(parse_age),
    metavar="TIME",
    help="With what is left, ask again of companies that EQC spoke of so long ago: 365d.  [default: never]",
)

second_question_option = click.option(
    "--second-question",
    is_flag=True,
    help="With nothing pending, ask in other ways for names that are held or not found, each way once.",
)

backflow_option = click.option(
    "--backflow",
    is_flag=True,
    help="Vouch for the ids of overrides and own columns: they go into the index, source `backflow`.",
)

details_option = _details(
    help="`deferred`: once no name is pending, ask findDepart and findLabels of each company found, once."
)

server_options = in_order(
    click.option("--eqc-url", default=DEFAULT_EQC_URL, show_default=True, help="EQC's base URL."),
    click.option(
        "--ca-bundle",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Certificates to trust, PEM.",
    ),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path, readable=False),
        help="A file whose first line is EQC's token.",
    ),
    click.option("--token-command", help="A command that prints EQC's token."),
)

_FORECAST_OPTIONS = in_order(
    _budget(help="Forecast: requests a drain."),
    _daily_budget(help="Forecast: requests a day."),
    _until(help="Forecast: when a night's drain ends. It begins when the latest one did, or now."),
    _max_minutes(help="Forecast: how long a drain runs."),
    _in_flight(help="Forecast: requests at a time."),
    _details(help="Forecast: whether companies are asked for theirs, too."),
    click.option(
        "--latency",
        callback=reading(parse_latency),
        metavar="MIN-MAX",
        default="5-20",
        show_default=True,
        help="Forecast: seconds a request takes, until five are measured.",
    ),
    rate_option,
    _time_scale(help="Forecast: how many times faster rate and waits run, as with a simulator."),
)


def forecast_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--rate, --time-scale and how else drains are run: the command is given all of it as one `schedule`."""

    @functools.wraps(command)
    def run(
        *arguments: Any,
        rate: Rate,
        time_scale: float,
        latency: tuple[float, float],
        details: str,
        **options: Any,
    ) -> Any:
        limits = {
            name: options.pop(name)
            for name in ("budget", "daily_budget", "until", "max_minutes", "in_flight")
        }
        faster = rate.faster(time_scale)
        schedule = Schedule(faster, **limits, details=details == "deferred", latency_s=latency)
        return command(*arguments, schedule=schedule, **options)

    return _FORECAST_OPTIONS(run)


def as_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command one `settings` in place of the options that say how a session is run.

    The rate runs as much faster as its `time_scale` says.
    """

    @functools.wraps(command)
    def run(
        *arguments: Any,
        connect_timeout: float,
        timeout: float,
        details: str,
        rate: Rate,
        reason: str | None,
        retry_not_found_after: float | None,
        reverify: float | None = None,
        backflow: bool = False,
        gate: float | None = None,
        **options: Any,
    ) -> Any:
        from eqcbatch.drain.settings import DrainSettings

        expect_loopback(options["time_scale"], options["eqc_url"])
        if reason and not options["retry_failed"]:
            raise BadInput("--reason goes with --retry-failed.")
        settings = DrainSettings(
            rate=rate.faster(options["time_scale"]),
            timeouts=Timeouts(connect_timeout, timeout),
            details=details == "deferred",
            retry_reason=Reason(reason) if reason else None,
            retry_not_found_after_s=retry_not_found_after,
            reverify_after_s=reverify,
            backflow_by=our_name() if backflow else None,
            gate=gate,
            **{name: options.pop(name) for name in _UNCHANGED},
        )
        return command(*arguments, settings=settings, **options)

    return run


def warn_of_several_ids(ledger: Ledger) -> None:
    """Warn of names that nobody can vouch for by --backflow."""
    from loguru import logger

    from eqcbatch.humanize import count

    if names := ledger.backflow.several_ids():
        logger.warning(f"--backflow leaves out {count(names, 'name')}: the rows have several ids.")


def warn_of_too_little_time(settings: DrainSettings) -> None:
    """Warn where the minutes of a session are fewer than a request may take: it will send none."""
    from loguru import logger

    if settings.too_short:
        logger.warning(
            f"Nothing will be sent: --max-minutes {settings.max_minutes:g} is less than a request may take "
            f"(--timeout {settings.timeouts.total_s:g}s). Allow more minutes, or less time a request."
        )


def warn_of_idle_gate(settings: DrainSettings, unflushed: str) -> None:
    """Warn where a gate is asked for, and nothing is flushed anyway. unflushed: why not, "" where it is."""
    from loguru import logger

    if settings.gate is not None and unflushed:
        logger.warning(f"--gate {settings.gate:g} has no say: nothing is flushed ({unflushed}).")


def expect_loopback(time_scale: float, eqc_url: str) -> None:
    """Raise BadInput if a rate that runs faster than it says would meet a real EQC (P3)."""
    if time_scale != 1 and not is_loopback(eqc_url):
        raise BadInput(
            f"--time-scale {time_scale:g} is for a simulator on this machine, and {eqc_url} is none: "
            "its rate would not be kept. Leave it out."
        )
