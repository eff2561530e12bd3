"""Labelled names without a drain: what was asked, what EQC offers for it, and the id that is right.

    from synthetic.labelled import labelled_names

    for one in labelled_names(seed=11):
        verdict = judge(one.asked, one.candidates, ConfidenceRule())

Needs `scripts` on the path. Takes 3 ms a name; a seed always gives the same names.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.names import query_for
from eqcbatch.eqc import read_candidates
from eqcbatch.simulate import ListedRegistry, wire
from synthetic.name_variants import NameWriter
from synthetic.resolvable import is_resolvable
from synthetic.workbook import Entry, of_one_company, workbook
from synthetic.world import World, registered


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


def made_up(seed: int, companies: int, names: int) -> tuple[World, list[Entry]]:
    """The registry of a seed, and the workbook that is asked of it."""
    chance = random.Random(seed)
    world = World(chance, companies)
    entries = workbook(NameWriter(world, chance), names)
    chance.shuffle(entries)
    return world, entries


def labelled_names(seed: int, companies: int = 6000, names: int = 3000) -> Iterator[LabelledName]:
    """The labelled names of a seed, in any order of their kinds."""
    world, entries = made_up(seed, companies, names)
    answers = Answers(world)
    spellings: dict[str, list[str]] = defaultdict(list)
    telling = of_one_company(entries)
    for entry in entries:
        spellings[entry.key].append(entry.asked.raw)
    for entry in entries:
        raws = tuple(spellings[entry.key])
        asked = Asked(entry.key, query_for(raws), raws)
        offered, truth = answers.to(asked.query), entry.asked.truth
        resolvable = entry.key in telling and is_resolvable(entry.asked, world, offered)
        yield LabelledName(entry.kind, asked, offered, truth.id if truth else None, resolvable)
