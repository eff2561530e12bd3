"""The companies that are known without asking: found by their id, by their names, and by what looks alike."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eqcbatch.domain.matching.anatomy import FEWEST_SIGNS, Anatomy, take_apart
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.names import lookup_key, written_form

if TYPE_CHECKING:
    from eqcbatch.domain.matching import Asked

MOST_ALIKE = 20  # companies with the core of a name that are compared with it: famous brands have hundreds


class KnownCompanies:
    """Companies, each once, by whatever of them is asked for.

    records: what is known, the latest of a company last. Its name is the latest that is told, what it was
    called in an earlier record is a former name; of everything else the latest that is told counts.
    """

    def __init__(self, records: Iterable[Candidate]) -> None:
        self._by_id: dict[str, Candidate] = {}
        for record in records:
            before = self._by_id.get(record.company_id)
            self._by_id[record.company_id] = _merged(before, record) if before else record
        self._by_name = self._by_key((one.company_id, one.official_name) for one in self._by_id.values())
        self._by_former_name = self._by_key(
            (one.company_id, name) for one in self._by_id.values() for name in one.former_names
        )
        self._cores = sorted(
            (take_apart(one.official_name).core, one.company_id)
            for one in self._by_id.values()
            if one.official_name
        )

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, company_id: str) -> Candidate | None:
        """The company with this id."""
        return self._by_id.get(company_id)

    def bearing(self, key: str) -> list[Candidate]:
        """The companies whose name today has this lookup key."""
        return [self._by_id[one] for one in self._by_name.get(key, ())]

    def once_bearing(self, key: str) -> list[Candidate]:
        """The companies that bore a name with this lookup key before."""
        return [self._by_id[one] for one in self._by_former_name.get(key, ())]

    def alike(self, name: Anatomy) -> list[Candidate]:
        """Companies whose core is that of a name, or begins with it where the name may be cut."""
        cut = name.may_be_cut and len(name.core) >= FEWEST_SIGNS
        first = bisect_left(self._cores, (name.core, ""))
        return [
            self._by_id[company_id]
            for core, company_id in self._cores[first : first + MOST_ALIKE]
            if core == name.core or (cut and core.startswith(name.core))
        ]

    @staticmethod
    def _by_key(names: Iterable[tuple[str, str | None]]) -> dict[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for company_id, name in names:
            if (key := lookup_key(name)) and company_id not in found[key]:
                found[key].append(company_id)
        return {key: tuple(ids) for key, ids in found.items()}


def _merged(before: Candidate, latest: Candidate) -> Candidate:
    names = [before.official_name] if latest.official_name not in (None, before.official_name) else []
    former = (*latest.former_names, *before.former_names, *filter(None, names))
    return replace(
        latest,
        official_name=latest.official_name or before.official_name,
        unite_code=latest.unite_code or before.unite_code,
        registered_status=latest.registered_status or before.registered_status,
        former_names=tuple(dict.fromkeys(former)),
    )


def keyed_alike(asked: Asked, company: Candidate) -> bool:
    """Whether a key drops what tells a company's name from a row's, which is no branch."""
    same_key = as_keyed(company).official_name == asked.lookup_key
    return same_key and written_form(company.official_name or "") != written_form(asked.lookup_key)


def as_keyed(company: Candidate) -> Candidate:
    """A company by the name that its lookup key leaves; a branch in brackets stays one."""
    name = company.official_name or ""
    key = lookup_key(name)
    return replace(company, official_name=key if take_apart(key).branch == take_apart(name).branch else name)
