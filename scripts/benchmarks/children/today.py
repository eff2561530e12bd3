"""The practice of today: one name after the other, three requests a name, nothing kept.

    python scripts/benchmarks/children/today.py URL NAMES.csv LIMIT PERIOD_S

As the system does it that has the job now: search, findDepart and findLabels in a row, 30 s for a
request, and a limiter that keeps the same limit. Prints one JSON object.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import deque
from typing import Any

import requests

PATH = "/kg-api-hfd/api/search"
TIMEOUT_S = 30


class Limiter:
    """At most `limit` requests in any `period_s` seconds. waiting_s: spent on that."""

    def __init__(self, limit: int, period_s: float) -> None:
        self.waiting_s = 0.0
        self._period_s = period_s
        self._sent: deque[float] = deque(maxlen=limit)

    def wait(self) -> None:
        """Wait until one more request may go."""
        now = time.monotonic()
        if len(self._sent) == self._sent.maxlen and now < self._sent[0] + self._period_s:
            self.waiting_s += self._sent[0] + self._period_s - now
            time.sleep(self._sent[0] + self._period_s - now)  # as that practice waits
        self._sent.append(time.monotonic())


class Practice:
    """Names in, ids out. network_s: spent on requests."""

    def __init__(self, url: str, limiter: Limiter) -> None:
        self.requests = 0
        self.network_s = 0.0
        self._url = url + PATH
        self._limiter = limiter
        self._session = requests.Session()
        self._session.headers["token"] = "benchmark"

    def company_id(self, name: str) -> str | None:
        """Look a name up, with all details of its company."""
        found = self._get("/", key=name)["list"] or []
        if not found:
            return None
        company_id = str(found[0]["companyId"])
        self._get("/findDepart", targetId=company_id)
        self._get("/findLabels", targetId=company_id)
        return company_id

    def _get(self, endpoint: str, **parameters: str) -> dict[str, Any]:
        self._limiter.wait()
        started = time.monotonic()
        answer = self._session.get(self._url + endpoint, params=parameters, timeout=TIMEOUT_S)
        self.network_s += time.monotonic() - started
        self.requests += 1
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content


def main(url: str, names_file: str, limit: str, period_s: str) -> None:
    """Look all names of the file up."""
    with open(names_file, encoding="utf-8", newline="") as file:
        names = [name for (name,) in csv.reader(file)][1:]
    limiter = Limiter(int(limit), float(period_s))
    practice = Practice(url, limiter)
    started = time.monotonic()
    ids = [practice.company_id(name) for name in names]
    wall_s = time.monotonic() - started
    print(
        json.dumps(
            {
                "names": len(ids),
                "requests": practice.requests,
                "network_s": practice.network_s,
                "waiting_s": limiter.waiting_s,
                "wall_s": wall_s,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
