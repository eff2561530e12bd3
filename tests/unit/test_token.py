"""Where the token comes from, and that it goes nowhere else (promise P8)."""

from __future__ import annotations

import base64
import os
import select
import shlex
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

from eqcbatch.eqc import TokenSource
from eqcbatch.eqc.token_command import last_line_of
from eqcbatch.errors import TokenUnusable

TOKEN = "eyJhbGciOi.J9-marked_3f9c"


def python(script: str) -> str:
    """The shell command that runs a Python script."""
    words = [sys.executable, "-c", script]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def refusal(source: TokenSource) -> str:
    """All that a user, or a log, might see when there is no usable token."""
    with pytest.raises(TokenUnusable) as refused:
        source.require()
    return "".join(traceback.format_exception(refused.value))


class TestEnvironment:
    """EQCBATCH_EQC_TOKEN, else WDH_EQC_TOKEN."""

    @pytest.mark.parametrize(
        ("environ", "token"),
        [
            ({"EQCBATCH_EQC_TOKEN": "a"}, "a"),
            ({"WDH_EQC_TOKEN": "b"}, "b"),
            ({"EQCBATCH_EQC_TOKEN": "a", "WDH_EQC_TOKEN": "b"}, "a"),
            ({"EQCBATCH_EQC_TOKEN": "", "WDH_EQC_TOKEN": "b"}, "b"),
            ({"EQCBATCH_EQC_TOKEN": " \n", "WDH_EQC_TOKEN": "b"}, "b"),
            ({"EQCBATCH_EQC_TOKEN": " a\r\n"}, "a"),
        ],
    )
    def test_our_own_variable_comes_first(self, environ: dict[str, str], token: str) -> None:
        """A blank one is none."""
        assert token == TokenSource(environ).token

    @pytest.mark.parametrize("file", [None, Path("token")])
    def test_both_variables_are_scrubbed_at_once(self, file: Path | None) -> None:
        """Whether they are used or not: no child inherits them."""
        environ = {"EQCBATCH_EQC_TOKEN": "a", "WDH_EQC_TOKEN": "b", "PATH": "/bin"}
        TokenSource(environ, file)
        assert {"PATH": "/bin"} == environ

    def test_no_token_says_where_one_may_come_from(self) -> None:
        """All three ways."""
        said = refusal(TokenSource({}))
        ways = ("EQCBATCH_EQC_TOKEN", "--token-file", "--token-command")
        assert [] == [way for way in ways if way not in said]


class TestFile:
    """--token-file: its first line."""

    @pytest.mark.parametrize(
        "content",
        [
            b"T",
            b"T\n",
            b"T\r\n",
            b"  T \t\r\n",
            b"T\nsecond line",
            b"\xef\xbb\xbfT\r\n",
        ],
    )
    def test_the_first_line_is_the_token(self, tmp_path: Path, content: bytes) -> None:
        """With a BOM and any line end, as editors leave them."""
        file = tmp_path / "token"
        file.write_bytes(content)
        assert "T" == TokenSource({"EQCBATCH_EQC_TOKEN": "other"}, file).token

    def test_a_file_is_read_on_first_use_and_once(self, tmp_path: Path) -> None:
        """The token in use stays the same."""
        file = tmp_path / "token"
        source = TokenSource({}, file)
        file.write_text("first")
        assert "first" == source.token
        file.write_text("second")
        assert "first" == source.token

    @pytest.mark.parametrize("content", [None, "a folder", b"\xff\xfeT\x00", b"\x80"])
    def test_a_file_that_cannot_be_read_says_which(self, tmp_path: Path, content: object) -> None:
        """Missing, a folder, or written as UTF-16 by PowerShell."""
        file = tmp_path / "token"
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif content:
            file.mkdir()
        assert f"The token file {file} cannot be read" in refusal(TokenSource({}, file))

    def test_an_empty_file_holds_no_token(self, tmp_path: Path) -> None:
        """And the environment does not step in: what was asked for is the file."""
        file = tmp_path / "token"
        file.write_text("\n")
        assert "There is no EQC token" in refusal(TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN}, file))


class TestCommand:
    """--token-command: the last line it prints."""

    @pytest.mark.parametrize("script", ["print('T')", "print('Hello!'); print(' T ')", "print('T\\n\\n')"])
    def test_the_last_line_is_the_token(self, script: str) -> None:
        """Greetings before it are passed over."""
        assert "T" == TokenSource({}, command=python(script)).token

    def test_the_command_sees_no_token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The one in the environment is gone before any child starts."""
        monkeypatch.setenv("EQCBATCH_EQC_TOKEN", TOKEN)
        monkeypatch.setenv("WDH_EQC_TOKEN", TOKEN)
        script = python("import os; print(sum('EQC_TOKEN' in name for name in os.environ))")
        assert "0" == TokenSource(os.environ, command=script).token

    def test_a_failing_command_says_its_code_and_nothing_of_its_output(self) -> None:
        """Which may hold the token."""
        said = refusal(TokenSource({}, command=python(f"print('{TOKEN[:5]}' '{TOKEN[5:]}'); exit(3)")))
        assert "The token command ended with 3." in said
        assert TOKEN not in said

    def test_a_silent_command_gives_no_token(self) -> None:
        """Exit code 0 alone is not enough."""
        assert "There is no EQC token" in refusal(TokenSource({}, command=python("pass")))

    def test_a_command_that_hangs_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A drain at night waits for nobody to type a password."""
        monkeypatch.setattr("eqcbatch.eqc.token_command._TIMEOUT_S", 0.5)
        started = time.monotonic()
        said = refusal(TokenSource({}, command=python("import time; time.sleep(30)")))
        assert "The token command did not end within 0.5 s." in said
        assert time.monotonic() - started < 5

    def test_a_command_gets_no_input(self) -> None:
        """It ends at once where it would ask."""
        assert "x" == TokenSource({}, command=python("import sys; print(sys.stdin.read() + 'x')")).token


class TestRenewal:
    """A fresh token without a person."""

    def test_only_a_file_or_a_command_can_be_asked_again(self) -> None:
        """The environment stays as it was."""
        sources = (
            TokenSource({"EQCBATCH_EQC_TOKEN": "a"}),
            TokenSource({}, Path("f")),
            TokenSource({}, None, "c"),
        )
        assert [False, True, True] == [source.renewable for source in sources]

    def test_a_file_is_read_again(self, tmp_path: Path) -> None:
        """Somebody put a new token there."""
        file = tmp_path / "token"
        file.write_text("first")
        source = TokenSource({}, file)
        source.require()
        file.write_text("second")
        source.renew()
        assert "second" == source.token

    def test_a_renewal_that_fails_says_so_and_changes_nothing(self, tmp_path: Path) -> None:
        """The old token stays in use: it may be good still."""
        file = tmp_path / "token"
        file.write_text("first")
        source = TokenSource({}, file)
        source.require()
        file.write_text("")
        with pytest.raises(TokenUnusable, match="There is no EQC token"):
            source.renew()
        assert "first" == source.token


class TestExpiry:
    """When the token says it expires."""

    @pytest.mark.parametrize(
        ("claims", "expires_at"),
        [
            ('{"exp": 1767225600}', 1767225600.0),
            ('{"exp": "1767225600.5", "sub": "啊"}', 1767225600.5),
            ('{"sub": "x"}', None),
            ('{"exp": null}', None),
            ('{"exp": "tomorrow"}', None),
            ('{"exp": []}', None),
            ('{"exp": ' + "9" * 400 + "}", None),
            ("[1]", None),
            ("garbage", None),
            ("[" * 100_000, None),
        ],
        ids=lambda value: str(value)[:24],
    )
    def test_a_jwt_may_say_so(self, claims: str, expires_at: float | None) -> None:
        """As `exp` of its payload, padded or not."""
        payload = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
        assert expires_at == TokenSource({"EQCBATCH_EQC_TOKEN": f"head.{payload}.sign"}).expires_at

    @pytest.mark.parametrize("token", ["plain", "a.b", "a.b.c", "..", "a.%%%.c"])
    def test_what_is_no_jwt_says_nothing(self, token: str) -> None:
        """And is none the worse for it."""
        assert TokenSource({"EQCBATCH_EQC_TOKEN": token}).expires_at is None


class TestJunk:
    """What no token looks like."""

    @pytest.mark.parametrize("junk", [" ", "\t", "\n", "\r", "\0", "\x1b", "\x7f", "é", "令", "\ufeff", "“"])
    def test_a_token_with_junk_in_it_is_not_sent(self, junk: str) -> None:
        """Nor shown: the message tells what is wrong with it, not what it is."""
        said = refusal(TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN + junk + TOKEN}))
        assert "The EQC token holds characters that no token has" in said
        assert TOKEN not in said

    def test_a_source_does_not_show_its_token(self) -> None:
        """Not in a debugger's list of variables either."""
        source = TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN})
        assert TOKEN == source.token
        assert TOKEN not in f"{source} {source!r}"


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no groups of processes")
@pytest.mark.parametrize("command", ["{} | cat", "{}; true", "{} & wait"])
def test_a_command_that_is_ended_leaves_nothing_behind(tmp_path: Path, command: str) -> None:
    """Whatever the shell started ends with it: what holds the pipe open closes it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    long = f"(echo begun; exec sleep 100) > {shlex.quote(str(pipe))}"
    with pytest.raises(TokenUnusable):
        last_line_of(command.format(long), lambda: bool(select.select([reader], [], [], 0)[0]))
    assert b"begun\n" == os.read(reader, 99)
    assert ([reader], b"") == (select.select([reader], [], [], 5)[0], os.read(reader, 99))
    os.close(reader)
