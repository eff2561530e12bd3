"""What was searched for, by the answers to it: what a replay has to know of the booked requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from eqcbatch.ledger.sqlite import Database

_ASKED = """
SELECT r.answer_sha256, coalesce(r.parameter, n.query)
FROM requests r LEFT JOIN names n ON n.lookup_key = r.lookup_key
WHERE r.endpoint = 'search' AND r.answer_sha256 IS NOT NULL AND coalesce(r.parameter, n.query) IS NOT NULL
ORDER BY r.id"""
_BROUGHT = """
SELECT answer_sha256, min(id) FROM requests
WHERE endpoint = 'search' AND answer_sha256 IS NOT NULL GROUP BY answer_sha256"""
_ANEW = """
SELECT parameter, max(id) FROM requests
WHERE endpoint = 'search' AND company_id IS NOT NULL AND parameter IS NOT NULL
  AND outcome IN ('answered', 'not_found') GROUP BY parameter"""


class Searches(NamedTuple):
    """What was asked, by the hash of the answer; brought: by which request first.

    anew: by what companies were asked of again, with the latest request for it.
    """

    asked: Mapping[str, str]
    brought: Mapping[str, int]
    anew: Mapping[str, int]


def read_searches(db: Database) -> Searches:
    """All searches that are booked."""
    return Searches(*(dict(db.execute(question).fetchall()) for question in (_ASKED, _BROUGHT, _ANEW)))
