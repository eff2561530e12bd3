"""What a row gains when a source is copied: its entry, the columns for it, and what stands there already.

| the id that stands in the row   | the ledger has                          | the row gets                |
|---------------------------------|-----------------------------------------|-----------------------------|
| none, or a temporary one        | anything                                | what the ledger has         |
| from an earlier copy, by which  | an id                                   | the ledger's id             |
| the index or EQC knew it        | none; it holds back this very id        | no id, or a temporary one   |
|                                 | none otherwise                          | what stands there           |
| from anybody else               | an id by a person, an override, a row   | the ledger's id             |
|                                 | of the index that people vouch for, or  |                             |
|                                 | the asked column of ids                 |                             |
|                                 | an id by EQC or another row of the      | what stands there           |
|                                 | index, or none                          |                             |
| any                             | a person's word that there is none      | no id, or a temporary one   |

So an own id is as strong as any of the source's own column (`domain.strength`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from eqcbatch.domain.model import IdSource
from eqcbatch.domain.names import usable_id
from eqcbatch.errors import BadInput
from eqcbatch.source.cell_values import company_id_in, is_error, number_in
from eqcbatch.source.columns import places_of
from eqcbatch.source.table import Table

TEMPORARY = "temporary"
ANY_ID = "*"  # of the refused ids of a name: a person wants none

_REMEMBERED = 1 << 14  # rows that read the same are decided once
_SOURCES = frozenset((TEMPORARY, *map(str, IdSource)))
_ASKED_EQC = frozenset((str(IdSource.EQC), str(IdSource.HARVEST)))
_FROM_INDEX = frozenset(str(source) for source in IdSource if str(source).startswith("index:"))


class Entry(NamedTuple):
    """What a row gains, in columns called like the fields; None where there is nothing to say.

    company_id_source: who knew the id. company_id_confidence: 0..1.
    """

    company_id: str | None = None
    company_id_source: str | None = None
    company_id_confidence: float | None = None


class Standing(NamedTuple):
    """What stands in these columns of a row, as text; "" in a column that is not there."""

    company_id: str = ""
    company_id_source: str = ""
    company_id_confidence: str = ""


NOTHING = Standing()

Entries = Callable[[Table], Iterator[Entry]]  # gives an open table's entries, row by row, as it is read


def entry_places(header: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of an entry's fields: the column so called, else behind the last.

    Raises BadInput if there are two.
    """
    behind = count(len(header))
    return tuple(next(behind) if place is None else place for place in standing_places(header))


def entry_header(header: Sequence[str]) -> dict[int, str]:
    """Return the names of an entry's new columns by their positions."""
    places = zip(entry_places(header), Entry._fields, strict=True)
    return {place: name for place, name in places if place >= len(header)}


def standing_places(header: Sequence[str]) -> tuple[int | None, ...]:
    """Return where a table has an entry's columns already, None for one that it has not."""
    found = [places_of(name, header) for name in Entry._fields]
    for name, places in zip(Entry._fields, found, strict=True):
        if len(places) > 1:
            raise BadInput(
                f"There are {len(places)} columns called {name}. Rename all but the one to be filled."
            )
    return tuple(places[0] if places else None for places in found)


@lru_cache(_REMEMBERED)
def settle(standing: Standing, entry: Entry, refused: str | None, vouched: bool = True) -> Entry:
    """Decide between what stands in a row and what the ledger has for it, by the table above.

    refused: the id that the ledger holds back for the row's name, ANY_ID where a person wants none.
    vouched: whether people vouch for the row of the index that knew the ledger's id, if one did.
    """
    own = company_id_in(standing.company_id)
    if own is None or refused == ANY_ID:
        return entry
    known_by = None if entry.company_id_source == TEMPORARY else entry.company_id_source
    if standing.company_id_source in _ASKED_EQC | _FROM_INDEX:
        stays = known_by is None and refused != own
    else:
        weaker = known_by in _ASKED_EQC or (known_by in _FROM_INDEX and not vouched)
        stays = known_by is None or (weaker and entry.company_id != own)
    return _as_it_stands(own, standing) if stays else entry


@lru_cache(_REMEMBERED)
def replaced_id(standing: Standing, entry: Entry) -> str:
    """Return the id that gives way to an entry and by what, such as `1 -> 2`, "" where none does."""
    own = company_id_in(standing.company_id)
    new = None if entry.company_id_source == TEMPORARY else entry.company_id
    return "" if own in (None, new) else f"{own} -> {new or 'none'}"


@lru_cache(_REMEMBERED)
def lost_texts(standing: Standing, entry: Entry) -> tuple[str, ...]:
    """Return what an entry would take from a row that no copy wrote there: words, and numbers of others."""
    lost = []
    if standing.company_id and _is_foreign(standing.company_id):
        lost.append(standing.company_id)
    if standing.company_id_source not in {"", entry.company_id_source or "", *_SOURCES}:
        lost.append(standing.company_id_source)
    confidence = number_in(standing.company_id_confidence) if standing.company_id_confidence else 0.0
    if confidence is None or not 0 <= confidence <= 1:
        lost.append(standing.company_id_confidence)
    return tuple(lost)


def _as_it_stands(own: str, standing: Standing) -> Entry:
    confidence = number_in(standing.company_id_confidence) if standing.company_id_confidence else None
    return Entry(own, standing.company_id_source or str(IdSource.COLUMN), confidence)


def _is_foreign(text: str) -> bool:
    """Whether a text in the column of ids is neither an id nor a way to say that there is none."""
    told = text.strip().upper().replace("IN_", "IN", 1)  # as temporary ids began once
    return company_id_in(text) is None and usable_id(told) is not None and not is_error(text)
