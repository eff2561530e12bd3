"""The names of a workbook: so many of each kind, no words twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from eqcbatch.domain.names import lookup_key
from synthetic.name_variants import Asked, NameVariants

Way = Callable[[NameVariants], Asked | None]

# How the names of each kind are written, and how many there are of it, in all of these shares.
KINDS: Mapping[str, tuple[int, Way]] = {
    "exact": (40, NameVariants.exact),
    "without form": (13, NameVariants.without_form),
    "without region": (8, NameVariants.without_region),
    "without both": (4, NameVariants.without_both),
    "place respelled": (5, NameVariants.place_respelled),
    "form respelled": (2, NameVariants.form_respelled),
    "with region": (2, NameVariants.with_region),
    "abbreviation": (5, NameVariants.abbreviation),
    "former name": (6, NameVariants.former_name),
    "branch of a known": (3, NameVariants.branch_of_a_known),
    "absent": (9, NameVariants.absent),
    "absent branch": (3, NameVariants.absent_branch),
    "unknown": (2, NameVariants.unknown),
}
MOST_TRIES = 100  # for a name


@dataclass(frozen=True, slots=True)
class Entry:
    """A name of the workbook, its kind and its lookup key, which others may have, too."""

    kind: str
    asked: Asked
    key: str


def workbook(name_variants: NameVariants, names: int) -> list[Entry]:
    """So many names in all, as near as the shares allow.

    Names in other words stay, though they share a lookup key: EQC is asked for one of them, and what is
    decided holds for all.
    """
    entries: dict[str, Entry] = {}
    shares = sum(share for share, _ in KINDS.values())
    for kind, (share, way) in KINDS.items():
        _add(entries, kind, partial(way, name_variants), round(names * share / shares))
    return list(entries.values())


def _add(entries: dict[str, Entry], kind: str, write: Callable[[], Asked | None], wanted: int) -> None:
    made = tries = 0
    while made < wanted and tries < MOST_TRIES * wanted:
        tries += 1
        asked = write()
        key = lookup_key(asked.raw) if asked else ""
        if asked and key and asked.told.text not in entries:
            entries[asked.told.text] = Entry(kind, asked, key)
            made += 1
