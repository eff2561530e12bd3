"""Nights: the sessions one by one while they are few, else those of a day, a week or a month as one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from itertools import groupby

from eqcbatch.domain.model import Outcome
from eqcbatch.ledger.history import DecidedNames, SessionSummary
from eqcbatch.render.html.labels import ending
from eqcbatch.render.html.scales import moment_text

MOST = 42  # of what a chart has room for
_HOUR = "%H:%M"  # where all is of one day


class Grain(Enum):
    """What is told as one: its name, and how the moment is written at length and in short."""

    SESSION = ("session", "{day} %b %Y, %H:%M", "{day} %b")
    DAY = ("day", "{day} %b %Y", "{day} %b")
    WEEK = ("week", "week of {day} %b %Y", "{day} %b")
    MONTH = ("month", "%b %Y", "%b %Y")
    YEAR = ("year", "%Y", "%Y")

    def __init__(self, noun: str, long: str, short: str) -> None:
        self.noun, self.long, self.short = noun, long, short


@dataclass(frozen=True, slots=True)
class Period:
    """The sessions of one time. wall_s: seconds that they took, None where none has an end."""

    label: str
    short: str
    began: datetime
    sessions: int
    wall_s: float | None
    requests: Counter[Outcome]
    decided: DecidedNames
    flushed: int
    endings: Counter[str]

    @property
    def sent(self) -> int:
        """All its requests."""
        return self.requests.total()


def periods(sessions: Sequence[SessionSummary], zone: tzinfo) -> tuple[Grain, list[Period]]:
    """The finest grain of which there are not more than MOST, and the sessions by it, oldest first.

    Days, weeks (from Monday), months and years are those of the zone; a session counts to its start.
    """
    grain = next((grain for grain in Grain if len(_grouped(sessions, grain, zone)) <= MOST), Grain.YEAR)
    short = _HOUR if len({at(one.started_at, zone).date() for one in sessions}) == 1 else grain.short
    return grain, [_period(grain, short, grouped, zone) for grouped in _grouped(sessions, grain, zone)]


def at(moment: str, zone: tzinfo) -> datetime:
    """A moment of the ledger, in the zone."""
    return datetime.fromisoformat(moment).astimezone(zone)


def _grouped(sessions: Sequence[SessionSummary], grain: Grain, zone: tzinfo) -> list[list[SessionSummary]]:
    def key(session: SessionSummary) -> object:
        return session.id if grain is Grain.SESSION else _began(session, grain, zone)

    return [list(of_period) for _, of_period in groupby(sessions, key)]


def _began(session: SessionSummary, grain: Grain, zone: tzinfo) -> datetime:
    """When the period of a session began."""
    started = at(session.started_at, zone)
    if grain is Grain.SESSION:
        return started
    midnight = started.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain is Grain.WEEK:
        return midnight - timedelta(days=midnight.weekday())
    if grain is Grain.DAY:
        return midnight
    return midnight.replace(day=1) if grain is Grain.MONTH else midnight.replace(month=1, day=1)


def _period(grain: Grain, short: str, sessions: Sequence[SessionSummary], zone: tzinfo) -> Period:
    began = _began(sessions[0], grain, zone)
    return Period(
        label=moment_text(began, grain.long),
        short=moment_text(began, short),
        began=began,
        sessions=len(sessions),
        wall_s=_wall_s(sessions),
        requests=sum((Counter(one.requests) for one in sessions), Counter()),
        decided=_all_decided(one.decided for one in sessions),
        flushed=sum(one.flushed for one in sessions),
        endings=Counter(ending(one.exit_reason) for one in sessions),
    )


def _wall_s(sessions: Iterable[SessionSummary]) -> float | None:
    spans = [
        (datetime.fromisoformat(one.ended_at) - datetime.fromisoformat(one.started_at)).total_seconds()
        for one in sessions
        if one.ended_at
    ]
    return sum(spans) if spans else None


def _all_decided(decided: Iterable[DecidedNames]) -> DecidedNames:
    return DecidedNames(*(sum(column) for column in zip(*map(astuple, decided), strict=True)))
