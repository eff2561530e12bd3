"""How the ledger keeps the companies that a search offered for a name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from eqcbatch.domain.model import Candidate

CANDIDATE_COLUMNS = (
    "rank, company_id, official_name, type, score, unite_code, registered_status, former_names"
)


def read_candidate(row: Sequence[Any]) -> Candidate:
    """The candidate in a row of CANDIDATE_COLUMNS."""
    rank, company_id, name, kind, score, code, status, former_names = row
    return Candidate(rank, company_id, name, kind, score, code, status, tuple(json.loads(former_names)))
