"""The commands to try things with: simulate and demo."""

from __future__ import annotations

import signal
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from eqcbatch.cli import exits
from eqcbatch.cli.config_file import config_option
from eqcbatch.cli.environment import scrub_environment
from eqcbatch.cli.logs import start_logging
from eqcbatch.cli.options import output_options
from eqcbatch.cli.printing import print_json
from eqcbatch.cli.values import parse_latency, reading
from eqcbatch.demo import LEAST_ROWS, MOST_ROWS, ROWS, SEED, TIME_SCALE
from eqcbatch.records import ExitReason
from eqcbatch.settings import Rate, parse_duration


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
    type=click.FloatRange(0, 1),
    default=0.08,
    show_default=True,
    help="Share of names it does not know.",
)
@click.option(
    "--exact",
    type=click.FloatRange(0, 1),
    default=0.10,
    show_default=True,
    help="Share of known names answered 全称精确匹配.",
)
@click.option(
    "--fuzzy",
    type=click.FloatRange(0, 1),
    default=0.86,
    show_default=True,
    help="Share of known names answered 模糊匹配.",
)
@click.option(
    "--pinyin",
    type=click.FloatRange(0, 1),
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
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Latency, limit and token life run so many times faster.",
)
@click.option(
    "--request-log",
    type=click.Path(path_type=Path),
    help="A file that gains one JSON line a request.",
)
@config_option
def simulate(**options: Any) -> None:
    """Run a local EQC to try things with: the same endpoints, latency, rate limit, token life and faults.

    Its URL is the first line on stdout; its totals, as JSON, the last one when it is stopped with Ctrl-C.
    """
    from eqcbatch.simulate import Simulator

    stopped: list[int] = []  # no Event: its lock may be held by the very thread that the signal interrupts
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: stopped.append(number))
    with Simulator(_simulator_options(options)) as simulator:
        click.echo(simulator.url)
        while not stopped:
            time.sleep(0.2)
    print_json(asdict(simulator.totals))


def _simulator_options(options: dict[str, Any]) -> Any:
    from eqcbatch.simulate import (
        Faults,
        GeneratedRegistry,
        ListedRegistry,
        SimulatorOptions,
        parse_fault,
        parse_span,
        read_companies,
    )
    from eqcbatch.simulate.options import LOGIN_PATH

    rate: Rate = options["rate"]
    seed = options["seed"]
    registry = (
        ListedRegistry(read_companies(options["companies"]))
        if options["companies"]
        else GeneratedRegistry(
            seed, options["unknown"], options["exact"], options["fuzzy"], options["pinyin"]
        )
    )
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
            seed=seed,
            between=tuple(map(parse_span, options["spans"])),
        ),
        redirect_to=options["redirect_to"] or LOGIN_PATH,
        time_scale=options["time_scale"],
        request_log=options["request_log"],
        registry=registry,
        seed=seed,
    )


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default="ledgers/demo",
    show_default=True,
    help="Where it plays: a new directory, or that of an earlier demo, which is removed.",
)
@click.option(
    "--seed",
    type=int,
    default=SEED,
    show_default=True,
    help="What the month, the index and EQC are made from.",
)
@click.option(
    "--rows",
    type=click.IntRange(LEAST_ROWS, MOST_ROWS),
    default=ROWS,
    show_default=True,
    help="Rows of the month.",
)
@click.option(
    "--time-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=TIME_SCALE,
    show_default=True,
    help="The simulated EQC is so many times as fast as EQC.",
)
@output_options
@click.pass_context
def demo(
    ctx: click.Context,
    directory: Path,
    seed: int,
    rows: int,
    time_scale: float,
    as_json: bool,
    log_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """See the whole job in about a minute: a month made up, a PostgreSQL of its own, a simulated EQC.

    Plan, drain and report run as their commands do. Nothing outside the directory is touched.
    """
    from eqcbatch.cli import render
    from eqcbatch.cli.demo_text import demo_text
    from eqcbatch.cli.progress import Progress
    from eqcbatch.demo.story import DemoStopped, run_demo

    start_logging(verbose=verbose, quiet=quiet, file=log_file)
    scrub_environment()
    signal.signal(signal.SIGTERM, _leave)
    progress = Progress(quiet=quiet)
    try:
        result = run_demo(
            directory,
            progress,
            seed=seed,
            rows=rows,
            time_scale=time_scale,
            say=(lambda act: None) if quiet else _show_act,
        )
    except KeyboardInterrupt as stopped:
        click.echo("eqcbatch: the demo was stopped; the next one starts afresh.", err=True)
        reason = stopped.reason if isinstance(stopped, DemoStopped) else ExitReason.INTERRUPTED
        ctx.exit(exits.code_of_drain(reason, None))
    finally:
        progress.close()
    if not quiet:
        click.echo(err=True)
    if as_json:
        print_json(asdict(result) | {"report": render.report_json(result.report)})
    else:
        click.echo(f"{render.report_text(result.report)}\n\n{demo_text(result)}")


def _show_act(act: str) -> None:
    headline, *commands = act.split("\n")
    click.echo("\n".join(["", click.style(headline, bold=True), *commands]), err=True)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    from eqcbatch.demo.story import DemoStopped

    raise DemoStopped(ExitReason.TERMINATED)
