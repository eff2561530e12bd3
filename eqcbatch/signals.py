"""Which signals end a command in good order, as far as the system has them."""

from __future__ import annotations

import signal


def terminating() -> tuple[int, ...]:
    """SIGTERM, and what a closed terminal sends, as by a lost ssh; unless that is ignored, as by nohup."""
    hangup = hangup_signal()
    listens = hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN
    return (signal.SIGTERM, hangup) if hangup is not None and listens else (signal.SIGTERM,)


def hangup_signal() -> int | None:
    """SIGHUP; None on Windows, which has none."""
    return getattr(signal, "SIGHUP", None)
