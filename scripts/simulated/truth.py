"""What the world knows and the product does not: what EQC said to which question, and what was archived."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from eqcbatch.domain.model import Candidate, Endpoint
from eqcbatch.eqc import Archive, Eqc, read_candidates
from simulated.eqc_server import Asked, SimulatedEqc
from simulated.processes import Process

Asking = tuple[Endpoint, str]


@dataclass(slots=True)
class Memory:
    """What a ledger is bound to know: answers archived while its process lived, and not forgotten."""

    archived: set[Asking] = field(default_factory=set)

    def copy(self) -> Memory:
        """The same, for a backup."""
        return Memory(set(self.archived))


class NotedArchive:
    """An archive that tells the world what it keeps and forgets."""

    def __init__(self, archive: Archive, memory: Memory, process: Process) -> None:
        self._archive = archive
        self._memory = memory
        self._process = process

    def keep(self, endpoint: Endpoint, parameter: str, url: str, status: int, body: bytes) -> Any:
        """Archive an answer; it is known from then on, if anybody lives who was told."""
        kept = self._archive.keep(endpoint, parameter, url, status, body)
        if not self._process.dead:
            self._memory.archived.add((endpoint, parameter))
        return kept

    def find(self, endpoint: Endpoint, parameter: str) -> Any:
        """The archived answer."""
        return self._archive.find(endpoint, parameter)

    def supersede(self, endpoint: Endpoint, *parameters: str) -> None:
        """Forget answers."""
        self._memory.archived.difference_update((endpoint, parameter) for parameter in parameters)
        self._archive.supersede(endpoint, *parameters)


class NotedEqc(Eqc):
    """The product's own client; what it asks for work though it is archived is noted as asked twice."""

    memory: Memory
    asked_twice: list[Asking]

    def ask(self, endpoint: Endpoint, parameter: str, **how: Any) -> Any:
        """Ask, having looked whether that is needed: a canary is, and is not archived."""
        if how.get("keep", True) and (endpoint, parameter) in self.memory.archived:
            self.asked_twice.append((endpoint, parameter))
        return super().ask(endpoint, parameter, **how)


@contextmanager
def noted(eqc: Eqc) -> Iterator[NotedEqc]:
    """Enter a client."""
    with eqc:
        yield cast(NotedEqc, eqc)


class Truth:
    """What EQC said, by question."""

    def __init__(self, eqc: SimulatedEqc) -> None:
        self._eqc = eqc
        self._read = 0
        self._said: dict[Asking, list[Asked]] = defaultdict(list)
        self._offers = cache(_candidates)

    def said(self, endpoint: Endpoint, parameter: str) -> list[Asked]:
        """The answers that were given to this very question, well-formed ones."""
        for asked in self._eqc.asked[self._read :]:
            if asked.endpoint is not None and asked.body is not None:
                self._said[asked.endpoint, asked.parameter].append(asked)
        self._read = len(self._eqc.asked)
        return self._said.get((endpoint, parameter), [])

    def offers(self, parameter: str) -> list[tuple[Candidate, ...]]:
        """The candidates of each answer to a search."""
        return [self.read(one) for one in self.said(Endpoint.SEARCH, parameter)]

    def read(self, asked: Asked) -> tuple[Candidate, ...]:
        """The candidates of a well-formed answer to a search."""
        return self._offers(asked.body or b"{}")


@cache
def finds_nothing(body: bytes) -> bool:
    """Whether a well-formed answer to a search has no company."""
    return not any(value for value in json.loads(body).values() if isinstance(value, list))


def _candidates(body: bytes) -> tuple[Candidate, ...]:
    return read_candidates(json.loads(body))
