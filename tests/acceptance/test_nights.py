"""Nights as docs/operations.md sets them up: the crontab line in a bare environment, and systemd's units."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from eqcbatch.simulate import Simulator
from tests.conftest import FAST, TOKEN
from tests.docs import DATABASE, DIRECTORY, Block, Reader, blocks
from tests.drains import OneEach, companies, write_names
from tests.indexes import standing
from tests.ledgers import ask

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither cron nor systemd")

NAMES = companies(60)
LATENCY_S = 0.1
WINDOW_S = 3.0  # of a night that shall not be long enough
LEDGER = Path("ledgers/eqcbatch.sqlite")


def shown(check: str) -> list[Block]:
    """The blocks of the page that are checked here."""
    return [block for block in blocks("operations.md") if block.check == check]


class Home:
    """The directory of a job, set up as the page says, against a simulated EQC."""

    def __init__(self, directory: Path, database_url: str, eqc: Simulator) -> None:
        self.directory = directory
        self._eqc = eqc
        self._reader = Reader(directory, {DATABASE: database_url}, {})
        self._reader.make_environment()
        for block in [*shown("night"), *shown("config"), *shown("systemd")]:
            if block.file:
                self._reader.put_file(block)
        (directory / "token.txt").write_text(TOKEN)
        write_names(NAMES, str(directory / "month.csv"))
        self._started: list[subprocess.Popen[bytes]] = []
        self._settings = (directory / "eqcbatch.yml").read_text(encoding="utf-8")

    def open_window(self, seconds: float | None) -> None:
        """Let the next nights be so short (None: until six), and point them to the simulator."""
        settings = f"  eqc-url: {self._eqc.url}\n  rate: {FAST}\n  timeout: 1s\n"
        if seconds is not None:
            settings += f"  max-minutes: {seconds / 60}\n"
        text = self._settings.replace("drain:\n", f"drain:\n{settings}")
        (self.directory / "eqcbatch.yml").write_text(text, encoding="utf-8")

    def start_night(self) -> subprocess.Popen[bytes]:
        """Start the crontab's line as cron does: a bare environment, /bin/sh, the home directory."""
        (crontab,) = (block for block in shown("night") if block.language == "crontab")
        command = self._reader.own(crontab.text.split(maxsplit=5)[5].strip())
        bare = {"HOME": str(self.directory), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
        ours = {"EQCBATCH_PACE_FILE": str(self.directory / "pace.json"), "TZ": _far_from_six()}
        words = [f"{name}={value}" for name, value in (bare | ours).items()]
        self._started.append(subprocess.Popen(["env", "-i", *words, "/bin/sh", "-c", command], cwd="/"))
        return self._started[-1]

    def night(self) -> int:
        """Let a night pass; how it ended."""
        return self.start_night().wait(60)

    def end(self) -> None:
        """Wait for whatever still runs."""
        for night in self._started:
            night.wait(60)

    @property
    def log(self) -> str:
        """All that the nights left to read."""
        return (self.directory / "night.log").read_text(encoding="utf-8")

    def asked(self) -> list[str]:
        """What EQC was asked, in order, by the ledger's book."""
        return ask(self.directory / LEDGER, "SELECT lookup_key FROM requests ORDER BY id")


def _far_from_six() -> str:
    """A time zone in which the window until 06:00 does not close within the test."""
    return "UTC0" if time.gmtime().tm_hour not in (5, 6) else "UTC6"


@pytest.fixture
def home(tmp_path: Path, database_url: str, simulator: Callable[..., Simulator]) -> Iterator[Home]:
    """A job whose EQC knows each of the sixty names, and takes a tenth of a second for one."""
    (tmp_path / "job").mkdir()
    eqc = simulator(latency=(LATENCY_S, LATENCY_S), registry=OneEach())
    home = Home(tmp_path / "job", database_url, eqc)
    yield home
    home.end()


def test_the_crontab_line_completes_a_night_and_the_next_one_goes_on(home: Home, database_url: str) -> None:
    """The first night's window is too short; the second night asks for the rest, and for nothing twice."""
    home.open_window(WINDOW_S)
    first, asked_first = home.night(), len(home.asked())
    home.open_window(None)
    second = home.night()

    assert (0, 0) == (first, second), home.log
    assert 0 < asked_first < len(NAMES)
    assert sorted(NAMES) == sorted(home.asked())
    assert sorted(NAMES) == sorted(standing(database_url))
    assert "No name is pending" in home.log


def test_a_night_leaves_a_page_and_one_readable_log(home: Home) -> None:
    """Plan, drain and report are told in order, in plain lines of UTF-8: no bar, no colour, no secret."""
    home.open_window(None)
    assert 0 == home.night()

    told = [
        home.log.index(part)
        for part in ("Planned month.csv", "60 of 60 names pending", "Session 1 ended", "Wrote report.html")
    ]
    assert sorted(told) == told
    assert not re.search(r"[\r\x1b]|Traceback", home.log)
    assert TOKEN not in home.log
    assert len(home.log.splitlines()) < 20
    assert "<html" in (home.directory / "report.html").read_text(encoding="utf-8")


def test_a_second_start_in_the_same_night_ends_with_8_and_harms_nothing(
    home: Home, database_url: str
) -> None:
    """It says who holds the ledger; the first one goes on and finishes."""
    home.open_window(None)
    first = home.start_night()
    until_log_has(home, "60 of 60 names pending")

    second = home.night()

    assert 8 == second
    assert "is in use: `eqcbatch drain`" in home.log
    assert 0 == first.wait(60), home.log
    assert sorted(NAMES) == sorted(home.asked())
    assert sorted(NAMES) == sorted(standing(database_url))


def until_log_has(home: Home, text: str) -> None:
    """Wait for what another process writes."""
    end = time.monotonic() + 30
    while not (home.directory / "night.log").exists() or text not in home.log:
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)  # a file tells nobody that it grew


# systemd


def test_the_units_are_units_of_systemd(home: Home) -> None:
    """`systemd-analyze verify` has nothing to say, where it is installed; the timer's calendar is one."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    units = [str(home.directory / str(block.file)) for block in shown("systemd")]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (0, "") == (verified.returncode, verified.stderr)

    calendar = re.search("OnCalendar=(.*)", shown("systemd")[1].text)
    assert calendar
    subprocess.run(["systemd-analyze", "calendar", calendar[1]], check=True, stdout=subprocess.DEVNULL)


def test_the_service_starts_what_the_crontab_starts() -> None:
    """The same three commands, with the same options, from the same directory and secrets."""
    unit = ConfigParser(strict=False, interpolation=None)
    (service, timer) = (block.text for block in shown("systemd"))
    unit.read_string(service)
    night = next(block.text for block in shown("night") if block.file == "night.sh")

    started = re.findall(r"^Exec\w+=-?\S*/(eqcbatch .*)$", service, re.MULTILINE)

    assert re.findall("^eqcbatch [^|\n]*[^| \n]", night, re.MULTILINE) == started
    assert (DIRECTORY, f"{DIRECTORY}/secrets.env") == (
        unit["Service"]["WorkingDirectory"],
        unit["Service"]["EnvironmentFile"],
    )
    unit.read_string(timer)
    assert "timers.target" == unit["Install"]["WantedBy"]
