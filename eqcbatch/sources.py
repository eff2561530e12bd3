"""Sources: which ones count, how much of each has an id, and how one is taken out by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eqcbatch.domain.file_series import look_alike, read_twice
from eqcbatch.domain.model import CurrentSource
from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.sources import Forgotten


@dataclass(frozen=True, slots=True)
class Listed:
    """A source with its coverage. rows_identified: those of its rows behind names that have an id."""

    source: CurrentSource
    rows_identified: int


@dataclass(frozen=True, slots=True)
class Listing:
    """All sources that count, oldest plan first.

    alike: the groups that seem to be one, month by month. twice: those that read the same sheet.
    """

    listed: tuple[Listed, ...] = ()
    alike: tuple[tuple[CurrentSource, ...], ...] = ()
    twice: tuple[tuple[CurrentSource, ...], ...] = ()

    @property
    def units(self) -> int:
        """By how many different things the sources are weighed."""
        return len({one.source.weighed_by for one in self.listed})


@dataclass(frozen=True, slots=True)
class ForgetReport:
    """What was taken out, and what became of its names."""

    sources: tuple[CurrentSource, ...]
    names: Forgotten


def list_sources(ledger: Ledger, run_id: int | None = None) -> Listing:
    """Read the sources, all of them or the one of a run."""
    sources = ledger.sources.current()
    if len(sources) == 1:
        identified = {sources[0].number: ledger.stats.rows_identified()}  # what a report counts anyway
    else:
        identified = ledger.sources.rows_identified()
    listed = (Listed(one, identified.get(one.number, 0)) for one in sources)
    shown = tuple(one for one in listed if run_id in (None, one.source.number))
    if run_id is not None:
        return Listing(shown)
    return Listing(shown, look_alike(sources), read_twice(sources))


def forget(ledger: Ledger, names: Iterable[str]) -> ForgetReport:
    """Take sources out, all or none. names: of each the name, the number, or the path.

    What is decided of their names stays; those in no other source are retired. Raises BadInput if one of
    them is no current source, or could be several.
    """
    sources = ledger.sources.current()
    numbers = {find(sources, name).number for name in names}
    forgotten = ledger.sources.forget(numbers)
    return ForgetReport(tuple(one for one in sources if one.number in numbers), forgotten)


def find(sources: Sequence[CurrentSource], name: str) -> CurrentSource:
    """The source that a person calls so."""
    path = os.path.abspath(name)
    ways = (
        [one for one in sources if one.name == name.strip()],
        [one for one in sources if str(one.number) == name.strip()],
        [one for one in sources if one.location in (name, path)],
        [one for one in sources if os.path.basename(one.location) == name],
    )
    found = next(filter(None, ways), [])
    if len(found) > 1:
        numbers = " or ".join(str(one.number) for one in found)
        raise BadInput(f"{name!r} is more than one source. Say which, by its number: {numbers}")
    if not found:
        raise BadInput(f"There is no source {name!r}. {_hint(sources, name)}")
    return found[0]


def _hint(sources: Sequence[CurrentSource], name: str) -> str:
    known = [word for one in sources for word in (one.name, one.location, os.path.basename(one.location))]
    # Of two Chinese characters one is alike.
    return did_you_mean(name, filter(None, known), "`eqcbatch sources` lists them.", cutoff=0.5)
