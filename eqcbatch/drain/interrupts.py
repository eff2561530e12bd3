"""SIGINT and SIGTERM as clean ends: the first asks to stop, a second one leaves at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts(ask_to_stop: Callable[[int], None]) -> Iterator[None]:
    """Call `ask_to_stop` with the first signal's number; raise KeyboardInterrupt at the second.

    Only the main thread receives signals; in any other this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            raise KeyboardInterrupt
        seen = True
        ask_to_stop(number)

    watched = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, handle) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
