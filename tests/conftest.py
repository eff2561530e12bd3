"""What the tests stand on: a real PostgreSQL, a real EQC over loopback, and the command as users call it.

A fixture imports what it stands on when somebody asks for it: unit tests do not, and load none of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from eqcbatch.simulate import Simulator
    from tests.databases import Databases

# The gate asks for a hundred examples of each property: `pytest --hypothesis-profile gate`.
settings.register_profile("gate", max_examples=100, deadline=None)
settings.register_profile("quick", max_examples=20, deadline=None)
settings.load_profile("quick")

# A shell starts what it puts into the background with SIGINT ignored, nohup with SIGHUP: children would
# inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

TOKEN = "T-marked-3f9c"
FAST = "1000/1s"  # a rate that nobody meets
SCHEMAS = ("ours", "newest", "oldest")  # what init-db makes, and what the two chains in use leave


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the crash tests be asked for every boundary, and the oracle for more than the gate holds."""
    parser.addoption("--every-boundary", action="store_true", help="kill a drain at each of its boundaries")
    parser.addoption("--examples", type=int, help="hold so many new orders of commands against the oracle")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked `every_schema` that have a database on each of SCHEMAS, or on those that it names."""
    marker = metafunc.definition.get_closest_marker("every_schema")
    if marker and "schema" in metafunc.fixturenames:
        metafunc.parametrize("schema", marker.args or SCHEMAS)


@pytest.fixture
def every_boundary(pytestconfig: pytest.Config) -> bool:
    """Whether every boundary is asked for, not a part of them."""
    return bool(pytestconfig.getoption("--every-boundary"))


@pytest.fixture
def without_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the settings that whoever runs the tests has in the environment."""
    for name in [name for name in os.environ if name.startswith(("EQCBATCH", "WDH_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def alone(without_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test has a working directory, a pace and an environment of its own."""
    monkeypatch.setenv("EQCBATCH_PACE_FILE", str(tmp_path / "pace.json"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def eqcbatch(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process: `eqcbatch("plan", "m.csv")`; environment by keyword."""
    from eqcbatch.cli.app import main

    def run(*arguments: object, **environment: str) -> Ran:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def start_eqcbatch() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command as a process of its own; whatever still runs is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "eqcbatch", *map(str, arguments)],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def simulator() -> Iterator[Callable[..., Simulator]]:
    """Start a local EQC: `simulator(latency=(0, 0), rate=None)`; its token is TOKEN."""
    from eqcbatch.simulate import Simulator, SimulatorOptions

    started: list[Simulator] = []

    def start(**options: Any) -> Simulator:
        defaults: dict[str, Any] = {"latency": (0, 0), "rate": None, "token": TOKEN}
        started.append(Simulator(SimulatorOptions(**defaults | options)).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL that has a template database of each of SCHEMAS.

    It stands beside pytest's own directory, not in it: another run of pytest, as it begins, takes that away
    from everybody but its owner, and a server that root starts runs as somebody else.
    """
    import psycopg

    from eqcbatch.postgres import Postgres, create_missing
    from eqcbatch.postgres.embedded import embedded_postgres
    from tests import chains
    from tests.databases import named

    with (
        TemporaryDirectory(prefix="eqcbatch-postgres-") as place,
        embedded_postgres(Path(place) / "data") as url,
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # no test cuts the power of its machine
            connection.execute("SELECT pg_reload_conf()")
            for schema in SCHEMAS:
                connection.execute(f"CREATE DATABASE template_{schema}".encode())
        with Postgres(named(url, "template_ours")).connect() as connection:
            create_missing(connection)
        for schema, definition in (("newest", chains.NEWEST), ("oldest", chains.OLDEST)):
            with psycopg.connect(named(url, f"template_{schema}")) as connection:
                connection.execute(definition.encode())
        yield url


@pytest.fixture(scope="session")
def databases(postgres_server: str) -> Databases:
    """The databases of the server, each lent to one test at a time."""
    from tests.databases import Databases

    return Databases(postgres_server)


@pytest.fixture
def schema() -> str:
    """Which of SCHEMAS a test's tables are of: those of init-db, unless its module is of `every_schema`."""
    return "ours"


@pytest.fixture
def database_url(databases: Databases, schema: str) -> Iterator[str]:
    """The URL of a database of this test's own, with empty tables."""
    with databases.like(f"template_{schema}") as url:
        yield url


@pytest.fixture
def bare_database_url(databases: Databases) -> Iterator[str]:
    """The URL of a database of this test's own, without any table."""
    with databases.like("template1") as url:
        yield url
