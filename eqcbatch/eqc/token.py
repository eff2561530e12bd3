"""Where EQC's token comes from: the environment, a file or a command; never an argument (promise P8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, MutableMapping
from pathlib import Path

from eqcbatch.eqc.token_command import last_line_of
from eqcbatch.errors import TokenUnusable
from eqcbatch.ownership import stranger_of
from eqcbatch.settings import TOKEN_VARIABLES

_END_OF_TIME = 253402300800.0  # the year 10000, where moments end


def never() -> bool:
    """Wait for as long as it takes."""
    return False


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
        self.require()
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

    def require(self, given_up: Callable[[], bool] = never) -> None:
        """TokenUnusable if there is no token. given_up: whether a command is not to be awaited any more."""
        if not self._token:
            self.renew(given_up)

    def renew(self, given_up: Callable[[], bool] = never) -> None:
        """Read the file or run the command again; TokenUnusable if nothing usable comes."""
        self._token = self._fetch(given_up)

    def _fetch(self, given_up: Callable[[], bool]) -> str:
        if self._file is not None:
            token = self._read_file(self._file)
        elif self._command is not None:
            token = last_line_of(self._command, given_up)
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
                f"The token file {file} cannot be read ({error.strerror or error}). "
                "Name one that can with --token-file."
            ) from None
        if "\ufffd" in text:
            raise TokenUnusable(
                f"The token file {file} cannot be read: it is no text in UTF-8. Save it as one."
            )
        return text.split("\n")[0].strip()
