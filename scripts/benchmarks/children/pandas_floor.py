"""The floor of a plan: read the same column with pandas, in chunks, and count its values. Nothing more.

python scripts/benchmarks/children/pandas_floor.py SOURCE COLUMN
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Hashable, Iterator

import pandas as pd

CHUNK = 500_000


def main(source: str, column: str) -> None:
    """Count the values."""
    counts: Counter[Hashable] = Counter()
    for values in _chunks(source, column):
        counts.update(values.value_counts().to_dict())
    print(len(counts))


def _chunks(source: str, column: str) -> Iterator[pd.Series[str]]:
    if source.endswith(".parquet"):
        yield pd.read_parquet(source, columns=[column])[column]
        return
    for chunk in pd.read_csv(source, usecols=[column], dtype=str, keep_default_na=False, chunksize=CHUNK):
        yield chunk[column]


if __name__ == "__main__":
    main(*sys.argv[1:])
