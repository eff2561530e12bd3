"""The disks that a power cut may leave, from steps and traces written by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from power.disk import Disk, Image, changed
from power.operations import (
    Change,
    Enter,
    Grow,
    MakeDirectory,
    Operation,
    Remove,
    Rename,
    Said,
    Sent,
    Step,
    Sync,
    SyncDirectory,
    Truncate,
    Write,
)
from power.promises import question_of
from power.recording import Recording
from power.states import at_most, parts_of
from power.strace import Reader
from power.sweep import cut_at, states_of

ROOT = "/r"
OLD: Image = {"/r/out": b"old"}
PAGE = bytes(range(256)) * 16


def left(before: Image, *operations: Operation) -> set[tuple[tuple[str, bytes | None], ...]]:
    """All states that a cut anywhere in a run may leave."""
    steps = [Step(0.0, operation) for operation in operations]
    recording = Recording(ROOT, before, steps)
    images = []
    for state in states_of(recording, seed=1):
        disk = Disk(ROOT, before)
        for place, step in enumerate(steps[: state.last]):
            disk.step(place, step.operation)
        images.append(tuple(disk.image(state.left.kept).items()))
    assert len(images) == len(set(images))
    return set(images)


def contents(path: str, states: Iterable[tuple[tuple[str, bytes | None], ...]]) -> set[bytes | None]:
    """What a path shows in these states, b"" for an empty file, None for no file."""
    return {dict(state).get(path) for state in states}


def replacing(*, sync: bool, sync_directory: bool) -> list[Operation]:
    """A program that writes beside a file and moves the new one into its place."""
    done: list[Operation] = [Enter("/r/part", 1), Write(1, 0, b"new and longer")]
    done += [Sync(1, len(done))] if sync else []
    done.append(Rename("/r/part", "/r/out", 1))
    done += [SyncDirectory(ROOT, len(done))] if sync_directory else []
    return [*done, Said()]


def test_a_file_synced_before_its_rename_is_the_old_one_or_the_new_one() -> None:
    """Wherever the power goes."""
    seen = contents("/r/out", left(OLD, *replacing(sync=True, sync_directory=True)))
    assert {b"old", b"new and longer"} == seen


def test_a_rename_without_a_sync_leaves_an_empty_file_and_half_a_one() -> None:
    """The planted defect: the new name reaches the disk before the content."""
    seen = contents("/r/out", left(OLD, *replacing(sync=False, sync_directory=True)))
    assert {b"", b"new and", bytes(14)} < seen


def test_without_a_sync_of_the_directory_the_old_file_stands_there_after_all() -> None:
    """In what is left once the program has said that it is done."""
    for synced, expected in ((True, {b"new and longer"}), (False, {b"old", b"new and longer"})):
        operations = replacing(sync=True, sync_directory=synced)
        disk = Disk(ROOT, OLD)
        for place, operation in enumerate(operations):
            disk.step(place, operation)
        ends = [disk.image(some.kept) for some in at_most([change for _, change in disk.pending])]
        assert expected == {end["/r/out"] for end in ends}


def test_a_synced_file_in_a_directory_that_is_not_is_gone() -> None:
    """A new directory is an entry of its parent."""
    made: list[Operation] = [
        MakeDirectory("/r/d"),
        Enter("/r/d/f", 0),
        Write(0, 0, b"x"),
        Sync(0, 3),
        SyncDirectory("/r/d", 4),
    ]
    assert () in left({}, *made)
    disk = Disk(ROOT, {})
    for place, operation in enumerate(made):
        disk.step(place, operation)
    disk.step(5, SyncDirectory(ROOT, 5))
    assert {"/r/d": None, "/r/d/f": b"x"} == disk.image([])


def test_a_sync_covers_what_was_done_before_it_began() -> None:
    """What another thread writes while it is under way is not covered."""
    disk = Disk(ROOT, OLD)
    done: list[Operation] = [Write(0, 0, b"N"), Write(0, 1, b"E"), Sync(0, began=1)]
    for place, operation in enumerate(done):
        disk.step(place, operation)
    assert {"/r/out": b"Nld"} == disk.image([])
    assert [Write(0, 1, b"E")] == [change for _, change in disk.pending]


def test_a_removed_name_comes_back_unless_the_directory_was_synced() -> None:
    """As the log of SQLite does."""
    assert {b"old", None} == contents("/r/out", left(OLD, Remove("/r/out"), Said()))
    assert {None} == contents("/r/out", [tuple(_end(OLD, Remove("/r/out"), SyncDirectory(ROOT, 1)).items())])


def _end(before: Image, *operations: Operation) -> Image:
    disk = Disk(ROOT, before)
    for place, operation in enumerate(operations):
        disk.step(place, operation)
    return disk.image([])


def test_of_several_writes_any_one_may_be_missing() -> None:
    """And all that came after any of them."""
    seen = contents("/r/out", left(OLD, *(Write(0, place, b"NEW"[place : place + 1]) for place in range(3))))
    assert {b"old", b"Nld", b"NEd", b"NEW", b"oEW", b"NlW"} <= seen


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (Write(0, 0, PAGE), {PAGE[:512], PAGE[:3584], bytes(3584) + PAGE[3584:], bytes(4096)}),
        (Write(0, 24, PAGE), {b"\0" * 24 + PAGE[:488], bytes(24) + PAGE[:4072], bytes(4096) + PAGE[4072:]}),
        (Write(0, 8, b"in a sector"), {bytes(19)}),
        (Truncate(0, 0), set()),
    ],
    ids=["a page", "a page across sectors", "less than a sector", "no write"],
)
def test_a_write_is_torn_between_sectors(change: Change, parts: set[bytes]) -> None:
    """Sectors are 512 bytes of the disk, wherever the write began."""
    found = {changed(b"", (part,)) for _, part in parts_of(change) if not isinstance(part, (Enter, Remove))}
    assert parts <= found


def test_a_file_that_has_grown_shows_zeros_and_one_that_has_not_what_it_showed() -> None:
    """Only new blocks can be blank."""
    assert b"old\0\0" == changed(b"old", (Grow(0, 5),))
    assert b"old" == changed(b"old", (Grow(0, 2),))


def test_what_the_world_has_seen_is_counted_up_to_the_cut() -> None:
    """Requests, and whether the command has spoken."""
    steps = [Step(1.0, Sent("/kg-api-hfd/api/search/?key=%E7%94%B2")), Step(2.0, Said())]
    recording = Recording(ROOT, {}, steps)
    assert (False, ()) == (cut_at(recording, 0).said, cut_at(recording, 0).sent)
    assert ((1.0, ("search", "甲")),) == cut_at(recording, 1).sent
    assert cut_at(recording, 2).said
    assert question_of("/kg-api-hfd/api/search/searchAll?keyword=x") is None


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _traced(*calls: str) -> list[Operation]:
    """Operations of a trace; what stands between ^ and ^ is written in hex, as strace does."""
    lines = []
    for call in calls:
        parts = call.split("^")
        lines.append("".join(_hex(part) if odd % 2 else part for odd, part in enumerate(parts)))
    return [step.operation for step in Reader(ROOT, OLD).read(lines, {"/r/out": 3})]


def test_a_trace_is_read_step_by_step() -> None:
    """Offsets are the descriptor's; what failed, stands elsewhere or is shared in memory is left out."""
    assert [
        MakeDirectory("/r/d"),
        Enter("/r/d/f", 1),
        Write(1, 0, b"ab"),
        Write(1, 2, b"c"),
        Write(1, 9, b"d"),
        Truncate(1, 4),
        Sync(1, 6),
        SyncDirectory("/r/d", 7),
        Rename("/r/d/f", "/r/out", 1),
        Remove("/r/out"),
    ] == _traced(
        '7 1.5 mkdir("^/r/d^", 0777) = 0',
        '7 1.5 mkdir("^/r/d^", 0777) = -1 EEXIST (File exists)',
        '7 1.5 openat(AT_FDCWD<^/r^>, "^d/f^", O_WRONLY|O_CREAT, 0666) = 3<^/r/d/f^>',
        '7 1.5 openat(AT_FDCWD<^/r^>, "^/r/l-shm^", O_RDWR|O_CREAT, 0666) = 4<^/r/l-shm^>',
        '7 1.5 write(3<^/r/d/f^>, "^ab^", 2) = 2',
        '7 1.5 write(3<^/r/d/f^>, "^cut off^", 7) = 1',
        '7 1.5 pwrite64(3<^/r/d/f^>, "^d^", 1, 9) = 1',
        '7 1.5 pwrite64(4<^/r/l-shm^>, "^d^", 1, 9) = 1',
        '7 1.5 write(5<^/elsewhere^>, "^ab^", 2) = 2',
        "7 1.5 ftruncate(3<^/r/d/f^>, 4) = 0",
        "7 1.5 fsync(3<^/r/d/f^>) = 0",
        "7 1.5 fdatasync(6<^/r/d^>) = 0",
        '7 1.5 rename("^/r/d/f^", "^/r/out^") = 0',
        '7 1.5 unlink("^/r/out^") = 0',
        '7 1.5 write(3<^/r/out^>(deleted), "^ab^", 2) = 2',
    )


def test_of_two_threads_each_call_counts_when_it_ends() -> None:
    """A sync that began before a write of another thread ended does not cover it."""
    assert [Write(0, 0, b"N"), Write(0, 1, b"E"), Sync(0, 1)] == _traced(
        '7 1.5 pwrite64(3<^/r/out^>, "^N^", 1, 0) = 1',
        "7 1.6 fsync(3<^/r/out^> <unfinished ...>",
        '8 1.7 pwrite64(3<^/r/out^>, "^E^", 1, 1) = 1',
        "7 1.8 <... fsync resumed>) = 0",
    )


def test_what_is_appended_goes_to_the_end() -> None:
    """And what is opened to be written anew is emptied."""
    assert [Write(0, 3, b"er"), Truncate(0, 0), Write(0, 0, b"new")] == _traced(
        '7 1.5 openat(AT_FDCWD<^/r^>, "^out^", O_WRONLY|O_CREAT|O_APPEND, 0666) = 3<^/r/out^>',
        '7 1.5 write(3<^/r/out^>, "^er^", 2) = 2',
        '7 1.5 openat(AT_FDCWD<^/r^>, "^out^", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4<^/r/out^>',
        '7 1.5 write(4<^/r/out^>, "^new^", 3) = 3',
    )


def test_requests_and_words_are_seen_and_their_files_are_not() -> None:
    """A socket's bytes tell which question went."""
    assert [Sent("/s?key=x"), Said()] == _traced(
        '7 1.5 sendto(9<^socket:[1]^>, "^GET /s?key=x HTTP/1.1\r\nHost: a^", 27, 0, NULL, 0) = 27',
        '7 1.5 write(1<^pipe:[2]^>, "^done^", 4) = 4',
    )


def test_a_call_whose_effect_is_not_understood_is_an_error() -> None:
    """Rather than a state that was never possible."""
    with pytest.raises(ValueError, match="sendfile"):
        _traced("7 1.5 sendfile(3<^/r/out^>, 4<^/r/x^>, NULL, 100) = 100")
