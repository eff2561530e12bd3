"""The life of EQC's token, on a clock that is passed in (seconds)."""

from __future__ import annotations

import threading
from enum import Enum, auto
from pathlib import Path


class TokenState(Enum):
    """What EQC thinks of the token of a request."""

    GOOD = auto()
    MISSING = auto()
    WRONG = auto()
    DEAD = auto()  # it was good, and idle for too long


class TokenGate:
    """Knows the accepted token (None: any) and when each was last used with success.

    A token's life begins with its first use and ends after `idle_s` seconds without an accepted
    request; then only `accept`, or another token in the file, opens the gate again.
    A token file is read at every request; while it is missing or empty, no token is good.
    """

    def __init__(self, token: str | None, file: Path | None, idle_s: float) -> None:
        self._token = token
        self._file = file
        self._idle_s = idle_s
        self._last_use: dict[str, float] = {}
        self._lock = threading.Lock()

    def accept(self, token: str | None) -> None:
        """Accept this token from now on, with a fresh life; a token file is not read any more."""
        with self._lock:
            self._token, self._file = token, None
            self._last_use.clear()

    def judge(self, shown: str | None, at: float) -> TokenState:
        """Tell the state of the token that a request shows at this time."""
        with self._lock:
            if not shown:
                return TokenState.MISSING
            if not self._right(shown):
                return TokenState.WRONG
            idle_s = at - self._last_use.get(shown, at)
            return TokenState.DEAD if idle_s > self._idle_s else TokenState.GOOD

    def keep_alive(self, shown: str, at: float) -> None:
        """Note that a request with this token was accepted."""
        with self._lock:
            self._last_use[shown] = at

    def _right(self, shown: str) -> bool:
        if self._file is None:
            return self._token is None or shown == self._token
        try:
            return shown == self._file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return False
