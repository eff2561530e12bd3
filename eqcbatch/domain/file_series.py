"""Sources whose rows likely count twice: months of one, and sheets of a file that several of them read."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from eqcbatch.domain.model import CurrentSource

_CHINESE_DATE = r"[〇零一二三四五六七八九十]+(?=[年月日号季期])"
_ENGLISH_MONTH = (
    r"(?<![a-z])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_UNDATED = re.compile(rf"{_CHINESE_DATE}|{_ENGLISH_MONTH}|[\d\s._,()年月日号-]+")
_EXTENSION = re.compile(r"\.[a-z]{2,7}$")


def look_alike(sources: Iterable[CurrentSource]) -> tuple[tuple[CurrentSource, ...], ...]:
    """The groups of sources that differ in dates alone, oldest plan first.

    Named ones were told apart by a person: two of them are no group.
    """
    groups: dict[tuple[object, ...], list[CurrentSource]] = defaultdict(list)
    for source in sources:
        if source.columns:  # a queue has none, and is always itself
            groups[_series(source)].append(source)
    return tuple(
        tuple(group)
        for group in groups.values()
        if len(group) > 1 and any(source.name is None for source in group)
    )


def read_twice(sources: Iterable[CurrentSource]) -> tuple[tuple[CurrentSource, ...], ...]:
    """The groups of sources that read the same columns of the same sheet, oldest plan first."""
    groups: dict[tuple[object, ...], list[CurrentSource]] = defaultdict(list)
    for source in sources:
        for sheet in source.sheets_read:
            groups[source.location, source.columns, sheet].append(source)
    return tuple(dict.fromkeys(tuple(group) for group in groups.values() if len(group) > 1))


def undated(path: str) -> str:
    """The path without what names a day or a month in it, and without its ending."""
    plain = unicodedata.normalize("NFKC", path).lower().replace("\\", "/")
    return _UNDATED.sub("", _EXTENSION.sub("", plain))


def _series(source: CurrentSource) -> tuple[object, ...]:
    if source.query is None:
        return undated(source.location), source.sheets, source.columns
    return source.location, undated(source.query), source.columns
