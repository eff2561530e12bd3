"""The end of a session, and what counts when several causes meet."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from eqcbatch.domain.model import ExitReason
from eqcbatch.errors import EqcbatchError

_BY_SIGNAL = (ExitReason.INTERRUPTED, ExitReason.TERMINATED)


@dataclass(slots=True)
class Ending:
    """Why the session ends, and with which error; nothing while it goes on.

    signalled: that a signal asks for it, whatever else did before.
    """

    reason: ExitReason | None = None
    trouble: EqcbatchError | None = None
    signalled: ExitReason | None = None

    def end(self, reason: ExitReason, trouble: EqcbatchError | None = None) -> None:
        """End the session. The first cause counts, but an error counts more than an end as asked."""
        replaceable = self.trouble is None and self.reason not in _BY_SIGNAL
        if self.reason is None or (trouble and replaceable):
            self.reason, self.trouble = reason, trouble

    def end_by_signal(self, number: int) -> None:
        """End the session because of SIGINT or SIGTERM; safe to call from a signal handler."""
        self.signalled = ExitReason.TERMINATED if number == signal.SIGTERM else ExitReason.INTERRUPTED
        self.end(self.signalled)

    def leave(self) -> None:
        """Let the signal be the cause, where the session did not come to the end that was asked."""
        if self.trouble is None:
            self.reason = self.signalled or self.reason

    def __bool__(self) -> bool:
        return self.reason is not None
