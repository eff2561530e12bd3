"""The command simulate."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli.config.precedence import config_option
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.cli.overwriting import expect_nothing_lost
from eqcbatch.cli.parsing import Number, parse_latency, reading
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.settings import Rate, parse_duration
from eqcbatch.signals import terminating

if TYPE_CHECKING:
    from eqcbatch.simulate import GeneratedRegistry, ListedRegistry, SimulatorOptions


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--companies",
    type=click.Path(path_type=Path),
    help="A CSV of the companies it knows (company_id, official_name, ...).  [default: made up on demand]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What all chance hangs on.")
@click.option(
    "--unknown",
    type=Number(0, 1),
    default=0.08,
    show_default=True,
    help="Share of names it does not know.",
)
@click.option(
    "--exact",
    type=Number(0, 1),
    default=0.10,
    show_default=True,
    help="Share of known names answered 全称精确匹配.",
)
@click.option(
    "--fuzzy",
    type=Number(0, 1),
    default=0.86,
    show_default=True,
    help="Share of known names answered 模糊匹配.",
)
@click.option(
    "--pinyin",
    type=Number(0, 1),
    default=0.04,
    show_default=True,
    help="Share of known names answered 拼音.",
)
@click.option(
    "--latency",
    callback=reading(parse_latency),
    metavar="MIN-MAX",
    default="5-20",
    show_default=True,
    help="Seconds an answer takes.",
)
@click.option(
    "--rate",
    callback=reading(Rate.parse),
    metavar="N/TIME",
    default="10/60s",
    show_default=True,
    help="Its limit.",
)
@click.option("--no-enforce", is_flag=True, help="Count violations of the limit, and answer all the same.")
@click.option(
    "--retry-after",
    type=click.Choice(["seconds", "date", "none"]),
    default="seconds",
    show_default=True,
    help="How a 429 says when to come back.",
)
@click.option("--token", help="The token it accepts.  [default: any]")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="A file whose content is the accepted token at any time.",
)
@click.option(
    "--token-idle",
    callback=reading(parse_duration),
    metavar="TIME",
    default="30m",
    show_default=True,
    help="Idle life of the token.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND:SHARE",
    help="Share of requests that go wrong: 500 503 timeout drip reset truncated html error code500 "
    "expired 401 403 404 429 redirect null empty.",
)
@click.option(
    "--fault-between",
    "spans",
    multiple=True,
    metavar="KIND:FROM-TO",
    help="Requests FROM..TO go wrong; `401:100-` from the 100th on.",
)
@click.option("--redirect-to", help="Where the fault `redirect` leads.")
@click.option(
    "--time-scale",
    type=Number(1e-3, 1e9),
    default=1.0,
    show_default=True,
    help="Latency, limit and token life run so many times faster.",
)
@click.option(
    "--request-log",
    type=OutputFile(),
    help="A file that gains one JSON line a request.",
)
@config_option
@click.pass_context
def simulate(ctx: click.Context, /, **options: Any) -> None:
    """Run a local EQC to try things with: the same endpoints, latency, rate limit, token life and faults.

    Its URL is the first line on stdout; its totals, as JSON, the last one when it is stopped with Ctrl-C.
    """
    from eqcbatch.simulate import Simulator

    expect_nothing_lost(ctx)
    stopped: list[int] = []  # no Event: its lock may be held by the very thread that the signal interrupts
    for number in (signal.SIGINT, *terminating()):
        signal.signal(number, lambda number, _frame: stopped.append(number))
    with Simulator(_simulator_options(options)) as simulator:
        show(simulator.url)
        while not stopped:
            SYSTEM_CLOCK.sleep(0.2)  # a signal ends it, too
    print_json(asdict(simulator.totals))


def _simulator_options(options: dict[str, Any]) -> SimulatorOptions:
    from eqcbatch.simulate import Faults, SimulatorOptions, parse_fault, parse_span
    from eqcbatch.simulate.simulator_options import LOGIN_PATH

    rate: Rate = options["rate"]
    return SimulatorOptions(
        host=options["host"],
        port=options["port"],
        latency=options["latency"],
        rate=(rate.limit, rate.period_s),
        enforce_rate=not options["no_enforce"],
        retry_after=options["retry_after"],
        token=options["token"],
        token_file=options["token_file"],
        token_idle_s=options["token_idle"],
        faults=Faults(
            shares=dict(map(parse_fault, options["faults"])),
            seed=options["seed"],
            between=tuple(map(parse_span, options["spans"])),
        ),
        redirect_to=options["redirect_to"] or LOGIN_PATH,
        time_scale=options["time_scale"],
        request_log=options["request_log"],
        registry=_registry(options),
        seed=options["seed"],
    )


def _registry(options: dict[str, Any]) -> ListedRegistry | GeneratedRegistry:
    from eqcbatch.simulate import GeneratedRegistry, ListedRegistry, read_companies

    if options["companies"]:
        return ListedRegistry(read_companies(options["companies"]))
    shares = (options[share] for share in ("unknown", "exact", "fuzzy", "pinyin"))
    return GeneratedRegistry(options["seed"], *shares)
