"""The floor of a workbook: read all its cells by calamine, and pack its parts once more. Nothing more.

python scripts/benchmarks/children/workbook_floor.py WORKBOOK [COPY]
"""

from __future__ import annotations

import sys
from zipfile import ZipFile

from python_calamine import CalamineWorkbook


def main(path: str, copy: str | None = None) -> None:
    """Read, and pack if a copy is asked for."""
    with CalamineWorkbook.from_path(path) as book:
        print(sum(1 for _ in book.get_sheet_by_index(0).iter_rows()))
    if copy:
        with ZipFile(path) as old, ZipFile(copy, "w") as new:
            for item in old.infolist():
                new.writestr(item, old.read(item))


if __name__ == "__main__":
    main(*sys.argv[1:])
