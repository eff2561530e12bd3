"""Temporary ids whose names have an id by now: what was loaded with them can be put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eqcbatch.domain.names import temporary_id
from eqcbatch.ledger import NameDetails


@dataclass(frozen=True, slots=True)
class ResolvedTemporaryId:
    """A temporary id, and the id that its name has now. name: the lookup key; source: who knows the id."""

    temp_id: str
    company_id: str
    name: str
    source: str


def resolved_temporary_ids(name_details: NameDetails, salt: str) -> Iterator[ResolvedTemporaryId]:
    """All names that have one id now, be they in a source still or not, with what stood in for it before.

    salt: the one that the temporary ids were made with. Names that are held have no id, nor do those whose
    rows have several.
    """
    for name, company_id, source in name_details.identified():
        temporary = temporary_id(name, salt)
        if temporary:
            yield ResolvedTemporaryId(temporary, company_id, name, source)
