"""Where in a table the asked columns stand, and what to say when one is not there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from eqcbatch.errors import BadInput
from eqcbatch.humanize import cut, did_you_mean
from eqcbatch.settings import DEFAULT_COLUMN
from eqcbatch.source.spec import SourceSpec

_COUNT_COLUMNS = ("count", "rows", "数量")
_LISTED = 20  # columns that a message names at most
_SHOWN = 40  # characters of a text that a message quotes at most
_NUMBERED = re.compile(r"(.*\S)\s*[#＃](\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of the asked columns; None for what was not asked.

    conditions: of the columns that the rules of the names ask about. evidence: of those whose values are
    counted by name.
    """

    names: tuple[int, ...]
    plan_code: int | None
    known_id: int | None
    conditions: tuple[int, ...]
    weight: int | None
    count: int | None
    evidence: tuple[int, ...] = ()

    @property
    def telling(self) -> tuple[int, ...]:
        """The columns that tell rows apart: names, plan code, id, conditions, evidence, in this order."""
        keys = (place for place in (self.plan_code, self.known_id) if place is not None)
        return (*self.names, *keys, *self.conditions, *self.evidence)


def locate(spec: SourceSpec, place: str, header: tuple[str, ...]) -> Layout:
    """Find the asked columns in a table. Raises BadInput if one is missing, or stands there twice.

    place: what messages call the table. header: its column names, stripped.
    """
    missing = missing_columns(spec, header)
    if missing:
        raise BadInput(
            f"{place} has no column {shown(missing[0])}.\n"
            f"Its columns are {listed(header)}.{nearest(missing[0], header)}"
            f"{other_choice(spec, missing[0])}"
        )
    once = partial(_place_of, spec, place, header)
    names = tuple(map(once, _name_columns(spec, header)))
    plan_code, known_id, weight = (
        None if column is None else once(column)
        for column in (spec.plan_code_column, spec.id_column, spec.weight_column)
    )
    conditions = tuple(map(once, condition_columns(spec)))
    count = _count_column(place, header, {*names, *conditions}) if spec.counted else None
    evidence = tuple(map(once, evidence_columns(spec)))
    return Layout(names, plan_code, known_id, conditions, weight, count, evidence)


def column_form(name: str) -> str:
    """Return how a column's name compares with another: without blanks, line breaks, what nobody sees, and
    the difference of full and half width."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name) if sign.isprintable() and sign != " ")


def places_of(column: str, header: Sequence[str]) -> list[int]:
    """Return where an asked column stands: where it is written so, else where it reads the same.

    `名称#2` is the second of the columns called 名称, where none bears that very name.
    """
    asked = column.strip()
    exact = [place for place, name in enumerate(header) if name == asked]
    if exact:
        return exact
    form = column_form(asked)
    alike = [place for place, name in enumerate(header) if name and column_form(name) == form]
    numbered = _NUMBERED.fullmatch(asked)
    if alike or not numbered:
        return alike
    number = int(numbered[2])
    return places_of(numbered[1], header)[number - 1 : number] if number else []


def _place_of(spec: SourceSpec, place: str, header: Sequence[str], column: str) -> int:
    """Return the one place where an asked column stands. Raises BadInput if there are several."""
    places = places_of(column, header)
    if len(places) == 1:
        return places[0]
    where = " and ".join(f"{number + 1}" for number in places)
    choice = f"Say which one is meant: {shown(column.strip() + '#1')} is the first of them."
    raise BadInput(
        f"{place} has the column {shown(column)} {len(places)} times, as its columns {where}.\n"
        + (choice if spec.query is None else "Name them apart in the query, by AS.")
    )


def missing_columns(spec: SourceSpec, header: Sequence[str]) -> list[str]:
    """Return the asked columns that a header does not have, in the order they were asked for."""
    return [column for column in asked_columns(spec, header) if not places_of(column, header)]


def asked_columns(spec: SourceSpec, header: Sequence[str]) -> list[str]:
    """Return all columns that are asked of a header, those of the names first."""
    others = (
        *(spec.plan_code_column, spec.id_column, spec.weight_column),
        *(*condition_columns(spec), *evidence_columns(spec)),
    )
    return [*_name_columns(spec, header), *(column for column in others if column is not None)]


def condition_columns(spec: SourceSpec) -> tuple[str, ...]:
    """Return the columns that the rules ask about, each once, in the order of a layout's conditions."""
    return tuple(dict.fromkeys(column for rule in spec.rules for column, _ in rule.only_where))


def evidence_columns(spec: SourceSpec) -> tuple[str, ...]:
    """Return the columns of evidence, each once, in the order of a layout's evidence."""
    return tuple(dict.fromkeys(column.strip() for column in spec.evidence_columns))


def shown(text: str) -> str:
    """Quote a text for people: on one line, and no longer than forty characters."""
    return repr(cut(text, _SHOWN))


def other_choice(spec: SourceSpec, asked: str) -> str:
    """Say how another column is named, where nobody did and the usual one is missing."""
    unnamed = spec.columns == (DEFAULT_COLUMN,) and asked == DEFAULT_COLUMN and spec.query is None
    return " Name the column of the customers: --column NAME." if unnamed else ""


def listed(columns: Iterable[str]) -> str:
    """Name the columns for people, each once, at most twenty."""
    named = [shown(column) for column in dict.fromkeys(columns) if column]
    more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    return ", ".join(named[:_LISTED]) + more


def nearest(asked: str, offered: Iterable[str]) -> str:
    """Return the question ` Did you mean 'x'?`, or nothing when nothing is like it."""
    hint = did_you_mean(asked.strip(), filter(None, offered), quote=shown, cutoff=0.5)
    return f" {hint}" if hint else ""


def _name_columns(spec: SourceSpec, header: Sequence[str]) -> tuple[str, ...]:
    """Return the asked columns; a counted source may call its first column what it likes."""
    unasked = spec.counted and spec.columns == (DEFAULT_COLUMN,) and not places_of(DEFAULT_COLUMN, header)
    return (header[0],) if unasked and len(header) > 1 and all(header[:2]) else spec.columns


def _count_column(where: str, header: tuple[str, ...], taken: set[int]) -> int:
    """Return where the counts stand: in a column called so, else in the second."""
    free = [place for place in range(len(header)) if place not in taken]
    called = [place for place in free if header[place].casefold() in _COUNT_COLUMNS]
    place = (called or [1])[0]
    if place not in free:
        raise BadInput(
            f"{where} has no column of counts beside the names.\n"
            f"A counted source is name,count: call the counts one of {listed(_COUNT_COLUMNS)}."
        )
    if header[place].isdecimal():
        raise BadInput(f"{where} has no header: put a line `{DEFAULT_COLUMN},count` on top.")
    return place
