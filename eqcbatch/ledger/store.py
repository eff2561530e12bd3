"""Opening the ledger: its pragmas, its file mode, its version, and what a broken one looks like."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from eqcbatch.atomic_write import make_directory
from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.errors import BadInput, EqcbatchError, LedgerUnusable
from eqcbatch.ledger.audit_evidence import AuditEvidence
from eqcbatch.ledger.audits import Audits
from eqcbatch.ledger.backflow import Backflow
from eqcbatch.ledger.companies import Companies
from eqcbatch.ledger.controls import Controls
from eqcbatch.ledger.current_sources import recorded_files
from eqcbatch.ledger.decisions import Decisions
from eqcbatch.ledger.flushed import Flushed
from eqcbatch.ledger.forecast_input import ForecastInput
from eqcbatch.ledger.former_names import FormerNames
from eqcbatch.ledger.history import History
from eqcbatch.ledger.identity import expect_one_name, using
from eqcbatch.ledger.integrity import IntegrityCheck, verify
from eqcbatch.ledger.lock import beside, refuse_directory
from eqcbatch.ledger.migrations import migrations
from eqcbatch.ledger.name_details import NameDetails
from eqcbatch.ledger.names import Names
from eqcbatch.ledger.origins import Origins
from eqcbatch.ledger.outbox import ResultOutbox
from eqcbatch.ledger.overruled import Overruled
from eqcbatch.ledger.request_queue import QueuedRequests
from eqcbatch.ledger.requests import Requests
from eqcbatch.ledger.reverified import Reverified
from eqcbatch.ledger.reviews import Reviews
from eqcbatch.ledger.runs import Runs
from eqcbatch.ledger.score_fits import ScoreFits
from eqcbatch.ledger.second_questions import SecondQuestions
from eqcbatch.ledger.sessions import Sessions
from eqcbatch.ledger.sources import Sources
from eqcbatch.ledger.sqlite import Database
from eqcbatch.ledger.stats import Stats
from eqcbatch.ledger.streaks import Streaks
from eqcbatch.ownership import stranger_of

BUSY_TIMEOUT_S = 5.0


class Ledger:
    """An open ledger; what can be done with it stands in its rooms."""

    def __init__(self, path: Path, database: Database, clock: Clock) -> None:
        self.path = path
        self.runs = Runs(database, clock)
        self.sources = Sources(database, clock)
        self.sessions = Sessions(database, clock)
        self.requests = Requests(database, clock)
        self.names = Names(database, self.requests, clock)
        self.companies = Companies(database, self.requests, clock)
        self.reverified = Reverified(database, self.requests, clock)
        self.former_names = FormerNames(database)
        self.streaks = Streaks(database)
        self.second_questions = SecondQuestions(database, self.requests, clock)
        self.backflow = Backflow(database, clock)
        self.outbox = ResultOutbox(database, clock)
        self.flushed = Flushed(database, clock)
        self.request_queue = QueuedRequests(database, clock)
        self.reviews = Reviews(database, clock)
        self.decisions = Decisions(database, clock)
        self.controls = Controls(database)
        self.score_fits = ScoreFits(database, clock)
        self.overruled = Overruled(database, clock)
        self.stats = Stats(database)
        self.forecast_input = ForecastInput(database, self.stats, clock)
        self.history = History(database)
        self.name_details = NameDetails(database)
        self.audits = Audits(database, self.requests, clock)
        self.audit_evidence = AuditEvidence(database)
        self.origins = Origins(database)
        self._db = database
        self._clock = clock

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read all of the block as the ledger stands at its first reading, whatever others write."""
        self._db.conn.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")

    def verify(self) -> None:
        """Read the whole ledger for damage. Raises LedgerUnusable if there is any."""
        verify(self._db.conn, self.path)

    def integrity_check(self) -> IntegrityCheck:
        """Begin to read the whole ledger for damage, while it is worked with."""
        return IntegrityCheck(self.path, self._clock)


def archive_path(ledger: Path) -> Path:
    """Where the answers of a ledger are archived."""
    return beside(ledger, ".answers.sqlite")


@contextmanager
def open_ledger(path: Path, *, create: bool = False, clock: Clock = SYSTEM_CLOCK) -> Iterator[Ledger]:
    """Open the ledger, upgrading an older one; `create` makes a missing one.

    clock: what all of the ledger stamps and compares moments by. Raises BadInput if the ledger is missing;
    LedgerUnusable if it is no ledger, damaged, read-only, of a newer version, known by two names, owned
    or writable by others, or if SQLite fails anywhere inside the block.
    """
    made = _prepare_file(path, create=create)
    _expect_ours_alone(path)
    with using(path), _connection(path, clock, made=made) as ledger:
        yield ledger


def files_of_sources(path: Path) -> list[Path]:
    """The files that the plans of a ledger read; none where it is missing, or cannot be used.

    Nothing is upgraded, and nothing waits for a writer.
    """
    with suppress(EqcbatchError, sqlite3.Error, OSError, ValueError):
        _expect_ours_alone(path)
        with using(path), closing(_connected(path)) as connection:
            return recorded_files(connection)
    return []


@contextmanager
def _connection(path: Path, clock: Clock, *, made: bool) -> Iterator[Ledger]:
    """Open the file that is there; one `made` just now goes again, unless something came into it."""
    connection: sqlite3.Connection | None = None
    try:
        connection = _connected(path)
        yield Ledger(path, _configured(connection, path), clock)
        made = False
    except sqlite3.Error as error:
        raise LedgerUnusable(_explain(path, error)) from error
    finally:
        nothing_came = made and (connection is None or _never_planned(connection))
        if connection is not None:
            connection.close()
        if nothing_came:
            path.unlink(missing_ok=True)


def _expect_ours_alone(path: Path) -> None:
    """Raise LedgerUnusable if a file of the ledger has two names, or if others own it or may write it."""
    for file in (path, archive_path(path)):
        expect_one_name(file)
        for part in (file, beside(file, "-wal")):
            if why := stranger_of(part):
                raise LedgerUnusable(
                    f"{part} is not ours alone: {why}. Run as its owner, make it yours (`chown`, "
                    "`chmod go-w`), or name another --ledger."
                )


def _prepare_file(path: Path, *, create: bool) -> bool:
    """See that there is a file to open; whether it was made just now."""
    refuse_directory(path)
    if path.exists():
        return False
    if not create:
        raise BadInput(
            f"There is no ledger at {path}. Run `eqcbatch plan SOURCE` first, or name another --ledger."
        )
    try:
        make_directory(path.parent, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return True
    except OSError as error:
        raise LedgerUnusable(
            f"The ledger {path} cannot be created: {error.strerror or error}. Choose another --ledger."
        ) from error


def _connected(path: Path) -> sqlite3.Connection:
    """A connection; one that only reads where no file can be made beside the ledger, as beside a backup."""
    real = Path(os.path.realpath(path))  # as SQLite takes it
    if os.access(real.parent, os.W_OK) or os.path.exists(f"{real}-wal"):
        return sqlite3.connect(
            path,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,  # by turns
        )
    return sqlite3.connect(f"{real.as_uri()}?immutable=1", uri=True, isolation_level=None)


def _configured(connection: sqlite3.Connection, path: Path) -> Database:
    database = Database(connection)
    _refuse_strangers(database, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # on macOS, where a sync ends in the drive's own cache
    if migrations.pending(database):
        migrations.apply(database)
    return database


def _never_planned(connection: sqlite3.Connection) -> bool:
    try:
        (came,) = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM runs) OR EXISTS (SELECT 1 FROM queued)"
        ).fetchone()
        return not came
    except sqlite3.Error:
        return True  # not even its tables came to be


def _refuse_strangers(database: Database, path: Path) -> None:
    applied = {migration.name for migration in migrations.applied(database)}
    if not applied and set(database.table_names()) - {migrations.migrations_table}:
        raise LedgerUnusable(
            f"{path} is a SQLite database, but no ledger of eqcbatch. Name another --ledger."
        )
    newer = applied - _known_migrations()
    if newer:
        raise LedgerUnusable(
            f"The ledger {path} was written by a newer eqcbatch ({', '.join(sorted(newer))}). "
            "Upgrade eqcbatch."
        )


def _known_migrations() -> set[str]:
    blank = Database(memory=True)
    try:
        return {migration.name for migration in migrations.pending(blank)}
    finally:
        blank.close()


def _explain(path: Path, error: sqlite3.Error) -> str:
    text = str(error)
    if "readonly" in text or "read-only" in text:
        advice = "it is read-only. Make it writable, with its directory, or name another --ledger."
    elif "full" in text or "disk I/O" in text:
        advice = "the disk is full or failing. Nothing is lost: free some space and resume."
    elif "locked" in text:
        advice = "another program keeps it locked. Close that program and try again."
    elif "unable to open" in text:
        advice = "it cannot be opened. Check its permissions."
    elif isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        advice = (
            "it is damaged, or no SQLite file. Restore a backup, or name another --ledger and plan again."
        )
    else:
        advice = "SQLite refuses to go on."
    return f"The ledger {path} is not usable ({text}): {advice}"
