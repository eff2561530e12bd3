"""Labelled names without a drain: what was asked, what EQC offers for it, and the id that is right.

    from synthetic.labelled import labelled_names

    for one in labelled_names(seed=11):
        verdict = judge(one.asked, one.candidates, ConfidenceRule())

Needs `scripts` on the path. Takes 3 ms a name; a seed always gives the same names.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.names import query_for
from eqcbatch.eqc import read_candidates
from eqcbatch.simulate import ListedRegistry, wire
from synthetic.name_variants import NameWriter
from synthetic.resolvable import is_resolvable
from synthetic.workbook import Entry, of_each, of_one_company, workbook
from synthetic.world import DENSITY, World, registered


@dataclass(frozen=True, slots=True)
class LabelledName:
    """A name of a workbook with its answer and its truth.

    asked: with all spellings of its lookup key in the workbook, as a drain has it. candidates: as EQC offers
    them, best first, with gaps. true_id: the id that is right, None where EQC does not have the company;
    then to accept any candidate is wrong. resolvable: whether the answer tells that this id is right.
    """

    kind: str
    asked: Asked
    candidates: tuple[Candidate, ...]
    true_id: str | None
    resolvable: bool


class Answers:
    """What EQC would offer for names, without HTTP."""

    def __init__(self, world: World) -> None:
        self._registry = ListedRegistry(map(registered, world.firms))

    def to(self, query: str) -> tuple[Candidate, ...]:
        """The candidates for a query, as they are read from the wire."""
        return read_candidates(wire.search(self._registry.search(query), query))


def made_up(
    seed: int, companies: int, names: int, each: int = 0, density: float = DENSITY
) -> tuple[World, list[Entry], list[Entry]]:
    """The registry of a seed, the workbook that is asked of it, and so many more names of each kind."""
    chance = random.Random(seed)
    world = World(chance, companies, density)
    writer = NameWriter(world, chance)
    entries = workbook(writer, names)
    chance.shuffle(entries)
    return world, entries, of_each(writer, each)


def labelled_names(
    seed: int, companies: int = 6000, names: int = 3000, each: int = 0, density: float = DENSITY
) -> Iterator[LabelledName]:
    """The labelled names of a seed: of a workbook, or, if `each` is given, so many of each kind instead."""
    world, entries, of_kinds = made_up(seed, companies, 0 if each else names, each, density)
    for _, one in labelled(of_kinds if each else entries, world):
        yield one


def labelled(entries: Sequence[Entry], world: World) -> Iterator[tuple[Entry, LabelledName]]:
    """The names of a workbook with their answers and labels."""
    answers, telling = Answers(world), of_one_company(entries)
    spellings: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        spellings[entry.key].append(entry.asked.raw)
    for entry in entries:
        raws = tuple(spellings[entry.key])
        asked = Asked(entry.key, query_for(raws), raws)
        offered, truth = answers.to(asked.query), entry.asked.truth
        resolvable = entry.key in telling and is_resolvable(entry.asked, world, offered)
        yield entry, LabelledName(entry.kind, asked, offered, truth.id if truth else None, resolvable)
