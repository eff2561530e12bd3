"""Where companies sit, and how their names say so: by the divisions of today.

The table is the one that the verdict reads, too: a division that it lacks is met nowhere here.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from eqcbatch.tables import lines

PROVINCE, CITY = 2, 4  # the length of their codes (GB/T 2260)
LARGE_RANKS = {"省", "自治区", "市", "州", "地区", "盟"}
_SHORT_RANKS = {"自治州": "州", "自治县": "县", "自治旗": "旗"}
_OTHER_REGISTERS = ("71", "81", "82")  # 台湾, 香港 and 澳门

Places = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a company sits, each place with its rank. county: "" in a city without any. code: the smallest's.

    What a province governs itself, 济源市, is a city without counties.
    """

    province: str
    city: str
    county: str
    code: str

    @property
    def chain(self) -> Places:
        """Its places, from large to small, each once."""
        return tuple(dict.fromkeys(place for place in (self.province, self.city, self.county) if place))

    @property
    def is_large(self) -> bool:
        """Whether it is in a capital, of the country or a province, or another city under the state."""
        return self.province == self.city or self.code[PROVINCE:CITY] == "01"


@dataclass(frozen=True, slots=True)
class _Division:
    code: str
    stem: str
    rank: str
    peoples: str

    @property
    def text(self) -> str:
        return self.stem + self.peoples + self.rank

    @property
    def ways(self) -> Iterator[tuple[str, str]]:
        """The ways of writing it in full, each with its rank: 金平苗族瑶族傣族自治县 and 金平县."""
        short = _SHORT_RANKS.get(self.rank, self.rank)
        yield self.text, short
        yield self.stem + short, short


class Seats:
    """All seats there are. large: those where more companies sit than elsewhere."""

    def __init__(self) -> None:
        found = list(_seats({one.code: one for one in _divisions()}))
        self.all = tuple(found)
        self.large = tuple(seat for seat in found if seat.is_large)
        self._by_county: dict[str, list[Seat]] = defaultdict(list)
        for seat in found:
            self._by_county[seat.county].append(seat)

    def any(self, chance: random.Random) -> Seat:
        """A seat: every third one is in a large city."""
        return chance.choice(self.large if chance.random() < 0.35 else self.all)

    def called(self, county: str) -> list[Seat]:
        """The seats in counties of this name: 和平区 is in 天津 and in 沈阳."""
        return self._by_county[county]


@cache
def seats() -> Seats:
    """The seats, read once."""
    return Seats()


def bare(place: str) -> str:
    """A place without its rank, 绵阳 for 绵阳市, but where a single sign would be left."""
    stem, _ = _parts().get(place, (place, ""))
    return stem if len(stem) > 1 else place


def rank_of(place: str) -> str:
    """The rank that a place states, 县 for a 自治县; "" for none."""
    return _parts().get(place, ("", ""))[1]


def namesakes(place: str) -> list[str]:
    """The divisions of another rank that are called so: 襄城县 for 襄城区."""
    stem, rank = _parts().get(place, (place, ""))
    return [other for other, its in _by_stem().get(stem, ()) if rank and its != rank]


def alike(one: str, other: str) -> bool:
    """Whether two ways of writing a place may mean one: of two ranks stated both are the same."""
    ranks = {rank_of(one), rank_of(other)} - {""}
    return bare(one) == bare(other) and len(ranks) < 2


def way_to_name(seat: Seat, chance: random.Random) -> Places:
    """A way in which a name tells its seat, or nothing of it, as often as it is met."""
    province, city, county = seat.province, seat.city, seat.county or seat.city
    a_district = county.endswith("区")
    ways: list[tuple[int, Places]] = [
        (40, (bare(city),)),
        (14, (city,)),
        (9, (bare(province),)),
        (3, (province,)),
        (4, (province, city)),
        (6, (city, county)),
        (4, (bare(city), bare(county))),
        (3, (province, county)),
        (6, (city, county) if a_district else (county,)),
        (6, (bare(city),) if a_district else (bare(county),)),
        (5, ()),
    ]
    (places,) = chance.choices([way for _, way in ways], [weight for weight, _ in ways])
    return tuple(dict.fromkeys(places))


def _divisions() -> Iterator[_Division]:
    """The divisions of today: those of the past have their last year at the end of the line."""
    for line in lines("divisions"):
        code, stem, rank, peoples, *past = line.split(" ")
        if not past:
            yield _Division(code, stem, rank, "" if peoples == "-" else peoples)


def _seats(by_code: dict[str, _Division]) -> Iterator[Seat]:
    governing = {code[:length] for code in by_code for length in (PROVINCE, CITY) if length < len(code)}
    for code, one in by_code.items():
        if code in governing or code.startswith(_OTHER_REGISTERS):
            continue
        province, city = by_code[code[:PROVINCE]], by_code.get(code[:CITY])
        if one is not city and (city or province.rank == "市"):
            yield Seat(province.text, (city or province).text, one.text, code)
        else:
            yield Seat(province.text, one.text, "", f"{code:0<6}")


@cache
def _parts() -> dict[str, tuple[str, str]]:
    """Stem and rank by each way of writing a division in full."""
    return {way: (one.stem, rank) for one in _divisions() for way, rank in one.ways}


@cache
def _by_stem() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in _divisions():
        found[one.stem].append((one.text, _SHORT_RANKS.get(one.rank, one.rank)))
    return found
