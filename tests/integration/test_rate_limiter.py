"""The pace file: one rate for all processes of a user, whatever state the file is found in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from zlib import crc32

import pytest

from eqcbatch.clock import Clock
from eqcbatch.eqc import RateLimiter, default_pace_file
from eqcbatch.errors import BadInput, PaceHeld
from eqcbatch.settings import Rate
from tests.processes import lines_until_killed, start_script

RATE = Rate(2, 60.0)
WINDOW_S = RATE.window_s


class Standing(Clock):
    """A clock whose seconds pass when a test says so."""

    def __init__(self, at: float = 1000.0) -> None:
        super().__init__()
        self.at = at
        self.set_by_s = 0.0

    def now(self) -> datetime:
        """Return the same moment, as far as somebody set the clock by it."""
        return datetime.fromtimestamp(1.8e9 + self.at + self.set_by_s, timezone.utc)

    def monotonic(self) -> float:
        """Return the second that it is."""
        return self.at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pace.json"


def take(file: RateLimiter) -> float:
    """Take a turn if it may be taken; the delay it was told."""
    with file.turn() as turn:
        if not turn.delay_s:
            turn.take()
        return turn.delay_s


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_process_that_was_stopped_amid_its_turn_holds_nobody_up_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others send nothing meanwhile, and say what is to be ended (exit code 8)."""
    file = RateLimiter(path, RATE, Standing())
    monkeypatch.setattr("eqcbatch.eqc.rate_limiter._PATIENCE_S", 0.2)
    with start_script(HOLD, path.with_name("pace.json.lock")) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        for use in (lambda: take(file), lambda: file.transmit(1.0, pytest.fail), file.expect_writable):
            with pytest.raises(PaceHeld, match="held by a process of ours"):
                use()
        holder.kill()
    assert take(file) == 0.0


def test_a_new_file_lets_a_whole_window_pass(path: Path) -> None:
    """Then it is full until the first send leaves it; the folder is made."""
    file = RateLimiter(path, RATE, Standing())
    assert [0.0, 0.0, WINDOW_S] == [take(file) for _ in range(3)]


def test_looking_takes_nothing(path: Path) -> None:
    """Only a turn that is taken counts."""
    file = RateLimiter(path, RATE, Standing())
    for _ in range(5):
        with file.turn() as turn:
            assert 0.0 == turn.delay_s
    assert [0.0, 0.0, WINDOW_S] == [take(file) for _ in range(3)]


def test_a_turn_is_one_at_a_time(path: Path) -> None:
    """Whoever looks meanwhile waits, and then sees what was taken."""
    mine, other = (RateLimiter(path, Rate(1, 60.0)) for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        with mine.turn() as turn:
            looking = pool.submit(take, other)
            wait([looking], timeout=0.1)
            assert not looking.done()
            turn.take()
        assert 60.0 < looking.result(timeout=5) <= 61.0


def test_a_send_counts_from_when_it_went(path: Path) -> None:
    """What happens between the look and the send, such as booking it, is not counted as past."""
    clock = Standing()
    file = RateLimiter(path, Rate(1, 60.0), clock)
    with file.turn() as turn:
        clock.at += 5
        turn.take()
    assert WINDOW_S == take(file)


def taken(file: RateLimiter) -> float:
    """Take a turn that is free; its stamp."""
    with file.turn() as turn:
        assert not turn.delay_s
        return turn.take()


def test_a_send_that_was_late_counts_from_when_it_went(path: Path) -> None:
    """Connecting took five seconds behind the turn: another process waits for them, too."""
    clock, sent = Standing(), list[float]()
    file = RateLimiter(path, Rate(1, 60.0), clock)
    stamp = taken(file)
    clock.at += 5
    assert file.transmit(stamp, lambda: sent.append(clock.at))
    assert [stamp + 5] == sent
    assert WINDOW_S == take(RateLimiter(path, Rate(1, 60.0), clock))


def test_p3_a_send_whose_turn_is_over_does_not_go(path: Path) -> None:
    """It connected for so long that others filled the window meanwhile."""
    clock, sent = Standing(), list[float]()
    file, other = (RateLimiter(path, RATE, clock) for _ in range(2))
    stamp = taken(file)
    clock.at += WINDOW_S
    assert [0.0, 0.0] == [take(other) for _ in range(2)]
    clock.at += 10
    assert (False, []) == (file.transmit(stamp, lambda: sent.append(clock.at)), sent)
    clock.at += WINDOW_S - 10
    assert file.transmit(stamp, lambda: sent.append(clock.at))
    assert [0.0, WINDOW_S] == [take(other) for _ in range(2)]


def test_nothing_goes_after_the_latest_moment(path: Path) -> None:
    """A process that was stopped for an hour finds an empty window, and is too late all the same."""
    clock, sent = Standing(), list[float]()
    file = RateLimiter(path, RATE, clock)
    stamp = taken(file)
    clock.at += 3600
    assert not file.transmit(stamp, lambda: sent.append(clock.at), in_time=lambda: False)
    assert file.transmit(stamp, lambda: sent.append(clock.at), in_time=lambda: True)
    assert [clock.at] == sent


def test_a_network_that_fails_is_not_the_pace_files_failure(path: Path) -> None:
    """The server hung up as the request went: its error comes out as it is, and the turn is taken."""
    clock = Standing()
    file = RateLimiter(path, Rate(1, 60.0), clock)

    def send() -> None:
        raise BrokenPipeError("Broken pipe")

    with pytest.raises(BrokenPipeError):
        file.transmit(taken(file), send)
    assert WINDOW_S == take(RateLimiter(path, Rate(1, 60.0), clock))


def test_p3_a_process_that_was_stopped_as_it_sent_is_counted_by_when_it_went(path: Path) -> None:
    """SIGSTOP between the look and the first byte: nobody else looked meanwhile, nor believes the stamp."""
    clock = Standing()
    file = RateLimiter(path, Rate(1, 60.0), clock)
    stamp = taken(file)

    def stopped() -> None:
        clock.at += 90

    assert file.transmit(stamp, stopped)
    assert WINDOW_S == take(RateLimiter(path, Rate(1, 60.0), clock))


def test_p3_nobody_takes_a_turn_while_a_request_goes_out(path: Path) -> None:
    """The file is locked while the first byte goes."""
    mine, other = (RateLimiter(path, Rate(2, 60.0)) for _ in range(2))
    with ThreadPoolExecutor(1) as pool:

        def transmit() -> None:
            looking.append(pool.submit(take, other))
            wait(looking, timeout=0.1)
            assert not looking[0].done()

        looking: list[Future[float]] = []
        assert mine.transmit(taken(mine), transmit)
        assert 0.0 == looking[0].result(timeout=5)


def test_a_send_in_time_is_not_written_twice(path: Path) -> None:
    """The window's guard covers what a prompt send takes."""
    clock = Standing()
    file = RateLimiter(path, RATE, clock)
    with file.turn() as turn:
        stamp = turn.take()
    before = path.stat().st_mtime_ns, path.read_bytes()
    clock.at += (WINDOW_S - 60.0) / 8
    file.transmit(stamp, lambda: None)
    assert before == (path.stat().st_mtime_ns, path.read_bytes())


def test_sessions_one_after_another_share_the_pace(path: Path) -> None:
    """A restart gives no new window."""
    clock = Standing()
    delays = []
    for _ in range(3):
        delays.append(take(RateLimiter(path, RATE, clock)))
        clock.at += 10
    assert [0.0, 0.0, WINDOW_S - 20] == delays


def test_a_pause_is_honoured_by_every_instance(path: Path) -> None:
    """Also by one that was open already, and by one that opens later."""
    clock = Standing()
    before, asking = RateLimiter(path, RATE, clock), RateLimiter(path, RATE, clock)
    asking.pause(90.0)
    assert [90.0, 90.0] == [take(before), take(RateLimiter(path, RATE, clock))]
    clock.at += 90
    assert 0.0 == take(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows syncs no directory")
def test_a_pause_and_a_turn_of_a_long_window_are_there_after_a_power_cut(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File and name are on the disk. A minute's window is not: the first after a start is waited out."""
    synced: list[Path] = []
    fsync = os.fsync

    def spy_on_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.extend(one for one in (path, path.parent) if os.path.samestat(one.stat(), status))
        fsync(descriptor)

    file = RateLimiter(path, RATE, Standing())
    monkeypatch.setattr(os, "fsync", spy_on_fsync)
    take(file)
    assert [] == synced
    file.pause(30.0)
    assert [path, path.parent] == synced
    take(RateLimiter(path, Rate(600, 3600.0), Standing(100.0)))
    assert [path, path.parent] * 2 == synced


def test_the_rate_may_be_lowered_while_a_session_runs(path: Path) -> None:
    """Sends under the higher rate count under the lower one, however long its window is."""
    clock = Standing()
    file = RateLimiter(path, Rate(5, 1.0), clock)
    for _ in range(5):
        assert 0.0 == take(file)
        clock.at += 10
    file.rate = Rate(5, 600.0)
    assert 610.0 - 50 == take(file)


def signed(content: bytes) -> bytes:
    """As it stands in a file: a line, and one with its checksum."""
    return b"%b\n%08x\n" % (content, crc32(content))


ALL_WELL = b'{"sent": [], "paused_at": 0, "pause_s": 0}'
NONE_OF_OURS = [
    b"",
    b"garbage",
    b"\xff\xfe\x00",
    b"\x00" * 100,
    ALL_WELL,
    signed(ALL_WELL).replace(b"0}", b"1}"),
]
SIGNED = [
    *(b"null", b"[]", b"7", b'"sent"', b"{}", b"garbage", b"\xff\xfe\x00"),
    b'{"sent": [1.0]',
    b'{"sent": 7, "paused_at": 0, "pause_s": 0}',
    b'{"sent": ["x"], "paused_at": 0, "pause_s": 0}',
    b'{"sent": [null], "paused_at": 0, "pause_s": 0}',
    b'{"sent": [NaN], "paused_at": 0, "pause_s": 0}',
    b'{"sent": [1e999], "paused_at": 0, "pause_s": 0}',
    b'{"sent": [], "paused_at": 0, "pause_s": Infinity}',
    b'{"sent": [], "paused_at": 0, "pause_s": 1e999}',
    b'{"sent": [], "paused_at": NaN, "pause_s": 900}',
    b'{"sent": [], "paused_at": {}, "pause_s": 0}',
    b'{"sent": [' + b"9" * 400 + b'], "paused_at": 0, "pause_s": 0}',
    b"[" * 100_000,
]


@pytest.mark.parametrize(
    "content", [*NONE_OF_OURS, *map(signed, SIGNED)], ids=lambda content: repr(content[:50])
)
def test_what_cannot_be_read_counts_as_a_full_window_once(path: Path, content: bytes) -> None:
    """Better to wait for a minute than to go over the limit; then all is as ever."""
    clock = Standing()
    write(path, content)
    file = RateLimiter(path, RATE, clock)
    assert pytest.approx(WINDOW_S) == take(file)
    clock.at += WINDOW_S / 2
    assert pytest.approx(WINDOW_S / 2) == take(RateLimiter(path, RATE, clock))
    clock.at += WINDOW_S / 2 + 0.001
    assert [0.0, 0.0] == [take(file), take(file)]
    assert take(file) > 0


def test_times_that_somebody_put_out_of_order_all_count(path: Path) -> None:
    """The window is free once the oldest of its two has left it."""
    write(path, signed(b'{"sent": [990.0, 700.0, 980.0], "paused_at": 0, "pause_s": 0}'))
    assert WINDOW_S - 20 == take(RateLimiter(path, RATE, Standing(1000.0)))


def test_a_file_spoiled_while_in_use_is_mended_too(path: Path) -> None:
    """Between two turns of one session."""
    clock = Standing()
    file = RateLimiter(path, RATE, clock)
    write(path, b"garbage")
    assert WINDOW_S == take(file)
    clock.at += WINDOW_S
    assert 0.0 == take(file)


def test_after_a_restart_of_the_machine_one_window_is_waited_for_at_most(path: Path) -> None:
    """The clock begins at 0 again, and the stamps are of the future."""
    clock = Standing(1_000_000.0)
    file = RateLimiter(path, RATE, clock)
    assert [0.0, 0.0] == [take(file), take(file)]
    file.pause(30.0)
    clock.at = 5.0
    assert WINDOW_S == take(RateLimiter(path, RATE, clock))
    clock.at += WINDOW_S
    assert 0.0 == take(RateLimiter(path, RATE, clock))


def test_p3_stamps_of_a_clock_behind_ours_count_by_the_clock_on_the_wall(path: Path) -> None:
    """Our time namespace has an offset: what went a second ago seems to have gone a day ago."""
    ours, theirs = Standing(90_000.0), Standing(1000.0)
    assert [0.0, 0.0] == [take(RateLimiter(path, RATE, theirs)) for _ in range(2)]
    RateLimiter(path, RATE, theirs).pause(90.0)
    ours.set_by_s = theirs.at + 1 - ours.at
    assert 89.0 == pytest.approx(take(RateLimiter(path, RATE, ours)))
    ours.at += 89
    assert 0.0 == take(RateLimiter(path, RATE, ours))


def test_a_clock_that_is_set_back_costs_one_window_at_most(path: Path) -> None:
    """It cannot be told from a namespace; set ahead, and read a moment late, it costs nothing."""
    clock = Standing()
    file = RateLimiter(path, RATE, clock)
    assert [0.0, 0.0] == [take(file), take(file)]
    for set_by_s, waits in ((0.0, 0.0), (3600.0, 0.0), (3599.8, 0.0), (0.0, WINDOW_S), (0.0, 0.0)):
        clock.at, clock.set_by_s = clock.at + WINDOW_S, set_by_s
        assert waits == pytest.approx(take(file))
        take(file)


IN_A_NAMESPACE = """
import sys
from pathlib import Path
from eqcbatch.eqc import RateLimiter
from eqcbatch.settings import Rate

with RateLimiter(Path(sys.argv[1]), Rate(2, 60.0)).turn() as turn:
    print(turn.delay_s)
"""


@pytest.mark.skipif(subprocess.getstatusoutput("unshare -T true")[0] != 0, reason="no time namespaces")
def test_p3_a_time_namespace_begins_no_window_of_its_own(path: Path) -> None:
    """With the kernel's clocks."""
    file = RateLimiter(path, RATE)
    assert [0.0, 0.0] == [take(file), take(file)]
    command = ["unshare", "-T", "--monotonic", "100000", sys.executable, "-c", IN_A_NAMESPACE, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert 0 < float(told) <= WINDOW_S


def folder_in_its_place(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def folder_that_is_a_file(path: Path) -> Path:
    path.parent.mkdir()
    (path.parent / "file").write_text("")
    return path.parent / "file" / "pace.json"


@pytest.mark.parametrize("spoil", [folder_in_its_place, folder_that_is_a_file])
def test_a_place_that_cannot_be_written_is_bad_input(path: Path, spoil: object) -> None:
    """Before anything is sent; it says which setting names another place."""
    assert callable(spoil)
    place = spoil(path)
    with pytest.raises(BadInput, match="EQCBATCH_PACE_FILE") as refusal:
        RateLimiter(place, RATE)
    assert str(refusal.value).startswith(f"The pace file {place} cannot be written: ")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_the_files_are_the_users_own(path: Path) -> None:
    """Whatever the umask."""
    before = os.umask(0)
    try:
        take(RateLimiter(path, RATE))
        modes = {file.name: file.stat().st_mode & 0o777 for file in (path.parent, *path.parent.iterdir())}
    finally:
        os.umask(before)
    assert {"state": 0o700, "pace.json": 0o600, "pace.json.lock": 0o600} == modes


class TestPlace:
    """Where the file is."""

    def test_the_environment_names_it(self, tmp_path: Path) -> None:
        """As conftest does for every test."""
        assert tmp_path / "pace.json" == default_pace_file("https://eqc.pingan.com")

    def test_every_host_has_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """By host and port; path and credentials are of no account, and stand in no file name."""
        monkeypatch.delenv("EQCBATCH_PACE_FILE")
        places = [
            default_pace_file(url)
            for url in ("https://a", "https://a/x", "https://u:s3cret@a", "https://a:1", "https://b")
        ]
        assert places[0] == places[1] == places[2]
        assert 3 == len(set(places))
        assert not [place for place in places if "s3cret" in str(place)]

    def test_a_host_has_one_however_it_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Capitals, the root's dot and the port that is meant anyway are no other host."""
        monkeypatch.delenv("EQCBATCH_PACE_FILE")
        urls = ("https://eqc.pingan.com", "https://EQC.PingAn.com", "https://eqc.pingan.com.:443/")
        assert 1 == len({default_pace_file(url) for url in urls})
        assert default_pace_file("http://eqc.pingan.com:443") != default_pace_file(urls[0])


def test_p3_no_environment_and_no_name_of_the_machine_begins_a_window_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A new container on an old home, a shell and cron: one user, one host, one file."""
    monkeypatch.delenv("EQCBATCH_PACE_FILE", raising=False)
    before = default_pace_file("https://eqc.pingan.com")
    for variable in ("HOME", "XDG_STATE_HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("socket.gethostname", lambda: "3f2a9c01b7de")
    assert before == default_pace_file("https://eqc.pingan.com")


@pytest.mark.skipif(sys.platform == "win32", reason="there every user has a profile")
@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_a_user_without_a_home_has_a_file_all_the_same(
    monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    """A number that is nobody's, or a home that is not there."""
    import pwd

    def looked_up(_number: int) -> SimpleNamespace:
        if home is None:
            raise KeyError
        return SimpleNamespace(pw_dir=home)

    monkeypatch.delenv("EQCBATCH_PACE_FILE", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", looked_up)
    found = default_pace_file("https://eqc.pingan.com").parent
    assert Path(f"/var/tmp/eqcbatch-{os.getuid()}") == found


SENDER = """
import sys, time
from pathlib import Path
from eqcbatch.clock import Clock
from eqcbatch.eqc import RateLimiter
from eqcbatch.settings import Rate

class Remembering(Clock):
    def monotonic(self):
        self.at = super().monotonic()
        return self.at

clock = Remembering()

path, limit, period_s, count = Path(sys.argv[1]), *map(float, sys.argv[2:])
file = RateLimiter(path, Rate(int(limit), period_s), clock)
while count:
    with file.turn() as turn:
        if not turn.delay_s:
            time.sleep(0.002)  # as long as it takes to book the request
            turn.take()
            print(clock.at, flush=True)
            count -= 1
    time.sleep(min(turn.delay_s, 0.005))
"""


def test_two_processes_never_exceed_the_limit_together(path: Path) -> None:
    """By their own records of when they sent, while both send as fast as they may (promise P3)."""
    limit, period_s = 8, 0.4
    with ExitStack() as running:
        senders = [running.enter_context(start_script(SENDER, path, limit, period_s, 10)) for _ in range(2)]
        outputs = [sender.communicate(timeout=20)[0] for sender in senders]
    sent = sorted(float(line) for output in outputs for line in output.splitlines())
    spans = [later - earlier for earlier, later in zip(sent, sent[limit:], strict=False)]
    assert 20 == len(sent)
    assert min(spans) > period_s


def test_a_kill_amid_sends_leaves_a_file_that_counts_them(path: Path) -> None:
    """Every send that was reported, and at most the one it was about; the lock is free."""
    with start_script(SENDER, path, 100_000, 60, 100_000) as sender:
        printed = lines_until_killed(sender, 60)
    started = time.monotonic()
    with RateLimiter(path, Rate(100_000, 60.0)).turn() as turn:
        assert time.monotonic() - started < 1
        assert turn.taken in (len(printed), len(printed) + 1, 100_000)  # the last: a kill amid a write


def test_a_kill_amid_a_write_is_a_full_window(path: Path) -> None:
    """Whatever beginning of the new text it leaves, with or without the end of the old one behind it."""
    clock = Standing()
    file = RateLimiter(path, Rate(4, 60.0), clock)
    texts = []
    for _ in range(3):
        take(file)
        clock.at += 7.125
        texts.append(path.read_bytes())
    _, old, new = texts
    for length in range(1, len(new) - 1):
        for torn in (new[:length], new[:length] + old[length:], old[:length] + new[length:]):
            path.write_bytes(torn)
            whole = torn.split(b"\n")[:2] in [text.split(b"\n")[:2] for text in (old, new)]
            assert (0.0 if whole else WINDOW_S) == take(RateLimiter(path, Rate(4, 60.0), clock)), torn


def test_a_full_window_is_full_for_every_limit(path: Path) -> None:
    """Who finds that a file cannot be read may keep to a lower limit than who wrote it."""
    clock = Standing()
    file = RateLimiter(path, Rate(10, 60.0), clock)
    for _ in range(10):
        take(file)
    path.write_bytes(path.read_bytes()[:1])
    take(RateLimiter(path, Rate(8, 60.0), clock))
    clock.at += 1
    assert WINDOW_S - 1 == take(file)


def test_a_file_of_the_usual_rate_fits_into_a_page_of_memory(path: Path) -> None:
    """Then it is written in one piece, and a kill finds the old text or the new one."""
    file = RateLimiter(path, Rate(10, 60.0))
    for _ in range(200):
        with file.turn() as turn:
            turn.take()
    assert path.stat().st_size < 4096
