"""The kinds of names, and how often each is met: a guess, said aloud in docs/matching.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synthetic import near_misses
from synthetic.name_variants import (
    absent,
    decorated,
    former_names,
    respelled,
    short_names,
    shortened,
    typing_errors,
)
from synthetic.name_variants.writer import Asked, NameWriter

Way = Callable[[NameWriter], Asked | None]

ABSENT, NEAR = 0.10, 0.364  # of all names those that EQC does not have; of these, those with a near miss


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of names. share: of all names, 0..1. write: a name of it, None where a try found nothing."""

    share: float
    write: Way


_PRESENT: Mapping[str, tuple[float, Way]] = {
    "exact": (0.600, decorated.exact),
    "status": (0.100, decorated.status),
    "spaces": (0.100, decorated.spaces),
    "no_form": (0.013, shortened.no_form),
    "no_region": (0.013, shortened.no_region),
    "no_region_form": (0.013, shortened.no_region_form),
    "cut": (0.013, shortened.cut),
    "branch_short": (0.013, shortened.branch_short),
    "less_region": (0.013, shortened.less_region),
    "form_loose": (0.013, shortened.form_loose),
    "numeral": (0.013, respelled.numeral),
    "more_region": (0.010, respelled.more_region),
    "rank_off": (0.010, respelled.rank_off),
    "rank_on": (0.010, respelled.rank_on),
    "form_old": (0.010, respelled.form_old),
    "group": (0.010, respelled.group),
    "bracket": (0.010, respelled.bracket),
    "branch_city": (0.010, respelled.branch_city),
    "sound": (0.003, typing_errors.sound),
    "shape": (0.003, typing_errors.shape),
    "lost": (0.003, typing_errors.lost),
    "turned": (0.003, typing_errors.turned),
    "twice": (0.003, typing_errors.twice),
    "traditional": (0.003, typing_errors.traditional),
    "form_stock": (0.003, respelled.form_stock),
    "seat_added": (0.003, respelled.seat_added),
    "former": (0.010, former_names.former),
    "former_bracket": (0.003, former_names.former_bracket),
    "former_no_form": (0.003, former_names.former_no_form),
    "short": (0.010, short_names.short),
}
_TRAPS: Mapping[str, Way] = {
    "smaller_place": absent.smaller_place,
    "no_place": absent.no_place,
    "other_rank": absent.near(near_misses.at_a_namesake),
    "other_branch": absent.near(near_misses.branch),
    "branch_elsewhere": absent.near(near_misses.branch_elsewhere),
    "end_bracket": absent.end_bracket,
    "grown_form": absent.grown_form,
    "own_body": absent.own_body,
    "short_absent": short_names.short_absent,
    "elsewhere": absent.near(near_misses.moved),
    "other_trade": absent.near(near_misses.of_another_trade),
    "longer_trade": absent.near(near_misses.of_a_longer_trade),
    "other_form": absent.near(near_misses.of_another_form),
    "other_number": absent.near(near_misses.numbered),
    "like_brand": absent.near(near_misses.of_a_like_brand),
}
_OF_PRESENT = sum(share for share, _ in _PRESENT.values())
KINDS: Mapping[str, Kind] = {
    **{kind: Kind((1 - ABSENT) * share / _OF_PRESENT, way) for kind, (share, way) in _PRESENT.items()},
    **{kind: Kind(ABSENT * NEAR / len(_TRAPS), way) for kind, way in _TRAPS.items()},
    "unknown": Kind(ABSENT * (1 - NEAR), absent.unknown),
}
