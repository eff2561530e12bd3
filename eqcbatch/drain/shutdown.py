"""How a session ends: its cause, what counts when several meet, and signals as clean ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import FrameType

from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import EqcbatchError, EqcBlocks, EqcUnavailable, TokenUnusable
from eqcbatch.signals import hangup_signal, terminating

Signals = Callable[[Callable[[int], None]], AbstractContextManager[None]]

SLICE_S = 0.5  # the longest wait at a stretch: a signal is heard between waits, on Windows even Ctrl-C
_BY_SIGNAL = (ExitReason.INTERRUPTED, ExitReason.TERMINATED)


@dataclass(slots=True)
class Shutdown:
    """Why the session ends, and with which error; false while it goes on.

    signalled: the end that a signal asks for, whatever else ended the session before.
    """

    reason: ExitReason | None = None
    trouble: EqcbatchError | None = None
    signalled: ExitReason | None = None

    def begin(self, reason: ExitReason, trouble: EqcbatchError | None = None) -> None:
        """End the session. The first cause counts, but an error counts more than an end as asked."""
        replaceable = self.trouble is None and self.reason not in _BY_SIGNAL
        if self.reason is None or (trouble and replaceable):
            self.reason, self.trouble = reason, trouble

    def begin_by_signal(self, number: int) -> None:
        """End the session because of a signal; safe to call from a signal handler."""
        self.signalled = ExitReason.INTERRUPTED if number == signal.SIGINT else ExitReason.TERMINATED
        self.begin(self.signalled)

    def leave(self) -> None:
        """Let the signal be the cause, where the session did not come to the end that was asked."""
        if self.trouble is None:
            self.reason = self.signalled or self.reason

    def __bool__(self) -> bool:
        return self.reason is not None


def token_refused(detail: str) -> TokenUnusable:
    """Return the error of a session whose token is not accepted, for the reason in `detail`."""
    return TokenUnusable(
        f"EQC does not accept the token: {detail}. Get a fresh one, then run `eqcbatch drain --resume`."
    )


def blocked(detail: str) -> EqcBlocks:
    """Return the error of a session that EQC shuts out, for the reason in `detail`."""
    return EqcBlocks(
        f"EQC shuts us out: {detail}. Leave it alone for a while, then run `eqcbatch drain --resume`."
    )


def unavailable(why: str) -> EqcUnavailable:
    """Return the error of a session that EQC does not answer."""
    return EqcUnavailable(
        f"EQC is not available: {why}. What it concerned is pending again; "
        "check --eqc-url and the network, then run `eqcbatch drain --resume`."
    )


@contextmanager
def signals_handled(ask_to_stop: Callable[[int], None]) -> Iterator[None]:
    """Call `ask_to_stop` with the first signal's number; raise KeyboardInterrupt at the second.

    A terminal that closes says so twice, by the shell and by the kernel: that hurries nobody. Only the main
    thread receives signals; in any other this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if not seen:
            seen = True
            ask_to_stop(number)
        elif number != hangup_signal():
            raise KeyboardInterrupt

    watched = [signal.SIGINT, *terminating()]
    before = {number: signal.signal(number, handle) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
