"""What others own or may write decides nothing: not where the token goes, what is run, what is believed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from eqcbatch.eqc import RateLimiter, default_pace_file
from eqcbatch.ledger import archive_path
from eqcbatch.ownership import Us, stranger, stranger_of
from eqcbatch.settings import Rate
from tests.conftest import TOKEN, Run
from tests.drains import LEDGER, write_names

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX")

SOMEBODY = 65534
LOOSE = {"everybody's": ("chmod", 0o646), "its group's": ("chgrp", 0o664), "somebody's": ("chown", 0o644)}


def loosen(path: Path, how: str) -> None:
    """Let others have their say in a file."""
    what, mode = LOOSE[how]
    if what != "chmod" and os.geteuid() != 0:
        pytest.skip("only root gives files away")
    if what == "chown":
        os.chown(path, SOMEBODY, -1)
    if what == "chgrp":
        os.chown(path, -1, SOMEBODY)
    path.chmod(mode)


@pytest.fixture(autouse=True)
def planned(eqcbatch: Run) -> None:
    """A ledger of one name, and a config file whose command leaves a trace."""
    assert 0 == eqcbatch("plan", write_names(["甲公司"]), "--ledger", LEDGER).code
    Path("eqcbatch.yml").write_text(
        "drain:\n  token-command: touch was-run; echo x\n  eqc-url: http://127.0.0.1:9\n", encoding="utf-8"
    )
    Path("eqcbatch.yml").chmod(0o644)


@pytest.mark.parametrize("how", LOOSE)
def test_a_config_file_that_lies_about_is_refused_unless_it_is_ours(eqcbatch: Run, how: str) -> None:
    """As in a directory that is everybody's: exit 2, one line, and no command of it is run."""
    loosen(Path("eqcbatch.yml"), how)
    for command in ("drain", "check", "report"):
        ran = eqcbatch(command, "--ledger", LEDGER)
        assert (2, 1) == (ran.code, ran.err.count("\n")), ran.err
        assert f"The config file {Path('eqcbatch.yml').absolute()} is not ours alone: " in ran.err
    assert not Path("was-run").exists()
    ran = eqcbatch("report", "--ledger", LEDGER, "--config", "eqcbatch.yml")  # on purpose
    assert (0, "") == (ran.code, ran.err)


def test_a_link_of_somebody_to_a_config_file_of_ours_is_refused(eqcbatch: Run) -> None:
    """It would choose among our files."""
    if os.geteuid() != 0:
        pytest.skip("only root gives links away")
    Path("eqcbatch.yml").rename("other.yml")
    Path("eqcbatch.yml").symlink_to("other.yml")
    assert 0 == eqcbatch("report", "--ledger", LEDGER).code
    os.lchown("eqcbatch.yml", SOMEBODY, -1)
    assert 2 == eqcbatch("report", "--ledger", LEDGER).code


@pytest.mark.parametrize("how", LOOSE)
def test_a_token_file_that_others_may_write_is_refused(eqcbatch: Run, how: str) -> None:
    """Exit 5, by the drain and by the doctor; one that others may read is none of our business."""
    token = Path("token")
    token.write_text(TOKEN, encoding="utf-8")
    loosen(token, how)
    options = ("--ledger", LEDGER, "--eqc-url", "http://127.0.0.1:9", "--token-file", token)
    for command in (("drain", "-q"), ("check", "--no-request", "--json")):
        ran = eqcbatch(*command, *options)
        assert 5 == ran.code, ran
        assert "The token file token is not ours alone: " in ran.err + ran.out


@pytest.mark.parametrize("how", LOOSE)
@pytest.mark.parametrize("part", ["", "-wal", ".answers.sqlite", ".answers.sqlite-wal"])
def test_a_ledger_that_others_may_write_is_refused(eqcbatch: Run, how: str, part: str) -> None:
    """Exit 9, with its archive and their logs: what is planted there would be believed."""
    assert f"{LEDGER}.answers.sqlite" == str(archive_path(LEDGER))
    file = Path(f"{LEDGER}{part}")
    file.touch()
    loosen(file, how)
    for command in (("report",), ("drain",), ("plan", "names.csv")):
        ran = eqcbatch(*command, "--ledger", LEDGER)
        assert (9, 1) == (ran.code, ran.err.count("\n")), ran.err
        assert f"{file} is not ours alone: " in ran.err


@pytest.mark.parametrize("how", LOOSE)
def test_a_pace_file_that_others_may_write_is_refused(eqcbatch: Run, how: str) -> None:
    """Exit 2: they could stop every drain of ours, or let it run too fast."""
    Path("pace.json").write_text('{"sent": [', encoding="utf-8")
    loosen(Path("pace.json"), how)
    ran = eqcbatch("drain", "--ledger", LEDGER, "-q")
    assert (2, 1) == (ran.code, ran.err.count("\n")), ran.err
    assert "pace.json is not ours alone: " in ran.err


@pytest.mark.parametrize("command", ["drain", "check"])
def test_what_is_no_pace_file_is_not_written_over(eqcbatch: Run, command: str) -> None:
    """EQCBATCH_PACE_FILE may name any file, by mistake; an empty or torn one is taken."""
    options = (command, "--ledger", LEDGER, "--eqc-url", "http://127.0.0.1:9")
    before = Path("names.csv").read_bytes()
    ran = eqcbatch(*options, EQCBATCH_PACE_FILE="names.csv", EQCBATCH_EQC_TOKEN=TOKEN)
    assert (2, before) == (ran.code, Path("names.csv").read_bytes()), ran
    assert "names.csv is no pace file, and would be written over." in ran.err + ran.out


@pytest.mark.parametrize("command", [("drain", "--budget", "1"), ("check", "--no-request")])
@pytest.mark.parametrize("file", ["pace.json", "pace.json.lock"])
def test_a_pace_file_with_two_names_is_refused(eqcbatch: Run, command: tuple[str, ...], file: str) -> None:
    """Each name has a lock of its own beside it, and two drains send at twice the rate."""
    Path("pace.json").write_text('{"sent": [', encoding="utf-8")
    Path("pace.json.lock").touch()
    Path("second-name").hardlink_to(file)
    options = (*command, "--ledger", LEDGER, "--eqc-url", "http://127.0.0.1:9")
    ran = eqcbatch(*options, EQCBATCH_EQC_TOKEN=TOKEN)
    assert 2 == ran.code
    assert f"{file} has 2 names (hard links). Delete all but one" in ran.err + ran.out


def test_a_link_to_a_pace_file_leads_to_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever goes by the link waits for whoever goes by the name; be the file there yet or not."""
    Path("elsewhere").mkdir()
    Path("link.json").symlink_to("elsewhere/pace.json")
    monkeypatch.setenv("EQCBATCH_PACE_FILE", "link.json")
    for _ in range(2):
        RateLimiter(default_pace_file("https://eqc.pingan.com"), Rate()).expect_writable()
        assert {"pace.json", "pace.json.lock"} == {file.name for file in Path("elsewhere").iterdir()}
    assert not Path("link.json.lock").exists()


US = Us(1000, private_group=1000)


@pytest.mark.parametrize(
    ("owner", "group", "mode", "us", "says"),
    [
        (1000, 1000, 0o600, US, ""),
        (1000, 1000, 0o664, US, ""),  # a umask of 002, where each user has a group of his own
        (1000, 100, 0o644, US, ""),
        (1000, 100, 0o664, US, "its group may write it"),
        (1000, 1000, 0o664, Us(1000), "its group may write it"),
        (1000, 1000, 0o666, US, "everybody may write it"),
        (0, 0, 0o644, US, ""),  # a secret that a container is given
        (0, 0, 0o666, US, "everybody may write it"),
        (4711, 1000, 0o600, US, "it belongs to uid 4711"),
        (1000, 1000, 0o600, Us(0), "it belongs to"),
    ],
)
def test_who_decides_what_stands_in_a_file(owner: int, group: int, mode: int, us: Us, says: str) -> None:
    """Row by row."""
    found = stranger(owner, group, mode, us)
    assert (found.startswith(says), bool(says)) == (True, bool(found))


def test_what_is_no_file_belongs_to_nobody_else(tmp_path: Path) -> None:
    """A pipe of the shell, a device, a directory, nothing at all."""
    reading, writing = os.pipe()
    assert ["", "", "", ""] == [
        stranger_of(Path(place)) for place in (f"/dev/fd/{reading}", "/dev/null", tmp_path, tmp_path / "none")
    ]
    os.close(reading)
    os.close(writing)
