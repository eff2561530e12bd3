"""The archive on disk: every answer byte for byte, nothing besides, and no end that loses one."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from requests_cache.backends.sqlite import SQLiteCache

from eqcbatch.clock import SYSTEM_CLOCK
from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import ArchiveUnusable, Eqc, TokenSource, open_archive
from eqcbatch.simulate import Simulator
from tests.conftest import TOKEN
from tests.processes import lines_until_killed, start_script

SEARCH = Endpoint.SEARCH
URL = "https://eqc.pingan.com/kg-api-hfd/api/search/"
NAME = "北京金龙物流有限公司"
BODY = b'{"list":[]}'

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.answers.sqlite"


def keep(path: Path, *bodies: bytes) -> None:
    """Archive these bodies, the first as the answer to "0", the next to "1" ..."""
    with open_archive(path) as archive:
        for number, body in enumerate(bodies):
            archive.keep(SEARCH, str(number), URL, 200, body)


def all_bytes(path: Path) -> bytes:
    """The file and what SQLite may have left beside it."""
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


# what is kept


def test_an_archive_is_kept_in_wal_with_full_sync(path: Path) -> None:
    """An answer is on the disk before the ledger learns of it, which requests-cache does not see to."""
    for _ in range(2):
        with open_archive(path) as archive, archive._answers.connection() as connection:
            pragmas = ("journal_mode", "synchronous", "fullfsync")
            assert ["wal", 2, 1] == [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, BODY),
        (200, b' {"list" : [ ],"list":null,"a":1,"a":1.0}\r\n'),
        (200, '{"list":[{"companyFullName":"北京\U00020bb7🚀"}]}'.encode()),
        (200, '{"a":"中文"}'.encode("gbk")),
        (200, b"\x00\xff\xfe\r\n\x80"),
        (200, rb'{"a":"\ud800"}'),
        (404, b""),
        (404, b'{"error":"NotFound"}'),
        (200, bytes(range(256)) * 4096 * 10),
    ],
    ids=["plain", "duplicates", "unicode", "gbk", "binary", "escape", "nothing", "404", "10 MiB"],
)
def test_an_answer_comes_back_byte_for_byte(path: Path, status: int, body: bytes) -> None:
    """At once, and from the file opened anew."""
    with open_archive(path) as archive:
        kept = archive.keep(SEARCH, NAME, URL, status, body)
        again = archive.find(SEARCH, NAME)
    with open_archive(path) as archive:
        later = archive.find(SEARCH, NAME)
    assert (status, body) == (kept.status, kept.body)
    assert kept == again == later


@pytest.mark.parametrize(
    "parameter",
    ["", "'", "''; DROP TABLE responses; --", '"', "%", "\\", "\n", "\0", "🚀", "\ud800", "a" * 100_000],
    ids=repr,
)
def test_any_name_is_a_question(path: Path, parameter: str) -> None:
    """Quotes, line ends, NUL or half an emoji: none is mistaken for SQL, nor for its like."""
    with open_archive(path) as archive:
        archive.keep(SEARCH, parameter, URL, 200, BODY)
        found = [archive.find(SEARCH, asked) is not None for asked in (parameter, parameter + " ", NAME)]
    assert [True, False, False] == found


def test_endpoints_are_kept_apart(path: Path) -> None:
    """An id asked of findDepart is another question than of findLabels."""
    with open_archive(path) as archive:
        archive.keep(Endpoint.FIND_DEPART, "1", URL, 200, b"depart")
        archive.keep(Endpoint.FIND_LABELS, "1", URL, 200, b"labels")
        bodies = [
            found and found.body
            for found in (
                archive.find(asked, "1") for asked in (Endpoint.FIND_DEPART, Endpoint.FIND_LABELS, SEARCH)
            )
        ]
    assert [b"depart", b"labels", None] == bodies


def test_a_newer_answer_takes_the_place_of_an_older_one(path: Path) -> None:
    """With the time of its own."""
    with open_archive(path) as archive:
        first = archive.keep(SEARCH, NAME, URL, 200, BODY)
        second = archive.keep(SEARCH, NAME, URL, 200, b'{"list":null}')
        assert archive.find(SEARCH, NAME) == second
    assert first.archived_at < second.archived_at


def test_a_superseded_answer_is_gone_for_good(path: Path) -> None:
    """That one and no other; doing it twice is no error."""
    keep(path, b"0", b"1")
    with open_archive(path) as archive:
        archive.supersede(SEARCH, "0")
        archive.supersede(SEARCH, "0")
    with open_archive(path) as archive:
        assert archive.find(SEARCH, "0") is None
        assert archive.find(SEARCH, "1") is not None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_the_time_is_written_as_the_ledger_writes_it(
    path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UTC of fixed width in every zone, for the ledger compares it as text."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        if hasattr(time, "tzset"):
            time.tzset()
        before = SYSTEM_CLOCK.utc_now()
        with open_archive(path) as archive:
            kept = archive.keep(SEARCH, NAME, URL, 200, BODY).archived_at
        after = SYSTEM_CLOCK.utc_now()
    if hasattr(time, "tzset"):
        time.tzset()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", kept)
    assert before <= kept <= after


def test_nothing_of_the_request_but_its_path_is_kept(path: Path, simulator: Callable[..., Simulator]) -> None:
    """Neither token nor cookies nor any header that was sent, in any byte of the files (promise P8)."""
    url = simulator().url.replace("//", "//someone:s3cret@")
    with open_archive(path) as archive, Eqc(url, TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN}), archive) as eqc:
        assert eqc.ask(SEARCH, NAME).archived_at
        written = all_bytes(path)
    words = (TOKEN, "s3cret", "EQCSESSION", "Cookie", "Referer", "User-Agent", "token")
    assert [] == [word for word in words if word.encode().lower() in written.lower()]
    assert b"/kg-api-hfd/api/search/" in written


def test_requests_cache_reads_the_archive(path: Path) -> None:
    """It is a plain SQLite backend with the JSON serializer, as everybody can read."""
    keep(path, BODY, b'{"list":null}')
    cache = SQLiteCache(path, serializer="json")
    try:
        read = {(answer.status_code, answer.url, answer.content) for answer in cache.filter()}
    finally:
        cache.close()  # type: ignore[no-untyped-call]
    assert {(200, URL, BODY), (200, URL, b'{"list":null}')} == read


@posix
def test_the_files_are_the_users_own(path: Path) -> None:
    """Mode 0600, whatever the umask, and of what SQLite lays beside the file too."""
    before = os.umask(0)
    try:
        with open_archive(path) as archive:
            archive.keep(SEARCH, NAME, URL, 200, BODY)
            modes = {
                file.name.removeprefix(path.name): file.stat().st_mode & 0o777
                for file in path.parent.glob(f"{path.name}*")
            }
    finally:
        os.umask(before)
    assert dict.fromkeys(["", "-shm", "-wal"], 0o600) == modes


# what cannot be used


def scribble(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def truncate(path: Path) -> None:
    keep(path, *[BODY * 1000] * 20)
    os.truncate(path, path.stat().st_size // 2)


def cut_to_its_head(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0")


def put_a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("spoil", [scribble, truncate, cut_to_its_head, put_a_folder])
def test_what_is_no_archive_says_so(path: Path, spoil: Callable[[Path], None]) -> None:
    """One line: which file, why, and what to do."""
    spoil(path)
    with pytest.raises(ArchiveUnusable) as refusal, open_archive(path):
        pass
    message = str(refusal.value)
    assert message.startswith(f"The archive {path} is not usable (")
    assert message.endswith("then resume.")
    assert "\n" not in message


def test_a_place_that_is_not_there_says_so(tmp_path: Path) -> None:
    """The folder is missing, or no folder at all."""
    (tmp_path / "file").write_text("")
    for folder in ("missing", "file"):
        with (
            pytest.raises(ArchiveUnusable, match="is not usable"),
            open_archive(tmp_path / folder / "a.sqlite"),
        ):
            pass


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes everywhere")
@pytest.mark.parametrize("whole_folder", [False, True])
def test_a_read_only_archive_says_so_at_once(path: Path, whole_folder: bool) -> None:
    """Before a request is spent on an answer that cannot be kept."""
    keep(path, BODY)
    path.chmod(0o400)
    if whole_folder:
        path.parent.chmod(0o500)
    started = time.monotonic()
    try:
        with pytest.raises(ArchiveUnusable, match="is not usable"), open_archive(path):
            pass
    finally:
        path.parent.chmod(0o700)
    assert time.monotonic() - started < 1


def test_a_full_disk_says_so_and_loses_nothing(path: Path) -> None:
    """The answer that does not fit is not kept; those before it are."""
    with open_archive(path) as archive:
        archive.keep(SEARCH, "before", URL, 200, BODY)
        with archive._answers.connection() as connection:
            connection.execute("PRAGMA max_page_count = 20")  # as full as a disk can be
        with pytest.raises(ArchiveUnusable, match=r"full.*free some space"):
            archive.keep(SEARCH, "big", URL, 200, b" " * 1_000_000)
        assert archive.find(SEARCH, "big") is None
        assert archive.find(SEARCH, "before") is not None
        archive.keep(SEARCH, "after", URL, 200, BODY)


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_lock_held_by_another_is_not_awaited_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch, opened_before: bool
) -> None:
    """After the timeout it is an error; once the lock is gone all is well."""
    monkeypatch.setattr("eqcbatch.eqc.archive._BUSY_TIMEOUT_S", 0.1)
    keep(path, BODY)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        if opened_before:
            with open_archive(path) as archive:
                other.execute("BEGIN IMMEDIATE")
                assert archive.find(SEARCH, "0") is not None  # reading goes on
                with pytest.raises(ArchiveUnusable, match="locked"):
                    archive.keep(SEARCH, "1", URL, 200, BODY)
                other.execute("ROLLBACK")
                assert BODY == archive.keep(SEARCH, "1", URL, 200, BODY).body
        else:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ArchiveUnusable, match="locked"), open_archive(path):
                pass
    finally:
        other.close()


@pytest.mark.parametrize(
    "damage",
    [
        *(None, 5, "", "garbage", b"\x00\xff", "null", "[]", "5", '"x"', "[" * 100_000),
        '{"status_code": "x"}',
        '{"status_code": 200, "created_at": "some day"}',
        '{"status_code": 200, "headers": 5}',
        '{"status_code": 200, "_content": 5}',
    ],
    ids=lambda damage: repr(damage)[:40],
)
def test_a_damaged_entry_is_none(path: Path, damage: object) -> None:
    """Its question is simply asked again, and the new answer takes its place."""
    keep(path, BODY)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE responses SET value = ?", (damage,))
    connection.close()
    with open_archive(path) as archive:
        assert archive.find(SEARCH, "0") is None
        assert BODY == archive.keep(SEARCH, "0", URL, 200, BODY).body


# threads and kills


def test_threads_keep_at_once(path: Path) -> None:
    """Every one of them reads back what it wrote."""
    with open_archive(path) as archive, ThreadPoolExecutor(8) as pool:

        def one(number: int) -> bool:
            body = str(number).encode() * 100
            kept = archive.keep(SEARCH, str(number), URL, 200, body)
            return kept.body == body and archive.find(SEARCH, str(number)) == kept

        assert [True] * 120 == list(pool.map(one, range(120)))


KEEPER = """
import sys
from pathlib import Path
from eqcbatch.eqc import open_archive
from eqcbatch.domain.model import Endpoint

with open_archive(Path(sys.argv[1])) as archive:
    for number in range(100_000):
        archive.keep(Endpoint.SEARCH, str(number), "http://eqc", 200, str(number).encode() * 500)
        print(number, flush=True)
"""


def test_a_kill_loses_no_answer_that_was_kept(path: Path) -> None:
    """What `keep` returned for is found after SIGKILL, byte for byte (promise P2)."""
    with start_script(KEEPER, path) as keeper:
        kept = lines_until_killed(keeper, 50)
    with open_archive(path) as archive:
        found = [archive.find(SEARCH, number) for number in kept]
    assert len(kept) >= 50
    assert [number.encode() * 500 for number in kept] == [answer and answer.body for answer in found]
