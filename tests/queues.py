"""The request queue for tests: filled as another pipeline fills it, read back past our own code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import psycopg

from eqcbatch.simulate import MatchType, Offer, describe
from tests.indexes import select

_numbers = count(1)


@dataclass(frozen=True)
class Request:
    """A row of the queue: what it says of its name."""

    status: str = "pending"
    company_id: str | None = None
    error: str | None = None
    attempts: int = 0


def enqueue(url: str, *raws: str, normalized: str | None = None) -> None:
    """Leave names in the queue, the first one longest ago; each normalized to something of its own."""
    with psycopg.connect(url, autocommit=True) as connection:  # a creation time of its own for each
        connection.cursor().executemany(
            "INSERT INTO enterprise.enrichment_requests (raw_name, normalized_name) VALUES (%s, %s)",
            [(raw, normalized or f"{raw}（{next(_numbers)}）") for raw in raws],
        )


def requests(url: str) -> list[tuple[str, Request]]:
    """All requests with their names, in the order in which they came."""
    rows = select(
        url,
        """SELECT raw_name, status, resolved_company_id, last_error, attempts
           FROM enterprise.enrichment_requests ORDER BY id""",
    )
    return [(raw, Request(*request)) for raw, *request in rows]


def statuses(url: str) -> list[str]:
    """The statuses of all requests, in the order in which they came."""
    return [request.status for _, request in requests(url)]


def versions(url: str) -> list[str]:
    """Every row with its physical version: any write changes it."""
    return select(url, "SELECT xmin::text || r::text FROM enterprise.enrichment_requests r ORDER BY id")


class Bureau:
    """A registry: 查无 it does not know, of 拼音 it is unsure, anything else is a company of that name."""

    def search(self, key: str) -> list[Offer]:
        """Offer one company at most."""
        if "查无" in key:
            return []
        if "拼音" in key:
            return [Offer(describe(f"{key}有限公司", status="存续"), MatchType.PINYIN, 50.0)]
        return [Offer(describe(key, status="存续"), MatchType.EXACT, 100.0)]

    def company(self, company_id: str) -> None:
        """Tell nothing more."""
