"""What the integration tests share."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import Simulator
from tests.books import Book, Standing
from tests.conftest import Run
from tests.drains import Job
from tests.ledgers import plan_names


@pytest.fixture
def job(eqcbatch: Run, simulator: Callable[..., Simulator]) -> Callable[..., Job]:
    """Make a job with a simulator of these options."""
    return lambda **options: Job(eqcbatch, simulator(**options))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    request = "req -x509 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    kind = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    command = ["openssl", *request.split(), *kind.split(), "-out", str(made), "-keyout", str(key)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this openssl makes no certificate for an IP address")
    return made, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """What a server with that certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A ledger of four names: 甲 in four rows, 乙 in three, 丙 in two, and 丁 that is retired."""
    path, clock = tmp_path / "l.sqlite", Standing()
    plan_names(path, "丁", source="old")
    plan_names(path, "", source="old")
    plan_names(path, *"甲甲甲甲乙乙乙丙丙")
    with open_ledger(path, clock=clock) as ledger:
        yield Book(path, ledger, clock)
