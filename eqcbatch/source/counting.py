"""Rows counted column by column, by pyarrow where it is installed: faster than one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from pyarrow import csv

from eqcbatch.records import Group

Key = TypeVar("Key")

_BLOCK_BYTES = 1 << 21  # pyarrow reads some of them ahead
_CHUNK = 500_000  # rows counted together


def count_plain_csv(path: Path, width: int, delimiter: str, places: Sequence[int]) -> Iterator[Group]:
    """Group the rows of a UTF-8 file without quotes, whose first line is its header, by these columns,
    each named once.

    All is counted before the first group is given. ArrowInvalid where a row has not just `width` fields.
    """
    names = [str(place) for place in range(width)]
    asked = [names[place] for place in places]
    with csv.open_csv(
        path,
        csv.ReadOptions(column_names=names, skip_rows=1, block_size=_BLOCK_BYTES),
        csv.ParseOptions(delimiter=delimiter, quote_char=False),
        csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=asked),
    ) as batches:
        groups = _count_texts(batches) if len(asked) == 1 else _count_cells(batches)
    pa.default_memory_pool().release_unused()
    return groups


def _count_texts(batches: Iterable[Any]) -> Iterator[Group]:
    """One cell a row."""
    counts: Counter[str] = Counter()
    for chunk in _chunks(batches):
        found = chunk.column(0).value_counts()
        counts.update(dict(zip(*map(_values, found.flatten()), strict=True)))
    return _passed_on(counts, lambda text: (text,))


def _count_cells(batches: Iterable[Any]) -> Iterator[Group]:
    counts: Counter[tuple[str, ...]] = Counter()
    for chunk in _chunks(batches):
        *cells, counted = chunk.group_by(chunk.column_names).aggregate([([], "count_all")]).columns
        counts.update(dict(zip(zip(*map(_values, cells), strict=True), _values(counted), strict=True)))
    return _passed_on(counts, lambda cells: cells)


def _chunks(batches: Iterable[Any]) -> Iterator[Any]:
    """The batches, several together."""
    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= _CHUNK:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _values(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return values


def _passed_on(counts: dict[Key, int], cells_of: Callable[[Key], tuple[str, ...]]) -> Iterator[Group]:
    while counts:  # what is passed on need not be kept
        key, count = counts.popitem()
        yield Group(cells_of(key), count, count)
