"""Where options come from, and which of their places counts; where results and logs go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from eqcbatch.cli.app import app
from eqcbatch.cli.command_tree import runnable
from eqcbatch.simulate import Faults, Simulator, Span
from eqcbatch.simulate.faults import Fault
from tests.conftest import FAST, TOKEN, Ran, Run
from tests.drains import LEDGER, SCALE, Job, companies, write_names

# Precedence


@dataclass(frozen=True)
class Ladder:
    """An option's places, the strongest first, each with a value of its own; and what shows its value.

    rungs: `line`, a variable's name, `section`, `top` or `default`, and the value as it is written there.
    """

    command: tuple[str, ...]
    option: str
    rungs: tuple[tuple[str, str], ...]
    seen: Callable[[Ran], object]
    expected: tuple[object, ...]


def ledger_named(ran: Ran) -> str:
    return "".join(re.findall(r"no ledger at (\S+)\.", ran.err))


def port_asked(ran: Ran) -> int:
    return int(re.findall(r"Postgres at 127.0.0.1:(\d+) ", ran.err)[0])


def database(port: int) -> str:
    return f"postgresql://nobody@127.0.0.1:{port}/none"


def fact(*path: str) -> Callable[[Ran], object]:
    def seen(ran: Ran) -> object:
        content: Any = json.loads(ran.out)
        for key in path:
            content = content[key]
        return content

    return seen


LADDERS = [
    Ladder(
        ("report",),
        "ledger",
        (
            ("line", "line"),
            ("EQCBATCH_REPORT_LEDGER", "own"),
            ("EQCBATCH_LEDGER", "shared"),
            ("section", "section"),
            ("top", "top"),
            ("default", ""),
        ),
        ledger_named,
        ("line", "own", "shared", "section", "top", str(Path("ledgers/eqcbatch.sqlite"))),
    ),
    Ladder(
        ("init-db",),
        "database-url",
        (
            ("line", database(1)),
            ("EQCBATCH_INIT_DB_DATABASE_URL", database(2)),
            ("EQCBATCH_DATABASE_URL", database(3)),
            ("WDH_DATABASE__URI", database(4)),
            ("section", database(5)),
            ("top", database(6)),
        ),
        port_asked,
        (1, 2, 3, 4, 5, 6),
    ),
    Ladder(
        ("drain", "--dry-run", "--json", "--ledger", "l.sqlite"),
        "budget",
        (
            ("line", "1"),
            ("EQCBATCH_DRAIN_BUDGET", "2"),
            ("section", "3"),
            ("top", "all"),
            ("default", ""),
        ),
        fact("requests"),
        (1, 2, 3, 8, 5),
    ),
    Ladder(
        ("report", "--json", "--ledger", "l.sqlite"),
        "rate",
        (
            ("line", "1/1h"),
            ("EQCBATCH_REPORT_RATE", "1/2h"),
            ("section", "1/3h"),
            ("top", "1/4h"),
        ),
        lambda ran: round(float(str(fact("forecast", "hours_p50")(ran))) / 8),
        (1, 2, 3, 4),
    ),
    Ladder(
        ("plan", "wide.csv", "--json", "--ledger", "wide.sqlite"),
        "column",
        (
            ("line", "one two three four"),
            ("EQCBATCH_PLAN_COLUMN", "one two three"),
            ("section", "[one, two]"),
            ("top", "one"),
            ("default", ""),
        ),
        fact("names", "total"),
        (4, 3, 2, 1, 5),
    ),
    Ladder(
        ("plan", "names.csv", "--database-url", database(1)),
        "no-index",
        (
            ("line", ""),
            ("EQCBATCH_PLAN_NO_INDEX", "0"),
            ("section", "yes"),
            ("top", "false"),
            ("default", ""),
        ),
        lambda ran: ran.code,
        (0, 7, 0, 7, 7),
    ),
]
CLIMBS = [(ladder, start) for ladder in LADDERS for start in range(len(ladder.rungs))]


@pytest.fixture
def sources() -> None:
    """Eight names, and a table of which every further column names one customer more."""
    write_names(companies(8))
    table = "one,two,three,four,客户名称\n甲,,,,1\n,乙,,,2\n,,丙,,3\n,,,丁,4\n,,,,5\n"
    Path("wide.csv").write_text(table, encoding="utf-8")


@pytest.mark.usefixtures("sources")
@pytest.mark.parametrize(
    ("ladder", "start"), CLIMBS, ids=[f"{ladder.option}-{ladder.rungs[start][0]}" for ladder, start in CLIMBS]
)
def test_the_strongest_place_counts(eqcbatch: Run, ladder: Ladder, start: int) -> None:
    """Command line, own variable, shared variable, section, top level, default: in this order."""
    eqcbatch("plan", "names.csv", "--ledger", "l.sqlite")
    places = dict(ladder.rungs[start:])
    line = places.pop("line", None)
    section, top = places.pop("section", None), places.pop("top", None)
    places.pop("default", None)
    config = [f"{ladder.option}: {top}"] if top else []
    config += [f"{ladder.command[0]}:", f"  {ladder.option}: {section}"] if section else []
    Path("eqcbatch.yml").write_text("\n".join(config), encoding="utf-8")
    words = [] if line is None else line.split() or [""]
    arguments = [part for word in words for part in (f"--{ladder.option}", word) if part]

    ran = eqcbatch(*ladder.command, *arguments, **places)

    assert ladder.expected[start] == ladder.seen(ran), ran.err


@pytest.mark.parametrize(
    ("first", "second", "code"), [(TOKEN, "wrong", 0), ("wrong", TOKEN, 5), ("", TOKEN, 0)]
)
def test_eqcs_token_has_two_variables(job: Callable[..., Job], first: str, second: str, code: int) -> None:
    """EQCBATCH_EQC_TOKEN counts, else WDH_EQC_TOKEN."""
    work = job()
    work.plan(companies(1))
    assert code == work.drain(EQCBATCH_EQC_TOKEN=first, WDH_EQC_TOKEN=second).code


# The config file


def test_a_config_file_that_is_named_replaces_the_usual_one(eqcbatch: Run) -> None:
    """--config, or its variable; of eqcbatch.yml nothing is read."""
    Path("eqcbatch.yml").write_text("ledger: usual\nthis is: nonsense", encoding="utf-8")
    Path("other.yml").write_text("ledger: other", encoding="utf-8")
    assert "other" == ledger_named(eqcbatch("report", "--config", "other.yml"))
    assert "other" == ledger_named(eqcbatch("report", EQCBATCH_REPORT_CONFIG="other.yml"))


@pytest.mark.parametrize("order", [1, -1])
def test_a_section_counts_wherever_it_stands(eqcbatch: Run, order: int) -> None:
    """Before the top level's options or behind them."""
    parts = ["ledger: top", "report:\n  ledger: section"]
    Path("eqcbatch.yml").write_text("\n".join(parts[::order]), encoding="utf-8")
    assert ("section", "top") == (ledger_named(eqcbatch("report")), ledger_named(eqcbatch("drain")))


@pytest.mark.parametrize("nothing", ["", "~", "null", '""'])
def test_a_setting_without_a_value_is_none(eqcbatch: Run, nothing: str) -> None:
    """It is as if it were not there, as with an empty variable."""
    Path("eqcbatch.yml").write_text(f"ledger: {nothing}\ndrain:\nrate: 5/60s", encoding="utf-8")
    assert "eqcbatch.sqlite" in ledger_named(eqcbatch("report", EQCBATCH_LEDGER=""))


def test_a_config_file_may_come_from_notepad(eqcbatch: Run) -> None:
    """A byte order mark and CRLF do no harm."""
    Path("eqcbatch.yml").write_bytes("ledger: 年金.sqlite\r\n".encode("utf-8-sig"))
    assert "年金.sqlite" == ledger_named(eqcbatch("report"))


@pytest.mark.parametrize("hours", [0, 1])
def test_a_time_of_day_needs_no_quotes(job: Callable[..., Job], hours: int) -> None:
    """YAML 1.1 reads a bare 22:00 as the number 1320: here it stays a time."""
    until = datetime.now() + timedelta(minutes=2, hours=hours)
    Path("eqcbatch.yml").write_text(f"drain:\n  until: {until:%H:%M}\n", encoding="utf-8")
    work = job()
    work.plan(companies(2))
    session = json.loads(work.drain("--timeout", "10m", "--json").out)["session"]
    assert (
        ("deadline", 0) if not hours else ("queue_empty", 2) == (session["exit_reason"], session["requests"])
    )


@pytest.mark.parametrize("until", ["06:30", "22:30", "0:05"])
def test_every_time_of_day_is_read_from_a_config_file(eqcbatch: Run, until: str) -> None:
    """With a leading zero and without one."""
    eqcbatch("plan", write_names(companies(1)), "--ledger", LEDGER)
    Path("eqcbatch.yml").write_text(f"drain:\n  until: {until}\n", encoding="utf-8")
    ran = eqcbatch("drain", "--dry-run", "--ledger", LEDGER)
    assert (0, "") == (ran.code, ran.err)


# JSON


LEAVES = {words: one for command in app.commands.values() for words, one in runnable(command).items()}


@pytest.mark.parametrize("command", [words for words in LEAVES if words != "simulate"])
def test_every_command_has_json(command: str) -> None:
    """Of simulate, the URL comes first: its last line is JSON."""
    options = {name for param in LEAVES[command].params for name in param.opts}
    assert {"--json", "--log-file", "-v", "-q", "--config"} <= options


def test_json_is_one_object_and_nothing_else(
    eqcbatch: Run, simulator: Callable[..., Simulator], database_url: str
) -> None:
    """On one line of stdout, whatever goes to stderr."""
    names = write_names(companies(3))
    drain = ("drain", "--eqc-url", simulator().url, "--rate", FAST)
    for command in (
        ("init-db",),
        ("plan", names),
        (*drain, "--dry-run"),
        drain,
        ("flush",),
        ("report",),
        ("report", "--check"),
        ("report", "--name", companies(1)[0]),
        ("check", "--no-request"),
        ("config", "drain"),
    ):
        ran = eqcbatch(
            *command,
            "--json",
            EQCBATCH_LEDGER=str(LEDGER),
            EQCBATCH_EQC_TOKEN=TOKEN,
            EQCBATCH_DATABASE_URL=database_url,
        )
        assert (0, 1) == (ran.code, len(ran.out.splitlines())), ran.err
        assert isinstance(json.loads(ran.out), dict)


def test_json_can_be_asked_for_by_the_environment(eqcbatch: Run) -> None:
    """Flags have variables, named like the option and not like the code behind it."""
    eqcbatch("plan", write_names(["甲"]), "--ledger", LEDGER)
    by_json = eqcbatch("report", "--ledger", LEDGER, EQCBATCH_REPORT_JSON="1")
    by_name = eqcbatch("report", "--ledger", LEDGER, EQCBATCH_REPORT_NAME="甲")
    assert 1 == json.loads(by_json.out)["names"]["total"]
    assert by_name.out.startswith("key       甲")


def test_every_option_has_its_variable() -> None:
    """EQCBATCH_<COMMAND>_<OPTION>, before all others."""
    for command in app.commands.values():
        for option in command.params:
            if isinstance(option, click.Option):
                name = max(option.opts, key=len).lstrip("-")
                variable = f"EQCBATCH_{command.name}_{name}".replace("-", "_").upper()
                assert variable == (option.envvar or [""])[0]


# Results and logs


def messages(log: str) -> list[str]:
    """Log lines without time and level."""
    return [re.sub(r"^\S+(?: \d\d:\d\d:\d\d)? [A-Z]+ +", "", line) for line in log.splitlines()]


def test_results_go_to_stdout_and_logs_to_stderr(job: Callable[..., Job]) -> None:
    """Neither holds a line of the other."""
    work = job()
    work.plan(companies(3))
    ran = work.drain("-v")
    assert "Session 1 ended: queue_empty" in ran.out
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in ran.err.splitlines())
    assert not re.search(r"INFO|DEBUG", ran.out)


def test_quiet_leaves_warnings_and_results(job: Callable[..., Job]) -> None:
    """A drain without trouble says nothing on stderr; a pause that EQC asks for is told."""
    work = job(faults=Faults(between=(Span(Fault.TOO_MANY, 5, 5),)), retry_after="none")
    work.plan(companies(8))
    calm = work.drain("-q", "--budget", 3)
    paused = work.drain("-q")
    assert ("", 4) == (calm.err, len(calm.out.splitlines()))
    assert ["EQC asks to be left alone for 0.1 s."] == messages(paused.err)


@pytest.mark.parametrize("volume", ["-q", "-v", ""])
def test_the_log_file_holds_every_line_of_every_session(job: Callable[..., Job], volume: str) -> None:
    """It is appended, and complete even where the terminal is quiet: with -q, cron has it all there."""
    work = job()
    work.plan(companies(6))
    said = []
    for _ in range(2):
        ran = work.drain(*volume.split(), "--budget", 3, "--log-file", "logs/drain.log")
        said += messages(ran.err)
    logged = messages(Path("logs/drain.log").read_text(encoding="utf-8"))
    assert [] == [line for line in said if line not in logged]
    assert 2 == sum("names pending, budget 3 requests" in line for line in logged)
    assert 6 == sum("attempt 1" in line for line in logged)


def test_a_report_whose_reader_leaves_is_no_failure(
    eqcbatch: Run, start_eqcbatch: Callable[..., Any]
) -> None:
    """`eqcbatch report --csv | head -1` ends with 0 and says nothing."""
    eqcbatch("plan", write_names(companies(3000)), "--ledger", LEDGER)
    process = start_eqcbatch("report", "--csv", "--ledger", LEDGER)
    assert process.stdout.readline().startswith("lookup_key,")
    process.stdout.close()
    assert (0, "") == (process.wait(30), process.stderr.read())


def test_a_larger_budget_is_advised_only_where_the_budget_was_the_end(job: Callable[..., Job]) -> None:
    """After a dead token the same command is what comes next."""
    work = job()
    work.plan(companies(3))
    spent, refused = work.drain("--budget", 1), work.drain("--budget", 1, EQCBATCH_EQC_TOKEN="dead")
    typed = f"--ledger {LEDGER} --eqc-url {work.eqc.url} --time-scale {SCALE}"
    assert f"Next: eqcbatch drain --resume --budget all {typed} (or a larger --budget than 1)\n" in spent.out
    unbounded = work.drain("--budget", "all", EQCBATCH_EQC_TOKEN="dead")
    assert f"Next, with a fresh token: eqcbatch drain --resume {typed}\n" in refused.out
    assert f"Next, with a fresh token: eqcbatch drain --resume --budget all {typed}\n" in unbounded.out


def test_the_config_file_of_a_simulator_is_read(start_eqcbatch: Callable[..., Any]) -> None:
    """`simulate` has a section like any other command."""
    Path("eqcbatch.yml").write_text("simulate:\n  latency: 20-5\n", encoding="utf-8")
    process = start_eqcbatch("simulate", "--port", 0)
    assert (2, True) == (process.wait(30), "from a least to a most" in process.stderr.read())
