"""The names of a workbook: so many of each kind, no lookup key twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from eqcbatch.names import lookup_key
from universe.clerk import Asked, Clerk

Way = Callable[[Clerk], Asked | None]

# How the names of each kind are written, and how many there are of it, in all of these shares.
KINDS: Mapping[str, tuple[int, Way]] = {
    "exact": (40, Clerk.exact),
    "without form": (13, Clerk.without_form),
    "without region": (8, Clerk.without_region),
    "without both": (4, Clerk.without_both),
    "place respelled": (5, Clerk.place_respelled),
    "form respelled": (2, Clerk.form_respelled),
    "with region": (2, Clerk.with_region),
    "abbreviation": (5, Clerk.abbreviation),
    "former name": (6, Clerk.former_name),
    "branch of a known": (3, Clerk.branch_of_a_known),
    "absent": (9, Clerk.absent),
    "absent branch": (3, Clerk.absent_branch),
    "unknown": (2, Clerk.unknown),
}
MOST_TRIES = 100  # for a name


class Workbook:
    """Names asked for, by lookup key, and the kind of each; of two with one key the first stays."""

    def __init__(self, clerk: Clerk, names: int) -> None:
        self.asked: dict[str, Asked] = {}
        self.kinds: dict[str, str] = {}
        shares = sum(share for share, _ in KINDS.values())
        for kind, (share, way) in KINDS.items():
            self._fill(kind, partial(way, clerk), round(names * share / shares))

    def _fill(self, kind: str, write: Callable[[], Asked | None], wanted: int) -> None:
        made = tries = 0
        while made < wanted and tries < MOST_TRIES * wanted:
            tries += 1
            asked = write()
            key = lookup_key(asked.raw) if asked else ""
            if asked and key and key not in self.asked:
                self.asked[key], self.kinds[key] = asked, kind
                made += 1
