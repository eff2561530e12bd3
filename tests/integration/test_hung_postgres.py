"""A Postgres that hangs, which its kernel acknowledges and nobody answers: it holds up no request, no end."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from eqcbatch.drain.flusher import END_S, end_of_patience
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, OneEach, companies, write_names
from tests.indexes import execute, select, standing
from tests.ledgers import ask, states
from tests.processes import until

Start = Callable[..., subprocess.Popen[str]]
NAMES = companies(200)
_WRITING = """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
              AND application_name = 'eqcbatch' AND state = 'active'
              AND query ILIKE '%INSERT INTO enterprise%'"""


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process, and let it go on after all."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP on Windows")
def test_p5_a_postgres_that_hangs_holds_up_neither_requests_nor_the_end(
    simulator: Callable[..., Simulator], start_eqcbatch: Start, eqcbatch: Run, database_url: str
) -> None:
    """Its backend is frozen amid the upsert: EQC is asked all the same, SIGTERM ends it, nothing is lost."""
    execute(
        database_url,
        """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_sleep(5); RETURN NEW; END $$""",
        """CREATE TRIGGER slow BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH STATEMENT EXECUTE FUNCTION slow()""",
    )
    eqc = simulator(registry=OneEach(), latency=(0.01, 0.01))
    eqcbatch("plan", write_names(NAMES), "--ledger", LEDGER)
    process = start_eqcbatch(
        *("drain", "--ledger", LEDGER, "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url),
        EQCBATCH_EQC_TOKEN=TOKEN,
        EQCBATCH_DATABASE_URL=database_url,
    )
    until(lambda: bool(select(database_url, _WRITING)), within_s=60)
    (pid,) = select(database_url, _WRITING)
    with frozen(pid):
        until(lambda: len(NAMES) == len(eqc.requests), within_s=60)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (143, True) == (process.returncode, time.monotonic() - began < 20), err
    assert "hangs: it gave no answer before the session had to end" in err
    assert "Traceback" not in err
    assert {"resolved"} == set(states(LEDGER).values())
    execute(database_url, "DROP TRIGGER slow ON enterprise.enrichment_index")
    assert 0 == eqcbatch("flush", "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url).code
    assert set(NAMES) == set(standing(database_url))
    assert [] == ask(LEDGER, "SELECT lookup_key FROM names WHERE flushed_at IS NULL")


@pytest.mark.parametrize(
    ("signalled_at", "deadline", "ends_at"),
    [
        (math.inf, math.inf, math.inf),
        (90.0, math.inf, 100 + END_S),
        (103.0, math.inf, 103 + END_S),
        (math.inf, 300.0, 300.0),
        (math.inf, 104.0, 100 + END_S),
        (math.inf, 40.0, 100 + END_S),
        (103.0, 300.0, 103 + END_S),
    ],
)
def test_the_last_flush_is_awaited_within_reason(
    signalled_at: float, deadline: float, ends_at: float
) -> None:
    """By what ends the session; it began at 100."""
    assert ends_at == end_of_patience(100.0, signalled_at, deadline)
