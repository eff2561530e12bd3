"""Rows counted column by column, by pyarrow where it is installed: faster than one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, dataset
from pyarrow.acero import AggregateNodeOptions, Declaration, ScanNodeOptions

from eqcbatch.domain.model import Group

_BLOCK_BYTES = 1 << 21
_READ_AHEAD = 2  # blocks
_PASSED_ON = 50_000  # groups made together


def count_plain_csv(path: Path, width: int, delimiter: str, places: Sequence[int]) -> Iterator[Group]:
    """Group the rows of a UTF-8 file without quotes, whose first line is its header, by these columns,
    each named once.

    All is counted before the first group is given. Raises ArrowInvalid if a row has not
    just `width` fields.
    """
    names = [str(place) for place in range(width)]
    asked = [names[place] for place in places]
    rows = dataset.dataset(
        path,
        schema=pa.schema([(name, pa.string()) for name in names]),
        format=dataset.CsvFileFormat(
            parse_options=csv.ParseOptions(delimiter=delimiter, quote_char=False),
            read_options=csv.ReadOptions(column_names=names, skip_rows=1, block_size=_BLOCK_BYTES),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        ),
    )
    counting = Declaration.from_sequence(
        [
            Declaration("scan", ScanNodeOptions(rows, columns=asked, batch_readahead=_READ_AHEAD)),
            Declaration("aggregate", AggregateNodeOptions([([], "hash_count_all", None, "rows")], asked)),
        ]
    )
    return _groups(counting.to_table(use_threads=False).to_batches(_PASSED_ON))


def _groups(batches: list[Any]) -> Iterator[Group]:
    pa.default_memory_pool().release_unused()
    batches.reverse()
    while batches:
        *cells, rows = (column.to_pylist() for column in batches.pop().columns)
        yield from map(Group, zip(*cells, strict=True), rows, rows)
    pa.default_memory_pool().release_unused()
