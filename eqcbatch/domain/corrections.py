"""What a plan corrects: ids that counted so far, and that a stronger word has replaced. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from eqcbatch.domain.model import IdSource, Known, Sighting

RowKey = tuple[str, str]  # lookup key and plan code, "" where there is none
Ids = Mapping[RowKey, Set[str]]  # by which rows are known


@dataclass(frozen=True, slots=True)
class Correction:
    """An id that counts no more. before, now: the ids, None for none.

    lookup_key: of its name; "" for rows without a name. plan_code: of the rows, where these alone are meant.
    source, index_source: who knows better, as the ledger has it.
    """

    lookup_key: str
    plan_code: str
    before: str | None
    now: str | None
    source: IdSource
    index_source: str | None


def corrections(
    news: Mapping[str, Known], standing: Mapping[str, Known], before: Ids, sightings: Iterable[Sighting]
) -> list[Correction]:
    """What is corrected of names and of rows, in the order of their keys.

    news: what names are known by that stood otherwise. before: by which ids rows were known so far.
    sightings: the rows of the run, with what covers them now.
    """
    found = {one.lookup_key: one for one in _of_names(news, standing, before)}
    rows = [one for one in _of_rows(standing, before, sightings) if one.lookup_key not in found]
    return sorted([*found.values(), *rows], key=lambda one: (one.lookup_key, one.plan_code))


def _of_names(news: Mapping[str, Known], standing: Mapping[str, Known], before: Ids) -> Iterator[Correction]:
    by_rows: dict[str, set[str]] = {}
    for (key, _), ids in before.items():
        if key in news and key not in standing:
            by_rows.setdefault(key, set()).update(ids)
    for key, known in news.items():
        stands = standing.get(key)
        stood: Set[str | None] = {stands.company_id} if stands else {*by_rows.get(key, ())}
        if stood and known.company_id not in stood:
            yield Correction(key, "", _listed(stood), known.company_id, known.source, known.index_source)


def _of_rows(
    standing: Mapping[str, Known], before: Ids, sightings: Iterable[Sighting]
) -> Iterator[Correction]:
    now: dict[RowKey, dict[str, Known]] = {}
    for key, seen, known in sightings:
        if known and known.company_id:
            now.setdefault((key, seen.plan_code or ""), {})[known.company_id] = known
    for row, told in now.items():
        stood: Set[str | None] = {*before.get(row, ())} or _of_its_name(standing, row[0])
        if stood and not stood & told.keys():
            known = next(iter(told.values()))
            yield Correction(*row, _listed(stood), _listed(told), known.source, known.index_source)


def _of_its_name(standing: Mapping[str, Known], key: str) -> set[str | None]:
    stands = standing.get(key)
    return {stands.company_id} if stands else set()


def _listed(ids: Iterable[str | None]) -> str | None:
    return ", ".join(sorted(filter(None, ids))) or None
