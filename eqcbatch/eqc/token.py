"""Where EQC's token comes from: the environment, a file or a command; never an argument (promise P8)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import MutableMapping
from pathlib import Path

from eqcbatch.errors import TokenUnusable
from eqcbatch.ownership import stranger_of
from eqcbatch.settings import TOKEN_VARIABLES

_COMMAND_TIMEOUT_S = 120
_END_OF_TIME = 253402300800.0  # the year 10000, where moments end


class TokenSource:
    """Knows the token in use and how to get a fresh one.

    environ: scrubbed of the token at once, so that no child process inherits it.
    file: its first line is the token. command: a shell command whose output is the token.
    """

    def __init__(
        self,
        environ: MutableMapping[str, str],
        file: Path | None = None,
        command: str | None = None,
    ) -> None:
        found = {variable: environ.pop(variable, "").strip() for variable in TOKEN_VARIABLES}
        self._variable = next((variable for variable, token in found.items() if token), TOKEN_VARIABLES[0])
        self._from_environment = found[self._variable]
        self._file = file
        self._command = command
        self._token = ""

    @property
    def origin(self) -> str:
        """Where the token comes from, for people."""
        if self._file is not None:
            return f"the file {self._file}"
        return "the token command" if self._command is not None else self._variable

    @property
    def renewable(self) -> bool:
        """Whether a fresh token can be had without a person."""
        return self._file is not None or self._command is not None

    @property
    def token(self) -> str:
        """The token in use, fetched on first use; TokenUnusable if there is none."""
        if not self._token:
            self._token = self._fetch()
        return self._token

    @property
    def expires_at(self) -> float | None:
        """When the token says it expires (Unix time), None where it is no JWT that says when."""
        try:
            payload = self.token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            expires_at = float(claims["exp"])
            return expires_at if abs(expires_at) < _END_OF_TIME else None
        except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return None

    def require(self) -> None:
        """TokenUnusable if there is no token."""
        _ = self.token

    def renew(self) -> None:
        """Read the file or run the command again; TokenUnusable if nothing usable comes."""
        self._token = self._fetch()

    def _fetch(self) -> str:
        if self._file is not None:
            token = self._read_file(self._file)
        elif self._command is not None:
            token = self._run_command(self._command)
        else:
            token = self._from_environment
        if not token and self.renewable:
            raise TokenUnusable(f"There is no EQC token: nothing came from {self.origin}. Put one there.")
        if not token:
            raise TokenUnusable(
                f"There is no EQC token. Set {TOKEN_VARIABLES[0]}, or use --token-file or --token-command; "
                "`eqcbatch check` then tries it."
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise TokenUnusable(
                "The EQC token holds characters that no token has. Copy it anew, without spaces."
            )
        return token

    @staticmethod
    def _read_file(file: Path) -> str:
        if why := stranger_of(file):
            raise TokenUnusable(
                f"The token file {file} is not ours alone: {why}. Make it so (`chmod go-w`, `chown`), "
                "or name another one with --token-file."
            )
        try:
            text = file.read_bytes().decode("utf-8-sig", "replace")  # an error of decoding would quote it
        except OSError as error:
            raise TokenUnusable(
                f"The token file {file} cannot be read ({error.strerror or type(error).__name__}). "
                "Name one that can with --token-file."
            ) from None
        if "\ufffd" in text:
            raise TokenUnusable(
                f"The token file {file} cannot be read: it is no text in UTF-8. Save it as one."
            )
        return text.split("\n")[0].strip()

    @staticmethod
    def _run_command(command: str) -> str:
        try:
            done = subprocess.run(
                command,
                shell=True,
                capture_output=True,
                timeout=_COMMAND_TIMEOUT_S,
                stdin=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if name != "PGPASSWORD"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TokenUnusable(
                f"The token command failed: {type(error).__name__}. Try it by hand."
            ) from None
        if done.returncode != 0:
            raise TokenUnusable(f"The token command ended with {done.returncode}. Try it by hand.")
        return done.stdout.decode("utf-8", "replace").strip().split("\n")[-1].strip()
