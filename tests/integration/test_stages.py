"""Progress of plan and apply: a bar on a terminal from two seconds on, and nothing anywhere else."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eqcbatch.stages import NO_STAGES
from tests import processes
from tests.conftest import Ran, Run
from tests.processes import CHECKOUT

# The two seconds are short ones here, and so are some steps longer than they would be.
SLOWLY = """
import sys, time
from eqcbatch.cli.terminal import stage_bar
stage_bar.SHOWN_AFTER_S = float(sys.argv.pop(1))
slow = float(sys.argv.pop(1))
from eqcbatch import plan
from eqcbatch.ledger import name_details, runs
slowed = (plan, "_look_up"), (runs, "cache_known"), (name_details.NameDetails, "ids_by_name")
for owner, name in slowed:
    def slowly(*given, original=getattr(owner, name), **named):
        time.sleep(slow)
        return original(*given, **named)
    setattr(owner, name, slowly)
from eqcbatch.cli.app import main
main()
"""

terminal = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@pytest.fixture
def months(eqcbatch: Run) -> str:
    """A month of 3,000 rows, planned once."""
    rows = [f"深圳第{number}实业有限公司" for number in range(3000)]
    Path("month.csv").write_text("客户名称\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert 0 == eqcbatch("plan", "month.csv", "--ledger", "l.sqlite").code
    return "month.csv"


def on_terminal(after_s: float, slow_s: float, *command: str) -> list[str]:
    """Run a command on a terminal; each state of each line that stood there."""
    script = ["-c", SLOWLY, str(after_s), str(slow_s), *command, "--ledger", "l.sqlite"]
    written = processes.on_terminal(script, {"PYTHONPATH": str(CHECKOUT)}, 100)
    return [line.strip() for line in re.split(r"[\r\n]+", written) if line.strip()]


@terminal
def test_a_plan_that_takes_long_shows_its_stages(months: str) -> None:
    """What it is at, with figures where they are known; at the end the bar is gone, and the report stands."""
    shown = on_terminal(0.05, 0.6, "plan", months, "--as", "规模")
    bars = [line for line in shown if re.search(r"\[\d\d:\d\d\]", line)]
    assert any(line.startswith(("Looking up", "Deciding")) for line in bars)
    assert any(re.match(r"Writing names: +\d+%\|.*\| [\d,]+ of 6,000 \[00:0\d\]", line) for line in bars)
    report = shown.index(next(line for line in shown if line.startswith("Planned")))
    assert not any(line in bars for line in shown[report:])


@terminal
def test_apply_shows_its_stages(months: str) -> None:
    """Before its report, too."""
    shown = on_terminal(0.05, 0.6, "apply", months, "-o", "out.csv", "--no-temp-ids")
    assert any(re.match(r"Reading the ledger \[00:0\d\]", line) for line in shown)
    assert any("Wrote out.csv: 3,000 rows" in line for line in shown)


@terminal
@pytest.mark.parametrize("options", [(60.0, 0.0), (0.0, 0.3, "-q")], ids=["quick", "quiet"])
def test_a_quick_or_a_quiet_command_shows_nothing(months: str, options: tuple[object, ...]) -> None:
    """Before two seconds have passed there is no bar."""
    after_s, slow_s, *more = options
    shown = on_terminal(float(str(after_s)), float(str(slow_s)), "plan", months, *map(str, more))
    assert [] == [line for line in shown if re.search(r"\[\d\d:\d\d\]", line)]


def test_where_stderr_is_no_terminal_nobody_counts(
    months: str, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread, no bar, and what passes is not even looked at."""
    from eqcbatch.cli.terminal import stage_bar

    monkeypatch.setattr(stage_bar, "SHOWN_AFTER_S", 0.0)
    with stage_bar.StageBar(quiet=False) as bar:
        items = iter([1, 2])
        assert items is bar.counted(items)
        assert items is NO_STAGES.counted(items)
    assert "" == eqcbatch("plan", months, "--ledger", "l.sqlite").err


def test_an_error_takes_the_bar_away(eqcbatch: Callable[..., Ran]) -> None:
    """It is told in its line alone."""
    ran = eqcbatch("plan", "missing.csv", "--ledger", "l.sqlite")
    assert (2, 1) == (ran.code, len(ran.err.splitlines()))
