"""Parts of the command line: moments as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from eqcbatch.cli.parsing import parse_moment
from eqcbatch.clock import Clock
from eqcbatch.errors import BadInput

NOW = datetime(2026, 11, 23, 21, 30)


class _Stopped(Clock):
    """A clock that stands still at NOW, local time."""

    def now(self) -> datetime:
        """NOW, as an aware moment."""
        return NOW.astimezone()


CLOCK = _Stopped()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1)),
        ("2026-11-01T22:00", datetime(2026, 11, 1, 22)),
        ("2026-11-01 22:00", datetime(2026, 11, 1, 22)),
        ("today", datetime(2026, 11, 23)),
        ("Yesterday", datetime(2026, 11, 22)),
        ("24h", NOW - timedelta(days=1)),
        ("7d", NOW - timedelta(days=7)),
        ("90m", NOW - timedelta(minutes=90)),
    ],
)
def test_a_moment_is_local_and_past(text: str, moment: datetime) -> None:
    """A day begins at midnight; a duration counts back from now."""
    assert moment.astimezone() == parse_moment(text, CLOCK)


def test_a_moment_may_name_its_zone() -> None:
    """As the ledger writes its times."""
    assert datetime.fromisoformat("2026-11-01T22:00:00+00:00") == parse_moment("2026-11-01T22:00Z", CLOCK)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *(
            (text, "no moment")
            for text in ("", "last week", "24", "2026", "2026-13-01", "7y", "99999999999d")
        ),
        ("2026-11-24", "yet to come"),
    ],
)
def test_anything_else_is_refused(text: str, why: str) -> None:
    """In one line that says what to write."""
    with pytest.raises(BadInput, match=why):
        parse_moment(text, CLOCK)
