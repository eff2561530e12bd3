"""How the text of an option becomes its value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

import click

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.forecast import MOST_IN_FLIGHT
from eqcbatch.errors import BadInput
from eqcbatch.settings import parse_duration

Value = TypeVar("Value")

MOST_REQUESTS = 10**12  # a number of requests, rows or minutes beyond it is a slip, and SQLite ends at 2^63
MOST_ROWS = 1_048_576  # of a sheet
_LONGEST_NAME = 100
_DAYS_AGO = {"today": 0, "yesterday": 1}


class Line(click.types.StringParamType):
    """A text that may hold blanks: a variable has several of them in lines of their own."""

    envvar_list_splitter = "\n"


LINE = Line()


class Number(click.FloatRange):
    """A finite number: click takes `nan` and `inf` for numbers within any range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or fail as click does."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no number that can be used.", param, ctx)
        return number


def reading(parse: Callable[[Any], Value]) -> Callable[[click.Context, click.Parameter, Any], Value | None]:
    """A click callback that reads an option's value by `parse`, whose BadInput becomes a usage error."""

    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> Value | None:
        if value is None:
            return None
        try:
            return parse(value)
        except BadInput as error:
            raise click.BadParameter(str(error), ctx, param) from None

    return callback


def parse_header_row(text: str) -> int | None:
    """Read the number of a row from 1, or `auto` as None. Raises BadInput for anything else."""
    text = text.strip().lower()
    if text == "auto":
        return None
    if re.fullmatch(r"\d{1,7}", text) and 0 < int(text) <= MOST_ROWS:
        return int(text)
    raise BadInput(f"{text!r} is not a row. Write its number, from 1, or `auto`.")


def parse_budget(text: str) -> int | None:
    """Read a number of requests, or `all` as None. Raises BadInput for anything else."""
    text = text.strip().lower()
    if text == "all":
        return None
    if re.fullmatch(r"\d{1,13}", text) and 0 < int(text) <= MOST_REQUESTS:
        return int(text)
    raise BadInput(f"{text!r} is not a budget. Write a number of requests from 1, or `all`.")


def parse_source_name(text: str) -> str:
    """Read what a source is to be called. Raises BadInput for what could be taken for something else."""
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"A source's name is one line of 1 to {_LONGEST_NAME} characters.")
    if name.isdigit():
        raise BadInput(f"{name} could be the number of a source. Give it a name, such as the dataset's.")
    if name.startswith("queue ") or name.endswith("]"):
        raise BadInput(
            f"{name!r} could be a source without a name: let it not begin with `queue`, or end in ]."
        )
    return name


def parse_person(text: str) -> str:
    """Read who decides. Raises BadInput if that is no name in one line."""
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"A person's name is one line of 1 to {_LONGEST_NAME} characters.")
    return name


def parse_in_flight(text: str) -> int | None:
    """Read a number of requests from 1 to 8, or `auto` as None. Raises BadInput for anything else."""
    text = text.strip().lower()
    if text == "auto":
        return None
    if text.isdecimal() and 1 <= int(text) <= MOST_IN_FLIGHT:
        return int(text)
    raise BadInput(f"{text!r} is not a number in flight. Write 1 to {MOST_IN_FLIGHT}, or `auto`.")


def parse_time_of_day(text: str) -> tuple[int, int]:
    """Read `06:30` as hour and minute. Raises BadInput for anything else."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if not match:
        raise BadInput(f"{text!r} is not a time of day. Write 06:30.")
    return int(match[1]), int(match[2])


def parse_age(text: str) -> float:
    """Read a duration that passes in days, its unit written. Raises BadInput for anything else."""
    seconds = parse_duration(text)
    if text.strip()[-1].isdigit():
        raise BadInput(f"{text!r} has no unit. Write {text.strip()}d for days, or s, m, h.")
    return seconds


def parse_timeout(text: str) -> float:
    """Read a duration that a request can be waited for. Raises BadInput for anything else."""
    seconds = parse_duration(text)
    if seconds > 0:
        return seconds
    raise BadInput(f"{text!r} leaves no time for a request. Write a longer one, such as 5s.")


def parse_latency(text: str) -> tuple[float, float]:
    """Read `5-20`, or one number for both ends, as seconds. Raises BadInput for anything else."""
    least, _, most = text.removesuffix("s").partition("-")
    return parse_duration(least), parse_duration(most or least)


def parse_moment(text: str, clock: Clock = SYSTEM_CLOCK) -> datetime:
    """Read `2026-11-01`, `2026-11-01T22:00`, `yesterday`, `24h` or `7d` as an aware moment of the past.

    Raises BadInput for anything else, and for what is yet to come.
    """
    word, now = text.strip().lower(), clock.now().astimezone()
    moment = _moment(word, now)
    if moment is None:
        raise BadInput(
            f"{text!r} is no moment. Write 2026-11-01, 2026-11-01T22:00, today, yesterday, 24h or 7d."
        )
    if moment > now:
        raise BadInput(f"{text!r} is yet to come.")
    return moment


def _moment(word: str, now: datetime) -> datetime | None:
    """The moment, None for what is none; a day begins at its local midnight."""
    try:
        if word in _DAYS_AGO:
            day = now.date() - timedelta(days=_DAYS_AGO[word])
            return datetime.combine(day, time()).astimezone()
        if re.fullmatch(r"\d+(\.\d+)?[a-z]+", word):
            return now - timedelta(seconds=parse_duration(word))
        if re.match(r"\d{4}-\d\d-\d\d", word):
            return datetime.fromisoformat(word.replace("z", "+00:00")).astimezone()
    except (BadInput, ValueError, OverflowError, OSError):
        pass
    return None
