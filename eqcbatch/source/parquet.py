"""Parquet files, by batches of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eqcbatch.errors import BadInput
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table, text_of


@contextmanager
def open_parquet(path: Path, spec: SourceSpec) -> Iterator[Table]:
    """Open a Parquet file; only the columns that are asked for are read."""
    try:
        with pq.ParquetFile(path) as file:
            header = tuple(name.strip() for name in file.schema_arrow.names)
            yield Table(str(path), header, partial(_rows, file))
    except pa.ArrowException as error:
        raise BadInput(
            f"{path} is no Parquet file, or a damaged one ({' '.join(str(error).split())}).\n"
            "Write it again, or give the source as CSV."
        ) from error


def _rows(file: Any, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    names = [file.schema_arrow.names[place] for place in places]
    for batch in file.iter_batches(columns=list(dict.fromkeys(names))):
        # A name that the file has twice stands for the first column of that name.
        columns = (batch.column(batch.schema.get_all_field_indices(name)[0]) for name in names)
        yield from zip(*(map(text_of, column.to_pylist()) for column in columns), strict=True)
