"""What a plan brings: rows of a source, the names behind them, and what is known of them already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from eqcbatch.domain.model.enums import IdSource, LookupType


class Occurrence(NamedTuple):
    """One distinct way in which a source names a customer.

    raw: the name as written, but for lone surrogates; "" where the cell is blank.
    plan_code, known_id: the row's own plan code and company id, None where there is none.
    rows: how many rows read exactly so. weight: their summed weight (rows, without a weight column).
    """

    raw: str
    plan_code: str | None = None
    known_id: str | None = None
    rows: int = 1
    weight: float = 1.0


class Group(NamedTuple):
    """Rows of a source whose telling cells read the same.

    cells: these cells as text, "" for a blank one. rows: how many rows. weight: their summed weight.
    """

    cells: tuple[str, ...]
    rows: int
    weight: float


IndexKey = tuple[LookupType, str]  # with the lookup_key, as enrichment_index has them


class Known(NamedTuple):
    """An id that needs no asking, and who knew it.

    company_id: None where there is to be none. index_key: the index's row that told, if any. index_source:
    who wrote that row, in the index's words.
    """

    company_id: str | None
    source: IdSource
    confidence: float = 1.0
    index_key: IndexKey | None = None
    index_source: str | None = None


class Sighting(NamedTuple):
    """An occurrence on its way into the ledger.

    lookup_key: of its name, "" where it names nobody. known: what covers its rows, if anything does.
    """

    lookup_key: str
    seen: Occurrence
    known: Known | None = None


class PlannedName(NamedTuple):
    """A unique name on its way into the ledger.

    rows, weight: of the run. askable: whether its key can be stored and asked. known: what covers the
    name, None where it must be asked or was decided before.
    """

    lookup_key: str
    query: str
    rows: int
    weight: float
    askable: bool = True
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One reading of one source: what a row of the ledger's `runs` says of it before the lookup.

    reading: which file, sheet and columns, which query, or which queue. name: the source's, None without.
    weight: of all its names.
    """

    reading: str
    rows: int
    blank_rows: int
    blank_covered: int
    distinct_raw: int
    distinct_names: int
    options: Mapping[str, Any]
    name: str | None = None
    weight: float = 0.0

    @property
    def source(self) -> str:
        """What a later run must be of to take this one's place."""
        return self.name or self.reading


@dataclass(frozen=True, slots=True)
class CurrentSource:
    """A source that counts, as its run read it.

    number: its run's. name: None where it has none. location: path of a file or place of a database; of a
    queue, all there is to say. sheets: as they were asked for. sheets_read: those of a workbook that were
    read, as far as that is recorded. weighed_by: the column of its weights, None where these are its rows.
    """

    number: int
    name: str | None
    location: str
    sheets: tuple[str, ...]
    sheets_read: tuple[str, ...]
    columns: tuple[str, ...]
    query: str | None
    weighed_by: str | None
    planned_at: str
    rows: int
    blank_rows: int
    names: int

    @property
    def named_rows(self) -> int:
        """Its rows behind names."""
        return self.rows - self.blank_rows


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded plan. hits, hit_rows: the names, and their rows, that were cached at plan time."""

    id: int
    source: str
    planned_at: str
    rows: int
    blank_rows: int
    blank_covered: int
    distinct_raw: int
    distinct_names: int
    hits: int
    hit_rows: int
