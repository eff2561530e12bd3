"""Parquet files, by batches of rows; and copies with an entry in every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from eqcbatch.errors import BadInput
from eqcbatch.source.columns import shown
from eqcbatch.source.entries import Entries, Entry, entry_places
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, Tables, text_of

_TYPES = (pa.string(), pa.string(), pa.float64())  # of an entry's columns


@contextmanager
def open_parquet(path: Path, spec: SourceSpec) -> Iterator[Tables]:
    """Open a Parquet file; only the columns that are asked for are read."""
    with _opened(path) as file:
        yield Tables((_table(path, file, spec),))


def copy_parquet(path: Path, spec: SourceSpec, out: IO[bytes], entries: Entries) -> Tables:
    """Copy a Parquet file with an entry in every row, batch by batch."""
    with _opened(path) as file:
        table = _table(path, file, spec)
        places = entry_places(table.header)
        fields = dict(enumerate(file.schema_arrow))
        fields |= zip(places, map(pa.field, Entry._fields, _TYPES), strict=True)
        schema = pa.schema(_in_order(fields), metadata=file.schema_arrow.metadata)
        rows = entries(table)
        with pq.ParquetWriter(out, schema) as writer:
            for batch in file.iter_batches():
                columns = dict(enumerate(batch.columns))
                columns |= zip(places, _columns(list(islice(rows, batch.num_rows))), strict=True)
                writer.write_batch(pa.RecordBatch.from_arrays(_in_order(columns), schema=schema))
    return Tables((table,))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except pa.ArrowException as error:
        raise BadInput(
            f"{path} is no Parquet file, or a damaged one ({' '.join(str(error).split())}).\n"
            "Write it again, or give the source as CSV."
        ) from error


def _table(path: Path, file: Any, spec: SourceSpec) -> Table:
    if spec.header_row is not None:
        raise BadInput(f"{path} names its columns in its schema, not in a row. Leave --header-row out.")
    if spec.sheets:
        raise BadInput(f"{path} has no sheets: it is no workbook. Leave --sheet out.")
    header = tuple(name.strip() for name in file.schema_arrow.names)
    return Table(str(path), header, partial(_rows, path, file))


def _columns(entries: Sequence[Entry]) -> Iterator[Any]:
    for place, kind in enumerate(_TYPES):
        yield pa.array([entry[place] for entry in entries], kind)


def _in_order(columns: Mapping[int, Any]) -> list[Any]:
    return [columns[place] for place in sorted(columns)]


def _rows(path: Path, file: Any, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    names = file.schema_arrow.names
    for place in places:
        kind = file.schema_arrow.field(place).type
        if pa.types.is_nested(kind):
            raise BadInput(
                f"{path} has several values in each cell of {shown(names[place])} ({kind}).\n"
                "Name a column that holds one: a text or a number."
            )
    asked = [(names[place], names[:place].count(names[place])) for place in places]
    for batch in file.iter_batches(columns=list(dict.fromkeys(name for name, _ in asked))):
        # What a file has twice is read twice: which one is meant is told by those before it.
        columns = (batch.column(batch.schema.get_all_field_indices(name)[number]) for name, number in asked)
        yield from zip(*(map(text_of, column.to_pylist()) for column in columns), strict=True)
