"""A moment as people write it: a day, a time, `yesterday`, or so long ago."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

from eqcbatch.errors import BadInput
from eqcbatch.settings import parse_duration

_DAYS_AGO = {"today": 0, "yesterday": 1}


def parse_moment(text: str, clock: Callable[[], datetime] = datetime.now) -> datetime:
    """Read `2026-11-01`, `2026-11-01T22:00`, `yesterday`, `24h` or `7d` as an aware moment of the past.

    clock: the local time without a zone. BadInput for anything else, and for what is yet to come.
    """
    word, now = text.strip().lower(), clock()
    moment = _read(word, now)
    if moment is None:
        raise BadInput(
            f"{text!r} is no moment. Write 2026-11-01, 2026-11-01T22:00, today, yesterday, 24h or 7d."
        )
    if moment > now.astimezone():
        raise BadInput(f"{text!r} is yet to come.")
    return moment


def _read(word: str, now: datetime) -> datetime | None:
    """The moment, None for what is none; a day begins at its local midnight."""
    try:
        if word in _DAYS_AGO:
            day = now.date() - timedelta(days=_DAYS_AGO[word])
            return datetime.combine(day, time()).astimezone()
        if re.fullmatch(r"\d+(\.\d+)?[a-z]+", word):
            return (now - timedelta(seconds=parse_duration(word))).astimezone()
        if re.match(r"\d{4}-\d\d-\d\d", word):
            return datetime.fromisoformat(word.replace("z", "+00:00")).astimezone()
    except (BadInput, ValueError, OverflowError, OSError):
        pass
    return None
