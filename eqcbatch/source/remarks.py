"""Counts what is noticed while a source is read: by kind and column, with the first places of each."""

from __future__ import annotations

from collections.abc import Iterable

from eqcbatch.domain.model import Remark, RemarkKind

_SHOWN = 3  # places that are kept of a kind


class RemarkCounter:
    """What was noticed so far. Memory grows with kinds and columns, not with cells."""

    def __init__(self) -> None:
        self._counts: dict[tuple[RemarkKind, str], int] = {}
        self._first: dict[tuple[RemarkKind, str], list[str]] = {}

    def note(self, kind: RemarkKind, column: str = "", place: str = "", count: int = 1) -> None:
        """Note that something was seen, `count` times. place: where, "" where it has no place."""
        key = kind, column
        self._counts[key] = self._counts.get(key, 0) + count
        places = self._first.setdefault(key, [])
        if place and len(places) < _SHOWN and place not in places:
            places.append(place)

    def add(self, remark: Remark) -> None:
        """Add what another counter noticed."""
        key = remark.kind, remark.column
        self._counts[key] = self._counts.get(key, 0) + remark.count
        places = self._first.setdefault(key, [])
        places += remark.first[: _SHOWN - len(places)]

    def noticed(self) -> tuple[Remark, ...]:
        """Return what was noticed, in the order of kinds, then as it was first seen."""
        ordered = sorted(self._counts, key=lambda key: _ORDER[key[0]])
        return tuple(Remark(*key, self._counts[key], tuple(self._first[key])) for key in ordered)


_ORDER = {kind: place for place, kind in enumerate(RemarkKind)}


def merged(counters: Iterable[RemarkCounter]) -> tuple[Remark, ...]:
    """Return what was noticed by several, one after the other; by one that comes twice, once."""
    total = RemarkCounter()
    for counter in dict.fromkeys(counters):
        for remark in counter.noticed():
            total.add(remark)
    return total.noticed()
