"""The ledger: how it opens, what it refuses, how names and requests move, and that its accounts balance."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlite_utils import Database

from eqcbatch.clock import SYSTEM_CLOCK, Clock, utc_text
from eqcbatch.domain.model import (
    Candidate,
    Endpoint,
    ExitReason,
    Held,
    IdSource,
    Outcome,
    PendingName,
    Reason,
    Reply,
    Result,
)
from eqcbatch.errors import BadInput, LedgerInUse, LedgerUnusable
from eqcbatch.ledger import (
    Ledger,
    Names,
    Requests,
    ResultOutbox,
    Sessions,
    archive_path,
    holder_of,
    open_ledger,
    writing,
)
from eqcbatch.ledger.migrations import migrations
from eqcbatch.plan import plan
from tests.ledgers import (
    ANSWERED,
    NOT_FOUND,
    ask,
    change,
    dump,
    fail,
    pending,
    plan_names,
    resolve,
    states,
    tally,
    verdict,
)
from tests.processes import CHECKOUT

MIGRATIONS = """CREATE TABLE _sqlite_migrations
                (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's ledger is, or will be."""
    return tmp_path / "l.sqlite"


@pytest.fixture
def foreign(path: Path) -> Path:
    """A SQLite database of somebody else's."""
    change(path, "CREATE TABLE recipes (dish TEXT)", "INSERT INTO recipes VALUES ('soup')")
    return path


@pytest.fixture
def start_python() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start Python source as a process of its own; whatever still runs is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(source: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", source],
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


# opening


@pytest.mark.parametrize("where", ["missing.sqlite", "no/such/directory/l.sqlite"])
def test_a_missing_ledger_is_bad_input_and_stays_missing(tmp_path: Path, where: str) -> None:
    """Opening without `create` names `eqcbatch plan` and makes neither file nor directory."""
    with pytest.raises(BadInput, match="eqcbatch plan"), open_ledger(tmp_path / where):
        pass

    assert [] == list(tmp_path.iterdir())


def test_a_directory_is_no_ledger(tmp_path: Path) -> None:
    """A directory in the ledger's place is bad input, whether or not a ledger may be created."""
    for create in (False, True):
        with pytest.raises(BadInput, match="is a directory"), open_ledger(tmp_path, create=create):
            pass


def test_garbage_is_no_ledger_and_stays_as_it_is(path: Path) -> None:
    """A file that is no SQLite database is refused with its path, and not written to."""
    garbage = b"month,name\n" * 1000
    path.write_bytes(garbage)

    with pytest.raises(LedgerUnusable, match="no SQLite file") as refused, open_ledger(path, create=True):
        pass

    assert str(path) in str(refused.value)
    assert garbage == path.read_bytes()


def test_a_foreign_database_is_no_ledger_and_stays_as_it_is(foreign: Path) -> None:
    """Somebody else's SQLite file is refused before a byte of it changes, its journal mode included."""
    before = foreign.read_bytes()

    with pytest.raises(LedgerUnusable, match="no ledger of eqcbatch"), open_ledger(foreign, create=True):
        pass

    assert before == foreign.read_bytes()


def test_a_foreign_database_with_migrations_of_its_own_is_no_ledger(foreign: Path) -> None:
    """Another program's use of sqlite-utils migrations does not make its file a ledger."""
    change(
        foreign,
        MIGRATIONS,
        "INSERT INTO _sqlite_migrations VALUES (1, 'llm', 'm001_initial', '2026-01-01')",
    )
    before = foreign.read_bytes()

    with pytest.raises(LedgerUnusable, match="no ledger of eqcbatch"), open_ledger(foreign):
        pass

    assert before == foreign.read_bytes()


def test_a_new_ledger_is_kept_for_what_is_in_it(path: Path) -> None:
    """An error after the creation leaves no empty ledger behind, and never takes a recorded plan along."""

    def plan_and_break(*raws: str) -> None:
        with open_ledger(path, create=True) as ledger:
            if raws:
                plan(ledger.runs, tally(*raws), "month", {}, None)
            raise MemoryError

    with pytest.raises(MemoryError):
        plan_and_break()
    assert not path.exists()

    with pytest.raises(MemoryError):
        plan_and_break("甲公司")
    assert {"甲公司": "pending"} == states(path)


def test_a_ledger_from_before_the_revert_is_upgraded_with_all_it_holds(path: Path) -> None:
    """Its table of names is made anew: rows, indexes and references stay, and `reverted` is allowed."""
    with closing(sqlite3.connect(path)) as connection:
        migrations.apply(Database(connection), stop_before="m005_revert")
        connection.execute("INSERT INTO names (lookup_key, query, state) VALUES ('甲', '甲', 'pending')")
        flushed = "'resolved', '1', 1.0, 'exact_name', 'eqc', '2026', '1', 1.0"
        connection.execute(
            f"""INSERT INTO names (lookup_key, query, state, company_id, confidence, verdict, source,
                                   flushed_at, flushed_company_id, flushed_confidence)
                VALUES ('乙', '乙', {flushed})"""
        )
        connection.commit()
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'names'"
        before = set(connection.execute(indexes))
    with open_ledger(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE names SET held = 'reverted' WHERE lookup_key = '乙'")
        assert before < set(connection.execute(indexes))
        assert [("甲", None), ("乙", "null")] == sorted(
            connection.execute("SELECT lookup_key, index_before FROM names"), reverse=True
        )
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO candidates (lookup_key, rank, company_id) VALUES ('丙', 0, '1')")


@pytest.mark.parametrize("left_behind", ["nothing", "an empty migrations table"])
def test_a_creation_that_was_killed_is_completed(path: Path, left_behind: str) -> None:
    """What a kill leaves between the file's creation and its first migration opens as an empty ledger."""
    path.touch()
    if left_behind != "nothing":
        change(
            path,
            MIGRATIONS,
        )

    with open_ledger(path) as ledger:
        assert [] == ledger.stats.imbalances()
        assert [] == ledger.names.next_pending()


def test_a_newer_ledger_is_refused_by_name(path: Path) -> None:
    """A ledger with a migration this version does not know is not touched; the message says to upgrade."""
    plan_names(path, "甲公司")
    change(
        path,
        "INSERT INTO _sqlite_migrations VALUES (999, 'eqcbatch', 'm999_future', '2027-01-01')",
    )
    before = dump(path)

    with pytest.raises(LedgerUnusable, match=r"newer eqcbatch \(m999_future\).*Upgrade"), open_ledger(path):
        pass

    assert before == dump(path)


def test_a_damaged_ledger_is_said_to_be_damaged(path: Path) -> None:
    """Pages of noise within the file raise LedgerUnusable when they are read, with what to do."""
    plan_names(path, *(f"第{number}公司" for number in range(2000)))
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xa5" * 4096 * 40)

    for read in (lambda book: book.verify(), lambda book: list(book.name_details.names())):
        with pytest.raises(LedgerUnusable, match=r"damaged.*Restore a backup"), open_ledger(path) as ledger:
            read(ledger)


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A directory of one's own with the rights of a plain user, even where the tests run as root."""
    root = os.geteuid() == 0
    directory = Path(tempfile.mkdtemp())
    if root:
        os.chown(directory, 65534, -1)
        os.seteuid(65534)
    try:
        yield directory
    finally:
        if root:
            os.seteuid(0)
        directory.chmod(0o700)
        shutil.rmtree(directory)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize("directory_mode", [0o555, 0o777])
def test_a_read_only_ledger_is_said_to_be_read_only(directory_mode: int) -> None:
    """A ledger whose file may not be written raises LedgerUnusable that speaks of permissions."""
    with unprivileged() as directory:
        path = directory / "l.sqlite"
        plan_names(path, "甲公司")
        path.chmod(0o444)
        directory.chmod(directory_mode)

        with pytest.raises(LedgerUnusable, match=r"read-only|permissions"), open_ledger(path) as ledger:
            ledger.sessions.open(budget=5)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_a_directory_that_may_not_be_written_is_named_when_locking() -> None:
    """The lock beside a ledger cannot be made there: LedgerUnusable says that the directory matters."""
    with unprivileged() as directory:
        directory.chmod(0o555)
        with (
            pytest.raises(LedgerUnusable, match="directory must be writable"),
            writing(directory / "l.sqlite", "plan"),
        ):
            pass


def test_a_ledger_below_a_file_cannot_be_created(tmp_path: Path) -> None:
    """A path that leads through a file raises LedgerUnusable, from the lock and from the opening."""
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "l.sqlite"

    with pytest.raises(LedgerUnusable, match="cannot be created"), open_ledger(path, create=True):
        pass
    with pytest.raises(LedgerUnusable, match="cannot be locked"), writing(path, "plan"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Windows are not flock's")
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """No file that a kill leaves behind stands for a lock: the next night would find it taken for ever."""
    import fcntl

    def flock(_file: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    with (
        pytest.raises(LedgerUnusable, match="its file system knows no locks"),
        writing(tmp_path / "l.sqlite", "plan"),
    ):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc, where nobody can make a file")
def test_a_place_where_nobody_can_make_a_file_is_not_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though waiting for a lock there looks like waiting for its holder."""
    monkeypatch.setattr("eqcbatch.ledger.lock.PATIENCE_S", 0.1)
    with (
        pytest.raises(LedgerUnusable, match="cannot be locked: no file can be made there"),
        writing(Path("/proc/l.sqlite"), "plan"),
    ):
        pass


def test_a_ledger_is_kept_in_wal_with_full_sync(path: Path) -> None:
    """What is committed survives a power cut: WAL, synchronous FULL (macOS: full syncs), on every opening."""
    for _ in range(2):
        with open_ledger(path, create=True) as ledger:
            database = ledger.names._db
            pragmas = ("journal_mode", "synchronous", "fullfsync")
            assert ["wal", 2, 1] == [database.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_nobody_else_may_read_a_ledger(path: Path) -> None:
    """The ledger and every file beside it have mode 0600 whatever the umask; its directory 0700."""
    path = path.parent / "ledgers" / "l.sqlite"
    umask = os.umask(0)
    try:
        with writing(path, "plan"), open_ledger(path, create=True) as ledger:
            ledger.sessions.open(None)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(umask)

    assert dict.fromkeys(modes, 0o600) == modes
    assert {"l.sqlite", "l.sqlite-wal", "l.sqlite-shm", "l.sqlite.lock", "l.sqlite.holder.json"} == set(modes)
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)


# the schema

# The tables and columns of docs/reference.md#the-ledger; `runs` there in words.
SCHEMA = {
    "names": "lookup_key query state reason company_id official_name unite_code match_type confidence "
    "verdict held source rows weight attempts not_before decided_at flushed_at flushed_company_id "
    "flushed_confidence flush_error",
    "occurrences": "run_id lookup_key raw plan_code known_id rows weight company_id source",
    "runs": "source current rows blank_rows blank_covered distinct_raw distinct_names hits planned_at "
    "options",
    "sessions": "started_at ended_at pid budget requests replays waiting_s processing_s exit_reason",
    "requests": "session_id lookup_key endpoint attempt started_at finished_at elapsed_ms http_status "
    "outcome",
    "candidates": "rank company_id official_name type score unite_code registered_status former_names",
    "companies": "company_id official_name unite_code business_info business_info_at labels labels_at",
}


@pytest.mark.parametrize("table", SCHEMA)
def test_a_table_has_the_columns_of_the_design(path: Path, table: str) -> None:
    """Every column that docs/reference.md#the-ledger names is there, so that checks and people find it."""
    plan_names(path, "甲公司")

    assert set() == set(SCHEMA[table].split()) - set(
        ask(path, f"SELECT name FROM pragma_table_info('{table}')")
    )


REQUEST = "INSERT INTO requests (session_id, endpoint, attempt, started_at"
IMPOSSIBLE = [
    "INSERT INTO names (lookup_key, query, state) VALUES ('', '', 'pending')",
    "INSERT INTO names (lookup_key, query, state) VALUES ('乙', '乙', 'lost')",
    "UPDATE names SET state = 'failed'",
    "UPDATE names SET state = 'failed', reason = 'bored'",
    "UPDATE names SET reason = 'timeout'",
    "UPDATE names SET company_id = '6'",
    "UPDATE names SET source = 'eqc'",
    "UPDATE names SET state = 'cached'",
    "UPDATE names SET state = 'resolved', company_id = '6', source = 'eqc', verdict = 'exact_name'",
    "UPDATE names SET state = 'resolved', confidence = 1, source = 'eqc', verdict = 'exact_name'",
    "UPDATE names SET state = 'resolved', confidence = 1.5, company_id = '6', source = 'eqc', verdict = 'x'",
    "UPDATE names SET held = 'ambiguous'",
    "UPDATE names SET flushed_at = '2026-01-01'",
    "UPDATE names SET rows = -1",
    "UPDATE names SET attempts = -1",
    "UPDATE occurrences SET rows = 0",
    """INSERT INTO runs (source, current, rows, blank_rows, distinct_raw, distinct_names, hits, hit_rows,
                         planned_at, options, reading)
       SELECT source, 1, 1, 0, 1, 1, 0, 0, '', '', 'another' FROM runs""",
    """INSERT INTO runs (source, current, rows, blank_rows, distinct_raw, distinct_names, hits, hit_rows,
                         planned_at, options, reading)
       SELECT 'another', 1, 1, 0, 1, 1, 0, 0, '', '', reading FROM runs""",
    "INSERT INTO sessions (started_at, pid, host, exit_reason) VALUES ('', 1, '', 'budget')",
    "INSERT INTO sessions (started_at, pid, host, ended_at) VALUES ('', 1, '', '')",
    f"{REQUEST}, outcome) VALUES (1, 'search', 1, '', 'lost')",
    f"{REQUEST}, outcome) VALUES (1, 'search', 1, '', 'answered')",
    f"{REQUEST}, finished_at) VALUES (1, 'search', 1, '', '')",
]


@pytest.mark.parametrize("statement", IMPOSSIBLE)
def test_an_impossible_row_is_refused(path: Path, statement: str) -> None:
    """The constraints make it impossible for any program to write what cannot be."""
    plan_names(path, "甲公司")

    with pytest.raises(sqlite3.IntegrityError, match=r"CHECK|UNIQUE"):
        change(path, statement)


def explained(path: Path, statements: list[str]) -> list[str]:
    """SQLite's plan for each statement."""
    return [
        " / ".join(detail for *_, detail in ask(path, f"EXPLAIN QUERY PLAN {statement}"))
        for statement in statements
    ]


def test_the_next_name_and_what_is_due_are_found_without_a_scan_or_a_sort(path: Path) -> None:
    """Both questions of every turn of a drain walk their partial index, whatever the ledger's size."""
    plan_names(path, *(f"第{number}公司" for number in range(100)))
    asked: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.set_trace_callback(asked.append)
        Names(Database(connection), Requests(Database(connection), SYSTEM_CLOCK), SYSTEM_CLOCK).next_pending(
            {"第1公司"}, limit=2
        )
        ResultOutbox(Database(connection), SYSTEM_CLOCK).due(10)
        ResultOutbox(Database(connection), SYSTEM_CLOCK).due(10, after="第5公司", refused=True)

    plans = explained(path, [statement for statement in asked if "FROM names" in statement])

    assert ["names_to_ask", "names_to_flush", "names_to_flush"] == [
        next((index for index in ("names_to_ask", "names_to_flush") if index in plan), plan) for plan in plans
    ]
    assert [] == [plan for plan in plans if "TEMP B-TREE" in plan]


# names are asked and decided


def test_the_heaviest_name_is_asked_first_and_equals_by_key(path: Path) -> None:
    """next_pending orders by weight, then key, so that two drains of equal ledgers ask alike."""
    plan_names(path, "乙公司", "甲公司", "丙公司", "丙公司", "丁公司")

    with open_ledger(path) as ledger:
        order = [name.lookup_key for name in ledger.names.next_pending(limit=9)]

    assert ["丙公司", *sorted(["乙公司", "甲公司", "丁公司"])] == order


@pytest.mark.parametrize(
    ("busy", "limit", "offered"),
    [((), 1, ["丙"]), (("丙",), 1, ["乙"]), (("丙", "乙"), 1, ["甲"]), (("乙",), 3, ["丙", "甲"])],
)
def test_a_busy_name_is_not_offered_again(
    path: Path, busy: tuple[str, ...], limit: int, offered: list[str]
) -> None:
    """What a worker has in hand is skipped, and does not count against the limit."""
    plan_names(path, *"丙丙丙乙乙甲")

    with open_ledger(path) as ledger:
        assert offered == [name.lookup_key for name in ledger.names.next_pending(busy, limit)]


def decide_by_answer(ledger: Ledger, name: PendingName, request: int, session: int) -> None:
    decided = verdict()
    ledger.names.record_answer(
        name, ANSWERED, [decided.company], decided, request_id=request, session_id=session
    )


def decide_as_not_found(ledger: Ledger, name: PendingName, request: int, session: int) -> None:
    ledger.names.record_answer(name, NOT_FOUND, [], None, request_id=request, session_id=session)


def decide_as_failed(ledger: Ledger, name: PendingName, request: int, _session: int) -> None:
    ledger.names.record_failure(name, Reason.NETWORK, None, request_id=request, reply=Reply(Outcome.NETWORK))


def decide_by_replay(ledger: Ledger, name: PendingName, _request: int, session: int) -> None:
    decided = verdict()
    ledger.names.record_answer(
        name, ANSWERED, [decided.company], decided, request_id=None, session_id=session
    )


DECISIONS = [decide_by_answer, decide_as_not_found, decide_as_failed, decide_by_replay]


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("state", ["cached", "resolved", "failed", "gone"])
def test_a_name_that_is_not_pending_is_not_decided_again(
    path: Path, decide: Callable[[Ledger, PendingName, int, int], None], state: str
) -> None:
    """Deciding names the state it comes from: anything else raises LedgerUnusable and writes nothing."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        name = pending(ledger, "甲公司")
        session = ledger.sessions.open(None).id
        request = ledger.requests.book(session, "甲公司", Endpoint.SEARCH, 1, 0.0)
    change(
        path,
        {
            "cached": "UPDATE names SET state = 'cached', source = 'index:customer_name'",
            "resolved": "UPDATE names SET state = 'resolved', company_id = '1', confidence = 1, "
            "verdict = 'x', source = 'manual'",
            "failed": "UPDATE names SET state = 'failed', reason = 'timeout'",
            "gone": "DELETE FROM names",
        }[state],
    )
    before = dump(path)

    with pytest.raises(LedgerUnusable, match="--check"), open_ledger(path) as ledger:
        decide(ledger, name, request, session)

    assert before == dump(path)


@pytest.mark.parametrize("decide", DECISIONS[:3])
def test_a_request_is_settled_once(
    path: Path, decide: Callable[[Ledger, PendingName, int, int], None]
) -> None:
    """An answer to a request that is settled already decides nothing."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        name = pending(ledger, "甲公司")
        session = ledger.sessions.open(None).id
        request = ledger.requests.book(session, "甲公司", Endpoint.SEARCH, 1, 0.0)
        ledger.requests.settle(request, Reply(Outcome.TIMEOUT))
    before = dump(path)

    with pytest.raises(LedgerUnusable, match="in flight"), open_ledger(path) as ledger:
        decide(ledger, name, request, session)

    assert before == dump(path)


def test_a_request_is_committed_before_it_is_sent(path: Path) -> None:
    """A booked request, its session's count and its waiting stand on disk when `book` returns."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(budget=5)
        ledger.requests.book(session.id, "甲公司", Endpoint.SEARCH, 2, waited_s=1.25)

        assert [("甲公司", "search", 2, "in_flight", None)] == ask(
            path, "SELECT lookup_key, endpoint, attempt, outcome, finished_at FROM requests"
        )
        assert [(1, 1.25, 5, os.getpid())] == ask(
            path, "SELECT requests, waiting_s, budget, pid FROM sessions"
        )


def test_an_answer_is_one_commit(path: Path) -> None:
    """A reader beside the drain sees request, candidates and decision change in one step, never in part."""
    plan_names(path, "甲公司")
    seen: list[tuple[int, int, int]] = []
    with (
        closing(sqlite3.connect(path)) as reader,
        closing(sqlite3.connect(path, isolation_level=None)) as own,
    ):
        requests = Requests(Database(own), SYSTEM_CLOCK)
        session = Sessions(Database(own), SYSTEM_CLOCK).open(None)
        names = Names(Database(own), requests, SYSTEM_CLOCK)
        name = names.next_pending()[0]
        request = requests.book(session.id, name.lookup_key, Endpoint.SEARCH, 1, 0.0)

        def look(_statement: str) -> None:
            row = reader.execute(
                """SELECT (SELECT count(*) FROM requests WHERE outcome = 'answered'),
                          (SELECT count(*) FROM candidates),
                          (SELECT count(*) FROM names WHERE state = 'resolved')"""
            ).fetchone()
            seen.append(row)

        own.set_trace_callback(look)
        names.record_answer(
            name,
            ANSWERED,
            [Candidate(0, "6", "甲公司"), Candidate(1, "7", "甲分公司", former_names=("乙公司",))],
            verdict("6"),
            request_id=request,
            session_id=session.id,
        )
        own.set_trace_callback(None)
        look("after")

    assert 5 <= len(seen)
    assert {(0, 0, 0)} == set(seen[:-1])
    assert (1, 2, 1) == seen[-1]


def test_what_an_answer_leaves(path: Path) -> None:
    """The candidates with all a verdict needs, the request's time and status, the decision and its rule."""
    plan_names(path, "甲公司")
    resolve(path, "甲公司", verdict("6", 0.8, Held.AMBIGUOUS))

    assert [("resolved", "6", "公司", "全称精确匹配", 0.8, "exact_name", "ambiguous", "eqc", 1)] == ask(
        path,
        """SELECT state, company_id, official_name, match_type, confidence, verdict, held, source, attempts
           FROM names WHERE decided_at IS NOT NULL""",
    )
    assert [("甲公司", 0, "6", "公司", "全称精确匹配", "[]")] == ask(
        path, "SELECT lookup_key, rank, company_id, official_name, type, former_names FROM candidates"
    )
    assert [("answered", 250.0, 200)] == ask(
        path, "SELECT outcome, elapsed_ms, http_status FROM requests WHERE finished_at >= started_at"
    )


def test_a_later_answer_replaces_the_candidates(path: Path) -> None:
    """A name asked again keeps the candidates of its last answer only."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(None).id
        for company in ("6", "7"):
            ledger.names.record_answer(
                pending(ledger, "甲公司"),
                ANSWERED,
                [Candidate(0, company)],
                verdict(company),
                request_id=None,
                session_id=session,
            )
            change(
                path,
                """UPDATE names SET state = 'pending', company_id = NULL, confidence = NULL, verdict = NULL,
                   source = NULL""",
            )

    assert ["7"] == ask(path, "SELECT company_id FROM candidates")


def test_a_replay_counts_as_a_replay_and_books_no_request(path: Path) -> None:
    """An answer from the archive alone raises the session's replays and nothing of the requests."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(None).id
        decide_by_replay(ledger, pending(ledger, "甲公司"), 0, session)

    assert [(0, 1)] == ask(path, "SELECT requests, replays FROM sessions")
    assert [] == ask(path, "SELECT id FROM requests")
    assert {"甲公司": "resolved"} == states(path)


def test_failed_names_are_pending_again_when_their_time_has_come(path: Path) -> None:
    """requeue_due takes what is due, leaves what is later or for good, and keeps the rounds counted."""
    plan_names(path, *"甲乙丙")
    fail(path, "甲", retry_in_s=-1)
    fail(path, "乙", retry_in_s=3600)
    fail(path, "丙", Reason.REFUSED)

    with open_ledger(path) as ledger:
        assert (0.0, 1, 0) == (
            ledger.names.seconds_to_next_due(),
            ledger.names.requeue_due(),
            ledger.names.requeue_due(),
        )
        assert 3590 < (ledger.names.seconds_to_next_due() or 0) <= 3600

    assert {"甲": "pending", "乙": "failed/timeout", "丙": "failed/refused"} == states(path)
    assert [(1, None, None)] == ask(
        path, "SELECT attempts, not_before, decided_at FROM names WHERE lookup_key = '甲'"
    )


def test_nothing_is_due_where_nothing_failed(path: Path) -> None:
    """Without a failed name that has a time there is no next one."""
    plan_names(path, *"甲乙")
    fail(path, "甲", Reason.NOT_FOUND)

    with open_ledger(path) as ledger:
        assert ledger.names.seconds_to_next_due() is None


# sessions


def test_an_ended_session_says_why_and_where_its_time_went(path: Path) -> None:
    """A session is open until it is ended, and ends once."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(budget=None)
        opened = ledger.sessions.unended()
        ledger.sessions.end(session.id, ExitReason.BUDGET, 2.5, 0.25)
        ledger.sessions.end(session.id, ExitReason.TERMINATED, 9.0, 9.0)
        ledger.sessions.end_dead()

        assert [session] == opened
        assert (os.getpid(), socket.gethostname()) == (session.pid, session.host)
        assert [] == ledger.sessions.unended()

    assert [("budget", 2.5, 0.25)] == ask(path, "SELECT exit_reason, waiting_s, processing_s FROM sessions")


def test_a_dead_session_ends_at_its_last_sign_of_life(path: Path) -> None:
    """`died` at the last moment its requests know of; at its start where it sent none."""
    plan_names(path, "甲公司")
    with open_ledger(path) as ledger:
        silent, busy = ledger.sessions.open(5), ledger.sessions.open(5)
        ledger.requests.settle(
            ledger.requests.book(busy.id, "甲公司", Endpoint.SEARCH, 1, 0.0), Reply(Outcome.TIMEOUT)
        )
        in_flight = ledger.requests.book(busy.id, "甲公司", Endpoint.SEARCH, 2, 0.0)
        ledger.requests.settle_reclaimed(in_flight, Outcome.UNKNOWN, "2099-01-01T00:00:00.000000+00:00")
        ledger.sessions.end_dead()

    (last,) = ask(path, "SELECT max(started_at) FROM requests")
    assert [(silent.id, "died", silent.started_at), (busy.id, "died", last)] == ask(
        path, "SELECT id, exit_reason, ended_at FROM sessions ORDER BY id"
    )


def test_what_was_in_flight_is_settled_once_and_decides_nothing(path: Path) -> None:
    """A reclaimed request gets its outcome and time; its name is pending still, the accounts balance."""
    plan_names(path, "甲公司-已转出")
    with open_ledger(path) as ledger:
        session = ledger.sessions.open(5)
        booked = ledger.requests.book(session.id, "甲公司", Endpoint.SEARCH, 1, 0.0)
        check = ledger.requests.book(session.id, None, Endpoint.SEARCH_ALL, 1, 0.0)
        in_flight = ledger.requests.requests_in_flight()
        ledger.requests.settle_reclaimed(booked, Outcome.ANSWERED, "2026-01-01T00:00:00.000000+00:00")
        ledger.requests.settle_reclaimed(booked, Outcome.UNKNOWN, "2027-01-01T00:00:00.000000+00:00")
        ledger.requests.settle_reclaimed(check, Outcome.UNKNOWN, "2026-01-02T00:00:00.000000+00:00")

        assert [(booked, "甲公司", "甲公司", Endpoint.SEARCH), (check, None, None, Endpoint.SEARCH_ALL)] == [
            (request.id, request.lookup_key, request.parameter, request.endpoint) for request in in_flight
        ]
        assert [] == ledger.requests.requests_in_flight()
        assert [] == ledger.stats.imbalances()

    assert {"甲公司": "pending"} == states(path)
    assert [
        ("answered", "2026-01-01T00:00:00.000000+00:00"),
        ("unknown", "2026-01-02T00:00:00.000000+00:00"),
    ] == ask(path, "SELECT outcome, finished_at FROM requests ORDER BY id")


# results leave


def test_only_what_is_resolved_unheld_and_unflushed_is_due(path: Path) -> None:
    """Due are confident results in the order of their keys; refused ones only where asked for."""
    plan_names(path, *"甲乙丙丁戊")
    for raw in "乙甲戊":
        resolve(path, raw, verdict(f"6-{raw}", 0.8))
    resolve(path, "丙", verdict(held=Held.LOW_CONFIDENCE))
    results = {raw: Result(raw, f"6-{raw}", 0.8, IdSource.EQC) for raw in "甲乙戊"}

    with open_ledger(path) as ledger:
        everything = ledger.outbox.due(9)
        ledger.outbox.mark_flushed([results["甲"]])
        ledger.outbox.mark_refused([(results["乙"], "too long")])

        assert [results[raw] for raw in sorted("甲乙戊")] == everything
        assert [results["戊"]] == ledger.outbox.due(9)
        assert [results[raw] for raw in sorted("乙戊")] == ledger.outbox.due(9, refused=True)
        assert [max(results["乙"], results["戊"], key=lambda result: result.lookup_key)] == ledger.outbox.due(
            9, after=min("乙", "戊"), refused=True
        )
        assert 1 == len(ledger.outbox.due(1, refused=True))


def test_a_mark_names_what_it_flushed(path: Path) -> None:
    """The mark keeps id and confidence as sent, clears the refusal, and spares a name decided anew."""
    plan_names(path, *"甲乙")
    for raw in "甲乙":
        resolve(path, raw, verdict("6", 0.8))
    with open_ledger(path) as ledger:
        first, second = ledger.outbox.due(2)
        ledger.outbox.mark_refused([(first, "too long")])
        change(path, f"UPDATE names SET company_id = '7' WHERE lookup_key = '{second.lookup_key}'")
        ledger.outbox.mark_flushed([first, second])

    assert [(first.lookup_key, "6", 0.8, None)] == ask(
        path,
        """SELECT lookup_key, flushed_company_id, flushed_confidence, flush_error FROM names
           WHERE flushed_at IS NOT NULL""",
    )


# the accounts


def test_the_accounts_of_a_ledger_with_everything_in_it_balance(path: Path) -> None:
    """Two sources, all states, blanks, a retired name, failures, replays: nothing is out of balance."""
    plan_names(path, *"甲甲乙丙丁", "", "无")
    plan_names(path, *"乙戊", source="other")
    resolve(path, "甲")
    fail(path, "丙", retry_in_s=60)
    plan_names(path, *"丙己", source="other")

    with open_ledger(path) as ledger:
        names, rows = ledger.stats.names_and_rows()

        assert [] == ledger.stats.imbalances()
        assert (5, 3, 0, 1, 1, 1) == (
            names.total,
            names.pending,
            names.cached,
            names.resolved,
            names.failed,
            names.retired,
        )
        assert (9, 2, 3, 0, 2, 2) == (
            rows.total,
            rows.blank,
            rows.pending,
            rows.cached,
            rows.resolved,
            rows.failed,
        )


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE runs SET rows = rows + 1", "rows in = blank"),
        ("UPDATE runs SET blank_rows = 0", "rows in = blank"),
        ("UPDATE names SET rows = rows + 1 WHERE lookup_key = '甲'", "rows behind names = rows of their"),
        ("DELETE FROM occurrences WHERE lookup_key = '甲'", "names = distinct names"),
        ("UPDATE names SET rows = 0 WHERE lookup_key = '乙'", "names = distinct names"),
        ("DELETE FROM names WHERE lookup_key = '乙'", "names = distinct names"),
        ("DELETE FROM requests", "requests = sum over sessions"),
        ("UPDATE sessions SET requests = requests + 1", "requests = sum over sessions"),
    ],
)
def test_an_imbalance_is_named(path: Path, tampering: str, named: str) -> None:
    """Whatever is taken from the accounts or added to them, `imbalances` says which sum is off."""
    plan_names(path, *"甲甲乙", "")
    resolve(path, "甲")
    change(path, tampering)

    with open_ledger(path) as ledger:
        assert [True] == [line.startswith(named) for line in ledger.stats.imbalances() if named in line]


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from eqcbatch.ledger import open_ledger
path = Path(sys.argv[1])
if os.geteuid() == 0:
    with open_ledger(path):
        path.as_uri()  # nobody may not import what these need
    os.setuid(65534)
with open_ledger(path) as ledger:
    print(ledger.stats.names_and_rows()[0].pending, ledger.stats.imbalances())
    try:
        ledger.sessions.open(None)
    except Exception as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no permissions of this kind")
def test_a_ledger_where_nothing_can_be_written_is_read(path: Path) -> None:
    """A backup on a disk that only reads, or a colleague's: it is reported on, and nothing more."""
    plan_names(path, *"甲乙")
    with tempfile.TemporaryDirectory() as directory:
        backup = Path(directory, "l.sqlite")
        shutil.copy(path, backup)
        backup.chmod(0o444)
        backup.parent.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_AS_NOBODY, backup], capture_output=True, encoding="utf-8"
        )
        backup.parent.chmod(0o755)
    assert ("2 []\nattempt to write a readonly database\n", "") == (done.stdout, done.stderr)


# the lock

HOLD = """
import sys, time
from pathlib import Path
from eqcbatch.ledger import writing
with writing(Path(sys.argv[1] if len(sys.argv) > 1 else {path!r}), "drain"):
    print("holding", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_writes_and_a_killed_one_frees_the_ledger(
    path: Path, start_python: Callable[[str], subprocess.Popen[str]]
) -> None:
    """LedgerInUse names command, pid and host within 5 s; after a SIGKILL of the holder the lock is free."""
    holder = start_python(HOLD.format(path=str(path)))
    assert holder.stdout is not None
    assert "holding\n" == holder.stdout.readline()

    began = time.monotonic()
    with pytest.raises(LedgerInUse) as refused, writing(path, "plan"):
        pass
    patience_s = time.monotonic() - began
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    with writing(path, "plan"):
        now = json.loads(path.with_name("l.sqlite.holder.json").read_text(encoding="utf-8"))

    assert patience_s < 5
    assert {"`eqcbatch drain`", f"pid {holder.pid} on {socket.gethostname()}", str(path)} == {
        fact
        for fact in ("`eqcbatch drain`", f"pid {holder.pid} on {socket.gethostname()}", str(path))
        if fact in str(refused.value)
    }
    assert ("plan", os.getpid()) == (now["command"], now["pid"])


def test_p9_a_ledger_has_one_lock_and_one_archive_by_whatever_link_it_is_called(path: Path) -> None:
    """A symbolic link to the ledger is the ledger: its writer is found, and so are its answers."""
    link = path.with_name("link.sqlite")
    try:
        link.symlink_to(path.name)
    except OSError:
        pytest.skip("no symbolic links here")
    plan_names(path, "甲")
    with writing(path, "drain"), pytest.raises(LedgerInUse), writing(link, "drain"):
        pass
    with open_ledger(link) as ledger:
        ledger.sessions.open(None)
    assert archive_path(path).resolve() == archive_path(link).resolve()


def test_a_check_turns_no_drain_away(
    path: Path, start_python: Callable[[str], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its one request may take half a minute; whoever wants to write waits for that, and for nothing else."""
    monkeypatch.setattr("eqcbatch.ledger.lock.PATIENCE_S", 0.1)
    script = HOLD.format(path=str(path)).replace('"drain"', '"check"').replace("sleep(60)", "sleep(1)")
    checking = start_python(script)
    assert checking.stdout is not None
    assert "holding\n" == checking.stdout.readline()
    with writing(path, "drain"):
        checking.wait(10)


def test_the_lock_ends_with_its_block_and_leaves_no_holder(path: Path) -> None:
    """An error inside the block frees the ledger as well."""
    with pytest.raises(ZeroDivisionError), writing(path, "drain"):
        raise ZeroDivisionError
    with writing(path, "plan"):
        pass

    assert not path.with_name("l.sqlite.holder.json").exists()


def test_a_reader_is_not_held_up_by_a_writer(path: Path) -> None:
    """Opening and reading work while another connection has a transaction open, and see what is committed."""
    plan_names(path, *"甲乙")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE names SET state = 'failed', reason = 'timeout'")
        began = time.monotonic()

        with open_ledger(path) as ledger:
            names, _ = ledger.stats.names_and_rows()
            balanced = ledger.stats.imbalances() == []

    assert (2, True) == (names.pending, balanced)
    assert time.monotonic() - began < 2


# its clock


class StoppedClock(Clock):
    """A clock that shows the same moment for ever, long ago."""

    def now(self) -> datetime:
        """Its moment."""
        return datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone.utc)


def test_what_a_ledger_stamps_is_what_its_clock_shows(path: Path) -> None:
    """A plan, a session, a request, its decision and its retry, and who holds the lock."""
    clock = StoppedClock()
    shown = utc_text(clock.now())
    with writing(path, "drain", clock), open_ledger(path, create=True, clock=clock) as ledger:
        holder = holder_of(path)
        plan(ledger.runs, tally("甲公司"), "month", {}, None)
        session = ledger.sessions.open(budget=1).id
        request = ledger.requests.book(session, "甲公司", Endpoint.SEARCH, 1, 0.0)
        ledger.names.record_failure(
            pending(ledger, "甲公司"), Reason.TIMEOUT, 60.0, request_id=request, reply=Reply(Outcome.TIMEOUT)
        )
        reread = ledger.names.seconds_to_next_due(), ledger.sessions.requests_within_a_day()

    assert f"since {shown[:19]} UTC" in str(holder)
    assert (60.0, 1) == reread
    assert [(shown,) * 5] == ask(
        path,
        """SELECT planned_at, decided_at, sessions.started_at, requests.started_at, finished_at
           FROM runs, names, sessions, requests""",
    )


def test_a_column_that_nothing_read_goes_and_no_word_of_a_person_with_it() -> None:
    """What people vouch for outlasts the table that is made anew."""
    database = Database(memory=True)
    migrations.apply(database, stop_before="m019_backflow")
    database.execute("PRAGMA foreign_keys = OFF")
    vouched = ("甲公司", "column", "600000001", "anna", "2026", "600000001", "why")
    database.execute("INSERT INTO backflow VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", vouched)
    migrations.apply(database)
    assert [vouched] == database.execute("SELECT * FROM backflow").fetchall()
