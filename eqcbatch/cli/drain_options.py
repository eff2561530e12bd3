"""The options of the command drain, by what they concern; check has some of them, too."""

from __future__ import annotations

from pathlib import Path

import click

from eqcbatch.cli.options import in_order
from eqcbatch.cli.values import (
    parse_budget,
    parse_in_flight,
    parse_time_of_day,
    reading,
)
from eqcbatch.records import Reason
from eqcbatch.settings import (
    DEFAULT_BUDGET,
    DEFAULT_EQC_URL,
    DEFAULT_NOT_FOUND_AGE,
    parse_duration,
)

_REASONS = [str(reason) for reason in Reason if reason is not Reason.INVALID]

daily_budget_option = click.option(
    "--daily-budget",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests at most in any 24 hours, over all sessions of the ledger.",
)

limit_options = in_order(
    click.option(
        "--budget",
        callback=reading(parse_budget),
        metavar="N|all",
        default=str(DEFAULT_BUDGET),
        show_default=True,
        help="Requests at most, retries and checks included.",
    ),
    daily_budget_option,
    click.option(
        "--until",
        callback=reading(parse_time_of_day),
        metavar="HH:MM",
        help="Start no request that could not end by this local time.",
    ),
    click.option(
        "--max-minutes", type=click.FloatRange(min=0, min_open=True), help="The same, so long from now."
    ),
)

again_options = in_order(
    click.option("--retry-failed", is_flag=True, help="Ask again for failed names, given up or not."),
    click.option(
        "--reason",
        type=click.Choice(_REASONS),
        help="With --retry-failed: only this reason.  [default: any but not_found]",
    ),
    click.option(
        "--retry-not-found-after",
        callback=reading(parse_duration),
        metavar="TIME",
        default=DEFAULT_NOT_FOUND_AGE,
        show_default=True,
        help="Ask again for names that EQC did not know so long ago.",
    ),
)

timeout_options = in_order(
    click.option(
        "--connect-timeout",
        callback=reading(parse_duration),
        metavar="TIME",
        default="5s",
        show_default=True,
        help="To connect.",
    ),
    click.option(
        "--timeout",
        callback=reading(parse_duration),
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
    click.option(
        "--in-flight",
        callback=reading(parse_in_flight),
        metavar="N|auto",
        default="1",
        show_default=True,
        help="Requests at a time; more than 1 use the rate while answers are slow, and never exceed it.",
    ),
)

server_options = in_order(
    click.option("--eqc-url", default=DEFAULT_EQC_URL, show_default=True, help="EQC's base URL."),
    click.option(
        "--ca-bundle",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Certificates to trust, PEM.",
    ),
    click.option(
        "--token-file", type=click.Path(path_type=Path), help="A file whose first line is EQC's token."
    ),
    click.option("--token-command", help="A command that prints EQC's token."),
)
