"""The ledger's times: UTC as ISO-8601 text of fixed width, so that text order is time order."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

UTC = timezone.utc  # datetime.UTC needs Python 3.11


def utc_now() -> str:
    """Now, such as `2026-11-23T04:05:06.123456+00:00`."""
    return utc_text(datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """An aware moment as the ledger writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def utc_in(seconds: float) -> str:
    """The moment `seconds` from now (before now, where negative)."""
    return utc_text(datetime.now(UTC) + timedelta(seconds=seconds))


def seconds_until(moment: str) -> float:
    """Seconds from now to a moment that the ledger wrote, negative when it is past."""
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
