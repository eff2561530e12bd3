"""The least that asking EQC takes: a requests.Session in a loop, each answer decoded, nothing stored.

python scripts/benchmarks/children/bare_loop.py URL NAMES.csv [fresh]

fresh: each request has a connection of its own, as a drain's have.
"""

from __future__ import annotations

import csv
import sys

import requests
from requests.adapters import HTTPAdapter


def main(url: str, names_file: str, connections: str = "kept") -> None:
    """Ask for every name."""
    with open(names_file, encoding="utf-8", newline="") as file:
        names = [name for (name,) in csv.reader(file)][1:]
    session, adapter = requests.Session(), HTTPAdapter()
    session.mount("http://", adapter)
    session.headers["token"] = "benchmark"
    for name in names:
        session.get(f"{url}/kg-api-hfd/api/search/", params={"key": name}, timeout=30).json()
        if connections == "fresh":
            adapter.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
