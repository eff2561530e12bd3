"""The least that asking EQC takes: a requests.Session in a loop, each answer decoded, nothing stored.

python scripts/benchmarks/children/bare_loop.py URL NAMES.csv
"""

from __future__ import annotations

import csv
import sys

import requests


def main(url: str, names_file: str) -> None:
    """Ask for every name."""
    with open(names_file, encoding="utf-8", newline="") as file:
        names = [name for (name,) in csv.reader(file)][1:]
    session = requests.Session()
    session.headers["token"] = "benchmark"
    for name in names:
        session.get(f"{url}/kg-api-hfd/api/search/", params={"key": name}, timeout=30).json()


if __name__ == "__main__":
    main(*sys.argv[1:])
