"""The names of a workbook: so many of each kind, no words twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from eqcbatch.domain.names import lookup_key
from synthetic.name_variants import KINDS, Asked, Kind, NameWriter, NothingFits

MOST_TRIES = 100  # for a name


@dataclass(frozen=True, slots=True)
class Entry:
    """A name of the workbook, its kind and its lookup key, which others may have, too."""

    kind: str
    asked: Asked
    key: str


def workbook(writer: NameWriter, names: int, without: Collection[str] = ()) -> list[Entry]:
    """So many names in all, of each kind as near as its share allows. without: the kinds to leave out."""
    kinds = {kind: of.share for kind, of in KINDS.items() if kind not in without}
    of_all = names / sum(kinds.values())
    return _written(writer, {kind: round(of_all * share) for kind, share in kinds.items()})


def of_one_company(entries: Iterable[Entry]) -> set[str]:
    """The lookup keys that mean one company, however they are written: a key has one id."""
    meant: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        meant[entry.key].add(entry.asked.truth.id if entry.asked.truth else "")
    return {key for key, ids in meant.items() if len(ids) == 1}


def of_each(writer: NameWriter, names: int) -> list[Entry]:
    """So many names of each kind, or as many as the registry gives."""
    return _written(writer, dict.fromkeys(KINDS, names))


def _written(writer: NameWriter, wanted: Mapping[str, int]) -> list[Entry]:
    """Names in other words stay, though they share a lookup key: EQC is asked for one of them."""
    entries: dict[str, Entry] = {}
    for kind, names in wanted.items():
        _add(entries, kind, KINDS[kind], writer, names)
    return list(entries.values())


def _add(entries: dict[str, Entry], kind: str, of: Kind, writer: NameWriter, wanted: int) -> None:
    made = tries = 0
    while made < wanted and tries < MOST_TRIES * wanted:
        tries += 1
        try:
            asked = of.write(writer)
        except NothingFits:
            return
        key = lookup_key(asked.raw) if asked else ""
        if asked and key and asked.raw not in entries:
            entries[asked.raw] = Entry(kind, asked, key)
            made += 1
